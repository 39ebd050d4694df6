/* SPDX-License-Identifier: Apache-2.0 */
/* One log line on standard output: as text, safe and perhaps in colours, or as a JSON object. */
#ifndef CVMDECK_UI_VERB_LOGS_PRINT_H
#define CVMDECK_UI_VERB_LOGS_PRINT_H

#include "logs/render.h"
#include "logs/store.h"

enum log_label { LOG_LABEL_NONE, LOG_LABEL_SOURCE, LOG_LABEL_CVM }; /* "", "web | ", "payments-api/web | " */

struct log_printer {
	bool json, timestamps, colours;
	enum log_label labels; /* of text; JSON names both always */
	struct logs_rendered rendered;
};

struct printed_source {
	const char *cvm, *name;
	uint16_t number; /* gives the colour */
};

void log_printer_line(struct log_printer *printer, const struct printed_source *source, const struct logs_line *line);
void log_printer_clear(struct log_printer *printer);

#endif
