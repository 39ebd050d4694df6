/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What takes a rollout away, with the real program: crash upon crash (each
 * single one is in test_crash_matrix.c), an interrupt, a disk that takes no
 * more, a folder that cannot be written, a journal damaged or too new, a
 * second console.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "fault/deck.h"

#define CVM "payments-api" /* its update takes two signatures */

enum { KILLED = 128 + SIGKILL, CASES_MAX = 32 };

static struct deck *deck;

static const char *const RESUME[] = { "resume", "--yes", "--json", "--wait", NULL };

static void start_update(const char *cvm, const char *const env[], struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", cvm, "-c", deck_compose(deck), "--yes", "--json", "--wait", NULL };

	deck_run(deck, env, args, run);
}

/* ---- what there must be at the end ---- */

static void expect_running(const char *cvm_name, const struct deck_run *run)
{
	json *cvm = deck_cvm(deck, cvm_name);

	assert_string_equal(json_text(cvm, "compose_hash"), json_text(run->result, "compose_hash"));
	assert_string_equal(json_text(cvm, "status"), "running");
	json_free(cvm);
}

static void expect_done(const struct deck_run *run, size_t mined)
{
	deck_expect(run, 0, NULL);
	assert_true(*json_text(run->result, "transaction_hash"));
	expect_running(CVM, run);
	assert_int_equal(deck_mined(deck), mined);
}

/* ---- more than once ---- */

/* Killed on the way, and again while it is resumed, at each step: it still ends once. */
static void test_crash_again_and_again(void **state)
{
	static const char *const at[] = {
		"after-journal-patched", "after-journal-approval", "after-journal-tx", "after-broadcast", "after-journal-receipt", "before-broadcast",
		"after-journal-confirm", "after-confirm",
	};
	struct deck_run run;
	size_t i;

	(void)state;
	deck_reset(deck, NULL);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		char *text = mem_printf("CVMDECK_CRASH_AT=%s", at[i]);
		const char *const env[] = { text, NULL };

		if (i == 0)
			start_update(CVM, env, &run);
		else
			deck_run(deck, env, RESUME, &run);
		free(text);
		if (run.status != KILLED)
			fail_msg("it was not killed at %s: %s", at[i], run.output);
		deck_run_clear(&run);
	}
	deck_run(deck, NULL, RESUME, &run);
	expect_done(&run, 2);
	deck_run_clear(&run);
}

/* Watched only: killed on the way it comes to the same card, and asks for nothing else; with the key it ends. */
static void test_killed_while_watching(void **state)
{
	static const char *const at[] = { "after-patch", "after-journal-patched", "before-check", "after-build" };
	const char *const watching[] = { "resume", "--yes", "--json", "--watch-only", deck_value(deck, "owner"), NULL };
	struct deck_run run;
	json *card;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		char *text = mem_printf("CVMDECK_CRASH_AT=%s", at[i]);

		deck_reset(deck, NULL);
		const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", "--watch-only", deck_value(deck, "owner"), NULL };
		deck_run(deck, (const char *const[]){ text, "PRIVATE_KEY", NULL }, args, &run);
		assert_int_equal(run.status, KILLED);
		deck_run_clear(&run);
		deck_run(deck, (const char *const[]){ "PRIVATE_KEY", NULL }, watching, &run);
		card = deck_event(&run, "card", NULL);
		if (run.status == 0 || !card || strncmp(json_text(card, "unsigned"), "0x02", 4) != 0 || !strstr(json_text(card, "cast_send"), "cast send"))
			fail_msg("killed at %s: %s", at[i], run.output);
		deck_expect_unsigned(deck);
		json_free(card);
		deck_run_clear(&run);
		deck_run(deck, NULL, RESUME, &run);
		deck_expect(&run, 0, NULL);
		assert_int_equal(deck_mined(deck), 1);
		deck_run_clear(&run);
		free(text);
	}
}

