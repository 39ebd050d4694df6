/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one reads is kept as a line's number, not as a row, so that it stays
 * the same line while others come, are filtered or dropped. Lines that come
 * ask for one frame in a while, keys for one at once. Filter and search work
 * in slices between the turns of the loop; far behind, the streams wait.
 */
#include "ui/log_pane_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/log_line_draw.h"
#include "ui/log_store.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

enum { SLICE_US = 2000, FRAME_MS = 33, LABEL_LEAST = 6, LABEL_MOST = 14, LONG_LABEL_MOST = 24, TOO_FAR_BEHIND = 200000, NEAR_AGAIN = 20000 };

/* ---- lines in ---- */

static void on_frame(void *ctx)
{
	ui_dirty(((struct log_pane *)ctx)->ui);
}

static void ask_frame(struct log_pane *pane)
{
	if (!loop_timer_is_set(&pane->frame))
		loop_timer_set(pane->ui->loop, &pane->frame, FRAME_MS, on_frame, pane);
}

/* Lines the filter has not looked at yet. */
static uint64_t behind(const struct log_pane *pane)
{
	uint64_t done, all;

	logs_filter_progress(pane->filter, &done, &all);
	return all - done;
}

static bool got_line(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len)
{
	struct log_pane *pane = ctx;
	unsigned flags = (is_stderr ? LOGS_STDERR : 0u) | (continued ? LOGS_CONTINUED : 0u);

	logs_store_add(pane->store, source, stamp_ns > 0 ? stamp_ns / 1000 : 0, clock_wall_ms() * 1000, flags, text, len);
	ask_frame(pane);
	if (behind(pane) < TOO_FAR_BEHIND && !logs_store_is_behind(pane->store))
		return true;
	pane->held = true;
	log_pane_work(pane);
	return false;
}

static void feed_changed(void *ctx)
{
	ui_dirty(((struct log_pane *)ctx)->ui);
}

static void store_changed(void *ctx)
{
	struct log_pane *pane = ctx;
	struct error err;

	if (logs_store_problem(pane->store, &err))
		ui_say_error(pane->ui, &err);
	if (pane->held)
		log_pane_work(pane);
	ask_frame(pane);
}

struct log_pane *log_pane_new(struct ui *ui, const struct cvm *cvm)
{
	struct log_pane *pane = mem_new(1, sizeof(*pane));
	struct error err;
	struct feed_handler handler = { .line = got_line, .changed = feed_changed, .ctx = pane };

	pane->ui = ui;
	pane->shares = 1;
	pane->store = log_store_new(ui->session, store_changed, pane, &err);
	if (err.status != STATUS_OK)
		ui_say_error(ui, &err);
	pane->filter = logs_filter_new(pane->store);
	pane->follow = true;
	pane->times = LOG_TIMES_LOCAL;
	pane->anchor = LOG_NO_LINE;
	pane->feed = log_feed_new(ui->session, NULL, &handler);
	log_feed_add(pane->feed, cvm);
	return pane;
}

struct log_pane *log_pane_share(struct log_pane *pane)
{
	pane->shares++;
	return pane;
}

void log_pane_free(struct log_pane *pane)
{
	if (!pane || --pane->shares)
		return;
	loop_timer_cancel(&pane->frame);
	loop_timer_cancel(&pane->work);
	log_save_abandon(pane->save);
	log_feed_free(pane->feed);
	logs_filter_free(pane->filter);
	logs_pattern_free(pane->pattern);
	logs_store_free(pane->store);
	logs_rendered_clear(&pane->rendered);
	free(pane->marks);
	free(pane);
}

bool log_pane_add_cvm(struct log_pane *pane, const struct cvm *cvm)
{
	return log_feed_add(pane->feed, cvm);
}

bool log_pane_is_of(const struct log_pane *pane, const struct cvm *cvm)
{
	return log_feed_has(pane->feed, cvm->vm_uuid);
}

