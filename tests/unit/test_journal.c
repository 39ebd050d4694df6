/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what is written is read back; what cannot be kept is an error with nothing half done. */
#include "unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/secret.h"
#include "rollout/journal.h"

static char dir[64];

static int fresh_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cvmdeck-journal-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? 0 : -1;
}

static void must(bool ok, const struct error *err)
{
	if (!ok)
		fail_msg("%s: %s", err->code, err->message);
}

static struct journal *must_open(void)
{
	struct error err = { 0 };
	struct journal *journal = journal_open(dir, &err);
	must(journal != NULL, &err);
	return journal;
}

static void begin_as(struct journal *journal, const char *id, int64_t at, const char *kind, const char *uuid)
{
	struct error err = { 0 };
	struct journal_write write = { .kind = JOURNAL_PLAN, .rollout = id, .at_ms = at, .text = "{\"plan\":1}", .state = "{\"state\":\"patching\"}",
				       .phase = "patching", .rollout_kind = kind, .cvm_uuid = uuid, .cvm_name = "payments-api",
				       .app_id = "0xaa", .old_hash = "0x01", .new_hash = "0x02" };
	must(journal_write(journal, &write, &err), &err);
}

static void begin(struct journal *journal, const char *id, int64_t at)
{
	begin_as(journal, id, at, "update", "u-1");
}

static void end_as(struct journal *journal, const char *id, int64_t at, const char *outcome)
{
	struct error err = { 0 };
	struct journal_write end = { .kind = JOURNAL_EVENT, .rollout = id, .at_ms = at, .outcome = outcome };
	must(journal_write(journal, &end, &err), &err);
}

static void rows_come_back(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct journal *journal = must_open();
	begin(journal, "20260101-000000-aaaaaa", 1000);
	struct journal_write tx = { .kind = JOURNAL_TRANSACTION, .rollout = "20260101-000000-aaaaaa", .at_ms = 2000, .digest = "dd", .hash = "hh",
				    .bytes = "\x02\x00\xff", .len = 3, .state = "{\"state\":\"sending\"}", .phase = "mining" };
	must(journal_write(journal, &tx, &err), &err);
	journal_close(journal);

	journal = must_open();
	struct journal_rollout found;
	must(journal_find(journal, "20260101", &found, &err), &err);
	assert_string_equal(found.cvm_name, "payments-api");
	assert_string_equal(found.phase, "mining");
	assert_string_equal(found.outcome, "");
	assert_int_equal(found.changed_ms, 2000);
	char *saved, *plan;
	must(journal_load(journal, found.id, &saved, &plan, &err), &err);
	assert_string_equal(saved, "{\"state\":\"sending\"}");
	assert_string_equal(plan, "{\"plan\":1}");
	free(saved);
	free(plan);
	struct buf raw = BUF_INIT;
	assert_true(journal_bytes(journal, found.id, JOURNAL_TRANSACTION, "dd", &raw, &err));
	assert_int_equal(raw.len, 3);
	assert_memory_equal(raw.data, "\x02\x00\xff", 3);
	assert_false(journal_bytes(journal, found.id, JOURNAL_APPROVAL, "dd", &raw, &err));
	assert_int_equal(err.status, STATUS_OK);
	buf_clear(&raw);
	journal_close(journal);
}

static void lists_open_ones(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct journal *journal = must_open();
	struct journal_rollout *list;
	size_t count;
	struct journal_rollout found;
	assert_false(journal_find(journal, NULL, &found, &err));
	assert_string_equal(err.code, "rollout-unknown");
	begin(journal, "20260101-000000-aaaaaa", 1000);
	begin(journal, "20260101-000001-bbbbbb", 2000);
	end_as(journal, "20260101-000001-bbbbbb", 3000, "failed");
	must(journal_list(journal, NULL, true, 10, &list, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].id, "20260101-000000-aaaaaa");
	free(list);
	must(journal_list(journal, "u-1", false, 10, &list, &count, &err), &err);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].outcome, "failed");
	free(list);
	assert_false(journal_find(journal, "2026", &found, &err));
	assert_string_equal(err.code, "rollout-ambiguous");
	must(journal_find(journal, NULL, &found, &err), &err);
	assert_string_equal(found.id, "20260101-000000-aaaaaa");
	journal_close(journal);
}

