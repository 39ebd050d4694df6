/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was before and what waits, in a terminal against the sandbox: the
 * history of a CVM with both its sources, an old revision deployed again, an
 * update prepared for a Safe's owners with the values they compare, and one
 * prepared elsewhere that is looked at and taken over.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "pty/terminal.h"
#include "rollout/journal.h"
#include "rollout_drive.h"
#include "wire/json.h"

/* Latencies, blocks and times; of what is prepared the token. */
static const char *const masks[] = { "^ cvmdeck .*", " +[0-9]+( ms|s|m [0-9]+s|h [0-9]+m|d [0-9]+h)\\b", "20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:]+Z",
	                             "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", NULL };

struct desk {
	struct drive drive;
	char *home;
	struct terminal *terminal;
};

static void open_console(struct desk *desk, int columns, int rows)
{
	char *program = child_build_path("cvmdeck"), *prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", desk->drive.api);
	char *key = mem_printf("PRIVATE_KEY=%s", desk->drive.key), *rpc = mem_printf("ETH_RPC_URL=%s", desk->drive.rpc);
	const char *const argv[] = { program, NULL }, *const env[] = { prefix, key, rpc, "PHALA_CLOUD_API_KEY=sandbox", NULL };
	struct terminal_options options = { .columns = columns, .rows = rows, .env = env, .home = desk->home };

	desk->terminal = terminal_start(argv, &options);
	terminal_expect(desk->terminal, "payments-api");
	free(program);
	free(prefix);
	free(key);
	free(rpc);
}

static void open_desk(struct desk *desk, int columns, int rows)
{
	struct error err = { 0 };
	char *path;

	memset(desk, 0, sizeof(*desk));
	drive_begin(&desk->drive, NULL);
	drive_open(&desk->drive, NULL);
	desk->home = child_make_dir();
	path = mem_printf("%s/compose.yml", desk->home);
	assert_true(file_write(path, drive_compose(), strlen(drive_compose()), 0600, &err));
	free(path);
	open_console(desk, columns, rows);
}

static void close_desk(struct desk *desk)
{
	terminal_key(desk->terminal, "ctrl-c");
	terminal_expect_exit(desk->terminal, 0);
	assert_false(terminal_alternate(desk->terminal));
	terminal_free(desk->terminal);
	child_remove_dir(desk->home);
	free(desk->home);
	drive_end(&desk->drive);
}

/* Finds a CVM by typing. */
static void go_to(struct desk *desk, const char *name)
{
	char *filter = mem_printf("/%s", name), *row = mem_printf("▸%.8s", name); /* the column may be narrow */

	terminal_type(desk->terminal, filter);
	terminal_expect(desk->terminal, "1 of 56 CVMs");
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, row);
	free(filter);
	free(row);
}

static void approve(struct desk *desk)
{
	terminal_type(desk->terminal, "a");
	terminal_expect(desk->terminal, "Send this update?");
	terminal_wait_quiet(desk->terminal, 100);
	terminal_type(desk->terminal, "y");
}

static void review_compose_file(struct desk *desk)
{
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, "compose file:");
	terminal_type(desk->terminal, "compose.yml");
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, "nothing was sent yet");
}

/* One key on its own, once what it answers has been seen. */
static void press(struct desk *desk, const char *expected, const char *key)
{
	terminal_expect(desk->terminal, expected);
	terminal_wait_quiet(desk->terminal, 100);
	terminal_type(desk->terminal, key);
}

static void update(struct desk *desk)
{
	review_compose_file(desk);
	approve(desk);
	press(desk, "[ y sign and send ]", "y");
	terminal_expect(desk->terminal, "the CVM runs the compose that was signed");
}