/* ---- where one reads ---- */

size_t log_pane_rows(const struct log_pane *pane)
{
	return logs_filter_shown(pane->filter);
}

struct logs_line log_pane_line(const struct log_pane *pane, size_t row)
{
	return logs_store_line(pane->store, logs_filter_number(pane->filter, row));
}

static size_t last_row(const struct log_pane *pane)
{
	return log_pane_rows(pane) ? log_pane_rows(pane) - 1 : 0;
}

static size_t row_of(const struct log_pane *pane, uint64_t number)
{
	size_t row = logs_filter_row(pane->filter, number);

	return row < last_row(pane) ? row : last_row(pane);
}

size_t log_pane_row(const struct log_pane *pane)
{
	return pane->follow ? last_row(pane) : row_of(pane, pane->at);
}

/* The first row shown when the last is the lowest. */
static size_t lowest_top(const struct log_pane *pane)
{
	return log_pane_rows(pane) > pane->height ? log_pane_rows(pane) - pane->height : 0;
}

static size_t top_row(const struct log_pane *pane)
{
	size_t row = pane->follow ? lowest_top(pane) : row_of(pane, pane->top);

	return row > lowest_top(pane) && !pane->wrap ? lowest_top(pane) : row;
}

void log_pane_follow(struct log_pane *pane, bool follow)
{
	if (!follow && pane->follow && log_pane_rows(pane)) {
		/* How many lines fit is known only of those painted, when they are wrapped. */
		if (!pane->wrap)
			pane->top = logs_filter_number(pane->filter, top_row(pane));
		pane->at = logs_filter_number(pane->filter, last_row(pane));
		pane->paused_at = logs_store_end(pane->store);
	}
	if (follow)
		pane->anchor = LOG_NO_LINE;
	pane->follow = follow || !log_pane_rows(pane);
}

void log_pane_go_to_row(struct log_pane *pane, size_t row)
{
	size_t top, third = pane->height / 3;

	if (!log_pane_rows(pane))
		return;
	log_pane_follow(pane, false);
	row = row < last_row(pane) ? row : last_row(pane);
	top = top_row(pane);
	pane->at = logs_filter_number(pane->filter, row);
	if (row < top || row >= top + pane->height)
		pane->top = logs_filter_number(pane->filter, row > third ? row - third : 0);
}

static size_t moved(size_t row, enum move move, size_t page, size_t last)
{
	size_t by = move == MOVE_UP || move == MOVE_DOWN ? 1 : page;

	if (move == MOVE_HOME)
		return 0;
	if (move == MOVE_UP || move == MOVE_PAGE_UP)
		return row > by ? row - by : 0;
	return last - row > by ? row + by : last;
}

/* A line taller than the screen is gone through before it is left; known only of what was painted. */
static bool move_inside(struct log_pane *pane, enum move move, int page)
{
	int by = move == MOVE_UP || move == MOVE_DOWN ? 1 : page;
	int skip = pane->skip + (move == MOVE_UP || move == MOVE_PAGE_UP ? -by : by);

	skip = skip < 0 ? 0 : skip > pane->tall ? pane->tall : skip;
	if (skip == pane->skip)
		return false;
	pane->skip = skip;
	return true;
}

/* Wrapped lines fill the screen sooner: a page of as many as it has rows would leave some unread. */
static size_t lines_in_page(const struct log_pane *pane)
{
	return pane->shown > 1 ? pane->shown - 1 : 1;
}

static bool is_inside(const struct log_pane *pane)
{
	return pane->wrap && pane->tall && pane->skip_of == pane->at;
}