/* Going on with what a later rollout replaced would undo that one: it is done only when it is named. */
static void overtaken_is_left_alone(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct journal *journal = must_open();
	struct journal_rollout found;
	begin(journal, "20260101-000000-aaaaaa", 1000);
	begin_as(journal, "20260101-000001-bbbbbb", 2000, "update", "u-2");
	begin_as(journal, "20260101-000002-cccccc", 3000, "allow", "u-1");
	end_as(journal, "20260101-000002-cccccc", 3500, "done");
	must(journal_find(journal, "20260101-000000", &found, &err), &err);
	assert_false(found.overtaken); /* a device that was allowed replaces no document */
	begin(journal, "20260101-000003-dddddd", 4000);
	begin_as(journal, "20260101-000004-eeeeee", 3900, "allow", "u-1");
	end_as(journal, "20260101-000003-dddddd", 4500, "done");
	must(journal_find(journal, "20260101-000000", &found, &err), &err);
	assert_true(found.overtaken);
	must(journal_find(journal, NULL, &found, &err), &err);
	assert_string_equal(found.id, "20260101-000004-eeeeee"); /* nor is what only allows overtaken */
	end_as(journal, "20260101-000004-eeeeee", 5000, "failed");
	must(journal_find(journal, NULL, &found, &err), &err);
	assert_string_equal(found.id, "20260101-000001-bbbbbb");
	journal_close(journal);
}

static void nobody_else_reads_it(void **state)
{
	(void)state;
	struct stat info;
	struct journal *journal = must_open();
	begin(journal, "a", 1);
	static const char *const names[] = { "journal.db", "journal.db-wal", "journal.db-shm" };
	for (size_t i = 0; i < 3; i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
	journal_close(journal);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static void damaged_is_said(void **state)
{
	(void)state;
	struct error err = { 0 };
	char rubbish[8192];
	memset(rubbish, 'x', sizeof(rubbish));
	write_file("journal.db", rubbish, sizeof(rubbish));
	assert_null(journal_open(dir, &err));
	assert_string_equal(err.code, "journal-damaged");
	assert_int_equal(err.status, STATUS_INPUT);
	assert_true(err.next[0] != '\0');
}

static void damaged_page_is_said(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct journal *journal = must_open();
	for (int i = 0; i < 200; i++) {
		char id[16];
		snprintf(id, sizeof(id), "id-%d", i);
		begin(journal, id, i);
	}
	journal_close(journal);
	char path[128];
	snprintf(path, sizeof(path), "%s/journal.db", dir);
	int fd = open(path, O_WRONLY);
	char hole[8000];
	memset(hole, 0x5a, sizeof(hole));
	assert_int_equal(pwrite(fd, hole, sizeof(hole), 4096), (ssize_t)sizeof(hole));
	close(fd);
	assert_null(journal_open(dir, &err));
	assert_string_equal(err.code, "journal-damaged");
}

static void newer_is_said(void **state)
{
	(void)state;
	struct error err = { 0 };
	journal_close(must_open());
	char path[128];
	snprintf(path, sizeof(path), "%s/journal.db", dir);
	int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "\0\0\0\x63", 4, 60), 4); /* user_version in SQLite's header */
	close(fd);
	assert_null(journal_open(dir, &err));
	assert_string_equal(err.code, "journal-newer");
}

static void folder_that_cannot_be_is_said(void **state)
{
	(void)state;
	struct error err = { 0 };
	write_file("plain", "x", 1);
	char path[128];
	snprintf(path, sizeof(path), "%s/plain/deeper", dir);
	assert_null(journal_open(path, &err));
	assert_string_equal(err.code, "journal-folder");
	assert_int_equal(err.status, STATUS_INPUT);
	assert_true(err.next[0] != '\0');
}