/* Approved for one account, it is not signed with another's key. */
static void test_resumed_with_another_key(void **state)
{
	struct deck_run run;
	char *other;

	(void)state;
	deck_reset(deck, NULL);
	other = mem_printf("PRIVATE_KEY=%s", deck_value(deck, "other-key"));
	start_update(CVM, (const char *const[]){ "CVMDECK_CRASH_AT=after-journal-approval", NULL }, &run);
	assert_int_equal(run.status, KILLED);
	deck_run_clear(&run);
	deck_run(deck, (const char *const[]){ other, NULL }, RESUME, &run);
	deck_expect(&run, 7, "signer-other-key");
	deck_expect_unsigned(deck);
	deck_run_clear(&run);
	deck_run(deck, NULL, RESUME, &run);
	expect_done(&run, 2);
	deck_run_clear(&run);
	free(other);
}

/* ---- interrupts, and two at once ---- */

struct interrupt {
	const char *name, *faults, *until;
};

static const struct interrupt interrupts[] = {
	{ "interrupted while it is mined", "{\"chain\":{\"never_mine\":true}}", "device-mined\",\"state\":\"running" },
	{ "interrupted between two confirms", "{\"backend\":{\"confirm_status\":467,\"confirm_times\":9}}", "\"attempt\":1" },
	{ "interrupted while the CVM restarts", "{\"rollout\":{\"mode\":\"never\"}}", "\"phase\":\"rolling\"" },
};

static struct child *start_under(const char *shell)
{
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", "--wait", NULL };

	return deck_start_under(deck, shell, NULL, args);
}

static struct child *start_until(const char *faults, const char *text)
{
	struct child *child;

	deck_reset(deck, faults);
	child = start_under(NULL);
	if (!child_wait_text(child, text, child_deadline_ms()))
		fail_msg("it did not come to %s: %s", text, child_output(child));
	return child;
}

static void interrupt(struct child *child)
{
	struct deck_run run;

	kill(child_pid(child), SIGINT);
	deck_finish(child, &run);
	deck_expect(&run, 8, "interrupted");
	assert_non_null(strstr(json_text(run.result, "next"), json_text(run.result, "resume")));
	assert_non_null(strstr(json_text(run.result, "resume"), json_text(run.result, "rollout")));
	assert_int_equal(strlen(json_text(run.result, "device_transaction_hash")), 66); /* it is out already */
	deck_run_clear(&run);
}

/* The device's transaction is out, and the second one waits for a person who is not there: what was sent is told, not denied. */
static void test_second_not_approved(void **state)
{
	const char *const resume[] = { "resume", "--json", NULL };
	struct child *child = start_until(interrupts[0].faults, interrupts[0].until);
	struct deck_run run;

	(void)state;
	interrupt(child);
	deck_faults(deck, NULL);
	deck_run(deck, NULL, resume, &run);
	deck_expect(&run, 3, "not-approved");
	assert_int_equal(deck_mined(deck), 1);
	assert_int_equal(strlen(json_text(run.result, "device_transaction_hash")), 66);
	assert_string_equal(json_text(run.result, "safe"), "The device stays allowed; the CVM keeps its present compose.");
	assert_null(strstr(json_text(run.result, "message"), "signed"));
	assert_non_null(strstr(json_text(run.result, "next"), json_text(run.result, "rollout")));
	deck_run_clear(&run);
}

static void test_interrupt(void **state)
{
	const struct interrupt *how = *state;
	struct child *child = start_until(how->faults, how->until);
	struct deck_run run;

	interrupt(child);
	if (strstr(how->faults, "never\"")) /* it will not start by itself: the interrupt is what is tried here */
		return;
	deck_faults(deck, NULL);
	deck_run(deck, NULL, RESUME, &run);
	expect_done(&run, 2);
	deck_run_clear(&run);
}

static void test_two_at_once(void **state)
{
	const char *const resume_first[] = { "resume", "--yes", "--json", NULL };
	struct child *first = start_until("{\"chain\":{\"never_mine\":true}}", "device-mined\",\"state\":\"running");
	char *holder = mem_printf("process %ld", (long)child_pid(first));
	struct deck_run run;

	(void)state;
	start_update(CVM, NULL, &run);
	deck_expect(&run, 1, "cvm-held");
	assert_non_null(strstr(json_text(run.result, "message"), holder));
	deck_run_clear(&run);
	deck_run(deck, NULL, resume_first, &run);
	deck_expect(&run, 1, "cvm-held");
	deck_run_clear(&run);
	start_update("checkout-web", (const char *const[]){ "CVMDECK_CRASH_AT=before-sign", NULL }, &run);
	assert_int_equal(run.status, KILLED); /* another CVM is free */
	deck_run_clear(&run);
	assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), 1);
	free(holder);
	interrupt(first);
}

