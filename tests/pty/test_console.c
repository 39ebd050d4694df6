/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole product in a terminal, against the sandbox: an operator opens it,
 * finds a CVM, reviews a real difference, signs twice and follows to running;
 * and says no, and the sandbox's own record shows that nothing was sent.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "pty/terminal.h"
#include "rollout_drive.h"

/* What differs from run to run: latencies and blocks in the header, and uptimes. */
static const char *const masks[] = { "^ cvmdeck .*", "at block [0-9 ]*[0-9]", " *[0-9]+(d [0-9]+h|h [0-9]+m|m [0-9]+s|s)$", NULL };

struct desk {
	struct drive drive;
	char *home;
	struct terminal *terminal;
};

static void write_compose(struct desk *desk)
{
	char *path = mem_printf("%s/compose.yml", desk->home);
	struct error err = { 0 };
	const char *text = drive_compose();

	assert_true(file_write(path, text, strlen(text), 0600, &err));
	free(path);
}

/* In the desk's own home, so that it can be opened again there. */
static void start_program(struct desk *desk, const char *const arguments[], int columns, int rows)
{
	char *program = child_build_path("cvmdeck"), *prefix, *key, *rpc;
	const char *argv[8] = { program };
	size_t i;

	for (i = 0; arguments && arguments[i]; i++)
		argv[i + 1] = arguments[i];
	prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", desk->drive.api);
	key = mem_printf("PRIVATE_KEY=%s", desk->drive.key);
	rpc = mem_printf("ETH_RPC_URL=%s", desk->drive.rpc);
	{
		const char *env[] = { prefix, key, rpc, "PHALA_CLOUD_API_KEY=sandbox", "EDITOR=sed -i s/1.25/1.28/", NULL };
		struct terminal_options options = { .columns = columns, .rows = rows, .env = env, .home = desk->home };

		desk->terminal = terminal_start(argv, &options);
	}
	free(program);
	free(prefix);
	free(key);
	free(rpc);
}

static void open_console(struct desk *desk, int columns, int rows)
{
	start_program(desk, NULL, columns, rows);
	terminal_expect(desk->terminal, "payments-api");
}

static void make_desk(struct desk *desk, const char *faults)
{
	memset(desk, 0, sizeof(*desk));
	drive_begin(&desk->drive, faults);
	drive_open(&desk->drive, NULL);
	desk->home = child_make_dir();
	write_compose(desk);
}

static void open_desk(struct desk *desk, const char *faults, int columns, int rows)
{
	make_desk(desk, faults);
	open_console(desk, columns, rows);
}

static void close_desk(struct desk *desk)
{
	terminal_free(desk->terminal);
	child_remove_dir(desk->home);
	free(desk->home);
	drive_end(&desk->drive);
}

static void quit(struct desk *desk)
{
	terminal_key(desk->terminal, "ctrl-c");
	terminal_expect_exit(desk->terminal, 0);
	assert_false(terminal_alternate(desk->terminal));
}

/* Finds the CVM by typing, and opens the review of the compose file. */
static void to_review(struct desk *desk)
{
	struct terminal *terminal = desk->terminal;

	terminal_type(terminal, "/payments");
	terminal_expect(terminal, "1 of 56 CVMs");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "▸payments-api");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "compose file:");
	terminal_type(terminal, "comp");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "compose.yml");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "nothing was sent yet");
}

static void approve(struct desk *desk)
{
	terminal_type(desk->terminal, "a");
	terminal_expect(desk->terminal, "Send this update?");
	terminal_type(desk->terminal, "y");
}

static void test_update(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, NULL, 80, 24);
	terminal = desk.terminal;
	to_review(&desk);
	terminal_expect(terminal, "✓ recomputed");
	terminal_golden(terminal, "console_review", masks);
	terminal_type(terminal, "2");
	terminal_expect(terminal, "+     image: nginx:1.27");
	terminal_expect(terminal, "-     image: nginx:1.25");
	terminal_golden(terminal, "console_compose", masks);
	approve(&desk);
	terminal_expect(terminal, "Signature 1 of 2");
	terminal_expect(terminal, "addDevice(");
	terminal_resize(terminal, 200, 60);
	terminal_expect(terminal, "allowedComposeHashes(new)");
	terminal_expect(terminal, "Signature 1 of 2");
	terminal_wait_quiet(terminal, 100);
	terminal_type(terminal, "y");
	terminal_expect(terminal, "Signature 2 of 2");
	terminal_resize(terminal, 80, 24);
	terminal_expect(terminal, "addComposeHash(");
	terminal_expect(terminal, "equals the hash the backend asked for");
	terminal_expect(terminal, "[ y sign and send ]");
	terminal_wait_quiet(terminal, 100);
	terminal_type(terminal, "y");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	terminal_type(terminal, "l");
	terminal_expect(terminal, "● serial");
	terminal_expect(terminal, "dstack-guest"); /* the serial console has spoken */
	terminal_type(terminal, "k");
	terminal_expect(terminal, "paused");
	terminal_type(terminal, "G");
	terminal_expect(terminal, "following");
	quit(&desk);
	close_desk(&desk);
}

static void test_refused_signature(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, NULL, 80, 24);
	terminal = desk.terminal;
	to_review(&desk);
	approve(&desk);
	terminal_expect(terminal, "Signature 1 of 2");
	terminal_type(terminal, "N");
	terminal_expect_gone(terminal, "Signature 1 of 2");
	terminal_expect(terminal, "safe now");
	assert_int_equal(drive_sent(&desk.drive), 0);
	/* One PATCH, that which opened the second phase; no confirm. */
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 1);
	quit(&desk);
	close_desk(&desk);
}