void log_pane_move(struct log_pane *pane, struct ui *ui, enum move move)
{
	size_t rows = pane->height > 2 ? pane->height - 1 : 1, page = pane->wrap ? lines_in_page(pane) : rows, top;
	bool down = move == MOVE_DOWN || move == MOVE_PAGE_DOWN;

	(void)ui;
	if (move == MOVE_END)
		log_pane_follow(pane, true);
	else if (move == MOVE_RIGHT)
		pane->offset += pane->wrap || pane->offset > 1 << 16 ? 0 : 8;
	else if (move == MOVE_LEFT)
		pane->offset = pane->offset > 8 ? pane->offset - 8 : 0;
	if (move == MOVE_END || move == MOVE_LEFT || move == MOVE_RIGHT || (pane->follow && down) || !log_pane_rows(pane))
		return;
	log_pane_follow(pane, false);
	if (is_inside(pane) && move != MOVE_HOME) {
		if (move_inside(pane, move, (int)rows))
			return;
		move = move == MOVE_PAGE_UP ? MOVE_UP : move == MOVE_PAGE_DOWN ? MOVE_DOWN : move;
	}
	pane->from_below = move == MOVE_UP;
	top = top_row(pane);
	pane->at = logs_filter_number(pane->filter, moved(row_of(pane, pane->at), move, page, last_row(pane)));
	if (move == MOVE_PAGE_UP || move == MOVE_PAGE_DOWN || move == MOVE_HOME)
		pane->top = logs_filter_number(pane->filter, moved(top, move, page, lowest_top(pane) > top ? lowest_top(pane) : top));
}

/* ---- drawing ---- */

text_style log_pane_source_style(size_t source)
{
	return ROLE_SOURCE_1 + (text_style)(source % 6);
}

void log_pane_source_name(const struct log_pane *pane, size_t source, char *out, size_t size)
{
	const struct feed_source *it = log_feed_source(pane->feed, source);

	if (log_feed_cvms(pane->feed) > 1 && it)
		snprintf(out, size, "%s %s", it->name, it->cvm);
	else
		snprintf(out, size, "%s", it ? it->name : "");
}

static text_style line_style(const struct logs_line *line)
{
	if (line->level == LOGS_ERROR)
		return ROLE_BAD;
	return line->level == LOGS_WARN ? ROLE_WARN : line->level == LOGS_DEBUG ? ROLE_DIM : ROLE_TEXT;
}

/* Present line, selection, marks: each with a sign of its own in the first column. */
static void draw_gutter(const struct log_pane *pane, struct area area, int row, uint64_t number, bool selected)
{
	bool here = !pane->follow && number == pane->at;

	if (here)
		area_put(area, row, 0, ROLE_ACCENT | ATTR_BOLD, "▸");
	else if (log_pane_is_marked(pane, number))
		area_put(area, row, 0, ROLE_WARN, "◆");
	else if (selected)
		area_put(area, row, 0, ROLE_ACCENT, "┃");
}

static int draw_marker(const struct log_pane *pane, struct area area, int row, int col, const struct logs_line *line)
{
	(void)pane;
	col = area_put(area, row, col, ROLE_ACCENT, "━━ ");
	col = area_put_n(area, row, col, ROLE_ACCENT | ATTR_BOLD, line->text, line->len);
	col = area_put(area, row, col, ROLE_ACCENT, " ");
	area_fill(area, row, col, area.width - col, ROLE_ACCENT, 0x2501);
	return 1;
}

struct view {
	struct log_pane *pane;
	struct area area;
	size_t first, last; /* rows selected; first > last: none */
	int label;
	int skip; /* screen rows of the first line that are above the screen */
};

/* As wide as the longest name, within limits, so that the text begins as far left as it can. */
static int label_width(const struct log_pane *pane)
{
	int most = log_feed_cvms(pane->feed) > 1 ? LONG_LABEL_MOST : LABEL_MOST, widest = LABEL_LEAST;
	size_t i;

	for (i = 0; i < log_feed_count(pane->feed) && widest < most; i++) {
		char name[140];
		int width;

		log_pane_source_name(pane, i, name, sizeof(name));
		width = (int)text_width(name, strlen(name));
		widest = width > widest ? width : widest;
	}
	return widest < most ? widest : most;
}

