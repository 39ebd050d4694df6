/* SPDX-License-Identifier: Apache-2.0 */
/* Options, wiring, exit codes: what each command needs, and in which order it gets it. */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "options.h"
#include "rollout/checks.h"
#include "rollout/journal.h"
#include "rollout/session.h"
#include "sandbox_child.h"
#include "ui/console.h"
#include "ui/headless.h"
#include "ui/report.h"
#include "ui/verbs.h"
#include "wiring.h"

struct run {
	struct options options;
	struct wiring wiring;
	struct session *session;
	struct report report;
};

static bool is_on_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static bool open_session(struct run *run, struct error *err)
{
	run->session = wiring_session(&run->wiring, &run->options, err);
	return run->session != NULL;
}

static enum status fail(struct run *run, const struct error *err)
{
	return report_error(&run->report, err);
}

static struct headless headless_of(struct run *run, enum headless_goal goal)
{
	struct headless headless = { .session = run->session, .report = &run->report };

	headless.options.goal = goal;
	headless.options.yes = options_has(&run->options, OPT_YES);
	headless.options.prepare = options_has(&run->options, OPT_PREPARE_ONLY);
	headless.options.ask = is_on_terminal() && !options_json(&run->options);
	return headless;
}

/* ---- the commands ---- */

static enum status run_console(struct run *run)
{
	struct console_options console = { .sandbox = options_has(&run->options, OPT_SANDBOX) };
	struct rollout_request request = { 0 }, moment = { 0 };
	struct error err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		error_set(&err, STATUS_USAGE, "no-terminal", "the console needs a terminal");
		error_next(&err, "run it on one, or use a command: cvmdeck --help");
		return fail(run, &err);
	}
	if (!wiring_moment(&run->wiring, &run->options, &moment, &err) || !open_session(run, &err))
		return fail(run, &err);
	console.moment = &moment;
	/* deploy always means one CVM; phala.toml may name it. */
	if (run->options.verb == VERB_DEPLOY || options_has(&run->options, OPT_CVM_ID)) {
		if (!wiring_request(&run->wiring, &run->options, &request, &err)) {
			rollout_request_clear(&request);
			return fail(run, &err);
		}
		console.start = CONSOLE_REVIEW;
		console.request = &request;
	}
	session_watch_health(run->session);
	session_auto_lock(run->session);
	return console_run(run->session, &console, &err) ? STATUS_OK : fail(run, &err);
}

static enum status run_deploy(struct run *run)
{
	bool headless_asked = options_json(&run->options) || options_has(&run->options, OPT_PLAIN) || options_has(&run->options, OPT_YES);
	struct rollout_request request = { 0 };
	struct headless headless;
	struct error err;

	if (!headless_asked && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return run_console(run);
	if (!wiring_request(&run->wiring, &run->options, &request, &err) || !open_session(run, &err)) {
		rollout_request_clear(&request);
		return fail(run, &err);
	}
	headless = headless_of(run, HEADLESS_ALL);
	return headless_run(&headless, &request);
}

static enum status run_review(struct run *run, bool (*reviewed)(struct headless *, const struct rollout_view *, struct error *), void *ctx)
{
	struct rollout_request request = { 0 };
	struct headless headless;
	struct error err;

	if (!wiring_request(&run->wiring, &run->options, &request, &err) || !open_session(run, &err)) {
		rollout_request_clear(&request);
		return fail(run, &err);
	}
	request.review_only = run->options.verb != VERB_PLAN;
	headless = headless_of(run, HEADLESS_REVIEW);
	headless.reviewed = reviewed;
	headless.ctx = ctx;
	return headless_run(&headless, &request);
}

static enum status run_diff(struct run *run)
{
	return run_review(run, options_json(&run->options) ? verb_diff_json : verb_diff_plain, NULL);
}

static enum status run_hash(struct run *run)
{
	const char *file = options_value(&run->options, OPT_APP_COMPOSE, NULL);
	bool as_json = options_json(&run->options);
	struct error err;

	if (!file)
		return run_review(run, as_json ? verb_hash_json : verb_hash_plain, NULL);
	return verb_hash_file(file, as_json, &err) ? STATUS_OK : fail(run, &err);
}

static enum status run_plan(struct run *run)
{
	const char *path = options_value(&run->options, OPT_OUTPUT, NULL);
	struct error err;

	if (path)
		return run_review(run, options_json(&run->options) ? verb_plan_json : verb_plan, (void *)(uintptr_t)path);
	error_set(&err, STATUS_USAGE, "usage", "a plan needs a file to be written to");
	error_next(&err, "name it with --output FILE");
	return fail(run, &err);
}

static enum status run_apply(struct run *run)
{
	struct rollout_request moment = { 0 };
	struct headless headless;
	struct error err;

	if (!run->options.argument_count) {
		error_set(&err, STATUS_USAGE, "usage", "no plan was named");
		error_next(&err, "cvmdeck apply FILE; cvmdeck plan writes one");
		return fail(run, &err);
	}
	if (!wiring_moment(&run->wiring, &run->options, &moment, &err) || !open_session(run, &err)) {
		rollout_request_clear(&moment);
		return fail(run, &err);
	}
	headless = headless_of(run, HEADLESS_ALL);
	return headless_apply(&headless, run->options.arguments[0], &moment);
}

static enum status run_list(struct run *run)
{
	struct verb_list_options list = { 0 };
	struct error err;

