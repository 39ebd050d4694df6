/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash matrix of what the console alone does: a fee raised, a transaction
 * cancelled, calls of the allowlist, the old hash removed. A forked process
 * does it and is killed before and after each journal write and effect of that
 * part; another goes on from its journal. Each intended transaction is mined
 * once, and nothing that was approved is asked for again.
 * (What headless commands do is in tests/fault/test_crash_matrix.c.)
 */
#include "unit/rollout_drive.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/journal.h"

enum { PLACES_MAX = 64, OUTPUT_MAX = 65536 };

#define MARK "crash-mark\n"
#define HELD_BACK "{\"chain\":{\"never_mine\":true}}"

struct scenario {
	const char *name;
	enum rollout_op op;    /* BUMP, CANCEL_TX, REMOVE_OLD_HASH; SIGN: none, the whole is tried */
	unsigned transactions; /* mined when all went through */
	unsigned least;        /* where the crash was before anything of it was on disk */
	const char *places[7]; /* of that part, NULL behind */
};

static struct drive drive;
static unsigned tried, survived;

/* ---- the process that is killed ---- */

static bool at_mining(struct drive *now, const struct rollout_view *view)
{
	(void)now;
	return view->phase == PHASE_MINING && strstr(view->message, "pending");
}

static bool at_second_mining(struct drive *now, const struct rollout_view *view)
{
	return now->cards == 2 && at_mining(now, view);
}

static struct rollout_request request_of(const struct scenario *scenario)
{
	struct rollout_request request = drive_request("checkout-web", scenario->op == ROLLOUT_SIGN ? NULL : drive_compose());

	request.wait = false;
	if (scenario->op != ROLLOUT_SIGN)
		return request;
	request.kind = ROLLOUT_ALLOW;
	request.calls = mem_new(2, sizeof(*request.calls));
	request.call_count = 2;
	request.calls[0] = (struct allow_call){ ALLOW_ADD_DEVICE, { 1, 2, 3 } };
	request.calls[1] = (struct allow_call){ ALLOW_ANY_DEVICE_ON, { 0 } };
	return request;
}

static void say_mark(void)
{
	fputs(MARK, stderr);
	fflush(stderr);
}

static void go_on(enum rollout_op op)
{
	struct error err = { 0 };

	say_mark();
	drive.over = drive.stopped = false;
	if (!rollout_do(drive.rollout, op, NULL, NULL, &err))
		_exit(3);
	drive_wait(&drive);
}

static void replace(const struct scenario *scenario, struct rollout_request *request)
{
	drive_control(&drive, "/__faults", HELD_BACK);
	drive.stop = at_mining;
	drive_run(&drive, request);
	drive.stop = at_second_mining;
	go_on(scenario->op);
	drive.stop = NULL;
	drive.stopped = false;
	drive_control(&drive, "/__faults", "{}");
	drive_wait(&drive);
}

static void act(const struct scenario *scenario)
{
	struct rollout_request request = request_of(scenario);

	drive_open(&drive, drive.key);
	if (scenario->op == ROLLOUT_SIGN)
		say_mark();
	if (scenario->op == ROLLOUT_BUMP || scenario->op == ROLLOUT_CANCEL_TX)
		replace(scenario, &request);
	else
		drive_run(&drive, &request);
	if (scenario->op == ROLLOUT_REMOVE_OLD_HASH)
		go_on(scenario->op);
	_exit(drive.outcome.success || text_equal(drive.outcome.error.code, "tx-cancelled") ? 0 : 4);
}

