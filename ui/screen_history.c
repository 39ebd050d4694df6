/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was rolled out before: this console's journal and the backend's
 * revisions in one list. Any two can be compared, an old one deployed again
 * through the ordinary review, and what was left open gone on with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/history_screen.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"

/* What comes in later stands above what was there: the choice stays on its entry. */
static void list_changed(void *ctx)
{
	struct history *self = ctx;
	size_t i;
	const struct history_item *items = history_items(self->all, &self->list.count);

	for (i = 0; self->chosen[0] && i < self->list.count; i++)
		if (strcmp(items[i].id, self->chosen) == 0)
			self->list.selected = i;
	ui_dirty(self->ui);
}

/* ---- drawing ---- */

static text_style end_style(const struct history_item *item)
{
	if (item->source == HISTORY_PHALA)
		return ROLE_DIM;
	if (item->open)
		return ROLE_WARN;
	return strcmp(item->end, "done") == 0 ? ROLE_GOOD : strcmp(item->end, "failed") == 0 ? ROLE_BAD : ROLE_DIM;
}

static void draw_end(const struct history *self, struct area area, int row, int col, const struct history_item *item, text_style mark)
{
	bool now = self->has_cvm && item->hash[0] && text_equal_nocase(item->hash + 2, self->cvm.compose_hash);

	if (now)
		col = area_put(area, row, col, ROLE_ACCENT | mark, "in force  ");
	area_field(area, row, col, area.width - col - 1, end_style(item) | mark, item->end);
}

static void draw_item(const struct history *self, struct area area, int row, const struct history_item *item, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	char age[TEXT_SHORT_SIZE], hash[TEXT_SHORT_SIZE], at[CLOCK_TEXT_SIZE];
	int col;

	if (selected)
		area_fill(area, row, 0, area.width, mark, ' ');
	area_put(area, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	area_put(area, row, 1, ROLE_ACCENT | ATTR_BOLD | mark, history_is_marked(self, item) ? "●" : " ");
	col = area_field(area, row, 3, 6, (item->source == HISTORY_HERE ? ROLE_TEXT : ROLE_DIM) | mark, item->source == HISTORY_HERE ? "here" : "Phala");
	col = area_field_right(area, row, col, 8, ROLE_DIM | mark, draw_age(age, item->at_ms)) + 2;
	if (area.width >= 120)
		col = area_field(area, row, col, 21, ROLE_DIM | mark, clock_format(at, item->at_ms)) + 1;
	if (!self->has_cvm)
		col = area_field(area, row, col, 16, ROLE_TEXT | mark, item->name) + 1;
	col = area_field(area, row, col, 15, ROLE_TEXT | mark, item->what) + 1;
	col = area_field(area, row, col, 9, ROLE_TEXT | mark, short_hash(hash, item->hash)) + 2;
	draw_end(self, area, row, col, item, mark);
}

static void draw_columns(const struct history *self, struct area head)
{
	int col = area_field(head, 0, 3, 6, ROLE_DIM, "SOURCE");

	col = area_field_right(head, 0, col, 8, ROLE_DIM, "AGO") + 2;
	if (head.width >= 120)
		col = area_field(head, 0, col, 21, ROLE_DIM, "TIME") + 1;
	if (!self->has_cvm)
		col = area_field(head, 0, col, 16, ROLE_DIM, "CVM") + 1;
	col = area_field(head, 0, col, 15, ROLE_DIM, "WHAT") + 1;
	col = area_field(head, 0, col, 9, ROLE_DIM, "COMPOSE") + 2;
	area_put(head, 0, col, ROLE_DIM, "OUTCOME");
}

/* A source that could not be read takes one line; the other is shown nevertheless. */
static void draw_errors(const struct history *self, struct area *body)
{
	static const char *const names[] = { "the journal", "Phala's revisions" };
	int i;

	for (i = HISTORY_HERE; i <= HISTORY_PHALA; i++) {
		const struct error *err = history_error(self->all, (enum history_source)i);

		if (err)
			area_putf(area_top(body, 1), 0, 1, ROLE_BAD, "✗ %s could not be read: %s", names[i], err->message);
	}
}

static void history_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct history *self = (struct history *)screen;
	struct area head = area_top(&body, 1);
	size_t i, count;
	const struct history_item *items = history_items(self->all, &count);
	char line[64];

	draw_errors(self, &body);
	if (!count && history_is_reading(self->all)) {
		snprintf(line, sizeof(line), "%s reading the journal and the revisions", ui_spinner(ui));
		draw_empty(body, line, NULL);
		return;
	}
	if (!count) {
		if (!history_error(self->all, HISTORY_HERE))
			draw_empty(body, "Nothing was rolled out yet.", NULL);
		return;
	}
	draw_columns(self, head);
	list_fit(&self->list, count, body.height);
	for (i = 0; i < self->list.height && self->list.top + i < count; i++)
		draw_item(self, body, (int)i, &items[self->list.top + i], self->list.top + i == self->list.selected);
}

static void history_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	struct history *self = (struct history *)screen;

	if (self->has_cvm)
		buf_add_format(out, "%s › ", self->cvm.name);
	buf_add_text(out, self->has_cvm ? "history" : "history of every CVM");
	if (history_is_reading(self->all) || self->read)
		buf_add_format(out, " %s", ui_spinner(ui));
}

static void history_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct history *self = (struct history *)screen;
	const struct history_item *items = history_items(self->all, &self->list.count);

	(void)ui;
	list_move(&self->list, move);
	text_copy(self->chosen, sizeof(self->chosen), self->list.selected && self->list.selected < self->list.count ? items[self->list.selected].id : "");
}

static void history_free(struct screen *screen)
{
	struct history *self = (struct history *)screen;
	size_t i;

	history_read_cancel(self->read);
	history_list_free(self->all);
	for (i = 0; i < 2; i++)
		history_text_clear(&self->texts[i]);
	free(self);
}

static const struct screen_ops history_ops = {
	.name = "history",
	.context = CTX_HISTORY,
	.draw = history_draw,
	.title = history_title,
	.move = history_move,
	.free = history_free,
};

struct screen *screen_history_new(struct ui *ui, const struct cvm *cvm)
{
	struct history *self = mem_new(1, sizeof(*self));

	self->screen.ops = &history_ops;
	self->ui = ui;
	self->has_cvm = cvm != NULL;
	if (cvm)
		self->cvm = *cvm;
	self->all = history_list_new(ui, cvm, list_changed, self);
	return &self->screen;
}
