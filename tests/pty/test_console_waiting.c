/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions that wait, and those that need not be: a fee raised, a waiting
 * one cancelled, a confirm by state, the old hash taken off at the end. Each
 * by its keys and cards in the console, and looked at on the sandbox's chain.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "pty/desk.h"

#define HELD_BACK "{\"chain\":{\"never_mine\":true}}"

static void begin(struct desk *desk, const char *faults)
{
	desk_begin(desk, faults);
	desk_open(desk);
	desk_go_to(desk, "checkout-web");
}

/* An update whose transaction is signed, sent and not mined. */
static void to_waiting(struct desk *desk)
{
	begin(desk, HELD_BACK);
	desk_review(desk);
	desk_approve(desk);
	desk_sign(desk, "addComposeHash(");
	terminal_expect(desk->terminal, "waiting for the chain");
	assert_int_equal(desk_rpc_calls(desk, "eth_sendRawTransaction"), 1);
}

/* Whether the contract allows the old or the new hash of the newest rollout. */
static bool is_allowed(struct desk *desk, const char *which)
{
	char *app = desk_newest(desk, "app_id"), *hash = desk_newest(desk, which), *contract = mem_printf("0x%s", app);
	bool allowed = desk_allowed(desk, contract, CALL_ALLOWED_COMPOSE_HASHES, hash);

	free(contract);
	free(hash);
	free(app);
	return allowed;
}

/* How many entries of that kind the newest rollout has in the journal. */
static unsigned entries(struct desk *desk, const char *kind)
{
	char *rollout = desk_newest(desk, "rollout"), *word = mem_printf("\"entry\":\"%s\"", kind);
	unsigned count = desk_history(desk, rollout, word, "");

	free(word);
	free(rollout);
	return count;
}

static void expect_outcome(struct desk *desk, const char *outcome)
{
	char *now = desk_newest(desk, "outcome");

	assert_string_equal(now, outcome);
	free(now);
}

/* ---- a fee raised ---- */

static void test_bump(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	to_waiting(&desk);
	terminal = desk.terminal;
	/* no to the dearer one: the first goes on waiting */
	terminal_type(terminal, "b");
	desk_press(&desk, "higher fee", "N");
	terminal_expect(terminal, "waiting for the chain");
	assert_int_equal(desk_rpc_calls(&desk, "eth_sendRawTransaction"), 1);
	terminal_type(terminal, "b");
	terminal_expect(terminal, "higher fee");
	terminal_expect(terminal, "nonce 0");
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "waiting for the chain");
	assert_int_equal(desk_rpc_calls(&desk, "eth_sendRawTransaction"), 2);
	desk_faults(&desk, "{}");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	assert_int_equal(entries(&desk, "approval"), 2);
	assert_int_equal(entries(&desk, "transaction"), 2);
	assert_true(is_allowed(&desk, "compose_hash"));
	desk_end(&desk);
}

/* While the card of the dearer one stands, the first is mined: what is signed then can do no harm, nor end the rollout. */
static void test_mined_under_the_card(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	to_waiting(&desk);
	terminal = desk.terminal;
	terminal_type(terminal, "b");
	terminal_expect(terminal, "higher fee");
	desk_faults(&desk, "{}");
	desk_until(&desk, is_allowed(&desk, "compose_hash"));
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_end(&desk);
}

/* ---- cancelled ---- */

static void test_cancel(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	to_waiting(&desk);
	terminal = desk.terminal;
	terminal_type(terminal, "c");
	terminal_expect(terminal, "nonce 0");
	desk_sign(&desk, "cancel");
	terminal_expect(terminal, "waiting for the chain");
	desk_faults(&desk, "{}");
	terminal_expect(terminal, "code        tx-cancelled");
	assert_int_equal(drive_sent(&desk.drive), 1);
	assert_false(is_allowed(&desk, "compose_hash"));
	assert_true(is_allowed(&desk, "old_compose_hash"));
	/* One PATCH, and no confirm: the CVM keeps what it has. */
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 1);
	expect_outcome(&desk, "declined");
	desk_end(&desk);
}

/* ---- a confirm refused ---- */

/* 467 three times: the countdown is seen, and cut short each time; alone the gaps would take 14 seconds. */
static void test_confirm_now(void **state)
{
	unsigned confirms;
	int64_t began_ms;
	struct desk desk;

	(void)state;
	begin(&desk, "{\"backend\":{\"confirm_status\":467,\"confirm_times\":3}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(desk.terminal, "again in");
	began_ms = clock_mono_ms();
	for (confirms = 2; confirms <= 4; confirms++)
		desk_until(&desk, drive_requests(&desk.drive, "PATCH", "") > confirms || (terminal_type(desk.terminal, "r"), false));
	terminal_expect(desk.terminal, "the CVM runs the compose that was signed");
	assert_in_range(clock_mono_ms() - began_ms, 0, 13000);
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 5);
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_end(&desk);
}

/* ---- no transaction at all ---- */

/* An old revision's hash is allowed already; the card offers to go without a transaction. */
static void test_already_registered(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, NULL);
	terminal = desk.terminal;
	desk_update(&desk);
	terminal_type(terminal, "h");
	terminal_expect(terminal, "› history");
	terminal_expect(terminal, "create"); /* as the backend has it */
	terminal_key(terminal, "end");
	terminal_type(terminal, "u");
	terminal_expect(terminal, "nothing was sent yet");
	desk_approve(&desk);
	terminal_expect(terminal, "the hash is allowed already");
	desk_press(&desk, "[ s no transaction ]", "s");
	terminal_expect(terminal, "the CVM runs the compose");
	assert_int_equal(drive_sent(&desk.drive), 1); /* the first update's */
	assert_int_equal(entries(&desk, "approval"), 0);
	expect_outcome(&desk, "done");
	desk_end(&desk);
}

/* ---- the old hash ---- */

static void test_remove_old(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, NULL);
	terminal = desk.terminal;
	desk_update(&desk);
	assert_true(is_allowed(&desk, "old_compose_hash"));
	/* no to the question, no to the card: the update stays done, and can be asked again */
	terminal_type(terminal, "d");
	desk_press(&desk, "Prepare removeComposeHash", "n");
	terminal_expect_gone(terminal, "Prepare removeComposeHash");
	terminal_type(terminal, "d");
	desk_press(&desk, "Prepare removeComposeHash", "y");
	terminal_expect(terminal, "removeComposeHash(");
	desk_press(&desk, "[ N no ]", "N");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	expect_outcome(&desk, "done");
	terminal_type(terminal, "d");
	desk_press(&desk, "Prepare removeComposeHash", "y");
	desk_sign(&desk, "removeComposeHash(");
	terminal_expect(terminal, "the old hash is off the");
	assert_int_equal(drive_sent(&desk.drive), 2);
	assert_false(is_allowed(&desk, "old_compose_hash"));
	assert_true(is_allowed(&desk, "compose_hash"));
	expect_outcome(&desk, "done");
	/* It is gone: there is nothing to remove any more, and the key says so. */
	terminal_type(terminal, "d");
	terminal_expect(terminal, "only after a rollout");
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bump), cmocka_unit_test(test_mined_under_the_card), cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_confirm_now), cmocka_unit_test(test_already_registered), cmocka_unit_test(test_remove_old),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console waiting", tests, NULL, NULL);
}
