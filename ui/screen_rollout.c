/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline of one rollout, live, with the CVM's logs below it. A failure
 * comes before the logs: what happened, what is safe now, what next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/flow.h"
#include "ui/log_pane.h"
#include "ui/rollout_outcome.h"
#include "ui/rollout_prepared.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

enum { NOTE_COLUMN = 42, FAILED_LOG_ROWS = 8 };

struct rollout_screen {
	struct screen screen;
	struct log_pane *logs; /* NULL until the CVM is known */
	struct prepared_view prepared;
	struct page outcome;
	bool logs_shown;
};

/* ---- the timeline ---- */

static enum mark step_mark(enum step_state state)
{
	static const enum mark marks[] = { MARK_NONE, MARK_RUNNING, MARK_GOOD, MARK_NONE, MARK_BAD };

	return marks[state];
}

static void draw_duration(struct ui *ui, struct area area, int row, const struct step *step)
{
	char took[TEXT_SHORT_SIZE];
	int64_t end = step->ended_ms ? step->ended_ms : clock_wall_ms();

	if (!step->began_ms)
		return;
	if (!step->ended_ms)
		ui_wake_in(ui, 1000 - (end - step->began_ms) % 1000);
	area_field_right(area, row, NOTE_COLUMN - 10, 8, ROLE_DIM, text_duration(took, end - step->began_ms));
}

static int draw_countdown(struct ui *ui, struct area area, int row, int col, const struct step *step)
{
	char left[TEXT_SHORT_SIZE];
	int64_t ms = step->until_ms - clock_wall_ms();

	if (step->state != STEP_RUNNING || !step->until_ms || ms <= 0)
		return col;
	ui_wake_in(ui, ms % 1000 + 1);
	col = area_putf(area, row, col, ROLE_WARN, "again in %s", text_duration(left, (ms + 999) / 1000 * 1000));
	return area_put(area, row, col, ROLE_DIM, "  ");
}

static void draw_step(struct ui *ui, struct area area, int row, const struct step *step)
{
	text_style look = step->state == STEP_WAITING || step->state == STEP_SKIPPED ? ROLE_DIM : step->state == STEP_FAILED ? ROLE_BAD : ROLE_TEXT;
	enum mark mark = step_mark(step->state);
	int col = NOTE_COLUMN;

	area_put(area, row, 2, mark_style(mark), step->state == STEP_WAITING ? "·" : step->state == STEP_SKIPPED ? "–" : mark_text(ui, mark));
	area_field(area, row, 4, NOTE_COLUMN - 15, step->state == STEP_RUNNING ? ROLE_STRONG : look, step->title);
	draw_duration(ui, area, row, step);
	col = draw_countdown(ui, area, row, col, step);
	if (step->attempt > 1)
		col = area_putf(area, row, col, ROLE_DIM, "try %u  ", step->attempt);
	area_field(area, row, col, area.width - col - 1, step->state == STEP_FAILED ? ROLE_BAD : ROLE_DIM, step->note);
}

/* What was not needed is no news, and what will not come any more neither. */
static bool is_shown(const struct rollout_view *view, const struct step *step)
{
	if (step->state == STEP_SKIPPED)
		return false;
	/* Only an owner that is a contract leads there; until that is known it does not belong to the way. */
	return step->state != STEP_WAITING || (!view->outcome && !view->prepared && !text_equal(step->id, "prepare"));
}

/* In so many rows; where there are more steps, the first of those that are done stand in one. */
static int draw_steps(struct ui *ui, struct area area, const struct rollout_view *view, int rows)
{
	int shown = 0, row = 0, hidden;
	size_t i;

	for (i = 0; i < view->step_count; i++)
		shown += is_shown(view, &view->steps[i]);
	hidden = shown > rows ? shown - rows + 1 : 0;
	if (hidden) {
		area_put(area, row, 2, ROLE_GOOD, "✓");
		area_putf(area, row++, 4, ROLE_DIM, "%d steps before", hidden);
	}
	for (i = 0; i < view->step_count; i++)
		if (is_shown(view, &view->steps[i]) && hidden-- <= 0)
			draw_step(ui, area, row++, &view->steps[i]);
	return row;
}

/* ---- the screen ---- */

/* The end in a few words; what was said of it stands whole below. */
static void say_end(const struct rollout_view *view, char out[160])
{
	size_t i;

	for (i = 0; i < view->step_count && view->steps[i].state != STEP_FAILED; i++)
		continue;
	if (view->outcome->success)
		snprintf(out, 160, "✓ done");
	else if (text_equal(view->outcome->error.code, "declined"))
		snprintf(out, 160, "✗ not approved");
	else if (text_equal(view->outcome->error.code, "tx-cancelled"))
		snprintf(out, 160, "✗ cancelled");
	else
		snprintf(out, 160, "✗ failed%s%s", i < view->step_count ? " at: " : "", i < view->step_count ? view->steps[i].title : "");
}

