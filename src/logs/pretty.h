/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in a log line, laid out for reading: only white space changes, so every digit and escape stays as it was sent. */
#ifndef CVMDECK_LOGS_PRETTY_H
#define CVMDECK_LOGS_PRETTY_H

#include <stddef.h>

#include "base/buf.h"

/* Where the object or array begins that reaches to the end of the line; len when there is none. */
size_t logs_json_begin(const char *line, size_t len);
/* Adds JSON text (as logs_json_begin found it) with two blanks for each level and one member a line. */
void logs_json_lay_out(struct buf *out, const char *text, size_t len);

#endif