static void test_declined_review(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, NULL, 120, 40);
	terminal = desk.terminal;
	to_review(&desk);
	terminal_type(terminal, "a");
	terminal_expect(terminal, "Send this update?");
	terminal_key(terminal, "enter"); /* the default */
	terminal_expect_gone(terminal, "Send this update?");
	terminal_type(terminal, "d");
	terminal_expect(terminal, "not approved; nothing was sent");
	terminal_expect(terminal, "▸payments-api"); /* home again */
	terminal_wait_quiet(terminal, 200);
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 0);
	assert_int_equal(drive_requests(&desk.drive, "POST", "/cvms/"), 0);
	assert_int_equal(drive_sent(&desk.drive), 0);
	quit(&desk);
	close_desk(&desk);
}

/* The backend asks for another hash than the one computed here: no signature can be given. */
static void test_other_hash(void **state)
{
	static const char faults[] = "{\"backend\":{\"compose_hash\":\"1111111111111111111111111111111111111111111111111111111111111111\"}}";
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, faults, 120, 40);
	terminal = desk.terminal;
	to_review(&desk);
	approve(&desk);
	terminal_expect(terminal, "code        hash-backend");
	terminal_expect(terminal, "computed here is");
	terminal_type(terminal, "y");
	terminal_wait_quiet(terminal, 500);
	assert_true(terminal_find(terminal, "sign and send", NULL) < 0);
	terminal_type(terminal, "y");
	terminal_wait_quiet(terminal, 200);
	assert_int_equal(drive_sent(&desk.drive), 0);
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 1);
	quit(&desk);
	close_desk(&desk);
}

/* Killed between two signatures; the next start offers to go on, and signs nothing twice. */
static void test_resume(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk, NULL, 80, 24);
	to_review(&desk);
	approve(&desk);
	terminal_expect(desk.terminal, "Signature 1 of 2");
	terminal_expect(desk.terminal, "[ y sign and send ]");
	terminal_wait_quiet(desk.terminal, 100);
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "Signature 2 of 2");
	kill(terminal_pid(desk.terminal), SIGKILL);
	terminal_expect_exit(desk.terminal, 128 + SIGKILL);
	terminal_free(desk.terminal);
	open_console(&desk, 80, 24);
	terminal_expect(desk.terminal, "Go on where it stands?");
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "addComposeHash(");
	terminal_expect(desk.terminal, "[ y sign and send ]");
	terminal_wait_quiet(desk.terminal, 100);
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	quit(&desk);
	close_desk(&desk);
}

static void test_edit(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, NULL, 80, 24);
	terminal = desk.terminal;
	terminal_type(terminal, "/payments");
	terminal_expect(terminal, "1 of 56 CVMs");
	terminal_key(terminal, "enter");
	terminal_type(terminal, "e");
	terminal_expect(terminal, "nginx:1.25 → 1.28");
	quit(&desk);
	close_desk(&desk);
}

static void test_hostile_logs(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_desk(&desk, "{\"logs\":{\"hostile\":true}}", 120, 40);
	terminal = desk.terminal;
	terminal_type(terminal, "/payments");
	terminal_expect(terminal, "1 of 56 CVMs");
	terminal_key(terminal, "enter");
	terminal_type(terminal, "l");
	terminal_expect(terminal, "following");
	terminal_expect(terminal, "^[");
	/* Nothing that came from outside was carried out. */
	assert_string_equal(terminal_title(terminal), "");
	assert_null(strstr(terminal_output(terminal, NULL), "\033]0;"));
	assert_null(strstr(terminal_output(terminal, NULL), "\033]52"));
	assert_true(terminal_alternate(terminal));
	quit(&desk);
	close_desk(&desk);
}

/* The deploy verb on a terminal begins at the review; leaving without a yes is exit 3, and nothing was sent. */
static void test_deploy_opens_the_review(void **state)
{
	static const char *const arguments[] = { "deploy", "--cvm-id", "payments-api", "-c", "compose.yml", NULL };
	struct desk desk;

	(void)state;
	make_desk(&desk, NULL);
	start_program(&desk, arguments, 100, 30);
	terminal_expect(desk.terminal, "nothing was sent yet");
	terminal_key(desk.terminal, "ctrl-c");
	terminal_expect_exit(desk.terminal, 3);
	assert_false(terminal_alternate(desk.terminal));
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 0);
	close_desk(&desk);
}

static void test_sandbox_is_said(void **state)
{
	char *program = child_build_path("cvmdeck");
	const char *const argv[] = { program, "--sandbox", NULL };
	struct terminal *terminal = terminal_start(argv, NULL);

	(void)state;
	terminal_expect(terminal, " SANDBOX ");
	terminal_expect(terminal, "payments-api");
	terminal_golden(terminal, "console_workspace", masks);
	/* A name that is hostile is shown, and not carried out. */
	terminal_type(terminal, "/owned");
	terminal_expect(terminal, "user-^[]0;own");
	assert_null(strstr(terminal_output(terminal, NULL), "\033]0;owned"));
	terminal_key(terminal, "enter");
	terminal_type(terminal, "q");
	terminal_expect_exit(terminal, 0);
	terminal_free(terminal);
	free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_update), cmocka_unit_test(test_refused_signature), cmocka_unit_test(test_declined_review),
		cmocka_unit_test(test_other_hash), cmocka_unit_test(test_resume), cmocka_unit_test(test_edit), cmocka_unit_test(test_hostile_logs),
		cmocka_unit_test(test_sandbox_is_said), cmocka_unit_test(test_deploy_opens_the_review),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