/* ---- the disk ---- */

/* Whatever of the journal could be written: afterwards, with room, it ends once. */
static void test_disk_full(void **state)
{
	const unsigned *blocks = *state;
	char *limit = mem_printf("ulimit -f %u", *blocks);
	struct deck_run run;

	deck_reset(deck, NULL);
	deck_finish(start_under(limit), &run);
	deck_expect(&run, 1, NULL);
	deck_run_clear(&run);
	deck_run(deck, NULL, RESUME, &run);
	if (run.status == 2) { /* nothing had been written */
		assert_int_equal(deck_mined(deck), 0);
		deck_run_clear(&run);
		start_update(CVM, NULL, &run);
	}
	expect_done(&run, 2);
	deck_run_clear(&run);
	free(limit);
}

static void test_folder_unwritable(void **state)
{
	const char *const env[] = { "XDG_STATE_HOME=/proc/self/no-folder", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	start_update(CVM, env, &run);
	deck_expect(&run, 1, NULL);
	deck_expect_untouched(deck);
	deck_run_clear(&run);
}

static void test_folder_a_file(void **state)
{
	char *file, *set;
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	file = deck_write(deck, "no-folder", "x", 1);
	set = mem_printf("XDG_STATE_HOME=%s", file);
	start_update(CVM, (const char *const[]){ set, NULL }, &run);
	deck_expect(&run, 1, NULL);
	deck_expect_untouched(deck);
	deck_run_clear(&run);
	free(file);
	free(set);
}

/* ---- the journal's file ---- */

static char *journal_file(void)
{
	char *dir = deck_state_dir(deck), *path = mem_printf("%s/journal.db", dir);

	free(dir);
	return path;
}

/* A rollout that ended at a card: everything is in the journal and no log beside it. */
static void leave_open_rollout(void)
{
	struct deck_run run;

	deck_reset(deck, NULL);
	start_update(CVM, (const char *const[]){ "PRIVATE_KEY", NULL }, &run);
	deck_expect(&run, 4, "no-key");
	deck_run_clear(&run);
}

/* The backend is not told again, and what it asked for then stands on the card all the same. */
static void test_resumed_card(void **state)
{
	const char *const args[] = { "resume", "--yes", "--wait", NULL };
	struct deck_run run;
	char *row, *line;
	json *cvm;

	(void)state;
	leave_open_rollout();
	deck_run(deck, NULL, args, &run);
	assert_int_equal(run.status, 0);
	assert_int_equal(deck_mined(deck), 2);
	cvm = deck_cvm(deck, CVM);
	row = mem_printf("  ✓ hash from the backend: %s (equals the hash computed here; the answer is the journal's)\n", json_text(cvm, "compose_hash"));
	line = mem_printf("  ✓ hash from the backend: %s\n", json_text(cvm, "compose_hash"));
	assert_non_null(strstr(run.output, row));
	assert_non_null(strstr(run.output, "✓ review                       done earlier\n")); /* not skipped */
	assert_non_null(strstr(run.output, "✓ tell the backend             done earlier\n"));
	assert_non_null(strstr(run.output, "– prepare for the owners"));
	assert_non_null(strstr(run.output, "cvmdeck: the CVM runs the compose that was signed\n"));
	assert_non_null(strstr(strstr(run.output, "Signature 2 of 2: addComposeHash"), line));
	json_free(cvm);
	free(row);
	free(line);
	deck_run_clear(&run);
}

/* Begun without --wait it ends once the backend has taken it; with --wait it is followed from there, and again it is only told. */
static void test_followed_later(void **state)
{
	struct deck_run run;
	json *verified;
	char *id;

	(void)state;
	deck_reset(deck, NULL);
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", NULL };
	deck_run(deck, NULL, args, &run);
	deck_expect(&run, 0, NULL);
	assert_null(deck_event(&run, "check", "after-hash"));
	id = mem_strdup(json_text(run.result, "rollout"));
	deck_run_clear(&run);
	const char *const follow[] = { "resume", id, "--wait", "--json", NULL };
	deck_run(deck, NULL, follow, &run);
	expect_done(&run, 2);
	verified = deck_event(&run, "check", "after-hash");
	assert_string_equal(json_text(verified, "mark"), "good");
	json_free(verified);
	deck_run_clear(&run);
	deck_run(deck, NULL, follow, &run);
	expect_done(&run, 2);
	verified = deck_event(&run, "step", "verified");
	assert_string_equal(json_text(verified, "note"), "done earlier");
	json_free(verified);
	deck_run_clear(&run);
	free(id);
}

static void overwrite(const char *path, long at, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void read_file(const char *path, struct buf *out)
{
	struct error err;

	if (!file_read(path, "journal", 64 * 1024 * 1024, out, &err))
		fail_msg("%s", err.message);
}

/* Every command that needs the journal refuses, in words, and leaves the file as it is. */
static void expect_refused(const char *code)
{
	const char *const history[] = { "history", "--json", NULL };
	char *path = journal_file();
	struct buf before = BUF_INIT, later = BUF_INIT;
	struct deck_run run;
	size_t sent = deck_seen(deck, "api", "PATCH");

	read_file(path, &before);
	deck_run(deck, NULL, RESUME, &run);
	deck_expect(&run, 1, code);
	deck_run_clear(&run);
	deck_run(deck, NULL, history, &run);
	deck_expect(&run, 1, code);
	deck_run_clear(&run);
	start_update(CVM, NULL, &run);
	deck_expect(&run, 1, code);
	deck_run_clear(&run);
	read_file(path, &later);
	assert_int_equal(before.len, later.len);
	assert_memory_equal(before.data, later.data, before.len);
	assert_int_equal(deck_seen(deck, "api", "PATCH"), sent);
	deck_expect_unsigned(deck);
	buf_clear(&before);
	buf_clear(&later);
	free(path);
}

static void test_journal_newer(void **state)
{
	static const uint8_t version[4] = { 0, 0, 0x27, 0x0f };
	char *path;

	(void)state;
	leave_open_rollout();
	path = journal_file();
	overwrite(path, 60, version, sizeof(version)); /* user_version in SQLite's header */
	expect_refused("journal-newer");
	free(path);
}

static void test_journal_damaged(void **state)
{
	const long *at = *state;
	char garbage[700], *path;

	leave_open_rollout();
	path = journal_file();
	memset(garbage, 0xa5, sizeof(garbage));
	overwrite(path, *at, garbage, sizeof(garbage));
	expect_refused("journal-damaged");
	free(path);
}

static void test_journal_is_private(void **state)
{
	char *path, *command;

	(void)state;
	leave_open_rollout();
	path = journal_file();
	command = mem_printf("test \"$(stat -c %%a %s)\" = 600", path);
	assert_int_equal(system(command), 0);
	free(command);
	free(path);
}

/* ---- */

static struct CMUnitTest tests[CASES_MAX];
static size_t test_count;

static void add(const char *name, CMUnitTestFunction function, const void *data)
{
	tests[test_count++] = (struct CMUnitTest){ name, function, NULL, NULL, (void *)(uintptr_t)data };
}

static void add_others(void)
{
	static const unsigned blocks[] = { 0, 40, 80, 128, 200 };
	static const long damage[] = { 0, 4096 + 8, 2 * 4096 + 8 };
	size_t i;

	add("killed again and again", test_crash_again_and_again, NULL);
	add("killed while watching", test_killed_while_watching, NULL);
	add("resumed with another key", test_resumed_with_another_key, NULL);
	for (i = 0; i < sizeof(interrupts) / sizeof(interrupts[0]); i++)
		add(interrupts[i].name, test_interrupt, &interrupts[i]);
	add("the second card not approved", test_second_not_approved, NULL);
	add("two at once", test_two_at_once, NULL);
	add("the card of a resumed one", test_resumed_card, NULL);
	add("followed later", test_followed_later, NULL);
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		add("disk full", test_disk_full, &blocks[i]);
	add("state folder that cannot be made", test_folder_unwritable, NULL);
	add("state folder that is a file", test_folder_a_file, NULL);
	add("journal of a newer program", test_journal_newer, NULL);
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++)
		add("journal damaged by hand", test_journal_damaged, &damage[i]);
	add("journal is private", test_journal_is_private, NULL);
}

int main(void)
{
	add_others();
	return deck_run_tests("crash", &deck, NULL, tests, test_count);
}
