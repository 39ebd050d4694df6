/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two states of one CVM's compose file (and of its pre-launch script) as a
 * difference: two entries of the history, or what runs and an update that was
 * prepared elsewhere. Each side says which hash it is, and whether its text
 * was found to give it.
 */
#include "ui/screen_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/request.h"
#include "ui/review_diff.h"
#include "ui/widget_frame.h"

enum part { PART_COMPOSE, PART_SCRIPT, PARTS };

struct diff_screen {
	struct screen screen;
	struct diff_subject subject; /* its texts are not kept */
	struct compose_diff *diffs[PARTS];
	struct diff_view views[PARTS];
	enum part part;
};

static const char *const part_names[PARTS] = { "Compose", "Pre-launch script" };

static struct diff_screen *diff_of(struct ui *ui)
{
	return (struct diff_screen *)ui_find(ui, CTX_DIFF);
}

/* ---- drawing ---- */

static void draw_side_head(struct ui *ui, struct area head, int row, const char *name, const struct diff_side *side)
{
	char brief[TEXT_SHORT_SIZE];
	int col = area_put(head, row, 1, ROLE_DIM, name);

	col = area_put(head, row, col + 1, ROLE_STRONG, short_hash(brief, side->hash));
	col = area_put(head, row, col + 1, mark_style(side->mark), mark_text(ui, side->mark));
	col = area_putf(head, row, col + 1, side->mark == MARK_GOOD ? ROLE_TEXT : ROLE_WARN, "%s", side->note);
	col = area_put(head, row, col, ROLE_DIM, " · ");
	area_field(head, row, col, head.width - col - 1, ROLE_DIM, side->label);
}

static bool differs(const struct compose_diff *diff)
{
	return diff->added || diff->removed;
}

static void diff_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct diff_screen *self = (struct diff_screen *)screen;
	struct area head = area_top(&body, 2), tabs;
	const struct compose_diff *diff = self->diffs[self->part];
	char place[8], text[64];

	draw_side_head(ui, head, 0, "before", &self->subject.before);
	draw_side_head(ui, head, 1, "after ", &self->subject.after);
	area_rule(area_top(&body, 1), 0);
	tabs = area_top(&body, 1);
	area_top(&body, 1);
	if (differs(diff))
		diff_view_draw(&self->views[self->part], body);
	else
		draw_empty(body, "Both are the same, byte for byte.", differs(self->diffs[!self->part]) ? "Tab shows what differs" : NULL);
	draw_tabs(tabs, 0, 1, part_names, PARTS, self->part);
	snprintf(text, sizeof(text), "%s+%zu −%zu  %s", differs(diff) && self->views[self->part].cut ? "→ more  " : "", diff->added, diff->removed,
	         list_place(place, &self->views[self->part].scroll));
	area_put_before(tabs, 0, tabs.width - 1, ROLE_DIM, text);
}

static void diff_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	const struct diff_subject *subject = &((struct diff_screen *)screen)->subject;

	(void)ui;
	buf_add_format(out, "%s › %s", subject->name, subject->pending ? "pending update" : "difference");
}

static void diff_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct diff_screen *self = (struct diff_screen *)screen;

	(void)ui;
	scroll_move(&self->views[self->part].scroll, move);
}

static void diff_free(struct screen *screen)
{
	struct diff_screen *self = (struct diff_screen *)screen;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		diff_view_clear(&self->views[i]);
		compose_diff_free(self->diffs[i]);
	}
	free(self);
}

static const struct screen_ops diff_ops = {
	.name = "difference",
	.context = CTX_DIFF,
	.draw = diff_draw,
	.title = diff_title,
	.move = diff_move,
	.free = diff_free,
};

static const char *text_of(const char *text)
{
	return text ? text : "";
}

struct screen *screen_diff_new(const struct diff_subject *subject)
{
	struct diff_screen *self = mem_new(1, sizeof(*self));
	const struct diff_side *before = &subject->before, *after = &subject->after;
	size_t i;

