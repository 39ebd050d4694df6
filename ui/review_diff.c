/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries are what can be scrolled: lines of the difference, with a long
 * unchanged stretch as one entry while folded. They are made anew when the
 * width passes the limit or the fold changes, and the place is kept by line.
 */
#include "ui/review_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

void diff_view_clear(struct diff_view *view)
{
	free(view->entries);
	*view = (struct diff_view){ 0 };
}

void diff_view_set(struct diff_view *view, const struct compose_diff *diff)
{
	if (view->diff == diff)
		return;
	view->diff = diff;
	view->built = false;
	view->folded = true;
	view->scroll.top = 0;
}

/* ---- entries ---- */

static size_t item_count(const struct diff_view *view)
{
	return view->wide ? view->diff->row_count : view->diff->line_count;
}

static bool is_changed(const struct diff_view *view, size_t i)
{
	return view->wide ? view->diff->rows[i].kind != COMPOSE_DIFF_SAME : view->diff->lines[i].sign != ' ';
}

static void add_entry(struct diff_view *view, size_t index, size_t folded, bool changed)
{
	view->entries = mem_grow(view->entries, view->count, &view->cap, sizeof(*view->entries));
	view->entries[view->count++] = (struct diff_entry){ index, folded, changed };
}

/* An unchanged stretch: whole, or its edges with a fold between them. */
static void add_stretch(struct diff_view *view, size_t from, size_t to)
{
	size_t head = from ? DIFF_CONTEXT : 0, tail = to < item_count(view) ? DIFF_CONTEXT : 0, i;

	if (!view->folded || to - from <= head + tail + 1) {
		for (i = from; i < to; i++)
			add_entry(view, i, 0, false);
		return;
	}
	for (i = from; i < from + head; i++)
		add_entry(view, i, 0, false);
	add_entry(view, from + head, to - from - head - tail, false);
	for (i = to - tail; i < to; i++)
		add_entry(view, i, 0, false);
}

static void build(struct diff_view *view)
{
	size_t i = 0, count = item_count(view);

	view->count = 0;
	while (i < count) {
		size_t from = i;

		while (i < count && !is_changed(view, i))
			i++;
		if (i > from)
			add_stretch(view, from, i);
		for (; i < count && is_changed(view, i); i++)
			add_entry(view, i, 0, true);
	}
	view->built = true;
	view->has_here = false;
}

/* The row of the difference an entry begins at, whichever way it is shown. */
static size_t row_of(const struct diff_view *view, size_t entry)
{
	size_t index = view->entries[entry].index;

	return view->wide ? index : view->diff->lines[index].row;
}

static void build_at(struct diff_view *view, size_t row)
{
	size_t i;

	build(view);
	for (i = 0; i + 1 < view->count && row_of(view, i + 1) <= row; i++)
		continue;
	view->scroll.top = row ? i : 0;
}

bool diff_view_fold(struct diff_view *view)
{
	size_t before = view->count, row = view->built && view->count ? row_of(view, view->scroll.top) : 0;

	view->folded = !view->folded;
	if (view->diff)
		build_at(view, row);
	return view->count != before;
}

/* ---- a line ---- */

struct ink {
	struct area area;
	int row, col, left, offset; /* col counts from the line's begin */
	bool white;
	text_style base, part;
	const struct compose_diff_side *side;
	size_t span;
	const char *search;
};

static text_style style_at(struct ink *ink, size_t at, size_t match_end)
{
	const struct compose_diff_side *side = ink->side;

	while (ink->span < side->span_count && side->spans[ink->span].to <= at)
		ink->span++;
	if (at < match_end)
		return ROLE_MATCH;
	return ink->span < side->span_count && side->spans[ink->span].from <= at ? ink->part : ink->base;
}

static void put(struct ink *ink, text_style style, const char *text, size_t len)
{
	int width = (int)text_width(text, len);

	if (ink->col >= ink->offset)
		area_put_n(ink->area, ink->row, ink->left + ink->col - ink->offset, style, text, len);
	ink->col += width;
}

static void put_char(struct ink *ink, text_style style, const char *at, size_t n)
{
	struct buf safe = BUF_INIT;

	if (*at == '\t') {
		int stop = 8 - ink->col % 8;

		put(ink, ink->white ? ROLE_ACCENT : style, ink->white ? "→" : " ", ink->white ? strlen("→") : 1);
		while (--stop > 0)
			put(ink, style, " ", 1);
		return;
	}
	if (*at == ' ' && ink->white) {
		put(ink, (style & STYLE_ROLE) == ink->part ? style : ROLE_ACCENT, "·", strlen("·"));
		return;
	}
	text_safe(&safe, at, n, TEXT_ONE_LINE);
	put(ink, style, buf_text(&safe), safe.len);
	buf_clear(&safe);
}

static bool matches_at(const struct ink *ink, size_t at)
{
	size_t len = strlen(ink->search);

	return len && at + len <= ink->side->len && strncasecmp(ink->side->text + at, ink->search, len) == 0;
}

