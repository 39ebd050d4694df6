/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A red check in the console: it stops before any signature, goes on only when
 * its name and a reason were typed out, and keeps both in the journal.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "pty/desk.h"

/* The code behind the contract is another one than at the last rollout: so says this machine's own record of it. */
static void change_the_pin(struct desk *desk)
{
	char *path = mem_printf("%s/.local/state/cvmdeck/pins.json", desk->home), *at;
	struct buf text = BUF_INIT;
	struct error err = { 0 };

	assert_true(file_read(path, "pins", 1 << 20, &text, &err));
	at = strstr(buf_text(&text), "\"code_hash\"");
	at = at ? strstr(at, "0x") : NULL;
	assert_non_null(at);
	memcpy(at + 2, "00000000", 8);
	assert_true(file_write(path, text.data, text.len, 0600, &err));
	buf_clear(&text);
	free(path);
}

static void write_other_compose(struct desk *desk)
{
	static const char compose[] = "services:\n  web:\n    image: nginx:1.29\n";
	char *path = mem_printf("%s/compose.yml", desk->home);
	struct error err = { 0 };

	assert_true(file_write(path, compose, strlen(compose), 0600, &err));
	free(path);
}

/* A first rollout that pins the target, and a second that finds it changed. */
static void to_red_check(struct desk *desk)
{
	desk_begin(desk, NULL);
	desk_open(desk);
	desk_go_to(desk, "checkout-web");
	desk_update(desk);
	desk_leave(desk);
	change_the_pin(desk);
	write_other_compose(desk);
	desk_open(desk);
	desk_go_to(desk, "checkout-web");
	desk_review(desk);
	desk_approve(desk);
	terminal_expect(desk->terminal, "” is red");
	assert_int_equal(drive_sent(&desk->drive), 1);
}

static void override(struct desk *desk, const char *text)
{
	terminal_type(desk->terminal, "o");
	terminal_expect(desk->terminal, "type it out");
	terminal_expect(desk->terminal, "implementation because");
	terminal_type(desk->terminal, text);
	terminal_key(desk->terminal, "enter");
}

/* Entries of kind override in the journal that hold the text. */
static unsigned kept(struct desk *desk, const char *text)
{
	char *rollout = desk_newest(desk, "rollout");
	unsigned count = desk_history(desk, rollout, "\"entry\":\"override\"", text);

	free(rollout);
	return count;
}

static void test_override(void **state)
{
	static const struct { const char *typed, *answer; } refused[] = {
		{ "go on", "CHECK because REASON" },
		{ "implementation because ", "CHECK because REASON" },
		{ "nonsense because I say so", "no check of that name" },
		{ "hash-backend because I say so", "cannot be overridden" },
	};
	struct terminal *terminal;
	struct desk desk;
	size_t i;

	(void)state;
	to_red_check(&desk);
	terminal = desk.terminal;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		override(&desk, refused[i].typed);
		terminal_expect(terminal, refused[i].answer);
		terminal_expect(terminal, "” is red");
	}
	assert_int_equal(kept(&desk, ""), 0);
	override(&desk, "implementation because the upgrade was announced");
	terminal_expect(terminal, "addComposeHash(");
	assert_int_equal(kept(&desk, "the upgrade was announced"), 1);
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	/* With nothing red there is nothing to override, and the key says so. */
	terminal_type(terminal, "o");
	terminal_expect(terminal, "no red check");
	desk_end(&desk);
}

/* Given up, and then stopped: nothing was signed, and the CVM keeps what it has. */
static void test_stop(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	to_red_check(&desk);
	terminal = desk.terminal;
	terminal_type(terminal, "o");
	terminal_expect(terminal, "type it out");
	terminal_type(terminal, "implementation because");
	terminal_key(terminal, "esc");
	terminal_expect_gone(terminal, "type it out");
	terminal_expect(terminal, "” is red");
	terminal_type(terminal, "S");
	terminal_expect(terminal, "code        implementation");
	terminal_expect(terminal, "safe now");
	assert_int_equal(kept(&desk, ""), 0);
	assert_int_equal(drive_sent(&desk.drive), 1);
	assert_int_equal(desk_rpc_calls(&desk, "eth_sendRawTransaction"), 1);
	desk_end(&desk);
}

/* ---- at the end: the update is in force, and its TEE says nothing ---- */

static void to_missing_report(struct desk *desk)
{
	desk_begin(desk, "{\"backend\":{\"attestation\":\"private\"}}");
	desk_open(desk);
	desk_go_to(desk, "checkout-web");
	desk_review(desk);
	desk_approve(desk);
	desk_sign(desk, "addComposeHash(");
	terminal_expect(desk->terminal, "“the TEE's report is there” is red");
}

static void test_missing_report(void **state)
{
	struct desk desk;

	(void)state;
	to_missing_report(&desk);
	terminal_type(desk.terminal, "o");
	terminal_expect(desk.terminal, "after-report because");
	terminal_type(desk.terminal, "after-report because it never shows any");
	terminal_key(desk.terminal, "enter");
	terminal_expect(desk.terminal, "its TEE said");
	assert_int_equal(kept(&desk, "it never shows any"), 1);
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_end(&desk);
}

/* Stopped there it stays open, and r looks again. */
static void test_missing_report_comes(void **state)
{
	char *outcome;
	struct desk desk;

	(void)state;
	to_missing_report(&desk);
	terminal_type(desk.terminal, "S");
	terminal_expect(desk.terminal, "code        after-report");
	terminal_expect(desk.terminal, "nothing needs to be signed again");
	outcome = desk_newest(&desk, "outcome");
	assert_string_equal(outcome, "");
	desk_faults(&desk, "{}");
	terminal_type(desk.terminal, "r");
	terminal_expect(desk.terminal, "the CVM runs the compose that was signed");
	assert_int_equal(kept(&desk, ""), 0);
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_end(&desk);
	free(outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_override), cmocka_unit_test(test_stop), cmocka_unit_test(test_missing_report),
		                            cmocka_unit_test(test_missing_report_comes) };
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console override", tests, NULL, NULL);
}
