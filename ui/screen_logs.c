/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logs of one or several CVMs: their sources in one line above, or as a
 * list at the left; all lines in one order; below, where one is and what is
 * wrong. The commands are in logs_actions.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/flow.h"
#include "ui/log_panel.h"
#include "ui/screens.h"

struct logs_screen {
	struct screen screen;
	char name[64];
	struct log_pane *pane;
	struct list sources;
	bool on_sources;
	struct buf status; /* as last made */
	int64_t status_ms;
	bool keep_status; /* following, and no key came since */
};

enum { STATUS_MS = 1000 };

static void draw_status(struct logs_screen *self, struct ui *ui, struct area status)
{
	int64_t now = clock_mono_ms();
	int width;

	/* While lines come, the numbers need not change with each frame. */
	if (!self->keep_status || now - self->status_ms >= STATUS_MS) {
		buf_reset(&self->status);
		log_pane_status(self->pane, status.width - 2, &self->status);
		self->status_ms = now;
	} else {
		ui_wake_in(ui, STATUS_MS - (now - self->status_ms));
	}
	self->keep_status = log_pane_follows(self->pane);
	width = (int)text_width(buf_text(&self->status), self->status.len);
	log_panel_trouble(self->pane, ui, area_cut(status, 0, 0, 1, status.width - width - 3));
	area_put_before(status, 0, status.width - 1, ROLE_DIM, buf_text(&self->status));
}

/* A key may have changed what is said. Esc leaves what was begun last, and only then the screen. */
static bool logs_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct logs_screen *self = (struct logs_screen *)screen;

	(void)ui;
	self->keep_status = false;
	if (!key_is(key, "<Esc>") || (!self->on_sources && !log_pane_selected(self->pane)))
		return false;
	if (self->on_sources)
		self->on_sources = false;
	else
		log_pane_select(self->pane);
	return true;
}

static void logs_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct logs_screen *self = (struct logs_screen *)screen;
	struct area status = area_bottom(&body, 1);

	if (self->on_sources)
		log_panel_list(self->pane, ui, area_left(&body, LOG_PANEL_WIDTH), &self->sources);
	else
		log_panel_strip(self->pane, ui, area_top(&body, 1));
	log_pane_draw(self->pane, ui, body);
	draw_status(self, ui, status);
}

static void logs_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	struct logs_screen *self = (struct logs_screen *)screen;
	size_t others = log_feed_cvms(log_pane_feed(self->pane));

	(void)ui;
	buf_add_format(out, "%s › logs", self->name);
	if (others > 1)
		buf_add_format(out, " and %zu more", others - 1);
}

static void logs_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct logs_screen *self = (struct logs_screen *)screen;

	if (self->on_sources)
		list_move(&self->sources, move);
	else
		log_pane_move(self->pane, ui, move);
}

static void logs_changed(struct screen *screen, struct ui *ui)
{
	log_pane_note_rollout(((struct logs_screen *)screen)->pane, flow_view(ui));
}

static void logs_free(struct screen *screen)
{
	log_pane_free(((struct logs_screen *)screen)->pane);
	buf_clear(&((struct logs_screen *)screen)->status);
	free(screen);
}

static const struct screen_ops logs_ops = {
	.name = "logs",
	.context = CTX_LOGS,
	.draw = logs_draw,
	.title = logs_title,
	.key = logs_key,
	.move = logs_move,
	.changed = logs_changed,
	.free = logs_free,
};

struct screen *screen_logs_new(struct ui *ui, const struct cvm *cvm, struct log_pane *pane)
{
	struct logs_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &logs_ops;
	text_safe_copy(self->name, sizeof(self->name), cvm->name, strlen(cvm->name));
	self->pane = pane ? log_pane_share(pane) : log_pane_new(ui, cvm);
	logs_changed(&self->screen, ui);
	return &self->screen;
}

struct log_pane *screen_logs_pane(struct screen *logs)
{
	return ((struct logs_screen *)logs)->pane;
}

bool screen_logs_toggle_list(struct screen *logs)
{
	struct logs_screen *self = (struct logs_screen *)logs;

	return self->on_sources = !self->on_sources;
}

bool screen_logs_chosen(const struct screen *logs, size_t *source)
{
	const struct logs_screen *self = (const struct logs_screen *)logs;

	*source = self->sources.selected;
	return self->on_sources && *source < log_feed_count(log_pane_feed(self->pane));
}
