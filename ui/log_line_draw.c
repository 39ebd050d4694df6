/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/log_line_draw.h"

#include <string.h>

#include "base/text.h"
#include "logs/pattern.h"

enum { DRAW_MOST = 16 * 1024 }; /* bytes of one line that are looked at */

struct pen {
	struct area area;
	int row, first_row, left, at; /* at: columns since the line's begin (or the row's, when wrapping) */
	int offset;
	bool wrap;
	text_style base, style;
};

/* One piece of safe text of one style. */
static void put(struct pen *pen, const char *text, size_t len)
{
	int room = pen->area.width - pen->left;

	while (len) {
		uint32_t cp;
		size_t n = text_decode(text, len, &cp);
		int width = text_char_width(cp);

		if (pen->wrap && width && pen->at + width > room && pen->at > 0) {
			pen->row++;
			pen->at = 0;
		}
		if (pen->at >= pen->offset && pen->row < pen->area.height)
			area_put_n(pen->area, pen->row, pen->left + pen->at - pen->offset, pen->style, text, n);
		pen->at += width;
		text += n;
		len -= n;
		if (!pen->wrap && pen->at - pen->offset > room)
			return;
	}
}

static void put_safe(struct pen *pen, const char *bytes, size_t len)
{
	struct buf safe = BUF_INIT;
	size_t i = 0, from = 0;

	for (; i <= len; i++) {
		if (i < len && bytes[i] != '\t')
			continue;
		text_safe(&safe, bytes + from, i - from, TEXT_ONE_LINE);
		put(pen, buf_text(&safe), safe.len);
		buf_reset(&safe);
		if (i < len)
			put(pen, "        ", 8 - (size_t)(pen->at % 8));
		from = i + 1;
	}
	buf_clear(&safe);
}

/* The length of ESC [ digits ; … m at the start, or 0. */
static size_t sgr_length(const char *text, size_t len)
{
	size_t i = 2;

	if (len < 3 || text[0] != 0x1B || text[1] != '[')
		return 0;
	while (i < len && ((text[i] >= '0' && text[i] <= '9') || text[i] == ';'))
		i++;
	return i < len && text[i] == 'm' ? i + 1 : 0;
}

static void apply_code(struct pen *pen, unsigned code)
{
	text_style attributes = pen->style & ~(text_style)STYLE_ROLE, role = pen->style & STYLE_ROLE;

	if (code == 0)
		pen->style = pen->base;
	else if (code == 1)
		pen->style |= ATTR_BOLD;
	else if (code == 2)
		pen->style |= ATTR_DIM;
	else if (code == 4)
		pen->style |= ATTR_UNDERLINE;
	else if (code == 7)
		pen->style |= ATTR_REVERSE;
	else if (code == 22)
		pen->style = role | (attributes & ~(text_style)(ATTR_BOLD | ATTR_DIM));
	else if (code >= 30 && code <= 37)
		pen->style = attributes | (ROLE_ANSI_0 + code - 30);
	else if (code >= 90 && code <= 97)
		pen->style = attributes | (ROLE_ANSI_0 + 8 + code - 90);
	else if (code == 39)
		pen->style = attributes | (pen->base & STYLE_ROLE);
}

static void apply_sgr(struct pen *pen, const char *text, size_t len)
{
	unsigned code = 0;
	size_t i;

	for (i = 2; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			code = code < 1000 ? code * 10 + (unsigned)(text[i] - '0') : code;
			continue;
		}
		if (code == 38 || code == 48)
			return; /* colours by number: left alone, the line stays readable */
		apply_code(pen, code);
		code = 0;
	}
}

/* Bytes between matches, with their colours. */
static void put_coloured(struct pen *pen, const char *text, size_t len)
{
	size_t from = 0, i = 0;

	while (i < len) {
		size_t sgr = text[i] == 0x1B ? sgr_length(text + i, len - i) : 0;

		if (!sgr) {
			i++;
			continue;
		}
		put_safe(pen, text + from, i - from);
		apply_sgr(pen, text + i, sgr);
		i += sgr;
		from = i;
	}
	put_safe(pen, text + from, len - from);
}

static void put_match(struct pen *pen, const char *text, size_t len)
{
	text_style before = pen->style;

	pen->style = ROLE_MATCH | (before & ATTR_BOLD);
	put_safe(pen, text, len);
	pen->style = before;
}

int log_line_draw(struct area area, int row, int col, int offset, bool wrap, text_style style, const char *text, size_t len, struct logs_pattern *pattern)
{
	struct pen pen = { .area = area, .row = row, .first_row = row, .left = col, .offset = wrap ? 0 : offset, .wrap = wrap, .base = style, .style = style };
	size_t from = 0, start, end;

	len = len < DRAW_MOST ? len : DRAW_MOST;
	while (pattern && from < len && logs_pattern_match(pattern, text, len, from, &start, &end)) {
		if (end <= start)
			break;
		put_coloured(&pen, text + from, start - from);
		put_match(&pen, text + start, end - start);
		from = end;
	}
	put_coloured(&pen, text + from, len - from);
	return pen.row - pen.first_row + 1;
}