/* Executes what is pending for an app, as its Safe's owners would; tx: the last transaction's hash. */
static void execute(struct desk *desk, const char *calls, char tx[80])
{
	char *copy = mem_strdup(calls);
	struct error err = { 0 };
	char *line, *rest = NULL;

	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *data = strchr(line, ' '), *body;
		json *answer;
		const json *item;

		*data++ = '\0';
		body = mem_printf("{\"to\":\"%s\",\"data\":\"%s\"}", line, data);
		{
			const char *text = drive_control(&desk->drive, "/__execute", body);

			answer = json_parse(text, strlen(text), &err);
		}
		for (item = json_first(answer); item; item = json_next(item))
			if (strlen(json_string(item, "")) == 66)
				text_copy(tx, 80, json_string(item, ""));
		json_free(answer);
		free(body);
	}
	free(copy);
}

/* What another console prepares: the calls its owners are given; the caller frees. */
static char *prepare_elsewhere(struct desk *desk)
{
	struct rollout_request request = drive_request("treasury-signer", drive_compose());
	char *calls;

	drive_run(&desk->drive, &request);
	if (!desk->drive.outcome.success)
		fail_msg("%s", desk->drive.outcome.error.message);
	assert_int_equal(desk->drive.phase, PHASE_PREPARED);
	calls = mem_strdup(rollout_view(desk->drive.rollout)->prepared->calls_text);
	drive_close(&desk->drive);
	drive_open(&desk->drive, NULL);
	return calls;
}

static void keep_calls(void *ctx, const struct journal_entry *entry)
{
	struct error err = { 0 };
	json *saved;

	if (entry->kind != JOURNAL_PREPARED)
		return;
	saved = json_parse(entry->text, strlen(entry->text), &err);
	*(char **)ctx = mem_strdup(json_text(saved, "calls"));
	json_free(saved);
}

/* What the console itself prepared, from its journal; the caller frees. */
static char *prepared_calls(const struct desk *desk)
{
	char *folder = mem_printf("%s/.local/state/cvmdeck", desk->home), *calls = NULL;
	struct error err = { 0 };
	struct journal *journal = journal_open(folder, &err);
	struct journal_rollout *list = NULL;
	size_t count = 0, i;

	assert_non_null(journal);
	assert_true(journal_list(journal, NULL, false, 10, &list, &count, &err));
	for (i = 0; !calls && i < count; i++)
		assert_true(journal_entries(journal, list[i].id, keep_calls, &calls, &err));
	assert_non_null(calls);
	free(list);
	journal_close(journal);
	free(folder);
	return calls;
}

static void test_history(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, 80, 24);
	terminal = desk.terminal;
	go_to(&desk, "checkout-web");
	update(&desk);
	terminal_type(terminal, "h");
	terminal_expect(terminal, "here");
	terminal_expect(terminal, "Phala");
	terminal_expect(terminal, "in force");
	terminal_golden(terminal, "history_80x24", masks);
	/* what the journal keeps of it */
	terminal_type(terminal, "j");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "compose hash");
	terminal_expect(terminal, "addComposeHash(0x");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "SOURCE");
	/* the oldest and the newest, marked in the wrong order, compared in the right one */
	terminal_type(terminal, "gm");
	terminal_key(terminal, "end");
	terminal_type(terminal, "md");
	terminal_expect(terminal, "+     image: nginx:1.27");
	terminal_expect(terminal, "✓ recomputed");
	terminal_golden(terminal, "history_diff_80x24", masks);
	terminal_resize(terminal, 120, 40);
	terminal_type(terminal, "q");
	terminal_expect(terminal, "TIME");
	terminal_golden(terminal, "history_120x40", masks);
	close_desk(&desk);
}

/* An old revision goes the same way as any update: review, approval, card; its hash is allowed already. */
static void test_deploy_again(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, 80, 24);
	terminal = desk.terminal;
	go_to(&desk, "checkout-web");
	update(&desk);
	terminal_type(terminal, "h");
	terminal_expect(terminal, "Phala");
	terminal_expect_gone(terminal, "history ⠋");
	terminal_key(terminal, "end");
	terminal_type(terminal, "u");
	terminal_expect(terminal, "nothing was sent yet");
	terminal_expect(terminal, "with the very same compose hash");
	terminal_expect(terminal, "nginx:1.27 → caddy:2.7.6");
	approve(&desk);
	press(&desk, "[ y sign and send ]", "y");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	close_desk(&desk);
}

