/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame in memory: cells of one character and one style each. Screens draw
 * into it and know no terminal; tests read it as text. All text is made safe
 * here (text_safe), so nothing from outside can reach the terminal as it came.
 *
 * An area is a rectangle of a frame, passed by value; rows and columns count
 * from its own corner and everything outside of it is cut off silently.
 */
#ifndef CVMDECK_UI_CELLS_H
#define CVMDECK_UI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ui/theme.h"

struct cell {
	uint32_t cp;   /* 0: the right half of a wide character */
	uint32_t mark; /* one combining character, or 0 */
	text_style style;
};

struct cells {
	int height, width;
	struct cell *at;
	int cursor_row, cursor_col; /* -1: hidden */
};

struct area {
	struct cells *cells;
	int row, col, height, width;
};

/* Sets the size and empties every cell. Sizes below 1 count as 1. */
void cells_begin(struct cells *cells, int height, int width);
void cells_clear(struct cells *cells);
/* Adds the frame as lines without trailing blanks (golden screens). */
void cells_dump(const struct cells *cells, struct buf *out);

struct area area_all(struct cells *cells);
/* A rectangle within an area, cut to fit. */
struct area area_cut(struct area area, int row, int col, int height, int width);
/* Takes rows from the top or bottom of *rest, or columns from its left. */
struct area area_top(struct area *rest, int rows);
struct area area_bottom(struct area *rest, int rows);
struct area area_left(struct area *rest, int columns);

/* Draws text, made safe, from (row, col) to the right edge. Returns the column behind it. */
int area_put(struct area area, int row, int col, text_style style, const char *text);
int area_put_n(struct area area, int row, int col, text_style style, const char *text, size_t len);
int area_putf(struct area area, int row, int col, text_style style, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Within `width` columns: too long ends in "…". Returns the column behind the field (col + width). */
int area_field(struct area area, int row, int col, int width, text_style style, const char *text);
/* The same aligned right. */
int area_field_right(struct area area, int row, int col, int width, text_style style, const char *text);
/* Ends before `end`; returns the column it began at. */
int area_put_before(struct area area, int row, int end, text_style style, const char *text);

/* Repeats one character (width 1) over `width` columns. */
void area_fill(struct area area, int row, int col, int width, text_style style, uint32_t cp);
/* Empties the whole area. */
void area_wipe(struct area area, text_style style);
/* Adds attributes to what is already drawn. */
void area_rule(struct area area, int row);
/* A frame around the area with a title in its upper edge. */
void area_frame(struct area area, text_style style, const char *title);
/* Puts the cursor there and shows it. */
void area_cursor(struct area area, int row, int col);

#endif
