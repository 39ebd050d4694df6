/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const struct cell blank = { .cp = ' ' };

void cells_begin(struct cells *cells, int height, int width)
{
	size_t i, count;

	height = height < 1 ? 1 : height;
	width = width < 1 ? 1 : width;
	count = (size_t)height * (size_t)width;
	if (height != cells->height || width != cells->width) {
		cells->at = mem_resize(cells->at, count, sizeof(*cells->at));
		cells->height = height;
		cells->width = width;
	}
	for (i = 0; i < count; i++)
		cells->at[i] = blank;
	cells->cursor_row = cells->cursor_col = -1;
}

void cells_clear(struct cells *cells)
{
	free(cells->at);
	*cells = (struct cells){ 0 };
}

void cells_dump(const struct cells *cells, struct buf *out)
{
	int row, col;

	for (row = 0; row < cells->height; row++) {
		const struct cell *line = cells->at + (size_t)row * (size_t)cells->width;
		int end = cells->width;

		while (end && line[end - 1].cp == ' ')
			end--;
		for (col = 0; col < end; col++) {
			if (line[col].cp)
				text_encode(out, line[col].cp);
			if (line[col].mark)
				text_encode(out, line[col].mark);
		}
		buf_add_byte(out, '\n');
	}
}

/* ---- areas ---- */

struct area area_all(struct cells *cells)
{
	return (struct area){ cells, 0, 0, cells->height, cells->width };
}

static int clamp(int value, int least, int most)
{
	return value > most ? (most < least ? least : most) : value < least ? least : value;
}

struct area area_cut(struct area area, int row, int col, int height, int width)
{
	row = clamp(row, 0, area.height);
	col = clamp(col, 0, area.width);
	return (struct area){ area.cells, area.row + row, area.col + col, clamp(height, 0, area.height - row),
	                      clamp(width, 0, area.width - col) };
}

struct area area_top(struct area *rest, int rows)
{
	struct area top = area_cut(*rest, 0, 0, rows, rest->width);

	*rest = area_cut(*rest, top.height, 0, rest->height, rest->width);
	return top;
}

struct area area_bottom(struct area *rest, int rows)
{
	struct area bottom = area_cut(*rest, rest->height - rows, 0, rows, rest->width);

	*rest = area_cut(*rest, 0, 0, rest->height - bottom.height, rest->width);
	return bottom;
}

struct area area_left(struct area *rest, int columns)
{
	struct area left = area_cut(*rest, 0, 0, rest->height, columns);

	*rest = area_cut(*rest, 0, left.width, rest->height, rest->width);
	return left;
}

static struct cell *cell_at(struct area area, int row, int col)
{
	if (row < 0 || col < 0 || row >= area.height || col >= area.width)
		return NULL;
	return area.cells->at + (size_t)(area.row + row) * (size_t)area.cells->width + (size_t)(area.col + col);
}

/* Overwriting half of a wide character leaves a blank in its other half. */
static void heal(struct area area, int row, int col)
{
	struct cell *here = cell_at(area, row, col);
	struct cell *left = cell_at(area, row, col - 1);
	struct cell *right = cell_at(area, row, col + 1);

	if (!here->cp && left)
		left->cp = ' ';
	if (right && !right->cp)
		right->cp = ' ';
}

static int put_char(struct area area, int row, int col, text_style style, uint32_t cp)
{
	int width = text_char_width(cp), i;
	struct cell *cell = cell_at(area, row, width ? col : col - 1);

	if (width == 0) {
		if (cell)
			cell->mark = cp;
		return col;
	}
	if (width == 2 && col + 1 == area.width) {
		cp = ' ';
		width = 1;
	}
	for (i = 0; i < width; i++) {
		cell = cell_at(area, row, col + i);
		if (!cell)
			break;
		heal(area, row, col + i);
		*cell = (struct cell){ .cp = i ? 0 : cp, .style = style };
	}
	return col + width;
}

static int put_clean(struct area area, int row, int col, text_style style, const char *text, size_t len)
{
	size_t used = 0;

	while (used < len && col < area.width) {
		uint32_t cp;

		used += text_decode(text + used, len - used, &cp);
		col = put_char(area, row, col, style, cp);
	}
	return col;
}

static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7F)
			return false;
	return true;
}