/* For a Safe's owners: everything whole on the screen, copied by key, and committed from here. */
static void test_prepared(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char tx[80] = "", *calls;

	(void)state;
	open_desk(&desk, 80, 24);
	terminal = desk.terminal;
	go_to(&desk, "treasury-signer");
	review_compose_file(&desk);
	approve(&desk);
	terminal_expect(terminal, "2 owners must sign");
	terminal_expect(terminal, "✓ the Safe computes the same");
	terminal_golden(terminal, "prepared_80x24", masks);
	terminal_type(terminal, "jy");
	terminal_expect(terminal, "copied the Safe hash:");
	assert_non_null(strstr(terminal_output(terminal, NULL), "\033]52;"));
	terminal_key(terminal, "end");
	terminal_expect(terminal, "▸commit with");
	terminal_resize(terminal, 120, 40);
	terminal_expect(terminal, "--commit --token");
	terminal_expect(terminal, "valid until 20");
	terminal_expect(terminal, "for the Safe's Transaction Builder");
	terminal_expect(terminal, "domain hash");
	terminal_expect(terminal, "message hash");
	/* what the owners do, by the values on the screen's file */
	assert_int_equal(drive_sent(&desk.drive), 0);
	terminal_type(terminal, "C");
	terminal_expect(terminal, "owners' transaction");
	terminal_type(terminal, "0x12");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "a transaction hash is 0x and 64 hex digits");
	terminal_type(terminal, "C");
	terminal_expect(terminal, "owners' transaction");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "waiting for the allowlist");
	calls = prepared_calls(&desk);
	execute(&desk, calls, tx);
	free(calls);
	terminal_expect(terminal, "the CVM runs the compose that the contract allows");
	assert_int_equal(drive_sent(&desk.drive), 0);
	/* What the commit has finished is not offered at the next start. */
	terminal_key(terminal, "ctrl-c");
	terminal_expect_exit(terminal, 0);
	terminal_free(terminal);
	open_console(&desk, 80, 24);
	terminal_wait_quiet(desk.terminal, 300);
	assert_true(terminal_find(desk.terminal, "Go on where it stands?", NULL) < 0);
	terminal_type(desk.terminal, "h");
	terminal_expect(desk.terminal, "SOURCE");
	terminal_type(desk.terminal, "a");
	terminal_expect(desk.terminal, "history of every CVM");
	terminal_expect(desk.terminal, "commit");
	close_desk(&desk);
}

static void test_take_over(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char tx[80] = "", *calls;

	(void)state;
	open_desk(&desk, 80, 24);
	terminal = desk.terminal;
	calls = prepare_elsewhere(&desk);
	go_to(&desk, "treasury-signer");
	terminal_type(terminal, "p");
	terminal_expect(terminal, "waits for its owners");
	terminal_golden(terminal, "pending_80x24", masks);
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "+     image: nginx:1.27");
	terminal_expect(terminal, "✓ this text gives it");
	terminal_resize(terminal, 120, 40);
	terminal_golden(terminal, "pending_diff_120x40", masks);
	terminal_type(terminal, "t");
	press(&desk, "Take this update over?", "y");
	terminal_expect(terminal, "waiting for the allowlist");
	assert_int_equal(drive_requests(&desk.drive, "PATCH", "/cvms/"), 1); /* the one that prepared it */
	execute(&desk, calls, tx);
	terminal_expect(terminal, "the CVM runs the compose that the contract allows");
	assert_int_equal(drive_sent(&desk.drive), 0);
	free(calls);
	close_desk(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history), cmocka_unit_test(test_deploy_again), cmocka_unit_test(test_prepared), cmocka_unit_test(test_take_over),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
