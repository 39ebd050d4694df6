/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Approval without a screen. --yes approves the review and each card that is
 * offered, never a red check. At a terminal a question is asked
 * (ui/headless_ask.h). Else the rollout stops where the first approval is
 * needed, and nothing more is sent.
 */
#include "ui/headless.h"

#include <signal.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/plan_file.h"

enum { TRIES = 3 }; /* of a typed password or key */

static void finish(struct headless *headless, enum status status)
{
	ask_end(&headless->ask);
	headless->status = status;
	headless->ended = true;
	loop_stop(session_loop(headless->session));
}

/* Ends with an error of our own, told as a result with what is known so far. */
static void fail(struct headless *headless, const struct error *err)
{
	struct outcome outcome;

	ask_end(&headless->ask);
	rollout_so_far(headless->rollout, &outcome);
	outcome.error = *err;
	headless->report->result(headless->report, rollout_view(headless->rollout), &outcome);
	finish(headless, err->status);
}

/* The command that goes on with it; "" as long as the journal does not know it. */
static void resume_command(const struct headless *headless, char out[80])
{
	struct outcome outcome;

	rollout_so_far(headless->rollout, &outcome);
	text_copy(out, 80, outcome.resume);
}

static void answered_no(struct headless *headless)
{
	struct error err;
	char resume[80];

	resume_command(headless, resume);
	error_set(&err, STATUS_DECLINED, "declined", "It stops here: you answered no.");
	if (*resume)
		error_next(&err, "%s asks again", resume);
	else
		error_next(&err, "start again when it may go on");
	fail(headless, &err);
}

static void not_approved(struct headless *headless)
{
	bool card = rollout_view(headless->rollout)->phase == PHASE_CARD;
	struct error err;
	char resume[80];

	resume_command(headless, resume);
	error_set(&err, STATUS_DECLINED, "not-approved", "%s needs an approval, there is no terminal to ask on and --yes was not given.",
		  card ? "This transaction" : "This update");
	if (*resume)
		error_next(&err, "look at it, then %s on a terminal, or with --yes", resume);
	else
		error_next(&err, "look at it with cvmdeck diff, then give --yes, or run it on a terminal");
	fail(headless, &err);
}

static void approve(struct headless *headless)
{
	const struct rollout_view *view = rollout_view(headless->rollout);
	char digest[2 * sizeof(view->card->digest) + 3];
	struct error err;
	bool ok;

	if (view->phase == PHASE_REVIEW) {
		ok = rollout_do(headless->rollout, ROLLOUT_APPROVE_REVIEW, NULL, NULL, &err);
	} else {
		hex_encode_0x(digest, view->card->digest, sizeof(view->card->digest));
		ok = rollout_do(headless->rollout, ROLLOUT_SIGN, digest, NULL, &err);
	}
	if (!ok)
		fail(headless, &err);
}

/* ---- the question on a terminal ---- */

static void on_answer(void *ctx, char *line, size_t len)
{
	struct headless *headless = ctx;

	(void)len;
	if (line && (text_equal_nocase(line, "y") || text_equal_nocase(line, "yes")))
		approve(headless);
	else
		answered_no(headless);
}

static void ask(struct headless *headless, const char *question, bool hidden, ask_answered_fn *answered)
{
	ask_begin(&headless->ask, session_loop(headless->session), headless->report->people, question, hidden, answered, headless);
}

/* --prepare-only is itself the approval where sending changes nothing: it only makes the commit token. */
static bool may_prepare(const struct headless *headless, const struct rollout_view *view)
{
	return headless->options.prepare && view->phase == PHASE_REVIEW && view->review && !view->review->applies_at_once && view->review->hash_changes;
}

/* What ends by itself when it is answered: a change of nothing, and the card of who only watches and signs elsewhere. */
static bool needs_no_approval(const struct rollout_view *view)
{
	return view->phase == PHASE_REVIEW ? view->review->nothing_changes : view->card->cast != NULL;
}

static void want_approval(struct headless *headless, const struct rollout_view *view)
{
	if (headless->options.yes || may_prepare(headless, view) || needs_no_approval(view))
		approve(headless);
	else if (headless->options.ask)
		ask(headless, view->phase == PHASE_REVIEW ? "Send this update? [y/N] " : "Sign and send this transaction? [y/N] ", false, on_answer);
	else
		not_approved(headless);
}

/* ---- a locked signer ---- */

static void cannot_unlock(struct headless *headless, const char *code, const char *why)
{
	struct error err;
	char resume[80];

	resume_command(headless, resume);
	error_set(&err, STATUS_CREDENTIALS, code, "The signing key cannot be used: %s", why);
	error_next(&err, "give the key (PRIVATE_KEY, --private-key-file), or --keystore with its --password-file; then %s goes on", resume);
	fail(headless, &err);
}

static void ask_secret(struct headless *headless);

/* A typing mistake is no reason to stop; a file with another password is. */
static void not_unlocked(struct headless *headless, const char *why)
{
	headless->unlocking = false;
	if (!headless->typed || ++headless->tries >= TRIES) {
		cannot_unlock(headless, "signer-locked", why);
		return;
	}
	fprintf(headless->report->people, "%s\n", why);
	ask_secret(headless);
}

