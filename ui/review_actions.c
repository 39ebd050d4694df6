/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys of the review do. Nothing is sent before a yes to the question here. */
#include "base/text.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/review_screen.h"
#include "ui/ui.h"

static struct review_screen *review_of(struct ui *ui)
{
	return (struct review_screen *)ui_find(ui, CTX_REVIEW);
}

const char *why_review_not_ready(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->phase == PHASE_REVIEW && view->review && view->waits_for_operator ? NULL : "the rollout does not wait for a review";
}

const char *why_review_nothing_to_send(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->review && view->review->nothing_changes ? "nothing changes, so there is nothing to send" : why_review_not_ready(ui);
}

const char *why_review_no_diff(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->review && view->review->diff ? NULL : "there is no difference to show";
}

void do_review_tab(struct ui *ui, const char *argument, int param)
{
	struct review_screen *self = review_of(ui);

	(void)argument;
	if (param >= 10)
		self->tab = (enum review_tab)(param - 10);
	else
		self->tab = (enum review_tab)(((int)self->tab + param + TAB_COUNT) % TAB_COUNT);
}

void do_review_change(struct ui *ui, const char *argument, int param)
{
	struct review_screen *self = review_of(ui);

	(void)argument;
	self->tab = TAB_COMPOSE;
	if (!diff_view_jump(&self->diff, param < 0))
		ui_say(ui, ROLE_DIM, "no %s that way", self->diff.search[0] ? "match" : "change");
}

void do_review_fold(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	review_of(ui)->tab = TAB_COMPOSE;
	if (!diff_view_fold(&review_of(ui)->diff))
		ui_say(ui, ROLE_DIM, "nothing to fold: what did not change is short");
}

void do_review_white(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	review_of(ui)->tab = TAB_COMPOSE;
	review_of(ui)->diff.white = !review_of(ui)->diff.white;
}

static void search_typed(struct ui *ui, void *ctx, const char *text)
{
	struct review_screen *self = review_of(ui);

	(void)ctx;
	if (!text || !self)
		return;
	self->tab = TAB_COMPOSE;
	text_copy(self->diff.search, sizeof(self->diff.search), text);
	if (self->diff.search[0] && self->diff.folded)
		diff_view_fold(&self->diff);
	if (self->diff.search[0])
		do_review_change(ui, NULL, 1);
}

void do_review_search(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "/", .done = search_typed };

	(void)param;
	if (argument)
		search_typed(ui, NULL, argument);
	else
		prompt_open(ui, &options);
}

static void approval_answered(struct ui *ui, void *ctx, bool yes)
{
	(void)ctx;
	if (yes)
		flow_do(ui, ROLLOUT_APPROVE_REVIEW, NULL, NULL);
}

void do_review_approve(struct ui *ui, const char *argument, int param)
{
	const struct review *review = flow_view(ui)->review;
	const char *text = "The backend is told what you saw. Signatures come later, each with its own card.";

	(void)argument;
	(void)param;
	if (review->applies_at_once)
		text = "This CVM has no on-chain KMS: sending this applies it at once, without any signature.";
	else if (!review->hash_changes)
		text = "The compose hash does not change, so no signature is needed: sending this applies it at once.";
	confirm_open(ui, "Send this update?", text, approval_answered, NULL);
}

void do_review_decline(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_DECLINE, NULL, NULL);
}