int area_put_n(struct area area, int row, int col, text_style style, const char *text, size_t len)
{
	/* What cannot be seen is not worth the work: four bytes a column at most, and some marks. */
	size_t most = area.width > 0 ? (size_t)area.width * 12 : 0;
	struct buf safe = BUF_INIT;

	if (row < 0 || row >= area.height)
		return col;
	if (len > most)
		len = most;
	if (is_plain(text, len))
		return put_clean(area, row, col, style, text, len);
	text_safe(&safe, text, len, TEXT_ONE_LINE);
	col = put_clean(area, row, col, style, buf_text(&safe), safe.len);
	buf_clear(&safe);
	return col;
}

int area_put(struct area area, int row, int col, text_style style, const char *text)
{
	return area_put_n(area, row, col, style, text, strlen(text));
}

int area_putf(struct area area, int row, int col, text_style style, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return area_put(area, row, col, style, text);
}

/* The bytes of text that fit, with an ellipsis where not all do. */
static void fit_into(struct buf *out, int width, const char *text)
{
	size_t len = strlen(text), fit;
	struct buf safe = BUF_INIT;

	text_safe(&safe, text, len < 4096 ? len : 4096, TEXT_ONE_LINE);
	if (text_width(buf_text(&safe), safe.len) > (size_t)width && width > 0) {
		fit = text_fit(buf_text(&safe), safe.len, (size_t)width - 1);
		buf_add(out, buf_text(&safe), fit);
		buf_add_text(out, "…");
	} else if (width > 0) {
		buf_add(out, buf_text(&safe), safe.len);
	}
	buf_clear(&safe);
}

int area_field(struct area area, int row, int col, int width, text_style style, const char *text)
{
	struct buf fit = BUF_INIT;

	fit_into(&fit, width, text);
	area_put_n(area, row, col, style, buf_text(&fit), fit.len);
	buf_clear(&fit);
	return col + width;
}

int area_field_right(struct area area, int row, int col, int width, text_style style, const char *text)
{
	struct buf fit = BUF_INIT;

	fit_into(&fit, width, text);
	area_put_n(area, row, col + width - (int)text_width(buf_text(&fit), fit.len), style, buf_text(&fit), fit.len);
	buf_clear(&fit);
	return col + width;
}

int area_put_before(struct area area, int row, int end, text_style style, const char *text)
{
	int col = end - (int)text_width(text, strlen(text));

	area_put(area, row, col < 0 ? 0 : col, style, text);
	return col < 0 ? 0 : col;
}

void area_fill(struct area area, int row, int col, int width, text_style style, uint32_t cp)
{
	int i;

	for (i = 0; i < width && row >= 0 && row < area.height && col + i < area.width; i++)
		put_char(area, row, col + i, style, cp);
}

void area_wipe(struct area area, text_style style)
{
	int row;

	for (row = 0; row < area.height; row++)
		area_fill(area, row, 0, area.width, style, ' ');
}

void area_rule(struct area area, int row)
{
	area_fill(area, row, 1, area.width - 2, ROLE_RULE, 0x2500);
}

void area_frame(struct area area, text_style style, const char *title)
{
	int last = area.height - 1, row;

	area_fill(area, 0, 0, area.width, style, 0x2500);
	area_fill(area, last, 0, area.width, style, 0x2500);
	for (row = 1; row < last; row++) {
		area_fill(area, row, 0, 1, style, 0x2502);
		area_fill(area, row, area.width - 1, 1, style, 0x2502);
	}
	area_put(area, 0, 0, style, "┌");
	area_put(area, 0, area.width - 1, style, "┐");
	area_put(area, last, 0, style, "└");
	area_put(area, last, area.width - 1, style, "┘");
	if (title && *title) {
		int col = area_put(area, 0, 1, style, " ");

		col = area_put(area_cut(area, 0, 0, 1, area.width - 1), 0, col, style | ATTR_BOLD, title);
		area_put(area_cut(area, 0, 0, 1, area.width - 1), 0, col, style, " ");
	}
}

void area_cursor(struct area area, int row, int col)
{
	if (!cell_at(area, row, col))
		return;
	area.cells->cursor_row = area.row + row;
	area.cells->cursor_col = area.col + col;
}