static void give_secret(struct headless *headless, struct secret *secret)
{
	struct error err;

	headless->unlocking = true; /* a worker derives the key */
	if (!rollout_do(headless->rollout, ROLLOUT_UNLOCK, NULL, secret, &err))
		not_unlocked(headless, err.message);
}

static void on_secret(void *ctx, char *line, size_t len)
{
	struct headless *headless = ctx;
	struct secret secret = SECRET_INIT;

	if (!line || !len) {
		cannot_unlock(headless, "no-key", "none was given.");
		return;
	}
	headless->typed = true;
	secret_set(&secret, line, len, true);
	give_secret(headless, &secret);
}

static void ask_secret(struct headless *headless)
{
	const struct card *card = rollout_view(headless->rollout)->card;
	char question[sizeof(card->signer) + 16];

	if (session_signer(headless->session))
		snprintf(question, sizeof(question), "Password of %s: ", card->signer);
	else
		snprintf(question, sizeof(question), "Private key: ");
	ask(headless, question, true, on_secret);
}

/* From --password-file, else asked for at the terminal. */
static void unlock(struct headless *headless, const struct card *card)
{
	struct secret password = SECRET_INIT;

	if (*card->unlock_error)
		not_unlocked(headless, card->unlock_error);
	else if (headless->unlocking)
		return;
	else if (session_password(headless->session, &password))
		give_secret(headless, &password);
	else if (headless->options.ask)
		ask_secret(headless);
	else
		cannot_unlock(headless, "no-key", "none was given, or its password is missing.");
}

/* ---- following the view ---- */

static void at_the_end(struct headless *headless, const struct rollout_view *view)
{
	headless->report->result(headless->report, view, view->outcome);
	finish(headless, view->outcome->success ? STATUS_OK : view->outcome->error.status);
}

static void want_operator(struct headless *headless, const struct rollout_view *view)
{
	if (view->card && view->card->needs_unlock)
		unlock(headless, view->card);
	else if (view->phase == PHASE_REVIEW || (view->card && view->card->offered))
		want_approval(headless, view);
}

static void on_changed(void *ctx, struct rollout *rollout)
{
	struct headless *headless = ctx;
	const struct rollout_view *view = rollout_view(rollout);

	headless->rollout = rollout;
	if (headless->ended)
		return;
	if (headless->options.goal == HEADLESS_REVIEW && view->phase == PHASE_REVIEW) {
		struct error err;

		if (headless->reviewed(headless, view, &err))
			finish(headless, STATUS_OK);
		else
			fail(headless, &err);
		return;
	}
	if (view->phase == PHASE_ROLLING || view->phase == PHASE_VERIFYING)
		session_forget_key(headless->session);
	if (headless->options.goal == HEADLESS_ALL)
		headless->report->view(headless->report, view);
	if (view->outcome)
		at_the_end(headless, view);
	else if (view->waits_for_operator && !headless->ask.waiting)
		want_operator(headless, view);
}

static void on_interrupt(void *ctx, int signo)
{
	struct headless *headless = ctx;
	struct error err;
	char resume[80];

	(void)signo;
	resume_command(headless, resume);
	if (*resume) {
		error_set(&err, STATUS_INTERRUPTED, "interrupted", "Interrupted; what was done so far is in the journal and nothing is lost.");
		error_next(&err, "%s goes on where it stood", resume);
	} else {
		error_set(&err, STATUS_INTERRUPTED, "interrupted", "Interrupted before anything was approved.");
		error_next(&err, "start it again");
	}
	fail(headless, &err);
}

/* Not where whoever started us has it ignored: nohup, or a script's background. */
static void listen_to(struct headless *headless, int signo)
{
	struct sigaction now;

	if (sigaction(signo, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
		loop_signal(session_loop(headless->session), signo, on_interrupt, headless);
}

static enum status run(struct headless *headless, struct error *err)
{
	struct loop *loop = session_loop(headless->session);

	if (!headless->rollout)
		return report_error(headless->report, err);
	listen_to(headless, SIGINT);
	listen_to(headless, SIGTERM);
	listen_to(headless, SIGHUP);
	on_changed(headless, headless->rollout);
	if (!headless->ended)
		loop_run(loop);
	rollout_free(headless->rollout);
	headless->rollout = NULL;
	return headless->status;
}

enum status headless_run(struct headless *headless, struct rollout_request *request)
{
	struct error err;

	headless->rollout = rollout_start(headless->session, request, on_changed, headless, &err);
	return run(headless, &err);
}

enum status headless_apply(struct headless *headless, const char *path, struct rollout_request *options)
{
	struct error err;

	headless->rollout = rollout_apply(headless->session, path, options, on_changed, headless, &err);
	return run(headless, &err);
}

enum status headless_resume(struct headless *headless, const char *id, const struct rollout_request *moment)
{
	struct error err;

	headless->rollout = rollout_resume(headless->session, id, moment, on_changed, headless, &err);
	return run(headless, &err);
}
