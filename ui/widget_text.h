/* SPDX-License-Identifier: Apache-2.0 */
/* Text broken into lines by words, and a page of prepared lines that scrolls. */
#ifndef CVMDECK_UI_WIDGET_TEXT_H
#define CVMDECK_UI_WIDGET_TEXT_H

#include <stddef.h>

#include "ui/cells.h"
#include "ui/widget_list.h"

/* The bytes of text that make one line of at most `width` columns, broken at a blank where there is one;
 * *next: where the following line begins. A line feed ends a line. */
size_t wrap_line(const char *text, size_t len, size_t width, size_t *next);
/* Draws text over as many rows as it takes. Returns the rows used (at least 1 for text that is not empty). */
int draw_wrapped(struct area area, int row, int col, int width, text_style style, const char *text);

/* Lines of pieces, made once and drawn many times. */
struct page_piece {
	size_t line;
	int col;
	text_style style;
	size_t at, len; /* bytes in text */
};
struct page {
	struct buf text;
	struct page_piece *pieces;
	size_t count, cap, lines;
	struct list scroll;
};
void page_clear(struct page *page);
/* Forgets the lines but not where one was. */
void page_reset(struct page *page);
/* A piece on the present line, behind what is there or at col if that is further right (col -1: right behind). */
void page_add(struct page *page, int col, text_style style, const char *text);
void page_addf(struct page *page, int col, text_style style, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Ends the present line. */
void page_end_line(struct page *page);
/* Whole lines of wrapped text, indented by col. */
void page_add_wrapped(struct page *page, int col, int width, text_style style, const char *text);
void page_draw(struct page *page, struct area area);

#endif
