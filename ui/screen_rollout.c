/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline of one rollout, live, with the CVM's logs below it. A failure
 * takes the place of the logs: what happened, what is safe now, what next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/flow.h"
#include "ui/log_pane.h"
#include "ui/rollout_prepared.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

enum { NOTE_COLUMN = 42 };

struct rollout_screen {
	struct screen screen;
	struct log_pane *logs; /* NULL until the CVM is known */
	struct prepared_view prepared;
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

static int draw_steps(struct ui *ui, struct area area, const struct rollout_view *view)
{
	bool tight = view->prepared || (int)view->step_count > area.height - 8;
	int row = 0;
	size_t i;

	for (i = 0; i < view->step_count; i++)
		if (!tight || (view->steps[i].state != STEP_SKIPPED && !(view->prepared && view->steps[i].state == STEP_WAITING)))
			draw_step(ui, area, row++, &view->steps[i]);
	return row;
}

/* ---- what happened ---- */

static int draw_pair(struct area area, int row, const char *name, text_style style, const char *text)
{
	int rows;

	if (!text[0])
		return row;
	area_put(area, row, 1, ROLE_DIM, name);
	rows = draw_wrapped(area, row, 13, area.width - 14, style, text);
	return row + rows;
}

static void draw_outcome(struct area area, const struct rollout_view *view)
{
	const struct outcome *outcome = view->outcome;
	int row = 1;

	area_rule(area, 0);
	if (outcome->success) {
		row = draw_pair(area, row, "done", ROLE_GOOD, "the CVM runs the compose that was signed");
		row = draw_pair(area, row, "compose", ROLE_TEXT, outcome->compose_hash);
		row = draw_pair(area, row, "transaction", ROLE_TEXT, outcome->transaction_hash);
		return;
	}
	row = draw_pair(area, row, "what", ROLE_BAD, outcome->error.message);
	row = draw_pair(area, row, "code", ROLE_TEXT, outcome->error.code);
	row = draw_pair(area, row, "safe now", ROLE_GOOD, outcome->safe);
	row = draw_pair(area, row, "next", ROLE_STRONG, outcome->error.next);
	row = draw_pair(area, row, "transaction", ROLE_TEXT, outcome->transaction_hash);
	row = draw_pair(area, row, "correlation", ROLE_TEXT, outcome->correlation_id);
	draw_pair(area, row, "detail", ROLE_DIM, outcome->error.detail);
}

/* ---- the screen ---- */

static void draw_head(struct ui *ui, struct area line, const struct rollout_view *view)
{
	char id[TEXT_SHORT_SIZE], hex[48];
	int col = area_put(line, 0, 1, ROLE_STRONG, view->cvm.name);

	snprintf(hex, sizeof(hex), "0x%s", view->cvm.app_id);
	col = area_putf(line, 0, col + 2, ROLE_DIM, "%s", view->cvm.app_id[0] ? text_short_hex(id, hex) : "");
	if (view->resumed)
		col = area_put(line, 0, col + 2, ROLE_WARN, "resumed");
	if (view->phase < PHASE_DONE && view->phase != PHASE_PREPARED && !view->waits_for_operator)
		area_put(line, 0, col + 2, ROLE_ACCENT, ui_spinner(ui));
	area_field(line, 0, col + 4, line.width - col - 5, view->phase == PHASE_FAILED ? ROLE_BAD : ROLE_TEXT, view->message);
}

/* Where one reads stands on the rule when it is not the newest line. */
static void draw_logs(struct rollout_screen *self, struct ui *ui, struct area rest)
{
	struct area rule = area_top(&rest, 1);
	struct buf status = BUF_INIT;

	area_rule(rule, 0);
	if (!self->logs)
		return;
	log_pane_draw(self->logs, ui, rest);
	if (log_pane_follows(self->logs) && !log_pane_has_filter(self->logs))
		return;
	buf_add_byte(&status, ' ');
	log_pane_status(self->logs, &status);
	buf_add_byte(&status, ' ');
	area_put_before(rule, 0, rule.width - 2, ROLE_DIM, buf_text(&status));
	buf_clear(&status);
}

static void draw_below(struct rollout_screen *self, struct ui *ui, struct area rest, const struct rollout_view *view)
{
	if (view->phase == PHASE_FAILED && view->outcome)
		draw_outcome(rest, view);
	else if (view->prepared)
		prepared_view_draw(&self->prepared, ui, rest, view->prepared);
	else {
		if (view->outcome) {
			struct area done = area_top(&rest, 4);

			draw_outcome(done, view);
		}
		if (rest.height < 3)
			return;
		draw_logs(self, ui, rest);
	}
}

static void rollout_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;
	const struct rollout_view *view = flow_view(ui);
	int used;

	if (!view) {
		draw_empty(body, "No rollout is under way.", "q goes back");
		return;
	}
	draw_head(ui, area_top(&body, 1), view);
	body = area_cut(body, 1, 0, body.height - 1, body.width);
	used = draw_steps(ui, body, view);
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

struct prepared_view *screen_rollout_prepared(struct screen *rollout)
{
	return &((struct rollout_screen *)rollout)->prepared;
}

static void rollout_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	const struct rollout_view *view = flow_view(ui);

	(void)screen;
	buf_add_format(out, "%s › rollout", view ? view->cvm.name : "");
}

static void rollout_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;
	const struct rollout_view *view = flow_view(ui);

	if (view && view->prepared)
		prepared_view_move(&self->prepared, view->prepared, move);
	else if (self->logs)
		log_pane_move(self->logs, ui, move);
}

static void rollout_screen_free(struct screen *screen)
{
	struct rollout_screen *self = (struct rollout_screen *)screen;

	log_pane_free(self->logs);
	prepared_view_clear(&self->prepared);
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
