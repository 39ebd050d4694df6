/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash matrix, on real processes: kill -9 before and after every journal
 * write and every effect, start again, resume. The end is the same, every
 * intended transaction is mined once, no approved step is asked for twice.
 *
 * Each life of the console is a process of its own; this one only starts them
 * and counts. CVM by CVM the sandbox stays the same, so its chain remembers.
 */
#include "unit/rollout_drive.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "rollout/crash.h"
#include "rollout/journal.h"

/* One place, one CVM with a device to allow and a hash to add. */
struct crash_case {
	char name[64];
	char at[64];
	const char *cvm;
};

enum { LIFE_DONE = 0, LIFE_FAILED = 10, LIFE_UNEQUAL = 11 };

static struct drive drive;

static void must(bool ok, const struct error *err)
{
	if (!ok) {
		print_message("# %s: %s\n", err->code, err->message);
		_exit(LIFE_FAILED);
	}
}

static void count_approval(void *ctx, const struct journal_entry *entry)
{
	unsigned *count = ctx;
	*count += entry->kind == JOURNAL_APPROVAL;
}

/* The first life: an update that the crash ends, or that comes to its end. */
static int first_life(const struct crash_case *test)
{
	struct rollout_request request = drive_request(test->cvm, drive_compose());
	setenv("CVMDECK_CRASH_AT", test->at, 1);
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	drive_close(&drive);
	return LIFE_DONE;
}

static unsigned signatures(const struct crash_case *test)
{
	return strcmp(test->cvm, "payments-api") == 0 ? 2 : strcmp(test->cvm, "docs-search") == 0 ? 0 : 1;
}

/* The second life: goes on, or begins where nothing was begun. */
static int second_life(const struct crash_case *test)
{
	struct error err = { 0 };
	struct journal_rollout found;
	unsigned approved = 0;
	drive_open(&drive, drive.key);
	struct journal *journal = session_journal(drive.session, &err);
	must(journal != NULL, &err);
	bool begun = journal_find(journal, NULL, &found, &err);
	if (!begun) {
		struct journal_rollout *list;
		size_t count;
		must(journal_list(journal, NULL, false, 1, &list, &count, &err), &err);
		begun = count == 1; /* it had ended: resuming shows the end */
		if (begun)
			found = list[0];
		free(list);
	}
	if (begun) {
		must(journal_entries(journal, found.id, count_approval, &approved, &err), &err);
		drive_resume(&drive, found.id);
	} else {
		struct rollout_request request = drive_request(test->cvm, drive_compose());
		drive_run(&drive, &request);
	}
	must(drive.outcome.success, &drive.outcome.error);
	if (drive.cards + approved != signatures(test) || (begun && drive.reviews)) {
		print_message("# %u cards, %u approved before, %u reviews\n", drive.cards, approved, drive.reviews);
		return LIFE_UNEQUAL;
	}
	if (drive_sent(&drive) != signatures(test)) {
		print_message("# %u transactions\n", drive_sent(&drive));
		return LIFE_UNEQUAL;
	}
	drive_close(&drive);
	return LIFE_DONE;
}

static int live(int (*life)(const struct crash_case *), const struct crash_case *test)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(life(test));
	waitpid(pid, &status, 0);
	return status;
}

/* The owner's nonce before anything, known to both lives. */
static int ask_nonce(const struct crash_case *test)
{
	(void)test;
	drive_open(&drive, NULL);
	return (int)drive.first_nonce;
}

static void crash_and_resume(void **state)
{
	const struct crash_case *test = *state;
	drive.first_nonce = (unsigned)WEXITSTATUS(live(ask_nonce, test));
	drive.knows_nonce = true;
	int status = live(first_life, test);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("it was not killed: status %d", status);
	status = live(second_life, test);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != LIFE_DONE)
		fail_msg("the second life ended with status %d", status);
}

static int setup(void **state)
{
	(void)state;
	drive_begin(&drive, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	drive_end(&drive);
	return 0;
}

enum { CASES_MAX = 96 };
static struct crash_case cases[CASES_MAX];
static struct CMUnitTest tests[CASES_MAX];
static size_t case_count;

static void add_case(const char *when, const char *place, const char *turn, const char *cvm)
{
	struct crash_case *test = &cases[case_count];
	snprintf(test->at, sizeof(test->at), "%s-%s%s", when, place, turn);
	snprintf(test->name, sizeof(test->name), "%.20s %s-%.24s%s", cvm, when, place, turn);
	test->cvm = cvm;
	tests[case_count++] = (struct CMUnitTest){ test->name, crash_and_resume, setup, teardown, test };
}

/* Places that come once for each transaction. */
static bool is_repeated(const char *place)
{
	static const char *const places[] = { "journal-approval", "journal-tx", "journal-receipt", "sign", "broadcast" };
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(places[i], place) == 0)
			return true;
	return false;
}

/* Not on the way of an update by a person's key: the owners' tests are about them. */
static bool is_elsewhere(const char *place)
{
	return strcmp(place, "journal-prepared") == 0 || strcmp(place, "journal-override") == 0;
}

static void add_cases(const char *when)
{
	for (const char *const *place = crash_places; *place; place++) {
		if (is_elsewhere(*place))
			continue;
		add_case(when, *place, "", "payments-api");
		if (is_repeated(*place))
			add_case(when, *place, ":2", "payments-api");
	}
	add_case(when, "journal-review", "", "docs-search");
	add_case(when, "patch", "", "docs-search");
	add_case(when, "journal-accepted", "", "docs-search");
	add_case(when, "journal-outcome", "", "docs-search");
}

int main(void)
{
	struct error err = { 0 };
	if (!secret_setup(&err))
		return 1;
	add_cases("before");
	add_cases("after");
	int failed = _cmocka_run_group_tests("rollout_crash", tests, case_count, NULL, NULL);
	print_message("# crash points survived: %zu of %zu\n", case_count - (size_t)failed, case_count);
	return failed;
}
