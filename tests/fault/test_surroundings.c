/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surroundings that a program is not asked about: closed and full outputs,
 * pipes, odd variables, folders that cannot be written, signals. What was done
 * is done and told, or the failure is.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fault/deck.h"

static struct deck *deck;

struct odd {
	const char *name;
	const char *shell;   /* run before the program; the test's folder is $DIR */
	const char *env[5];
	const char *args[10]; /* @NAME: a file of the test's folder */
	int status;
	const char *says;    /* in what came out; NULL: any */
	const char *never;   /* not in what came out; NULL: any */
	size_t mined;
};

#define UPDATE "deploy", "--cvm-id", "checkout-web", "-c", "@compose.yml", "--yes"
#define LIST "list", "--search", "payments-api"

static const struct odd cases[] = {
	/* outputs */
	{ "everything closed", "exec 0<&- 1>&- 2>&-", { 0 }, { UPDATE, "--json" }, 0, NULL, NULL, 1 },
	{ "output closed", "exec 1>&-", { 0 }, { UPDATE }, 0, "the CVM", NULL, 1 },
	{ "output on a full disk", "exec 1>/dev/full", { 0 }, { LIST }, 1, "could not be written", NULL, 0 },
	{ "output on a full disk, JSON", "exec 1>/dev/full", { 0 }, { "list", "--json" }, 1, "could not be written", NULL, 0 },
	{ "output on a full disk, an update", "exec 1>/dev/full", { 0 }, { UPDATE, "--json" }, 1, "cvmdeck history", NULL, 1 },
	{ "help on a full disk", "exec 1>/dev/full", { 0 }, { "--help" }, 1, "could not be written", NULL, 0 },
	{ "a pipe that nobody reads", "(\"$0\" \"$@\"; echo \"status $?\" >&2) | true; exit 0", { 0 }, { "list", "--json" }, 0, "status 0", NULL, 0 },
	/* inputs */
	{ "compose from a pipe that is written later", "mkfifo \"$DIR/pipe\"; cat \"$DIR/compose.yml\" >\"$DIR/pipe\" & true", { 0 },
	  { "diff", "--cvm-id", "checkout-web", "-c", "@pipe" }, 0, "nginx:1.29", NULL, 0 },
	{ "compose from standard input", "exec <\"$DIR/compose.yml\"", { 0 }, { "diff", "--cvm-id", "checkout-web", "-c", "/dev/stdin" }, 0, "nginx:1.29", NULL, 0 },
	{ "compose a device without an end", NULL, { 0 }, { "diff", "--cvm-id", "checkout-web", "-c", "/dev/zero" }, 1, "200 KiB", NULL, 0 },
	{ "compose through a loop of links", "ln -s loop \"$DIR/loop\"", { 0 }, { "diff", "--cvm-id", "checkout-web", "-c", "@loop" }, 1, "symbolic links", NULL, 0 },
	{ "a path of control characters", "cd \"$DIR\"; printf 'name = \"checkout-web\"\\ncompose_file = \"\\\\u001b]0;owned\\\\u0007\"\\n' >phala.toml", { 0 },
	  { "deploy", "--yes" }, 1, "^[]0;owned^G", "\033", 0 },
	/* what is written */
	/* Through a link of the test's own: whatever goes wrong here, the system's devices stay. */
	{ "a plan into a device", "ln -s /dev/null \"$DIR/null\"", { 0 }, { "plan", "--cvm-id", "docs-search", "-c", "@compose.yml", "-o", "@null" }, 0, "written to", NULL, 0 },
	{ "a plan into a pipe", "ln -s /dev/stdout \"$DIR/out\"", { 0 }, { "plan", "--cvm-id", "docs-search", "-c", "@compose.yml", "-o", "@out" }, 0, "cvmdeck-plan-1", NULL, 0 },
	{ "a plan into a folder", NULL, { 0 }, { "plan", "--cvm-id", "docs-search", "-c", "@compose.yml", "-o", "@" }, 1, "Is a directory", NULL, 0 },
	{ "a plan into no folder", NULL, { 0 }, { "plan", "--cvm-id", "docs-search", "-c", "@compose.yml", "-o", "@no/plan" }, 1, "No such file", NULL, 0 },
	/* the state folder */
	{ "state folder that cannot be made", NULL, { "XDG_STATE_HOME=/proc" }, { UPDATE }, 1, "XDG_STATE_HOME", NULL, 0 },
	{ "state folder below a file", NULL, { "XDG_STATE_HOME=/dev/null" }, { UPDATE }, 1, "XDG_STATE_HOME", NULL, 0 },
	{ "the journal a folder", "mkdir -p \"$DIR/state/cvmdeck/journal.db\"", { 0 }, { UPDATE }, 1, "Is a directory", NULL, 0 },
	/* credentials */
	{ "a key of blanks", NULL, { "PHALA_CLOUD_API_KEY= ", "PHALA_CLOUD_DIR=/proc" }, { LIST }, 4, "no API key", NULL, 0 },
	{ "a credentials file that is a folder", "mkdir -p \"$DIR/c/credentials.json\"; export PHALA_CLOUD_DIR=\"$DIR/c\"", { "PHALA_CLOUD_API_KEY" }, { LIST }, 4, "Is a directory",
	  NULL, 0 },
	{ "a credentials file of another form", "mkdir \"$DIR/c\"; echo '[]' >\"$DIR/c/credentials.json\"; export PHALA_CLOUD_DIR=\"$DIR/c\"", { "PHALA_CLOUD_API_KEY" }, { LIST }, 4,
	  "phala login", NULL, 0 },
	{ "a credentials file with a byte order mark", "mkdir \"$DIR/c\"; printf '\\357\\273\\277{\"current_profile\":\"a\",\"profiles\":{\"a\":{\"token\":\"sandbox\"}}}' >\"$DIR/c/credentials.json\"; export PHALA_CLOUD_DIR=\"$DIR/c\"",
	  { "PHALA_CLOUD_API_KEY" }, { LIST }, 0, "payments-api", NULL, 0 },
	{ "an address that is none", NULL, { "PHALA_CLOUD_API_PREFIX=nonsense" }, { LIST }, 2, "PHALA_CLOUD_API_PREFIX", "--api-prefix", 0 },
	/* limits */
	{ "a small stack", "ulimit -s 512", { 0 }, { UPDATE }, 0, NULL, NULL, 1 },
	/* the terminal's and the locale's variables mean nothing without a terminal */
	{ "no terminal", NULL, { "TERM", "LINES=-1", "COLUMNS=0" }, { LIST }, 0, "payments-api", NULL, 0 },
	{ "a terminal that can do nothing", NULL, { "TERM=dumb", "COLUMNS=99999999999999999999", "LANG=C", "LC_ALL=C" }, { LIST }, 0, "payments-api", NULL, 0 },
	{ "an unknown locale", NULL, { "LC_ALL=xx_YY.nothing" }, { UPDATE }, 0, NULL, NULL, 1 },
	{ "the console without a terminal", NULL, { 0 }, { "--cvm-id", "checkout-web" }, 2, "needs a terminal", NULL, 0 },
};

