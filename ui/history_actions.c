/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys of the history screen do. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "rollout/request.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/history_screen.h"
#include "ui/request.h"
#include "ui/screen_diff.h"
#include "ui/screens.h"
#include "ui/term.h"

static struct history *history_of(struct ui *ui)
{
	return (struct history *)ui_find(ui, CTX_HISTORY);
}

static const struct history_item *chosen(struct ui *ui)
{
	struct history *self = history_of(ui);
	size_t count;
	const struct history_item *items = self ? history_items(self->all, &count) : NULL;

	return items && self->list.selected < count ? &items[self->list.selected] : NULL;
}

static const struct history_item *by_id(const struct history *self, const char *id)
{
	size_t i, count;
	const struct history_item *items = history_items(self->all, &count);

	for (i = 0; *id && i < count; i++)
		if (strcmp(items[i].id, id) == 0)
			return &items[i];
	return NULL;
}

bool history_is_marked(const struct history *self, const struct history_item *item)
{
	return strcmp(self->marks[0], item->id) == 0 || strcmp(self->marks[1], item->id) == 0;
}

/* ---- opening ---- */

/* Of the CVM under the cursor, or of the rollout's; where there is none, of every CVM. */
static const struct cvm *cvm_meant(struct ui *ui)
{
	struct workspace *workspace = session_workspace(ui->session);
	const struct rollout_view *view = flow_view(ui);

	if (ui_context(ui) != CTX_WORKSPACE && view && view->cvm.vm_uuid[0])
		return &view->cvm;
	return workspace ? workspace_row(workspace, workspace_selected(workspace)) : NULL;
}

void do_history_open(struct ui *ui, const char *argument, int param)
{
	struct history *open = history_of(ui);
	const struct cvm *cvm = open ? NULL : cvm_meant(ui);

	(void)argument;
	(void)param;
	if (open && ui_context(ui) != CTX_HISTORY) {
		ui_back_to(ui, CTX_HISTORY);
		return;
	}
	if (open && !open->has_cvm)
		return;
	if (open)
		ui_pop(ui);
	ui_push(ui, screen_history_new(ui, cvm));
}

/* ---- when ---- */

const char *why_history_none(struct ui *ui)
{
	return chosen(ui) ? NULL : "there is nothing to choose yet";
}

const char *why_history_no_hash(struct ui *ui)
{
	if (!chosen(ui))
		return "there is nothing to choose yet";
	return chosen(ui)->hash[0] ? NULL : "this entry has no compose hash";
}

const char *why_history_no_pair(struct ui *ui)
{
	size_t count;

	if (!chosen(ui))
		return "there is nothing to choose yet";
	history_items(history_of(ui)->all, &count);
	return count > 1 ? NULL : "there is nothing to compare it with";
}

const char *why_history_not_open(struct ui *ui)
{
	const struct history_item *item = chosen(ui);

	return item && item->open ? NULL : "only a rollout of this console that was left open can be gone on with";
}

/* ---- marking ---- */

/* Two can be marked; a third takes the place of the first. */
void do_history_mark(struct ui *ui, const char *argument, int param)
{
	struct history *self = history_of(ui);
	const struct history_item *item = chosen(ui);
	size_t i;

	(void)argument;
	(void)param;
	for (i = 0; i < 2; i++)
		if (strcmp(self->marks[i], item->id) == 0) {
			self->marks[i][0] = '\0';
			return;
		}
	if (self->marks[0][0] && self->marks[1][0])
		memcpy(self->marks[0], self->marks[1], sizeof(self->marks[0]));
	text_copy(self->marks[self->marks[0][0] ? 1 : 0], sizeof(self->marks[0]), item->id);
}

/* ---- reading what a key needs ---- */

static void finish(struct history *self);

static void got_text(void *ctx, struct history_text *text, const struct error *err)
{
	struct history *self = ctx;

	self->read = NULL;
	if (!text) {
		ui_say_error(self->ui, err);
		return;
	}
	self->texts[self->at++] = *text;
	*text = (struct history_text){ 0 };
	if (self->at < self->count)
		self->read = history_read_text(self->ui, &self->wanted[self->at], self->cvm.app_id, got_text, self);
	else
		finish(self);
}

static void want(struct history *self, const struct history_item *first, const struct history_item *second)
{
	size_t i;

	history_read_cancel(self->read);
	for (i = 0; i < 2; i++)
		history_text_clear(&self->texts[i]);
	self->wanted[0] = *first;
	if (second)
		self->wanted[1] = *second;
	self->count = second ? 2 : 1;
	self->at = 0;
	self->read = history_read_text(self->ui, first, self->cvm.app_id, got_text, self);
	ui_dirty(self->ui);
}

static void describe(char *out, size_t size, const struct history_item *item)
{
	char time[CLOCK_TEXT_SIZE];

	snprintf(out, size, "%s %s, %s", clock_format(time, item->at_ms), item->what, item->source == HISTORY_HERE ? "done from here" : "as Phala keeps it");
}

