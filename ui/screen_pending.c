/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates of one app that were prepared elsewhere and wait for their owners.
 * Each is looked at as a difference first; from there it can be taken over
 * (screen_diff.c). Nothing is signed here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/api.h"
#include "cloud/workspace.h"
#include "compose/document.h"
#include "ui/actions.h"
#include "ui/screen_diff.h"
#include "ui/screens.h"
#include "ui/term.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"

struct pending {
	struct screen screen;
	struct ui *ui;
	struct cvm cvm;
	struct api_call *call; /* the one thing that is being read */
	struct api_pending *items;
	size_t count;
	bool done;
	struct error err;
	struct list list;
	/* what is looked at */
	struct api_pending shown;
	struct compose_document *present; /* NULL when it could not be read */
	struct compose_calibration form;
};

static struct pending *pending_of(struct ui *ui)
{
	return (struct pending *)ui_find(ui, CTX_PENDING);
}

/* ---- the list ---- */

static void got_list(void *ctx, const struct api_reply *reply, const struct api_pending *items, size_t count)
{
	struct pending *self = ctx;

	self->call = NULL;
	self->done = true;
	self->err = reply->error;
	if (items && reply->error.status == STATUS_OK) {
		self->items = mem_new(count + 1, sizeof(*self->items));
		memcpy(self->items, items, count * sizeof(*items));
		self->count = count;
	}
	ui_dirty(self->ui);
}

static void draw_item(struct area area, int row, const struct api_pending *item, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	char hash[TEXT_SHORT_SIZE];
	int col;

	if (selected)
		area_fill(area, row, 0, area.width, mark, ' ');
	area_put(area, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	col = area_field(area, row, 2, 22, ROLE_TEXT | mark, item->instance[0] ? item->instance : item->vm_uuid) + 1;
	if (area.width >= 120)
		col = area_put(area, row, col, ROLE_TEXT | mark, item->compose_hash) + 2;
	else
		col = area_field(area, row, col, 9, ROLE_TEXT | mark, short_hash(hash, item->compose_hash)) + 2;
	area_field(area, row, col, area.width - col - 1, (item->on_chain ? ROLE_GOOD : ROLE_WARN) | mark,
	           item->on_chain ? "allowed on chain, as Phala sees it" : "waits for its owners");
}

static void pending_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct pending *self = (struct pending *)screen;
	char line[64];
	size_t i;

	if (!self->done) {
		snprintf(line, sizeof(line), "%s reading the updates that wait", ui_spinner(ui));
		draw_empty(body, line, NULL);
	} else if (self->err.status != STATUS_OK) {
		draw_error(body, 1, &self->err);
	} else if (!self->count) {
		draw_empty(body, "No update waits for its owners.", NULL);
	} else {
		area_put(area_top(&body, 2), 0, 1, ROLE_DIM, "⏎ shows what an update changes; from there it can be taken over");
		list_fit(&self->list, self->count, body.height);
		for (i = 0; i < self->list.height && self->list.top + i < self->count; i++)
			draw_item(body, (int)i, &self->items[self->list.top + i], self->list.top + i == self->list.selected);
	}
}

static void pending_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	struct pending *self = (struct pending *)screen;

	buf_add_format(out, "%s › pending updates", self->cvm.name);
	if (self->call && self->done)
		buf_add_format(out, " %s", ui_spinner(ui));
}

static void pending_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	list_move(&((struct pending *)screen)->list, move);
}

static void pending_free(struct screen *screen)
{
	struct pending *self = (struct pending *)screen;

	if (self->call)
		api_cancel(self->call);
	compose_document_free(self->present);
	free(self->items);
	free(self);
}

static const struct screen_ops pending_ops = {
	.name = "pending updates",
	.context = CTX_PENDING,
	.draw = pending_draw,
	.title = pending_title,
	.move = pending_move,
	.free = pending_free,
};

struct screen *screen_pending_new(struct ui *ui, const struct cvm *cvm)
{
	struct pending *self = mem_new(1, sizeof(*self));
	struct api *api = session_api(ui->session);

	self->screen.ops = &pending_ops;
	self->ui = ui;
	self->cvm = *cvm;
	if (api)
		self->call = api_get_pending(api, cvm->app_id, got_list, self);
	return &self->screen;
}

void do_pending_open(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);

	(void)argument;
	(void)param;
	if (workspace)
		ui_push(ui, screen_pending_new(ui, workspace_row(workspace, workspace_selected(workspace))));
}

const char *why_pending_none(struct ui *ui)
{
	struct pending *self = pending_of(ui);

	return self && self->count ? NULL : "no update waits for its owners";
}