static void test_odd(void **state)
{
	const struct odd *odd = *state;
	const char *args[DECK_ARGS] = { NULL };
	char *made[DECK_ARGS] = { NULL }, *dir, *shell;
	struct deck_run run;
	size_t i;

	deck_reset(deck, NULL);
	dir = deck_path(deck, "");
	shell = mem_printf("DIR='%s'; %s", dir, odd->shell ? odd->shell : ":");
	for (i = 0; odd->args[i]; i++)
		args[i] = *odd->args[i] == '@' ? made[i] = deck_path(deck, odd->args[i] + 1) : odd->args[i];
	deck_finish(deck_start_under(deck, shell, odd->env, args), &run);
	if (run.status != odd->status)
		fail_msg("exit %d, not %d: %s", run.status, odd->status, run.output);
	if (odd->says && !strstr(run.output, odd->says))
		fail_msg("nothing says \"%s\": %s", odd->says, run.output);
	if (odd->never && strstr(run.output, odd->never))
		fail_msg("it says \"%s\": %s", odd->never, run.output);
	assert_int_equal(deck_mined(deck), odd->mined);
	for (i = 0; i < DECK_ARGS; i++)
		free(made[i]);
	free(shell);
	free(dir);
	deck_run_clear(&run);
}

/*
 * From too few files to begin with to enough: which is which depends on those the test was started with. Where the
 * program runs at all (127: its libraries did not even open) it does its work, or says what next.
 */