	self->screen.ops = &diff_ops;
	self->subject = *subject;
	self->diffs[PART_COMPOSE] = compose_diff_new(text_of(before->compose), before->compose_len, text_of(after->compose), after->compose_len);
	self->diffs[PART_SCRIPT] = compose_diff_new(text_of(before->script), before->script_len, text_of(after->script), after->script_len);
	for (i = 0; i < PARTS; i++)
		diff_view_set(&self->views[i], self->diffs[i]);
	self->subject.before.compose = self->subject.before.script = self->subject.after.compose = self->subject.after.script = NULL;
	self->part = !differs(self->diffs[PART_COMPOSE]) && differs(self->diffs[PART_SCRIPT]) ? PART_SCRIPT : PART_COMPOSE;
	return &self->screen;
}

const struct diff_subject *screen_diff_subject(struct ui *ui)
{
	return diff_of(ui) ? &diff_of(ui)->subject : NULL;
}

/* ---- commands ---- */

void do_diff_tab(struct ui *ui, const char *argument, int param)
{
	struct diff_screen *self = diff_of(ui);

	(void)argument;
	(void)param;
	self->part = self->part == PART_COMPOSE ? PART_SCRIPT : PART_COMPOSE;
}

void do_diff_change(struct ui *ui, const char *argument, int param)
{
	struct diff_view *view = &diff_of(ui)->views[diff_of(ui)->part];

	(void)argument;
	if (!diff_view_jump(view, param < 0))
		ui_say(ui, ROLE_DIM, "no %s that way", view->search[0] ? "match" : "change");
}

void do_diff_fold(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (!diff_view_fold(&diff_of(ui)->views[diff_of(ui)->part]))
		ui_say(ui, ROLE_DIM, "nothing to fold: what did not change is short");
}

void do_diff_white(struct ui *ui, const char *argument, int param)
{
	struct diff_view *view = &diff_of(ui)->views[diff_of(ui)->part];

	(void)argument;
	(void)param;
	view->white = !view->white;
}

static void search_typed(struct ui *ui, void *ctx, const char *text)
{
	struct diff_screen *self = diff_of(ui);
	struct diff_view *view = self ? &self->views[self->part] : NULL;

	(void)ctx;
	if (!text || !view)
		return;
	text_copy(view->search, sizeof(view->search), text);
	if (view->search[0] && view->folded)
		diff_view_fold(view);
	if (view->search[0])
		do_diff_change(ui, NULL, 1);
}

void do_diff_search(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "/", .done = search_typed };

	(void)param;
	if (argument)
		search_typed(ui, NULL, argument);
	else
		prompt_open(ui, &options);
}

/* ---- taking over what was prepared elsewhere: a commit by its hash, once the contract allows it ---- */

const char *why_diff_not_pending(struct ui *ui)
{
	const struct diff_subject *subject = screen_diff_subject(ui);

	return subject && subject->pending ? NULL : "only an update prepared elsewhere can be taken over";
}

static void take_answered(struct ui *ui, void *ctx, bool yes)
{
	const struct diff_subject *subject = screen_diff_subject(ui);
	struct rollout_request *request;

	(void)ctx;
	if (!yes || !subject)
		return;
	request = request_new(subject->ref, NULL, 0);
	request->kind = ROLLOUT_COMMIT;
	request->commit_hash = mem_strdup(subject->after.hash);
	request->commit_tx = mem_strdup("already-registered");
	request->watch = true; /* what the backend says of the chain is not taken on trust: the contract is read, and waited for */
	flow_start(ui, request);
}

void do_diff_take(struct ui *ui, const char *argument, int param)
{
	const struct diff_subject *subject = screen_diff_subject(ui);
	char text[400];

	(void)argument;
	(void)param;
	snprintf(text, sizeof(text), "%s\n%s\nNothing is signed here. As soon as the contract allows this hash the update is committed%s.", text_bare_hex(subject->after.hash),
	         subject->after.mark == MARK_GOOD ? "✓ what you saw gives this hash"
	                                          : "? what you saw does not give this hash by itself: env names, flags or another base may differ",
	         subject->on_chain ? "; Phala says it does" : "; until then it is waited for");
	confirm_open(ui, "Take this update over?", text, take_answered, NULL);
}
