/* SPDX-License-Identifier: Apache-2.0 */
/* Where one is in something longer than the screen: lists with a selection, texts with none. */
#ifndef CVMDECK_UI_WIDGET_LIST_H
#define CVMDECK_UI_WIDGET_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/cells.h"
#include "ui/screen.h"

struct list {
	size_t count;
	size_t selected; /* < count, or 0 */
	size_t top;      /* first row shown */
	size_t height;   /* rows shown at the last draw */
	int offset;      /* columns scrolled to the right */
};

/* Sets count and height, and keeps the selection in sight. */
void list_fit(struct list *list, size_t count, int height);
void list_move(struct list *list, enum move move);

/* The same for text without a selection: only top moves. */
void scroll_fit(struct list *list, size_t count, int height);
void scroll_move(struct list *list, enum move move);

/* How far down one is, for a footer or title: "Top", "42%", "End", "All". */
const char *list_place(char out[8], const struct list *list);
/* A line with `offset` columns cut off at its left. Returns the column behind it. */
int draw_scrolled(struct area area, int row, int col, int offset, text_style style, const char *text, size_t len);

#endif
