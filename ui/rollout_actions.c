/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done to a rollout from its timeline, and when. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/request.h"
#include "ui/rollout_outcome.h"
#include "ui/rollout_prepared.h"
#include "ui/screens.h"
#include "ui/term.h"

/* ---- when ---- */

const char *why_rollout_none(struct ui *ui)
{
	return ui->rollout ? NULL : "no rollout is under way";
}

/* Behind its review: before that, the review is all there is of it. */
const char *why_rollout_not_begun(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	if (ui_context(ui) == CTX_REVIEW && view && view->phase <= PHASE_REVIEW)
		return "the review is all there is so far";
	return why_rollout_none(ui);
}

const char *why_rollout_no_allowlist(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && (view->allowlist || view->check_count) ? NULL : "the contract was not asked yet";
}

const char *why_rollout_no_review(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->review ? NULL : "there is no review";
}

const char *why_rollout_no_countdown(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);
	size_t i;

	if (view && view->can_retry)
		return NULL;
	for (i = 0; view && i < view->step_count; i++)
		if (view->steps[i].state == STEP_RUNNING && view->steps[i].until_ms)
			return NULL;
	return "there is nothing to try again";
}

const char *why_rollout_not_mining(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->phase == PHASE_MINING ? NULL : "no transaction waits for the chain";
}

static const struct check *red_check(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);
	size_t i;

	for (i = 0; view && i < view->check_count; i++)
		if (view->checks[i].mark == MARK_BAD && view->checks[i].stops && !view->checks[i].overridden)
			return &view->checks[i];
	return NULL;
}

const char *why_rollout_nothing_red(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->waits_for_operator && view->phase == PHASE_CHECKING && red_check(ui) ? NULL : "no red check waits for a word";
}

const char *why_rollout_no_restart(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->can_restart ? NULL : "there is no plan to start again from";
}

const char *why_rollout_not_done(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->can_remove_old ? NULL : "only after a rollout that put another hash in force";
}

/* The one a confirm names, else the newest on its way. */
static const char *transaction_of(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	if (view && view->outcome && view->outcome->transaction_hash[0])
		return view->outcome->transaction_hash;
	return view && view->transaction_hash[0] ? view->transaction_hash : NULL;
}

const char *why_rollout_no_transaction(struct ui *ui)
{
	return transaction_of(ui) || !why_rollout_not_prepared(ui) ? NULL : "no transaction was sent yet";
}

const char *why_rollout_not_prepared(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->phase == PHASE_PREPARED && view->prepared ? NULL : "only an update that was prepared for a contract's owners is committed";
}

/* ---- what ---- */

void do_rollout_show(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (ui_find(ui, CTX_ROLLOUT))
		ui_back_to(ui, CTX_ROLLOUT);
	else if (flow_view(ui) && flow_view(ui)->phase <= PHASE_REVIEW)
		do_rollout_show_review(ui, NULL, 0);
	else
		ui_push(ui, screen_rollout_new(ui));
}

void do_rollout_show_allowlist(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (ui_find(ui, CTX_ALLOWLIST))
		ui_back_to(ui, CTX_ALLOWLIST);
	else
		ui_push(ui, screen_allowlist_new());
}

void do_rollout_show_review(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	ui_push(ui, screen_review_new(ui));
}

void do_rollout_retry(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_RETRY_NOW, NULL, NULL);
}

void do_rollout_bump(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_BUMP, NULL, NULL);
}

void do_rollout_cancel_tx(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_CANCEL_TX, NULL, NULL);
}

void do_rollout_restart(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_RESTART, NULL, NULL);
}

void do_rollout_stop(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	flow_do(ui, ROLLOUT_DECLINE, NULL, NULL);
}

static void override_typed(struct ui *ui, void *ctx, const char *text)
{
	(void)ctx;
	if (text && *text)
		flow_do(ui, ROLLOUT_OVERRIDE, text, NULL);
}

void do_rollout_override(struct ui *ui, const char *argument, int param)
{
	const struct check *check = red_check(ui);
	struct prompt_options options = { .label = "type it out, with your reason:", .done = override_typed };

	(void)argument;
	(void)param;
	if (!check)
		return;
	prompt_open(ui, &options);
	ui_say(ui, ROLE_WARN, "“%s because …” goes on in spite of it; this is kept in the journal", check->id);
}

static void remove_answered(struct ui *ui, void *ctx, bool yes)
{
	(void)ctx;
	if (yes)
		flow_do(ui, ROLLOUT_REMOVE_OLD_HASH, NULL, NULL);
}

void do_rollout_remove_old(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	confirm_open(ui, "Prepare removeComposeHash(old)?",
	             "The old compose hash stays allowed until it is taken off: whoever may start the app could run the old version.\n"
	             "Without it nobody can roll back by restarting alone. A signature card comes first.",
	             remove_answered, NULL);
}

static void copy_prepared(struct ui *ui)
{
	struct screen *screen = ui_find(ui, CTX_ROLLOUT);
	const char *name, *text;
	size_t len;

	text = screen ? prepared_view_chosen(screen_rollout_prepared(screen), flow_view(ui)->prepared, &name, &len) : NULL;
	if (!text)
		return;
	term_copy(text, len);
	ui_say(ui, ROLE_TEXT, "copied the %s: %.*s", name, (int)len, text);
}

void do_rollout_copy(struct ui *ui, const char *argument, int param)
{
	const char *hash = transaction_of(ui);

	(void)argument;
	(void)param;
	if (!why_rollout_not_prepared(ui)) {
		copy_prepared(ui);
		return;
	}
	if (!hash)
		return;
	term_copy(hash, 66);
	ui_say(ui, ROLE_TEXT, "copied %.66s", hash);
}

void do_rollout_details(struct ui *ui, const char *argument, int param)
{
	const struct rollout_view *view = flow_view(ui);
	struct buf text = BUF_INIT;

	(void)argument;
	(void)param;
	if (!view)
		return;
	outcome_add_details(&text, view);
	ui_push(ui, screen_text_new("This rollout", buf_text(&text)));
	buf_clear(&text);
}

/* ---- finishing what was prepared ---- */

static bool is_hash(const char *text)
{
	return text_starts(text, "0x") && strlen(text) == 66 && strspn(text + 2, "0123456789abcdefABCDEF") == 64;
}

/* Without a hash the allowlist decides, and is waited for. */
static void commit_typed(struct ui *ui, void *ctx, const char *text)
{
	const struct rollout_view *view = flow_view(ui);
	struct rollout_request *request;
	char ref[CVM_REF_SIZE];

	(void)ctx;
	if (!text || why_rollout_not_prepared(ui))
		return;
	if (*text && !is_hash(text)) {
		ui_say(ui, ROLE_BAD, "a transaction hash is 0x and 64 hex digits; nothing was sent");
		return;
	}
	request = request_new(cvm_ref(ref, &view->cvm), NULL, 0);
	request->kind = ROLLOUT_COMMIT;
	request->commit_token = view->prepared->token[0] ? mem_strdup(view->prepared->token) : NULL;
	request->commit_hash = view->review && view->review->new_hash[0] ? mem_strdup(view->review->new_hash) : NULL;
	request->commit_tx = mem_strdup(*text ? text : "already-registered");
	request->watch = !*text;
	flow_start(ui, request);
}

void do_rollout_commit(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "hash:", .done = commit_typed };

	(void)param;
	if (argument) {
		commit_typed(ui, NULL, argument);
		return;
	}
	prompt_open(ui, &options);
	ui_say(ui, ROLE_DIM, "the hash of the owners' transaction; ⏎ alone waits until the allowlist shows the compose hash");
}
