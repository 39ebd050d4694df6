/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/log_line_draw.h"

#include <string.h>

#include "base/text.h"

enum { WRAPPED_MOST = 16 * 1024, MATCHES_MOST = 256 };

struct pen {
	struct area area;
	int row, left, at; /* at: columns since the line's begin, or since the row's when wrapping */
	int room;
	const struct log_line_look *look;
};

/* Where matches stand in the safe text. */
struct matches {
	struct { size_t from, to; } at[MATCHES_MOST];
	size_t count;
};

static void find_matches(struct matches *matches, struct logs_pattern *pattern, const struct logs_rendered *rendered, const char *text, size_t len)
{
	size_t from = 0, start, end;

	matches->count = 0;
	while (pattern && from <= len && matches->count < MATCHES_MOST && logs_pattern_match(pattern, text, len, from, &start, &end)) {
		from = end > start ? end : end + 1;
		if (end <= start)
			continue;
		matches->at[matches->count].from = logs_rendered_place(rendered, start);
		matches->at[matches->count++].to = logs_rendered_place(rendered, end);
	}
}

/* A run of safe text in one style. */
static void put_wrapped(struct pen *pen, text_style style, const char *text, size_t len)
{
	while (len) {
		size_t fits = pen->at < pen->room ? text_fit(text, len, (size_t)(pen->room - pen->at)) : 0;
		uint32_t cp;

		if (!fits && pen->at > 0) {
			pen->row++;
			pen->at = 0;
			continue;
		}
		if (!fits)
			fits = text_decode(text, len, &cp);
		if (pen->row < pen->area.height)
			area_put_n(pen->area, pen->row, pen->left + pen->at, style, text, fits);
		pen->at += (int)text_width(text, fits);
		text += fits;
		len -= fits;
	}
}

static void put_sideways(struct pen *pen, text_style style, const char *text, size_t len)
{
	int offset = pen->look->offset;

	if (pen->at < offset) {
		size_t skip = text_fit(text, len, (size_t)(offset - pen->at));
		uint32_t cp;

		if (!skip) /* a wide character that stands half before the edge */
			skip = text_decode(text, len, &cp);
		pen->at += (int)text_width(text, skip);
		text += skip;
		len -= skip;
	}
	if (!len || pen->at < offset || pen->at - offset >= pen->room)
		return;
	area_put_n(pen->area, pen->row, pen->left + pen->at - offset, style, text, len);
	pen->at += (int)text_width(text, len);
}

static void put(struct pen *pen, text_style style, const char *text, size_t len)
{
	if (pen->look->wrap)
		put_wrapped(pen, style, text, len);
	else
		put_sideways(pen, style, text, len);
}

static text_style style_of(const struct logs_style *style, text_style base)
{
	text_style out = base;

	if (style->fg >= 0)
		out = STYLE_FOREGROUND((text_style)style->fg);
	if (style->bg >= 0)
		out |= STYLE_BACKGROUND((text_style)style->bg);
	out |= style->attributes & LOGS_BOLD ? ATTR_BOLD : 0u;
	out |= style->attributes & LOGS_DIM ? ATTR_DIM : 0u;
	out |= style->attributes & (LOGS_UNDERLINE | LOGS_ITALIC) ? ATTR_UNDERLINE : 0u;
	return out | (style->attributes & LOGS_REVERSE ? ATTR_REVERSE : 0u);
}

/* One piece, cut where matches begin and end; *match moves on with it. */
static void put_piece(struct pen *pen, const struct logs_piece *piece, const char *text, const struct matches *matches, size_t *match)
{
	text_style style = style_of(&piece->style, pen->look->base), found = pen->look->present ? ROLE_MATCH_NOW : ROLE_MATCH;
	size_t at = piece->safe, end = piece->safe + piece->safe_len;

	while (at < end) {
		size_t stop = end;
		bool inside = false;

		while (*match < matches->count && matches->at[*match].to <= at)
			++*match;
		if (*match < matches->count) {
			inside = matches->at[*match].from <= at;
			stop = inside ? matches->at[*match].to : matches->at[*match].from;
		}
		stop = stop < end ? stop : end;
		put(pen, inside ? found : style, text + at, stop - at);
		at = stop;
	}
}

int log_line_draw(struct area area, int row, int col, const struct log_line_look *look, struct logs_rendered *scratch, const char *text, size_t len)
{
	struct pen pen = { .area = area, .row = row, .left = col, .room = area.width - col, .look = look };
	size_t most = look->wrap ? WRAPPED_MOST : ((size_t)look->offset + (size_t)area.width) * 8 + 1024, i, match = 0;
	struct matches matches;

	if (pen.room < 2)
		return 1;
	/* What cannot be seen is not worth the work; the whole line can be opened. */
	len = len < most ? len : most;
	logs_render(scratch, text, len);
	find_matches(&matches, area.height ? look->pattern : NULL, scratch, text, len);
	for (i = 0; i < scratch->count; i++)
		put_piece(&pen, &scratch->pieces[i], buf_text(&scratch->text), &matches, &match);
	return pen.row - row + 1;
}