/* In a child, since the limit holds for the process: writes fail, what was written stays. */
static void fill_up(void)
{
	struct error err = { 0 };
	struct journal *journal = journal_open(dir, &err);
	signal(SIGXFSZ, SIG_IGN);
	begin(journal, "first", 1);
	struct rlimit limit = { 200 * 1024, 200 * 1024 };
	setrlimit(RLIMIT_FSIZE, &limit);
	char *big = mem_new(1, 300 * 1024);
	memset(big, 'b', 300 * 1024 - 1);
	struct journal_write write = { .kind = JOURNAL_EVENT, .rollout = "first", .at_ms = 2, .text = big, .state = "lost" };
	bool ok = journal_write(journal, &write, &err);
	free(big);
	journal_close(journal);
	_exit(!ok && err.status == STATUS_INPUT && strncmp(err.code, "journal-", 8) == 0 ? 0 : 1);
}

static void full_disk_loses_nothing(void **state)
{
	(void)state;
	struct error err = { 0 };
	int status;
	pid_t child = fork();
	if (child == 0)
		fill_up();
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	struct journal *journal = must_open();
	char *saved, *plan;
	must(journal_load(journal, "first", &saved, &plan, &err), &err);
	assert_string_equal(saved, "{\"state\":\"patching\"}");
	free(saved);
	free(plan);
	journal_close(journal);
}

static void ids_sort_by_time(void **state)
{
	(void)state;
	char a[JOURNAL_ID_SIZE], b[JOURNAL_ID_SIZE];
	journal_new_id(a, 1767225600000);
	journal_new_id(b, 1767225601000);
	assert_memory_equal(a, "20260101-000000-", 16);
	assert_true(strcmp(a, b) < 0);
}

static void expect_words(const struct journal_entry *entry, const char *words)
{
	struct buf out = BUF_INIT;
	journal_describe(&out, entry);
	if (!strstr(buf_text(&out), words))
		fail_msg("\"%s\" does not say \"%s\"", buf_text(&out), words);
	assert_null(strpbrk(buf_text(&out), "\n\033"));
	buf_clear(&out);
}

/* What a person reads at night: the call and not its bytes, and never an escape sequence of a backend. */
static void rows_have_words(void **state)
{
	(void)state;
	static const char approval[] = "{\"to\":\"0xAbc\",\"nonce\":4,\"data\":\"0xdfc77223"
				       "1111111111111111111111111111111111111111111111111111111111111111\"}";
	static const char red[] = "0x1: kms was \033]0;x\007a";
	const struct journal_entry entries[] = {
		{ JOURNAL_APPROVAL, 0, "approval", "d1", "", approval, NULL, 0, 0 },
		{ JOURNAL_TRANSACTION, 0, "tx", "d1", "0xaa", "", "abc", 3, 0 },
		{ JOURNAL_RECEIPT, 0, "receipt", "", "0xaa", "{\"block\":12,\"paid_wei\":\"1000000000000000\"}", NULL, 0, 0 },
		{ JOURNAL_ANSWER, 0, "accepted", "", "", "corr\033[2J-1", NULL, 0, 202 },
		{ JOURNAL_OVERRIDE, 0, "override", "", "", "target-pin because we moved", red, sizeof(red) - 1, 0 },
		{ JOURNAL_EVENT, 0, "outcome", "", "", "{\"success\":false,\"code\":\"went-back\",\"message\":\"It runs\\nits old\"}", NULL, 0, 0 },
		{ JOURNAL_EVENT, 0, "outcome", "", "", "{broken", NULL, 0, 0 },
		{ JOURNAL_EVENT, 0, "of a later\033 program", "", "", "", NULL, 0, 0 },
	};
	static const char *const words[] = {
		"approved: addComposeHash(0x1111", "signed: 0xaa", "mined: 0xaa in block 12, paid 0.001 ETH", "HTTP 202", "overridden: target-pin because we moved; it was red",
		"stopped: went-back: It runs", "stopped", "of a later",
	};
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		expect_words(&entries[i], words[i]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh_dir, remove_dir)
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_words),
		CASE(rows_come_back),	 CASE(lists_open_ones),		      CASE(overtaken_is_left_alone),
		CASE(nobody_else_reads_it),	   CASE(damaged_is_said),
		CASE(damaged_page_is_said), CASE(newer_is_said), CASE(folder_that_cannot_be_is_said), CASE(full_disk_loses_nothing),
		CASE(ids_sort_by_time),
	};
	struct error err = { 0 };
	return secret_setup(&err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