/* Returns whether the line goes on beyond the right edge. */
static bool put_side(struct ink *ink)
{
	size_t at = 0, match_end = 0;

	while (at < ink->side->len && ink->col - ink->offset < ink->area.width) {
		uint32_t cp;
		size_t n = text_decode(ink->side->text + at, ink->side->len - at, &cp);

		if (matches_at(ink, at))
			match_end = at + strlen(ink->search);
		put_char(ink, style_at(ink, at, match_end), ink->side->text + at, n);
		at += n;
	}
	if (ink->side->no_newline)
		put(ink, ROLE_WARN, " (no line end)", 14);
	else if (ink->white && ink->side->line)
		put(ink, ROLE_DIM, "$", 1);
	return at < ink->side->len || ink->col - ink->offset > ink->area.width;
}

static void draw_side(struct diff_view *view, struct area area, int row, const struct compose_diff_side *side, char sign)
{
	text_style base = sign == '-' ? ROLE_REMOVED : sign == '+' ? ROLE_ADDED : ROLE_TEXT;
	text_style part = sign == '-' ? ROLE_REMOVED_PART : ROLE_ADDED_PART;
	struct ink ink = { .area = area_cut(area, 0, 8, area.height, area.width - 8), .row = row, .offset = view->scroll.offset, .white = view->white,
		           .base = base, .part = part, .side = side, .search = view->search };
	char mark[2] = { sign, '\0' };

	if (!side->line) {
		area_put(area, row, 6, ROLE_RULE, "·");
		return;
	}
	area_putf(area, row, 0, ROLE_DIM, "%5zu", side->line);
	area_put(area, row, 6, base | ATTR_BOLD, mark);
	/* What is approved here must not seem to end at an edge. */
	if (put_side(&ink)) {
		area_put(area, row, area.width - 1, ROLE_ACCENT, "›");
		view->cut = true;
	}
	if (view->scroll.offset && side->len)
		area_put(area, row, 7, ROLE_ACCENT, "‹");
}

static void draw_fold(struct area area, int row, size_t lines)
{
	area_fill(area, row, 1, area.width - 2, ROLE_RULE, 0x2500);
	area_putf(area, row, 6, ROLE_DIM, " %zu unchanged lines, z shows them ", lines);
}

static void draw_entry(struct diff_view *view, struct area area, int row, const struct diff_entry *entry)
{
	if (entry->folded) {
		draw_fold(area, row, entry->folded);
	} else if (view->wide) {
		const struct compose_diff_row *pair = &view->diff->rows[entry->index];
		struct area left = area_cut(area, 0, 0, area.height, area.width / 2 - 1);
		struct area right = area_cut(area, 0, area.width / 2 + 1, area.height, area.width);

		draw_side(view, left, row, &pair->before, pair->kind == COMPOSE_DIFF_SAME ? ' ' : '-');
		area_put(area, row, area.width / 2, ROLE_RULE, "│");
		draw_side(view, right, row, &pair->after, pair->kind == COMPOSE_DIFF_SAME ? ' ' : '+');
	} else {
		draw_side(view, area, row, compose_diff_line_side(view->diff, entry->index), view->diff->lines[entry->index].sign);
	}
}

void diff_view_draw(struct diff_view *view, struct area area)
{
	bool wide = area.width >= DIFF_WIDE;
	size_t i;

	if (!view->diff)
		return;
	if (!view->built || wide != view->wide) {
		size_t row = view->built && view->count ? row_of(view, view->scroll.top) : 0;

		view->wide = wide;
		build_at(view, row);
	}
	scroll_fit(&view->scroll, view->count, area.height);
	view->cut = false;
	for (i = 0; i < view->scroll.height && view->scroll.top + i < view->count; i++) {
		draw_entry(view, area, (int)i, &view->entries[view->scroll.top + i]);
		if (view->has_here && view->here == view->scroll.top + i)
			area_put(area, (int)i, 0, ROLE_ACCENT, "▸");
	}
}

/* ---- jumping ---- */

static bool side_matches(const struct diff_view *view, const struct compose_diff_side *side)
{
	struct ink ink = { .side = side, .search = view->search };
	size_t at;

	for (at = 0; at < side->len; at++)
		if (matches_at(&ink, at))
			return true;
	return false;
}

static bool is_goal(const struct diff_view *view, size_t entry)
{
	const struct diff_entry *here = &view->entries[entry];

	if (!view->search[0])
		return here->changed && (entry == 0 || !view->entries[entry - 1].changed);
	if (here->folded)
		return false;
	if (!view->wide)
		return side_matches(view, compose_diff_line_side(view->diff, here->index));
	return side_matches(view, &view->diff->rows[here->index].before) || side_matches(view, &view->diff->rows[here->index].after);
}

static bool in_sight(const struct diff_view *view, size_t entry)
{
	return entry >= view->scroll.top && entry < view->scroll.top + view->scroll.height;
}

bool diff_view_jump(struct diff_view *view, bool backward)
{
	bool known = view->has_here && in_sight(view, view->here);
	size_t i = known ? view->here : view->scroll.top;

	if (!view->diff || !view->built || !view->count)
		return false;
	/* Where nothing is marked yet, the first line in sight may be it. */
	if (!known && !backward && is_goal(view, i))
		known = true;
	else
		for (known = false; !known && (backward ? i > 0 : i + 1 < view->count);) {
			i = backward ? i - 1 : i + 1;
			known = is_goal(view, i);
		}
	if (!known)
		return false;
	view->here = i;
	view->has_here = true;
	view->scroll.top = i > DIFF_CONTEXT ? i - DIFF_CONTEXT : 0;
	return true;
}
