/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of one CVM: its sources at the left, all lines in one order at the right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/log_pane.h"
#include "ui/prompt.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"

enum { SOURCES_WIDTH = 22 };

struct logs_screen {
	struct screen screen;
	char name[64];
	struct log_pane *pane;
	struct list sources;
	bool on_sources;
};

static struct logs_screen *logs_of(struct ui *ui)
{
	return (struct logs_screen *)ui_find(ui, CTX_LOGS);
}

/* ---- sources ---- */

static const char *state_mark(struct ui *ui, const struct feed_source *source)
{
	switch (source->state) {
	case FEED_CONNECTING:
		return ui_spinner(ui);
	case FEED_STREAMING:
		return "●";
	case FEED_RETRYING:
		return "◐";
	case FEED_ENDED:
		return "○";
	case FEED_FAILED:
		break;
	}
	return "✗";
}

static void draw_source(struct logs_screen *self, struct ui *ui, struct area area, int row, size_t i)
{
	const struct feed_source *source = log_feed_source(log_pane_feed(self->pane), i);
	bool shown = log_pane_source_shown(self->pane, i), here = self->on_sources && self->sources.selected == i;
	text_style mark = here ? ATTR_SELECTED : 0;
	char count[TEXT_SHORT_SIZE + 8];

	if (here)
		area_fill(area, row, 0, area.width, mark, ' ');
	area_put(area, row, 0, ROLE_ACCENT | mark, here ? "▸" : " ");
	area_put(area, row, 1, (source->state == FEED_STREAMING ? ROLE_GOOD : source->state == FEED_FAILED ? ROLE_BAD : ROLE_WARN) | mark, state_mark(ui, source));
	area_field(area, row, 3, 10, (shown ? log_pane_source_style(i) : ROLE_DIM) | mark, source->name);
	area_field_right(area, row, 14, 7, ROLE_DIM | mark, shown ? text_grouped(count, source->lines) : "hidden");
}

static void draw_sources(struct logs_screen *self, struct ui *ui, struct area area)
{
	size_t i, count = log_feed_count(log_pane_feed(self->pane));

	area_put(area, 0, 1, ROLE_DIM, "SOURCES");
	area = area_cut(area, 1, 0, area.height - 1, area.width);
	list_fit(&self->sources, count, area.height);
	for (i = 0; i < self->sources.height && self->sources.top + i < count; i++)
		draw_source(self, ui, area, (int)i, self->sources.top + i);
}

/* What is wrong with the source under the cursor, in words. */
static void draw_trouble(struct logs_screen *self, struct ui *ui, struct area line)
{
	size_t i, count = log_feed_count(log_pane_feed(self->pane));
	char left[TEXT_SHORT_SIZE];

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(log_pane_feed(self->pane), i);
		int64_t ms = source->retry_ms - clock_wall_ms();

		if (source->state == FEED_RETRYING && ms > 0) {
			ui_wake_in(ui, ms % 1000 + 1);
			area_putf(line, 0, 1, ROLE_WARN, "%s: %s, again in %s", source->name, source->why, text_duration(left, ms));
			return;
		}
		if (source->state == FEED_FAILED) {
			area_putf(line, 0, 1, ROLE_BAD, "%s: %s", source->name, source->why);
			return;
		}
	}
}

/* ---- the screen ---- */

static void logs_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct logs_screen *self = (struct logs_screen *)screen;
	struct area status = area_bottom(&body, 1), left = area_left(&body, SOURCES_WIDTH);
	struct buf text = BUF_INIT;
	int row;

	draw_sources(self, ui, left);
	for (row = 0; row < body.height; row++)
		area_put(body, row, 0, ROLE_RULE, "│");
	log_pane_draw(self->pane, ui, area_cut(body, 0, 1, body.height, body.width - 1));
	log_pane_status(self->pane, &text);
	draw_trouble(self, ui, status);
	area_put_before(status, 0, status.width - 1, ROLE_DIM, buf_text(&text));
	buf_clear(&text);
}

static void logs_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	(void)ui;
	buf_add_format(out, "%s › logs", ((struct logs_screen *)screen)->name);
}

static void logs_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct logs_screen *self = (struct logs_screen *)screen;

	if (self->on_sources)
		list_move(&self->sources, move);
	else
		log_pane_move(self->pane, ui, move);
}

static void logs_free(struct screen *screen)
{
	log_pane_free(((struct logs_screen *)screen)->pane);
	free(screen);
}

static const struct screen_ops logs_ops = {
	.name = "logs",
	.context = CTX_LOGS,
	.draw = logs_draw,
	.title = logs_title,
	.move = logs_move,
	.free = logs_free,
};

