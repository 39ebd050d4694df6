/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One log line's text: its SGR colours kept, every other control sequence
 * visible, matches marked. Widths are those of the safe text.
 */
#ifndef CVMDECK_UI_LOG_LINE_DRAW_H
#define CVMDECK_UI_LOG_LINE_DRAW_H

#include <stddef.h>

#include "ui/cells.h"

struct logs_pattern;

/* Draws text from column `col`, `offset` columns scrolled to the right; with wrap over as many rows as it takes.
 * Returns the rows it takes (1 without wrap); an area without height only measures. pattern may be NULL. */
int log_line_draw(struct area area, int row, int col, int offset, bool wrap, text_style style, const char *text, size_t len, struct logs_pattern *pattern);

#endif