static void test_hardly_any_files(void **state)
{
	enum { LEAST = 4, MOST = 20 };
	static const char *const list[] = { LIST, NULL };
	unsigned done = 0, refused = 0;
	struct deck_run run;
	int files;

	(void)state;
	deck_reset(deck, NULL);
	for (files = LEAST; files <= MOST; files++) {
		char *shell = mem_printf("ulimit -n %d", files);

		deck_finish(deck_start_under(deck, shell, NULL, list), &run);
		done += run.status == 0;
		refused += (run.status == 1 || run.status == 5) && strstr(run.output, "next: ");
		if (run.status != 0 && run.status != 127 && !strstr(run.output, "next: "))
			fail_msg("%d files: exit %d: %s", files, run.status, run.output);
		deck_run_clear(&run);
		free(shell);
	}
	assert_true(done > 0);
	assert_true(refused > 0);
}

/* With its outputs closed the journal could have got their numbers: it is whole, and knows how it ended. */
static void test_journal_after_closed_outputs(void **state)
{
	const char *const history[] = { "history", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	const char *const update[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", NULL };
	deck_finish(deck_start_under(deck, "exec 0<&- 1>&- 2>&-", NULL, update), &run);
	assert_int_equal(run.status, 0);
	deck_run_clear(&run);
	deck_run(deck, NULL, history, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(json_text(run.result, "outcome"), "done");
	deck_run_clear(&run);
}

/* A line that is cut, a service that is stopped: what was begun can be resumed. */
static void test_signals(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
	struct deck_run run;
	struct child *child;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		deck_reset(deck, "{\"chain\":{\"never_mine\":true}}");
		const char *const update[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", NULL };
		const char *const resume[] = { "resume", "--yes", "--json", NULL };

		child = deck_start(deck, NULL, update);
		assert_non_null(child_wait_text(child, "pending", child_deadline_ms()));
		kill(child_pid(child), signals[i]);
		deck_finish(child, &run);
		deck_expect(&run, 8, "interrupted");
		deck_run_clear(&run);
		deck_faults(deck, NULL);
		deck_run(deck, NULL, resume, &run);
		deck_expect(&run, 0, NULL);
		assert_int_equal(deck_mined(deck), 1);
		deck_run_clear(&run);
	}
}

/* nohup means it. */
static void test_ignored_signal_stays_ignored(void **state)
{
	struct deck_run run;
	struct child *child;

	(void)state;
	deck_reset(deck, "{\"chain\":{\"never_mine\":true}}");
	const char *const update[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", NULL };
	child = deck_start_under(deck, "trap '' HUP", NULL, update);
	assert_non_null(child_wait_text(child, "pending", child_deadline_ms()));
	kill(child_pid(child), SIGHUP);
	deck_faults(deck, NULL);
	deck_finish(child, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
}

int main(void)
{
	enum { ODD = sizeof(cases) / sizeof(cases[0]) };
	static const struct CMUnitTest own[] = {
		cmocka_unit_test(test_hardly_any_files), cmocka_unit_test(test_journal_after_closed_outputs), cmocka_unit_test(test_signals), cmocka_unit_test(test_ignored_signal_stays_ignored),
	};
	struct CMUnitTest tests[ODD + sizeof(own) / sizeof(own[0])];
	size_t i;

	for (i = 0; i < ODD; i++)
		tests[i] = (struct CMUnitTest){ cases[i].name, test_odd, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	memcpy(tests + ODD, own, sizeof(own));
	return deck_run_tests("surroundings", &deck, NULL, tests, sizeof(tests) / sizeof(tests[0]));
}