/* Its status as waitpid gives it; what it wrote to standard error, in output where that is not NULL. */
static int run(const struct scenario *scenario, const char *crash_at, char *output)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t got;
	char rest[512];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(setenv("CVMDECK_CRASH_AT", crash_at, 1), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		act(scenario);
	}
	unsetenv("CVMDECK_CRASH_AT");
	close(ends[1]);
	while ((got = read(ends[0], output && len < OUTPUT_MAX - 512 ? output + len : rest, 512)) > 0)
		len += output ? (size_t)got : 0;
	if (output)
		output[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* ---- what is left, and the one that goes on ---- */

static void count_approval(void *ctx, const struct journal_entry *entry)
{
	*(unsigned *)ctx += entry->kind == JOURNAL_APPROVAL;
}

/* Approvals of the only rollout in the journal; false: there is none. */
static bool look(unsigned *approved, bool *open)
{
	struct error err = { 0 };
	struct journal *journal = session_journal(drive.session, &err);
	struct journal_rollout *list = NULL;
	size_t count = 0;

	assert_non_null(journal);
	assert_true(journal_list(journal, NULL, false, 2, &list, &count, &err));
	assert_true(count <= 1);
	*approved = 0;
	*open = count && !list[0].outcome[0];
	if (count)
		assert_true(journal_entries(journal, list[0].id, count_approval, approved, &err));
	free(list);
	return count;
}

static bool ended_well(const struct scenario *scenario)
{
	return drive.outcome.success || (scenario->op == ROLLOUT_CANCEL_TX && text_equal(drive.outcome.error.code, "tx-cancelled"));
}

static void recover(const struct scenario *scenario, const char *at)
{
	unsigned approved, sent;
	bool open, any;

	drive_open(&drive, drive.key);
	drive_control(&drive, "/__faults", "{}");
	any = look(&approved, &open);
	if (open) {
		drive_resume(&drive, NULL);
		if (!ended_well(scenario))
			fail_msg("%s: %s: %s", at, drive.outcome.error.code, drive.outcome.error.message);
		if (approved + drive.cards > (scenario->op == ROLLOUT_SIGN || scenario->op == ROLLOUT_REMOVE_OLD_HASH ? scenario->transactions : 2))
			fail_msg("%s: %u approved before, and %u cards now", at, approved, drive.cards);
	}
	sent = drive_sent(&drive);
	if (sent != scenario->transactions && !(sent == scenario->least && !(open && scenario->op == ROLLOUT_SIGN)))
		fail_msg("%s: %u transactions were mined", at, sent);
	assert_true(any || sent == 0);
}

/* ---- the places ---- */

static unsigned count_of(const char *text, const char *until, const char *word)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, word)) && at < until; at += strlen(word))
		count++;
	return count;
}

static void kill_at(const struct scenario *scenario, const char *when, const char *place, unsigned turn)
{
	char at[64];
	int status;

	snprintf(at, sizeof(at), "%s-%s:%u", when, place, turn);
	tried++;
	drive_begin(&drive, NULL);
	drive_open(&drive, NULL); /* the nonce it begins with */
	drive_close(&drive);
	status = run(scenario, at, NULL);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("it was not killed at %s: %d", at, status);
	recover(scenario, at);
	drive_end(&drive);
	survived++;
}

static void test_scenario(void **state)
{
	static const char *const whens[] = { "before", "after" };
	static char output[OUTPUT_MAX];
	const struct scenario *scenario = *state;
	const char *mark;
	char word[64];

	drive_begin(&drive, NULL);
	drive_open(&drive, NULL);
	drive_close(&drive);
	assert_int_equal(run(scenario, "list", output), 0);
	drive_open(&drive, drive.key);
	assert_int_equal(drive_sent(&drive), scenario->transactions);
	drive_end(&drive);
	mark = strstr(output, MARK);
	assert_non_null(mark);
	for (size_t i = 0; scenario->places[i]; i++)
		for (size_t j = 0; j < 2; j++) {
			snprintf(word, sizeof(word), "crash-place %s-%s\n", whens[j], scenario->places[i]);
			if (!strstr(mark, word))
				fail_msg("%s does not pass %s", scenario->name, word);
			kill_at(scenario, whens[j], scenario->places[i], count_of(output, mark, word) + 1);
		}
}

static void every_crash_was_survived(void **state)
{
	(void)state;
	print_message("# crash points survived: %u of %u\n", survived, tried);
	assert_true(tried > 30);
	assert_int_equal(survived, tried);
}

/* ---- */

static const struct scenario scenarios[] = {
	{ "a fee raised", ROLLOUT_BUMP, 1, 1, { "build", "journal-approval", "sign", "journal-tx", "broadcast" } },
	{ "a transaction cancelled", ROLLOUT_CANCEL_TX, 1, 1, { "build", "journal-approval", "sign", "journal-tx", "broadcast" } },
	{ "calls of the allowlist", ROLLOUT_SIGN, 2, 0, { "journal-review", "journal-approval", "sign", "journal-tx", "broadcast", "journal-receipt" } },
	{ "the old hash removed", ROLLOUT_REMOVE_OLD_HASH, 2, 1, { "journal-approval", "sign", "journal-tx", "broadcast", "journal-receipt" } },
};

int main(void)
{
	enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };
	struct CMUnitTest tests[SCENARIOS + 1];
	struct error err = { 0 };

	for (size_t i = 0; i < SCENARIOS; i++)
		tests[i] = (struct CMUnitTest){ scenarios[i].name, test_scenario, NULL, NULL, (void *)(uintptr_t)&scenarios[i] };
	tests[SCENARIOS] = (struct CMUnitTest)cmocka_unit_test(every_crash_was_survived);
	return secret_setup(&err) ? _cmocka_run_group_tests("rollout crash", tests, SCENARIOS + 1, NULL, NULL) : 1;
}