static void draw_head(struct ui *ui, struct area line, const struct rollout_view *view)
{
	bool over = view->outcome && view->phase != PHASE_PREPARED;
	char id[TEXT_SHORT_SIZE], hex[48], end[160];
	int col = area_put(line, 0, 1, ROLE_STRONG, view->cvm.name);

	snprintf(hex, sizeof(hex), "0x%s", view->cvm.app_id);
	if (view->cvm.app_id[0])
		col = area_put(line, 0, col + 2, ROLE_DIM, text_short_hex(id, hex));
	if (!view->cvm.name[0])
		col = -1;
	if (view->resumed)
		col = area_put(line, 0, col + 2, ROLE_WARN, "resumed");
	if (over) {
		say_end(view, end);
		area_field(line, 0, col + 2, line.width - col - 3, view->outcome->success ? ROLE_GOOD : ROLE_BAD, end);
		return;
	}
	if (view->phase != PHASE_PREPARED && !view->waits_for_operator)
		col = area_put(line, 0, col + 2, ROLE_ACCENT, ui_spinner(ui)) - 1;
	area_field(line, 0, col + 2, line.width - col - 3, ROLE_TEXT, view->message);
}

/* Where one reads stands on the rule when it is not the newest line. */
static void draw_logs(struct rollout_screen *self, struct ui *ui, struct area rest)
{
	struct area rule = area_top(&rest, 1);
	struct buf status = BUF_INIT;

	area_rule(rule, 0);
	if (!self->logs) {
		area_put(rest, 0, 1, ROLE_DIM, "the CVM's logs follow here once the backend has taken the update");
		return;
	}
	log_pane_draw(self->logs, ui, rest);
	if (log_pane_follows(self->logs) && !log_pane_has_filter(self->logs))
		return;
	buf_add_byte(&status, ' ');
	log_pane_status(self->logs, rule.width - 8, &status);
	buf_add_byte(&status, ' ');
	area_put_before(rule, 0, rule.width - 2, ROLE_DIM, buf_text(&status));
	buf_clear(&status);
}

/* The rows below the timeline that must be there: the whole outcome, or some lines of what follows. */
static int rows_below(struct rollout_screen *self, const struct rollout_view *view, int width)
{
	page_reset(&self->outcome);
	if (view->outcome && !view->prepared)
		outcome_add(&self->outcome, view, width);
	return view->phase == PHASE_FAILED ? (int)self->outcome.lines + 1 : view->prepared ? 14 : (int)self->outcome.lines + 6;
}

static void draw_below(struct rollout_screen *self, struct ui *ui, struct area rest, const struct rollout_view *view)
{
	struct area rule;

	if (view->prepared) {
		prepared_view_draw(&self->prepared, ui, rest, view->prepared);
		return;
	}
	if (view->outcome) {
		rule = area_top(&rest, 1);
		area_rule(rule, 0);
		page_draw(&self->outcome, area_top(&rest, (int)self->outcome.lines));
		if (self->outcome.scroll.count > self->outcome.scroll.height)
			area_put_before(rule, 0, rule.width - 2, ROLE_WARN, " ↑ ↓ more ");
	}
	self->logs_shown = rest.height >= (view->phase == PHASE_FAILED ? FAILED_LOG_ROWS : 3) && (self->logs || view->phase != PHASE_FAILED);
	if (self->logs_shown)
		draw_logs(self, ui, rest);
}

static void rollout_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;
	const struct rollout_view *view = flow_view(ui);
	int used, below;

	if (!view) {
		draw_empty(body, "No rollout is under way.", "q goes back");
		return;
	}
	draw_head(ui, area_top(&body, 1), view);
	body = area_cut(body, 1, 0, body.height - 1, body.width);
	below = rows_below(self, view, body.width);
	used = draw_steps(ui, body, view, body.height - below > 3 ? body.height - below : 3);
	area_top(&body, used);
	draw_below(self, ui, body, view);
}

/* Logs follow by themselves as soon as something is rolled. */
static void rollout_changed(struct screen *screen, struct ui *ui)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;
	const struct rollout_view *view = flow_view(ui);

	if (!self->logs && view && view->cvm.vm_uuid[0] && view->phase >= PHASE_CONFIRMING && view->phase != PHASE_PREPARED)
		self->logs = log_pane_new(ui, &view->cvm);
	if (self->logs)
		log_pane_note_rollout(self->logs, view);
}

struct log_pane *screen_rollout_pane(struct screen *rollout)
{
	return ((struct rollout_screen *)rollout)->logs;
}

bool screen_rollout_shows_logs(const struct screen *rollout)
{
	return ((const struct rollout_screen *)rollout)->logs_shown;
}

struct prepared_view *screen_rollout_prepared(struct screen *rollout)
{
	return &((struct rollout_screen *)rollout)->prepared;
}

static void rollout_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	const struct rollout_view *view = flow_view(ui);

	(void)screen;
	/* A CVM that was not found has no name. */
	buf_add_format(out, "%s%srollout", view ? view->cvm.name : "", view && view->cvm.name[0] ? " › " : "");
}

static void rollout_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;
	const struct rollout_view *view = flow_view(ui);

	if (view && view->prepared)
		prepared_view_move(&self->prepared, view->prepared, move);
	else if (!self->logs_shown)
		scroll_move(&self->outcome.scroll, move);
	else if (self->logs)
		log_pane_move(self->logs, ui, move);
}

static void rollout_screen_free(struct screen *screen)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;

	log_pane_free(self->logs);
	prepared_view_clear(&self->prepared);
	page_clear(&self->outcome);
	free(self);
}

static const struct screen_ops rollout_ops = {
	.name = "rollout",
	.context = CTX_ROLLOUT,
	.draw = rollout_draw,
	.title = rollout_title,
	.move = rollout_move,
	.changed = rollout_changed,
	.free = rollout_screen_free,
};

struct screen *screen_rollout_new(struct ui *ui)
{
	struct rollout_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &rollout_ops;
	rollout_changed(&self->screen, ui);
	return &self->screen;
}