/* Beside a hash there is little room: the minute comes first, so that it stays. */
static void describe_briefly(char *out, size_t size, const struct history_item *item)
{
	char time[CLOCK_TEXT_SIZE];

	clock_format(time, item->at_ms); /* 2026-01-02T03:04:05Z */
	snprintf(out, size, "%.10s %.5sZ %s, %s", time, time + 11, item->what, item->source == HISTORY_HERE ? "here" : "Phala");
}

static void fill_side(struct diff_side *side, const struct history_item *item, const struct history_text *text)
{
	describe_briefly(side->label, sizeof(side->label), item);
	text_copy(side->hash, sizeof(side->hash), item->hash);
	text_copy(side->note, sizeof(side->note), text->note);
	side->mark = text->mark;
	side->compose = text->compose;
	side->compose_len = text->compose_len;
	side->script = text->script;
	side->script_len = text->script_len;
}

static void show_diff(struct history *self)
{
	struct diff_subject subject = { 0 };

	text_copy(subject.name, sizeof(subject.name), self->wanted[1].name);
	text_copy(subject.ref, sizeof(subject.ref), self->wanted[1].ref);
	fill_side(&subject.before, &self->wanted[0], &self->texts[0]);
	fill_side(&subject.after, &self->wanted[1], &self->texts[1]);
	ui_push(self->ui, screen_diff_new(&subject));
}

/* The screen goes away with the start of the rollout, so the request is whole before. */
static void deploy(struct history *self)
{
	struct rollout_request *request = request_new(self->wanted[0].ref, NULL, 0);
	const struct history_text *text = &self->texts[0];
	struct error err;
	char label[96];

	describe(label, sizeof(label), &self->wanted[0]);
	if (rollout_request_document(request, label, text->document, text->document_len, &err)) {
		flow_start(self->ui, request);
	} else {
		ui_say_error(self->ui, &err);
		request_free(request);
	}
}

static void finish(struct history *self)
{
	if (self->count == 2)
		show_diff(self);
	else
		deploy(self);
}

/* ---- what ---- */

/* Older first, whatever the order of marking. The one chosen stands in for a mark that was not set, else its elder. */
void do_history_diff(struct ui *ui, const char *argument, int param)
{
	struct history *self = history_of(ui);
	const struct history_item *here = chosen(ui), *one = by_id(self, self->marks[0]), *two = by_id(self, self->marks[1]);
	size_t count;
	const struct history_item *items = history_items(self->all, &count);

	(void)argument;
	(void)param;
	if (!one) {
		one = two;
		two = NULL;
	}
	if (!one)
		one = here;
	if (!two && one != here)
		two = here;
	if (!two)
		two = one + 1 < items + count ? one + 1 : one - 1;
	if (one > two)
		want(self, one, two);
	else
		want(self, two, one);
}

void do_history_deploy(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	want(history_of(ui), chosen(ui), NULL);
}

void do_history_resume(struct ui *ui, const char *argument, int param)
{
	char id[JOURNAL_ID_SIZE];

	(void)argument;
	(void)param;
	text_copy(id, sizeof(id), chosen(ui)->id);
	flow_resume(ui, id);
}

void do_history_copy(struct ui *ui, const char *argument, int param)
{
	const struct history_item *item = chosen(ui);

	(void)argument;
	(void)param;
	term_copy(item->hash, strlen(item->hash));
	ui_say(ui, ROLE_TEXT, "copied %s", item->hash);
}

/* ---- details ---- */

static void add_facts(struct buf *out, const struct history_item *item)
{
	char time[CLOCK_TEXT_SIZE];

	buf_add_format(out, "%s  %s\ncompose hash %s\n%s %s\n", clock_format(time, item->at_ms), item->what, text_bare_hex(item->hash),
	               item->source == HISTORY_HERE ? "journal id" : "revision", item->id);
	if (item->end[0])
		buf_add_format(out, "%s\n", item->end);
}

static void got_entries(void *ctx, const char *lines, const struct error *err)
{
	struct history *self = ctx;
	struct buf text = BUF_INIT;

	self->read = NULL;
	if (!lines) {
		ui_say_error(self->ui, err);
		return;
	}
	add_facts(&text, &self->wanted[0]);
	buf_add_format(&text, "\n%s", lines);
	ui_push(self->ui, screen_text_new(self->wanted[0].name, buf_text(&text)));
	buf_clear(&text);
}

void do_history_details(struct ui *ui, const char *argument, int param)
{
	struct history *self = history_of(ui);
	const struct history_item *item = chosen(ui);
	struct buf text = BUF_INIT;

	(void)argument;
	(void)param;
	if (item->source == HISTORY_HERE) {
		history_read_cancel(self->read);
		self->wanted[0] = *item;
		self->read = history_read_entries(ui, item->id, got_entries, self);
		return;
	}
	add_facts(&text, item);
	ui_push(ui, screen_text_new(item->name, buf_text(&text)));
	buf_clear(&text);
}
