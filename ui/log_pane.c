/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where one reads is kept as a line's number, not as a row, so that it stays
 * the same line while others come, are filtered or dropped. Filter and search
 * work in slices of a few milliseconds, one before each frame.
 */
#include "ui/log_pane_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/log_line_draw.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"
#include "ui/widget_text.h"

enum { SLICE_US = 3000, LABEL_WIDTH = 11, HELD_BYTES = 64 * 1024 * 1024 };

/* ---- lines in ---- */

static void got_line(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len)
{
	struct log_pane *pane = ctx;
	unsigned flags = (is_stderr ? LOGS_STDERR : 0u) | (continued ? LOGS_CONTINUED : 0u);

	logs_store_add(pane->store, source, stamp_ns > 0 ? stamp_ns / 1000 : 0, clock_wall_ms() * 1000, flags, text, len);
	ui_dirty(pane->ui);
}

static void feed_changed(void *ctx)
{
	ui_dirty(((struct log_pane *)ctx)->ui);
}

struct log_pane *log_pane_new(struct ui *ui, const struct cvm *cvm)
{
	struct log_pane *pane = mem_new(1, sizeof(*pane));
	struct feed_handler handler = { .line = got_line, .changed = feed_changed, .ctx = pane };

	pane->ui = ui;
	pane->store = logs_store_new(HELD_BYTES);
	pane->filter = logs_filter_new(pane->store);
	pane->follow = true;
	pane->times = LOG_TIMES_LOCAL;
	pane->match = UINT64_MAX;
	pane->feed = log_feed_new(ui->session, cvm, &handler);
	return pane;
}

void log_pane_free(struct log_pane *pane)
{
	if (!pane)
		return;
	log_feed_free(pane->feed);
	logs_filter_free(pane->filter);
	logs_pattern_free(pane->pattern);
	logs_store_free(pane->store);
	free(pane);
}

/* ---- where one reads ---- */

static size_t rows(const struct log_pane *pane)
{
	return logs_filter_shown(pane->filter);
}

static size_t top_row(const struct log_pane *pane)
{
	size_t last = rows(pane) > pane->height ? rows(pane) - pane->height : 0;
	size_t row = pane->follow ? last : logs_filter_row(pane->filter, pane->top);

	return row > last && !pane->wrap ? last : row;
}

void log_pane_follow(struct log_pane *pane, bool follow)
{
	if (!follow && pane->follow) {
		size_t row = top_row(pane);

		pane->top = row < rows(pane) ? logs_filter_number(pane->filter, row) : 0;
		pane->paused_at = logs_store_end(pane->store);
	}
	pane->follow = follow;
}

void log_pane_go_to_row(struct log_pane *pane, size_t row)
{
	size_t last = rows(pane) > pane->height ? rows(pane) - pane->height : 0;

	if (!rows(pane))
		return;
	log_pane_follow(pane, false);
	pane->top = logs_filter_number(pane->filter, row < last ? row : last);
}

void log_pane_move(struct log_pane *pane, struct ui *ui, enum move move)
{
	struct list list = { .count = rows(pane), .height = pane->height, .top = top_row(pane), .offset = pane->offset };

	(void)ui;
	if (move == MOVE_END) {
		log_pane_follow(pane, true);
		return;
	}
	scroll_move(&list, move);
	pane->offset = list.offset;
	if (move == MOVE_LEFT || move == MOVE_RIGHT || (pane->follow && (move == MOVE_DOWN || move == MOVE_PAGE_DOWN)))
		return;
	log_pane_go_to_row(pane, list.top);
}

/* ---- drawing ---- */

text_style log_pane_source_style(size_t source)
{
	return ROLE_SOURCE_1 + (text_style)(source % 6);
}

static int draw_time(struct area area, int row, int col, const struct log_pane *pane, const struct logs_line *line)
{
	char text[CLOCK_TEXT_SIZE], brief[TEXT_SHORT_SIZE];
	bool guessed = (line->flags & LOGS_NO_TIME) != 0;

	switch (pane->times) {
	case LOG_TIMES_SERVER:
		return area_field(area, row, col, 20, ROLE_DIM, guessed ? "" : clock_format(text, line->time_us / 1000)) + 1;
	case LOG_TIMES_LOCAL:
		return area_field(area, row, col, 8, ROLE_DIM, clock_format_local(text, line->time_us / 1000)) + 1;
	case LOG_TIMES_RELATIVE:
		return area_field_right(area, row, col, 7, ROLE_DIM, text_duration(brief, clock_wall_ms() - line->time_us / 1000)) + 1;
	case LOG_TIMES_NONE:
	case LOG_TIMES_COUNT:
		break;
	}
	return col;
}