struct screen *screen_logs_new(struct ui *ui, const struct cvm *cvm)
{
	struct logs_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &logs_ops;
	text_copy(self->name, sizeof(self->name), cvm->name);
	self->pane = log_pane_new(ui, cvm);
	return &self->screen;
}

/* ---- commands ---- */

void do_logs_open(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);
	const struct rollout_view *view = flow_view(ui);
	const struct cvm *cvm = NULL;

	(void)argument;
	(void)param;
	if (ui_context(ui) != CTX_WORKSPACE && view)
		cvm = &view->cvm;
	else if (workspace)
		cvm = workspace_row(workspace, workspace_selected(workspace));
	if (cvm)
		ui_push(ui, screen_logs_new(ui, cvm));
}

void do_logs_focus_source(struct ui *ui, const char *argument, int param)
{
	struct logs_screen *self = logs_of(ui);

	(void)argument;
	(void)param;
	self->on_sources = !self->on_sources;
}

void do_logs_toggle_source(struct ui *ui, const char *argument, int param)
{
	struct logs_screen *self = logs_of(ui);
	size_t i = self->sources.selected;

	(void)argument;
	(void)param;
	if (!self->on_sources)
		log_pane_move(self->pane, ui, MOVE_PAGE_DOWN);
	else if (i < log_feed_count(log_pane_feed(self->pane)))
		log_pane_show_source(self->pane, i, !log_pane_source_shown(self->pane, i));
}

void do_logs_follow(struct ui *ui, const char *argument, int param)
{
	struct logs_screen *self = logs_of(ui);

	(void)argument;
	log_pane_follow(self->pane, param ? true : !log_pane_follows(self->pane));
}

void do_logs_wrap(struct ui *ui, const char *argument, int param)
{
	struct logs_screen *self = logs_of(ui);

	(void)argument;
	(void)param;
	log_pane_wrap(self->pane, !log_pane_wraps(self->pane));
}

void do_logs_timestamps(struct ui *ui, const char *argument, int param)
{
	static const char *const words[] = { "no times", "times as the server gives them (UTC)", "local times", "times as ages" };
	struct logs_screen *self = logs_of(ui);
	enum log_times next = (log_pane_times(self->pane) + 1) % LOG_TIMES_COUNT;

	(void)argument;
	(void)param;
	log_pane_set_times(self->pane, next);
	ui_say(ui, ROLE_DIM, "%s", words[next]);
}

static void search_typed(struct ui *ui, void *ctx, const char *text)
{
	struct logs_screen *self = logs_of(ui);
	struct error err = { 0 };

	if (text && self && !log_pane_search(self->pane, ui, text, ctx != NULL, &err))
		ui_say_error(ui, &err);
}

void do_logs_search(struct ui *ui, const char *argument, int param)
{
	static char backward;
	struct prompt_options options = { .label = param > 0 ? "/" : "?", .done = search_typed, .ctx = param > 0 ? NULL : &backward };

	if (argument)
		search_typed(ui, options.ctx, argument);
	else
		prompt_open(ui, &options);
}

const char *why_logs_no_search(struct ui *ui)
{
	struct logs_screen *self = logs_of(ui);

	return self && log_pane_has_search(self->pane) ? NULL : "nothing was looked for; / begins a search";
}

void do_logs_match(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	log_pane_match(logs_of(ui)->pane, ui, param < 0);
}

static void filter_typed(struct ui *ui, void *ctx, const char *text)
{
	struct logs_screen *self = logs_of(ui);
	struct error err = { 0 };

	(void)ctx;
	if (text && self && !log_pane_filter(self->pane, text, &err))
		ui_say_error(ui, &err);
}

void do_logs_filter(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "&", .done = filter_typed };

	(void)param;
	if (argument)
		filter_typed(ui, NULL, argument);
	else
		prompt_open(ui, &options);
}

void do_logs_errors(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	if (!log_pane_error(logs_of(ui)->pane, param < 0))
		ui_say(ui, ROLE_DIM, param < 0 ? "no error above" : "no error below");
}

static void save_typed(struct ui *ui, void *ctx, const char *text)
{
	struct logs_screen *self = logs_of(ui);
	struct error err = { 0 };
	size_t lines = 0;
	char *path;

	(void)ctx;
	if (!text || !*text || !self)
		return;
	path = file_expand(text);
	if (log_pane_save(self->pane, path, &lines, &err))
		ui_say(ui, ROLE_GOOD, "%zu lines written to %s", lines, path);
	else
		ui_say_error(ui, &err);
	free(path);
}

void do_logs_save(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "write to:", .done = save_typed, .complete = prompt_complete_path };

	(void)param;
	if (argument)
		save_typed(ui, NULL, argument);
	else
		prompt_open(ui, &options);
}
