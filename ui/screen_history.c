/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this console rolled out before, from its journal; one that was left
 * open can be resumed from here. The journal is read on the worker.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/journal.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"

enum { HISTORY_MAX = 500 };

/* Belongs to the worker between loop_work and its end; outlives the screen if that is closed meanwhile. */
struct history_read {
	struct ui *ui;
	struct journal *journal;
	struct journal_rollout *list;
	size_t count;
	bool good, abandoned;
	struct error err;
};

struct history {
	struct screen screen;
	struct history_read *read;
	bool done;
	struct list list;
};

/* ---- reading ---- */

static void read_free(struct history_read *read)
{
	free(read->list);
	free(read);
}

static void read_list(void *ctx)
{
	struct history_read *read = ctx;

	read->good = journal_list(read->journal, NULL, false, HISTORY_MAX, &read->list, &read->count, &read->err);
}

static void list_read(void *ctx)
{
	struct history_read *read = ctx;
	struct screen *screen;

	if (read->abandoned) {
		read_free(read);
		return;
	}
	screen = ui_find(read->ui, CTX_HISTORY);
	if (screen)
		((struct history *)screen)->done = true;
	ui_dirty(read->ui);
}

/* ---- drawing ---- */

static text_style outcome_style(const struct journal_rollout *rollout)
{
	if (!rollout->outcome[0])
		return ROLE_WARN;
	return strcmp(rollout->outcome, "done") == 0 ? ROLE_GOOD : strcmp(rollout->outcome, "failed") == 0 ? ROLE_BAD : ROLE_DIM;
}

static void draw_rollout(struct area area, int row, const struct journal_rollout *rollout, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	char age[TEXT_SHORT_SIZE], old[TEXT_SHORT_SIZE], new[TEXT_SHORT_SIZE], hashes[64];
	int col;

	if (selected)
		area_fill(area, row, 0, area.width, mark, ' ');
	area_put(area, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	col = area_field_right(area, row, 1, 8, ROLE_DIM | mark, draw_age(age, rollout->began_ms)) + 2;
	col = area_field(area, row, col, 20, ROLE_TEXT | mark, rollout->cvm_name) + 1;
	col = area_field(area, row, col, 9, ROLE_DIM | mark, rollout->kind) + 1;
	snprintf(hashes, sizeof(hashes), "%s → %s", text_short_hex(old, rollout->old_hash), text_short_hex(new, rollout->new_hash));
	col = area_field(area, row, col, 24, ROLE_DIM | mark, hashes) + 1;
	area_field(area, row, col, area.width - col - 1, outcome_style(rollout) | mark, rollout->outcome[0] ? rollout->outcome : "open, ⏎ goes on");
}

static void history_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct history *self = (struct history *)screen;
	struct area head = area_top(&body, 1);
	char line[64];
	size_t i;

	if (!self->done) {
		snprintf(line, sizeof(line), "%s reading the journal", ui_spinner(ui));
		draw_empty(body, line, NULL);
		return;
	}
	if (!self->read->good) {
		draw_error(body, 1, &self->read->err);
		return;
	}
	if (!self->read->count) {
		draw_empty(body, "Nothing was rolled out from here yet.", NULL);
		return;
	}
	area_put(head, 0, 5, ROLE_DIM, "AGO  CVM                  KIND      COMPOSE HASH             OUTCOME");
	list_fit(&self->list, self->read->count, body.height);
	for (i = 0; i < self->list.height && self->list.top + i < self->read->count; i++)
		draw_rollout(body, (int)i, &self->read->list[self->list.top + i], self->list.top + i == self->list.selected);
}

static void history_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	(void)screen;
	(void)ui;
	buf_add_text(out, "history");
}

static void history_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	list_move(&((struct history *)screen)->list, move);
}

static const struct journal_rollout *chosen(const struct history *self)
{
	return self->done && self->read->good && self->list.selected < self->read->count ? &self->read->list[self->list.selected] : NULL;
}

static bool history_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	const struct journal_rollout *rollout = chosen((struct history *)screen);
	char id[JOURNAL_ID_SIZE];

	if (!key_is(key, "<Enter>") || !rollout)
		return false;
	if (rollout->outcome[0]) {
		ui_say(ui, ROLE_DIM, "this one has ended (%s); journal id %s", rollout->outcome, rollout->id);
		return true;
	}
	memcpy(id, rollout->id, sizeof(id));
	flow_resume(ui, id);
	return true;
}

static void history_free(struct screen *screen)
{
	struct history *self = (struct history *)screen;

	if (self->read && self->done)
		read_free(self->read);
	else if (self->read)
		self->read->abandoned = true;
	free(self);
}

static const struct screen_ops history_ops = {
	.name = "history",
	.context = CTX_HISTORY,
	.draw = history_draw,
	.title = history_title,
	.key = history_key,
	.move = history_move,
	.free = history_free,
};

struct screen *screen_history_new(struct ui *ui)
{
	struct history *self = mem_new(1, sizeof(*self));

	self->screen.ops = &history_ops;
	self->read = mem_new(1, sizeof(*self->read));
	self->read->ui = ui;
	self->read->journal = session_journal(ui->session, &self->read->err);
	if (self->read->journal)
		loop_work(ui->loop, read_list, list_read, self->read);
	else
		self->done = true;
	return &self->screen;
}

void do_history_open(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (!ui_find(ui, CTX_HISTORY))
		ui_push(ui, screen_history_new(ui));
}