static text_style line_style(const struct logs_line *line)
{
	if (line->level == LOGS_ERROR)
		return ROLE_BAD;
	return line->level == LOGS_WARN ? ROLE_WARN : line->level == LOGS_DEBUG ? ROLE_DIM : ROLE_TEXT;
}

static int draw_line(struct log_pane *pane, struct area area, int row, const struct logs_line *line)
{
	const struct feed_source *source = log_feed_source(pane->feed, line->source);
	bool found = line->number == pane->match;
	int col = 1;

	if (found)
		area_put(area, row, 0, ROLE_ACCENT, "▸");
	col = draw_time(area, row, col, pane, line);
	col = area_field(area, row, col, LABEL_WIDTH, log_pane_source_style(line->source), source ? source->name : "");
	/* stderr is marked without colour too. */
	col = area_put(area, row, col, ROLE_BAD, line->flags & LOGS_STDERR ? "!" : " ") + 1;
	return log_line_draw(area, row, col, pane->offset, pane->wrap, line_style(line), line->text, line->len, pane->pattern);
}

/* When wrapping and following, the last line must be in sight: walk back until the area is full. */
static size_t wrapped_top(struct log_pane *pane, struct area area)
{
	struct area nowhere = area;
	size_t row = rows(pane);
	int used = 0;

	nowhere.height = 0;
	while (row) {
		struct logs_line line = logs_store_line(pane->store, logs_filter_number(pane->filter, row - 1));

		used += draw_line(pane, nowhere, 0, &line);
		if (used > area.height)
			break;
		row--;
	}
	return row;
}

static void work(struct log_pane *pane, struct ui *ui)
{
	if (!logs_filter_work(pane->filter, SLICE_US))
		ui_wake_in(ui, 1);
}

static void search_on(struct log_pane *pane, struct ui *ui)
{
	size_t row = 0;

	if (!pane->searching)
		return;
	switch (logs_search_work(&pane->search, SLICE_US, &row)) {
	case LOGS_SEARCH_GOING_ON:
		ui_wake_in(ui, 1);
		return;
	case LOGS_SEARCH_FOUND:
		pane->match = logs_filter_number(pane->filter, row);
		log_pane_go_to_row(pane, row > pane->height / 3 ? row - pane->height / 3 : 0);
		if (pane->search.wrapped)
			ui_say(ui, ROLE_DIM, "went on from the other end");
		break;
	case LOGS_SEARCH_NOTHING:
		ui_say(ui, ROLE_WARN, "nothing matches “%s”", logs_pattern_text(pane->pattern));
		break;
	}
	pane->searching = false;
}

static void draw_nothing(struct log_pane *pane, struct ui *ui, struct area area)
{
	char line[600];

	if (log_feed_problem(pane->feed)[0]) {
		draw_wrapped(area, 1, 2, area.width - 4, ROLE_WARN, log_feed_problem(pane->feed));
		return;
	}
	snprintf(line, sizeof(line), "%s waiting for the first line", ui_spinner(ui));
	area_put(area, area.height / 2, 2, ROLE_DIM, logs_store_count(pane->store) ? "no line passes the filter" : line);
}

void log_pane_draw(struct log_pane *pane, struct ui *ui, struct area area)
{
	size_t row;
	int at = 0;

	pane->height = (size_t)area.height;
	work(pane, ui);
	search_on(pane, ui);
	if (!rows(pane)) {
		draw_nothing(pane, ui, area);
		return;
	}
	row = pane->follow && pane->wrap ? wrapped_top(pane, area) : top_row(pane);
	for (; row < rows(pane) && at < area.height; row++) {
		struct logs_line line = logs_store_line(pane->store, logs_filter_number(pane->filter, row));

		if (line.text)
			at += draw_line(pane, area, at, &line);
	}
}

void log_pane_status(const struct log_pane *pane, struct buf *out)
{
	char count[TEXT_SHORT_SIZE + 8];
	size_t below = rows(pane) - (top_row(pane) + pane->height < rows(pane) ? top_row(pane) + pane->height : rows(pane));

	if (pane->follow)
		buf_add_text(out, "following");
	else
		buf_add_format(out, "paused · %s below, G follows", text_grouped(count, below));
	buf_add_format(out, " · %s lines", text_grouped(count, rows(pane)));
	if (rows(pane) != logs_store_count(pane->store))
		buf_add_format(out, " of %s", text_grouped(count, logs_store_count(pane->store)));
	if (logs_store_dropped(pane->store))
		buf_add_format(out, " · %s oldest dropped", text_grouped(count, logs_store_dropped(pane->store)));
}