	if (!wiring_list(&run->options, &list, &err) || !open_session(run, &err) || !verb_list(run->session, &list, &err))
		return fail(run, &err);
	return STATUS_OK;
}

static enum status run_show(struct run *run)
{
	const char *id = run->options.argument_count ? run->options.arguments[0] : options_value(&run->options, OPT_CVM_ID, NULL);
	struct error err;

	if (!wiring_cvm(&run->wiring, &id, &err) || !open_session(run, &err) || !verb_show(run->session, id, options_json(&run->options), &err))
		return fail(run, &err);
	return STATUS_OK;
}

static enum status run_logs(struct run *run)
{
	struct verb_logs_options logs = { 0 };
	struct error err;

	if (!wiring_logs(&run->wiring, &run->options, &logs, &err) || !open_session(run, &err) || !verb_logs(run->session, &logs, &err))
		return fail(run, &err);
	return STATUS_OK;
}

static enum status run_resume(struct run *run)
{
	const char *id = run->options.argument_count ? run->options.arguments[0] : NULL;
	struct rollout_request moment = { 0 };
	struct headless headless;
	struct error err;

	if (!wiring_moment(&run->wiring, &run->options, &moment, &err) || !open_session(run, &err))
		return fail(run, &err);
	headless = headless_of(run, HEADLESS_ALL);
	return headless_resume(&headless, id, &moment);
}

static enum status run_history(struct run *run)
{
	const char *id = run->options.argument_count ? run->options.arguments[0] : NULL;
	struct error err;
	struct journal *journal = journal_open(wiring_state_dir(&run->wiring, &run->options), &err);
	bool ok = journal && verb_history(journal, id, options_json(&run->options), &err);

	journal_close(journal);
	return ok ? STATUS_OK : fail(run, &err);
}

static enum status run_completion(struct run *run)
{
	struct error err;

	if (!options_completion(stdout, run->options.argument_count ? run->options.arguments[0] : NULL, &err))
		return fail(run, &err);
	return STATUS_OK;
}

static const struct { enum verb verb; enum status (*run)(struct run *run); } commands[] = {
	{ VERB_CONSOLE, run_console }, { VERB_DEPLOY, run_deploy }, { VERB_LIST, run_list },     { VERB_SHOW, run_show },
	{ VERB_DIFF, run_diff },       { VERB_HASH, run_hash },     { VERB_LOGS, run_logs },     { VERB_RESUME, run_resume },
	{ VERB_HISTORY, run_history }, { VERB_PLAN, run_plan }, { VERB_APPLY, run_apply },
	{ VERB_COMPLETION, run_completion },
};

static enum status dispatch(struct run *run)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].verb == run->options.verb)
			return commands[i].run(run);
	return STATUS_USAGE;
}

/* For the check of the manual. */
static void dump_checks(void)
{
	int id;

	for (id = 0; id < CHECKS; id++)
		puts(check_name((enum check_id)id));
}

/* What needs no session; true when that was all. */
static bool answered(const struct options *options)
{
	if (options_has(options, OPT_HELP))
		options_help(stdout, options->verb);
	else if (options_has(options, OPT_VERSION))
		puts(PACKAGE_STRING);
	else if (options_has(options, OPT_DUMP_OPTIONS))
		options_dump(stdout);
	else if (options_has(options, OPT_DUMP_CHECKS))
		dump_checks();
	else if (options_has(options, OPT_DUMP_KEYS))
		console_dump_keys(stdout);
	else
		return false;
	return true;
}

static bool pipe_is_closed(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLOUT };

	return poll(&end, 1, 0) == 1 && end.revents & POLLERR;
}

/* Whoever closed a pipe has read what he wanted; anything else that kept the output from being written is said. */
static enum status end_output(enum status status)
{
	bool flushed = fflush(stdout) == 0;
	int why = flushed ? 0 : errno;

	if ((flushed && !ferror(stdout)) || pipe_is_closed(STDOUT_FILENO))
		return status;
	fprintf(stderr, "cvmdeck: standard output could not be written%s%s\n  next: write it elsewhere; what a rollout did stands in cvmdeck history\n",
		why ? ": " : "", why ? strerror(why) : "");
	return status ? status : STATUS_INPUT;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	struct error err;
	enum status status = STATUS_OK;
	bool ok;

	if (!file_hold_standard())
		return STATUS_INPUT;
	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write beyond a limit fails and is told, like one on a full disk */
	ok = secret_setup(&err) && options_parse(&run.options, argc, argv, &err);
	if (ok)
		options_tell_aside(&run.options, stderr);
	if (options_json(&run.options)) /* a usage error too is told as JSON to who asked for it */
		report_init_json(&run.report);
	else
		report_init_plain(&run.report);
	if (!ok)
		status = fail(&run, &err);
	else if (!answered(&run.options))
		status = dispatch(&run);
	session_free(run.session);
	wiring_clear(&run.wiring);
	report_clear(&run.report);
	options_clear(&run.options);
	return (int)end_output(status);
}
