/* SPDX-License-Identifier: Apache-2.0 */
/* One log line's text: made safe with its SGR colours kept (logs/render.h), what the search matches marked. */
#ifndef CVMDECK_UI_LOG_LINE_DRAW_H
#define CVMDECK_UI_LOG_LINE_DRAW_H

#include <stddef.h>

#include "logs/pattern.h"
#include "logs/render.h"
#include "ui/cells.h"

struct log_line_look {
	text_style base; /* where the line has no colour of its own */
	bool wrap, present;
	int offset;      /* columns scrolled to the right, without wrap */
	struct logs_pattern *pattern; /* NULL: none */
};

/* Draws text from column `col`; with wrap over as many rows as it takes. scratch is overwritten.
 * Returns the rows it takes (1 without wrap); an area without height only measures. */
int log_line_draw(struct area area, int row, int col, const struct log_line_look *look, struct logs_rendered *scratch, const char *text, size_t len);

#endif
