/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Approval without a screen. --yes approves the review and each card that is
 * offered, never a red check. At a terminal a question is asked, and what was
 * typed before it appeared is thrown away. Else the rollout stops where the
 * first approval is needed, and nothing was sent.
 */
#include "ui/headless.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/plan_file.h"

static void finish(struct headless *headless, enum status status)
{
	headless->status = status;
	headless->ended = true;
	loop_stop(session_loop(headless->session));
}

/* Ends with an error of our own, told as a result with what is known so far. */
static void fail(struct headless *headless, const struct error *err)
{
	const struct rollout_view *view = rollout_view(headless->rollout);
	struct outcome outcome = { .error = *err };

	if (view->review)
		text_copy(outcome.compose_hash, sizeof(outcome.compose_hash), view->review->new_hash);
	text_copy(outcome.vm_uuid, sizeof(outcome.vm_uuid), view->cvm.vm_uuid);
	text_copy(outcome.app_id, sizeof(outcome.app_id), view->cvm.app_id);
	headless->report->result(headless->report, view, &outcome);
	finish(headless, err->status);
}

static void not_approved(struct headless *headless, bool asked)
{
	struct error err;

	if (asked)
		error_set(&err, STATUS_DECLINED, "declined", "you answered no: nothing more was sent or signed");
	else
		error_set(&err, STATUS_DECLINED, "not-approved", "this needs an approval, there is no terminal to ask on and --yes was not given: nothing was sent or signed");
	error_next(&err, asked ? "start again when it may go on" : "look at it with cvmdeck diff, then give --yes, or run it on a terminal");
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

static void answer(struct headless *headless, bool yes)
{
	loop_fd(session_loop(headless->session), STDIN_FILENO, 0, NULL, NULL);
	headless->asked = false;
	if (yes)
		approve(headless);
	else
		not_approved(headless, true);
}

static void on_typed(void *ctx, int fd, int events)
{
	struct headless *headless = ctx;
	char text[64];
	ssize_t got = read(fd, text, sizeof(text) - 1);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		answer(headless, false);
		return;
	}
	text[got] = '\0';
	answer(headless, text_equal_nocase(text, "y\n") || text_equal_nocase(text, "yes\n"));
}

static void ask(struct headless *headless)
{
	const struct rollout_view *view = rollout_view(headless->rollout);
	FILE *people = headless->report->people;

	if (headless->asked)
		return;
	headless->asked = true;
	if (view->phase == PHASE_REVIEW)
		report_print_review(people, view);
	else
		report_print_card(people, view->card);
	tcflush(STDIN_FILENO, TCIFLUSH);
	fputs(view->phase == PHASE_REVIEW ? "Send this update? [y/N] " : "Sign and send this transaction? [y/N] ", people);
	fflush(people);
	loop_fd(session_loop(headless->session), STDIN_FILENO, LOOP_READ, on_typed, headless);
}

/* ---- following the view ---- */

/* ---- a locked signer ---- */

static void cannot_unlock(struct headless *headless, const char *code, const char *why)
{
	struct error err;

	error_set(&err, STATUS_CREDENTIALS, code, "the signing key cannot be used: %s", why);
	error_next(&err, "give the key (PRIVATE_KEY, --private-key-file), or --keystore with its --password-file; then cvmdeck resume goes on");
	fail(headless, &err);
}

/* Reads a line from the terminal without echo. Blocks: nothing else is under way while a card waits. */
static bool read_password(struct secret *out)
{
	struct termios before, quiet;
	char text[512];
	ssize_t got;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	quiet = before;
	quiet.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	got = read(STDIN_FILENO, text, sizeof(text) - 1);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	if (got <= 0)
		return false;
	secret_set(out, text, (size_t)(text[got - 1] == '\n' ? got - 1 : got), true);
	return true;
}

/* From --password-file, else asked for at the terminal. */
static void unlock(struct headless *headless, const struct card *card)
{
	struct secret password = SECRET_INIT;
	struct error err;

	if (*card->unlock_error) {
		cannot_unlock(headless, "signer-locked", card->unlock_error);
		return;
	}
	if (headless->unlock_tried)
		return; /* a worker derives the key */
	headless->unlock_tried = true;
	if (!session_password(headless->session, &password)) {
		if (headless->options.ask)
			fprintf(headless->report->people, "%s: password or key: ", card->signer);
		if (!headless->options.ask || !read_password(&password)) {
			cannot_unlock(headless, "no-key", "none was given, or its password is missing");
			return;
		}
		fputc('\n', headless->report->people);
	}
	if (!rollout_do(headless->rollout, ROLLOUT_UNLOCK, NULL, &password, &err))
		fail(headless, &err);
}

static void at_the_end(struct headless *headless, const struct rollout_view *view)
{
	headless->report->result(headless->report, view, view->outcome);
	finish(headless, view->outcome->success ? STATUS_OK : view->outcome->error.status);
}

/* --prepare-only is itself the approval where sending changes nothing: it only makes the commit token. */
static bool may_prepare(const struct headless *headless, const struct rollout_view *view)
{
	return headless->options.prepare && view->phase == PHASE_REVIEW && view->review && !view->review->applies_at_once && view->review->hash_changes;
}

/* Who only watches approves nothing: the answer to the card is what to sign elsewhere, and the end. */
static bool signs_elsewhere(const struct rollout_view *view)
{
	return view->phase == PHASE_CARD && view->card->cast;
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
	if (view->outcome) {
		at_the_end(headless, view);
	} else if (view->waits_for_operator && view->card && view->card->needs_unlock) {
		unlock(headless, view->card);
	} else if (view->waits_for_operator && (view->phase == PHASE_REVIEW || (view->card && view->card->offered))) {
		if (headless->options.yes || may_prepare(headless, view) || signs_elsewhere(view))
			approve(headless);
		else if (headless->options.ask)
			ask(headless);
		else
			not_approved(headless, false);
	}
}

static void on_interrupt(void *ctx, int signo)
{
	struct headless *headless = ctx;
	const struct rollout_view *view = rollout_view(headless->rollout);
	struct error err;

	(void)signo;
	error_set(&err, STATUS_INTERRUPTED, "interrupted", "interrupted; what was done so far is in the journal and nothing is lost");
	error_next(&err, "cvmdeck resume %s goes on where it stood", view->id);
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