/* ---- what one changes ---- */

/* Whether this compose and script, put into the present document, give the hash that waits. */
static bool gives_hash(const struct pending *self, const struct api_preview *preview)
{
	struct compose_change change = { .docker_compose_file = preview->pending_compose, .pre_launch_script = preview->pending_script };
	struct compose_document *new;
	struct compose_hashes hashes;
	struct error err = { 0 };
	bool good;

	if (!self->present || self->form.form == COMPOSE_FORM_UNKNOWN || !preview->pending_compose)
		return false;
	change.docker_compose_len = strlen(preview->pending_compose);
	change.pre_launch_len = preview->pending_script ? strlen(preview->pending_script) : 0;
	new = compose_document_change(self->present, &change, &err);
	if (!new)
		return false;
	compose_document_hashes(new, &hashes);
	good = compose_calibration_accepts(&self->form, &hashes, self->shown.compose_hash, NULL);
	compose_document_free(new);
	return good;
}

static void fill_side(struct diff_side *side, const char *label, const char *hash, const char *compose, const char *script)
{
	text_copy(side->label, sizeof(side->label), label);
	snprintf(side->hash, sizeof(side->hash), "%s%.64s", *hash ? "0x" : "", hash);
	side->compose = compose;
	side->compose_len = compose ? strlen(compose) : 0;
	side->script = script;
	side->script_len = script ? strlen(script) : 0;
}

static void judge(struct diff_side *side, bool good, const char *if_good, const char *if_not)
{
	side->mark = good ? MARK_GOOD : MARK_UNKNOWN;
	text_copy(side->note, sizeof(side->note), good ? if_good : if_not);
}

static void got_preview(void *ctx, const struct api_reply *reply, const struct api_preview *preview)
{
	struct pending *self = ctx;
	struct diff_subject subject = { .pending = true, .on_chain = self->shown.on_chain };
	char ref[CVM_REF_SIZE];

	self->call = NULL;
	if (reply->error.status != STATUS_OK || !preview) {
		ui_say_error(self->ui, &reply->error);
		return;
	}
	text_copy(subject.name, sizeof(subject.name), self->shown.instance[0] ? self->shown.instance : self->cvm.name);
	text_copy(subject.ref, sizeof(subject.ref), self->shown.vm_uuid[0] ? self->shown.vm_uuid : cvm_ref(ref, &self->cvm));
	fill_side(&subject.before, "what runs", self->cvm.compose_hash, preview->current_compose, preview->current_script);
	judge(&subject.before, self->present && self->form.form != COMPOSE_FORM_UNKNOWN, "recomputed", "no known form gives this hash");
	fill_side(&subject.after, "as Phala shows it", self->shown.compose_hash, preview->pending_compose, preview->pending_script);
	judge(&subject.after, gives_hash(self, preview), "this text gives it", "more changes than is shown here");
	ui_push(self->ui, screen_diff_new(&subject));
}

static void got_present(void *ctx, const struct api_reply *reply, const char *bytes, size_t len)
{
	struct pending *self = ctx;
	struct error err = { 0 };

	(void)reply;
	compose_document_free(self->present);
	self->present = bytes ? compose_document_parse(bytes, len, true, &err) : NULL;
	self->form.form = COMPOSE_FORM_UNKNOWN;
	if (self->present && !compose_calibrate(self->present, self->cvm.compose_hash, &self->form))
		self->form.form = COMPOSE_FORM_UNKNOWN;
	self->call = api_get_preview(session_api(self->ui->session), self->cvm.app_id, self->shown.vm_uuid, self->shown.compose_hash, got_preview, self);
}

void do_pending_show(struct ui *ui, const char *argument, int param)
{
	struct pending *self = pending_of(ui);
	char ref[CVM_REF_SIZE];

	(void)argument;
	(void)param;
	if (self->call)
		return;
	self->shown = self->items[self->list.selected];
	text_copy(ref, sizeof(ref), self->shown.vm_uuid);
	self->call = api_get_compose(session_api(ui->session), ref[0] ? ref : cvm_ref(ref, &self->cvm), true, got_present, self);
}

void do_pending_copy(struct ui *ui, const char *argument, int param)
{
	struct pending *self = pending_of(ui);
	char hash[67];

	(void)argument;
	(void)param;
	snprintf(hash, sizeof(hash), "0x%s", self->items[self->list.selected].compose_hash);
	term_copy(hash, strlen(hash));
	ui_say(ui, ROLE_TEXT, "copied %s", hash);
}