static struct view view_of(struct log_pane *pane, struct area area)
{
	struct view view = { .pane = pane, .area = area, .first = 1, .last = 0 };

	if (pane->anchor != LOG_NO_LINE)
		log_pane_extent(pane, &view.first, &view.last);
	view.label = label_width(pane);
	return view;
}

/* Draws the line of a row at screen row `at`; returns the screen rows it takes. */
static int draw_row(const struct view *view, int at, size_t row)
{
	struct log_pane *pane = view->pane;
	struct logs_line line = log_pane_line(pane, row), before = { 0 };
	struct log_line_look look = { .base = line_style(&line), .wrap = pane->wrap, .offset = pane->offset, .pattern = pane->pattern };
	char time[40], name[140];
	int width, col = 1;

	if (!line.text)
		return 0;
	if (row && pane->times == LOG_TIMES_DELTA)
		before = log_pane_line(pane, row - 1);
	look.present = !pane->follow && line.number == pane->at;
	width = log_time_text(time, pane->times, &line, before.text ? &before : NULL);
	area_fill(view->area, at, 0, width ? width + 2 : 1, ROLE_DIM, ' ');
	draw_gutter(pane, view->area, at, line.number, row >= view->first && row <= view->last);
	if (width)
		col = area_field_right(view->area, at, col, width, ROLE_DIM, time) + 1;
	if (line.flags & LOGS_MARKER)
		return draw_marker(pane, view->area, at, col, &line);
	log_pane_source_name(pane, line.source, name, sizeof(name));
	/* Blanks take the colour of what stands before them: each change of it is written out. */
	area_fill(view->area, at, col, view->label + 2, log_pane_source_style(line.source), ' ');
	area_field(view->area, at, col, view->label, log_pane_source_style(line.source), name);
	col += view->label + 2;
	/* stderr is marked without colour too; the rest of a long line stands under its beginning. */
	if (line.flags & (LOGS_STDERR | LOGS_CONTINUED))
		area_put(view->area, at, col - 2, ROLE_BAD, line.flags & LOGS_STDERR ? "!" : "+");
	return log_line_draw(view->area, at, col, &look, &pane->rendered, line.text, line.len);
}

/* How many screen rows the lines [from, to] take, or more than `most`. */
static int height_of(const struct view *view, size_t from, size_t to, int most)
{
	struct view nowhere = *view;
	int used = 0;

	if (!view->pane->wrap)
		return to - from < (size_t)most ? (int)(to - from) + 1 : most + 1;
	nowhere.area.height = 0;
	for (; from <= to && used <= most; from++)
		used += draw_row(&nowhere, 0, from);
	return used;
}

/* The first row to draw so that row `low` is the last that fits. Of a wrapped line at the top its end is shown. */
static size_t top_for(struct view *view, size_t low)
{
	size_t top = low, most = (size_t)view->area.height;
	int used = 0;

	if (!view->pane->wrap)
		return low + 1 > most ? low + 1 - most : 0;
	for (;; top--) {
		used += height_of(view, top, top, view->area.height);
		if (used > view->area.height && top < low)
			view->skip = used - view->area.height;
		if (used >= view->area.height)
			return top;
		if (!top)
			return 0;
	}
}

static size_t keep_top(const struct view *view, size_t top)
{
	struct log_pane *pane = view->pane;

	pane->top = pane->skip_of = logs_filter_number(pane->filter, top);
	pane->skip = view->skip;
	pane->from_below = false;
	return top;
}

/* The present line fills the screen: its end when it is the newest or was come to from below, else where it was scrolled to. */
static bool fills(struct view *view, size_t row)
{
	struct log_pane *pane = view->pane;

	pane->tall = height_of(view, row, row, view->area.height) - view->area.height;
	if (!pane->wrap || pane->tall <= 0) {
		pane->tall = 0;
		return false;
	}
	if (pane->skip_of == logs_filter_number(pane->filter, row) && !pane->follow)
		view->skip = pane->skip < pane->tall ? pane->skip : pane->tall;
	else
		view->skip = pane->follow || pane->from_below ? pane->tall : 0;
	return true;
}

/* Where to begin, so that the present line is in sight. */
static size_t first_row(struct view *view)
{
	struct log_pane *pane = view->pane;
	size_t top, row = log_pane_row(pane);

	if (fills(view, row))
		return keep_top(view, row);
	top = pane->follow ? top_for(view, last_row(pane)) : top_row(pane);
	if (pane->follow)
		return keep_top(view, top);
	view->skip = row > top && pane->skip_of == pane->top ? pane->skip : 0;
	if (row < top) {
		top = row;
	} else if (row - top >= pane->height || height_of(view, top, row, view->area.height + view->skip) > view->area.height + view->skip) {
		view->skip = 0;
		top = top_for(view, row);
	}
	return keep_top(view, top);
}

static void draw_nothing(struct log_pane *pane, struct ui *ui, struct area area)
{
	struct buf words = BUF_INIT;
	bool waits = log_pane_why_nothing(pane, &words);
	int row = log_feed_problem(pane->feed)[0] ? 1 : area.height / 2;

	if (waits)
		area_put(area, row, 2, ROLE_DIM, ui_spinner(ui));
	draw_wrapped(area, row, 4, area.width - 6, log_feed_problem(pane->feed)[0] ? ROLE_WARN : ROLE_DIM, buf_text(&words));
	buf_clear(&words);
}

void log_pane_draw(struct log_pane *pane, struct ui *ui, struct area area)
{
	struct view view = view_of(pane, area);
	size_t row;
	int at;

	pane->height = area.height > 0 ? (size_t)area.height : 0;
	log_pane_work(pane);
	if (!log_pane_rows(pane)) {
		draw_nothing(pane, ui, area);
		return;
	}
	row = first_row(&view);
	pane->shown = 0;
	for (at = -view.skip; row < log_pane_rows(pane) && at < area.height; row++, pane->shown++)
		at += draw_row(&view, at, row);
	if (pane->times == LOG_TIMES_RELATIVE)
		ui_wake_in(ui, 1000);
}

/* ---- what is under way ---- */

static void on_work(void *ctx)
{
	struct log_pane *pane = ctx;

	log_pane_work(pane);
	if (pane->searching || behind(pane))
		ask_frame(pane);
	else
		ui_dirty(pane->ui);
}

static void say_not_found(struct log_pane *pane)
{
	if (pane->search.pattern)
		ui_say(pane->ui, ROLE_WARN, "nothing matches “%s”", logs_pattern_text(pane->search.pattern));
	else
		ui_say(pane->ui, ROLE_DIM, pane->search.step < 0 ? "no error above" : "no error below");
}

static bool search_some(struct log_pane *pane)
{
	size_t row = 0;

	switch (logs_search_work(&pane->search, SLICE_US, &row)) {
	case LOGS_SEARCH_GOING_ON:
		return false;
	case LOGS_SEARCH_FOUND:
		log_pane_go_to_row(pane, row);
		if (pane->search.wrapped)
			ui_say(pane->ui, ROLE_DIM, "went on from the other end");
		break;
	case LOGS_SEARCH_NOTHING:
		say_not_found(pane);
		break;
	}
	pane->searching = false;
	return true;
}

void log_pane_work(struct log_pane *pane)
{
	bool done;

	logs_store_tend(pane->store);
	done = logs_filter_work(pane->filter, SLICE_US);
	if (done && pane->searching)
		done = search_some(pane);
	if (!done)
		loop_timer_set(pane->ui->loop, &pane->work, 0, on_work, pane);
	if (pane->held && behind(pane) < NEAR_AGAIN && !logs_store_is_behind(pane->store)) {
		pane->held = false;
		log_feed_resume(pane->feed);
	}
}
