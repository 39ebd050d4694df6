/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console when things go wrong, in a terminal against the sandbox: each
 * time the operator must read what is so, find the key for what comes next,
 * and never be kept from leaving.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pty/desk.h"

#define NO_GAS "{\"rpc\":[{\"method\":\"eth_estimateGas\",\"action\":\"error\",\"status\":3,\"text\":\"execution reverted\"}]}"

static void begin(struct desk *desk, const char *faults)
{
	desk_begin(desk, faults);
	desk_open(desk);
	desk_go_to(desk, "payments-api");
}

/* The program has ended by itself; the desk can be opened again. */
static void ends_with(struct desk *desk, int status)
{
	terminal_expect_exit(desk->terminal, status);
	terminal_free(desk->terminal);
	desk->terminal = NULL;
}

static void test_refused_card_can_be_left(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, NO_GAS);
	desk_review(&desk);
	desk_approve(&desk);
	terminal_expect(desk.terminal, "not offered, a check is red");
	desk_press(&desk, "[ N stop here ]", "N");
	terminal_expect_gone(desk.terminal, "not offered");
	terminal_expect(desk.terminal, "✗ failed at: sign for the device");
	terminal_expect(desk.terminal, "safe now");
	terminal_expect(desk.terminal, "or later    cvmdeck resume ");
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_faults(&desk, "{}");
	desk_press(&desk, "r try again", "r"); /* the reason is gone, and so is the refusal */
	desk_press(&desk, "[ y sign and send ]", "N");
	terminal_expect(desk.terminal, "✗ not approved");
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_end(&desk);
}

/* A ceiling on the command line is one for what the list's keys begin, too. */
static void test_ceiling_holds_in_the_console(void **state)
{
	static const char *const arguments[] = { "--max-cost", "0.00000000001", NULL };
	struct desk desk;

	(void)state;
	desk_begin(&desk, NULL);
	desk_start(&desk, arguments, 80, 24);
	terminal_expect(desk.terminal, "payments-api");
	desk_go_to(&desk, "payments-api");
	desk_review(&desk);
	desk_approve(&desk);
	terminal_expect(desk.terminal, "not offered, a check is red");
	terminal_expect(desk.terminal, "more than --max-cost allows (0.00000000001 ETH)");
	terminal_wait_quiet(desk.terminal, 100);
	terminal_key(desk.terminal, "ctrl-c"); /* of the card: it closes, as for N */
	terminal_expect_gone(desk.terminal, "not offered");
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_end(&desk);
}

static void test_reverted(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, "{\"chain\":{\"revert\":true}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "[ y sign and send ]", "y");
	terminal_expect(desk.terminal, "✗ failed at: device transaction mined");
	terminal_expect(desk.terminal, "only the gas is spent");
	terminal_expect(desk.terminal, "device tx   0x");
	assert_true(terminal_find(desk.terminal, "Nothing was signed", NULL) < 0);
	desk_end(&desk);
}

/* Why it waits stands beside until when; r does not wait, and a try that goes through is no failure. */
static void test_confirm_is_tried_again(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, "{\"backend\":{\"confirm_status\":467,\"confirm_times\":2}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "Signature 1 of 2", "y");
	desk_press(&desk, "Signature 2 of 2", "y");
	terminal_expect(desk.terminal, "trying again: 467: transaction not verified yet");
	terminal_expect(desk.terminal, "again in");
	desk_press(&desk, "r try again", "r");
	desk_press(&desk, "try 2", "r");
	terminal_expect(desk.terminal, "the CVM runs the compose that was signed");
	terminal_expect(desk.terminal, "at try 3");
	desk_end(&desk);
}

/* A boot error fits the smallest window whole: what happened, what is safe, what to do. */
static void test_boot_error(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, "{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"image pull failed: manifest unknown: ghcr.io/acme/payments-api:2.5.0 not found\"}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "Signature 1 of 2", "y");
	desk_press(&desk, "Signature 2 of 2", "y");
	terminal_expect(desk.terminal, "✗ failed at: the CVM runs");
	terminal_expect(desk.terminal, "image pull failed");
	terminal_expect(desk.terminal, "safe now");
	terminal_expect(desk.terminal, "next        read the serial log");
	terminal_expect(desk.terminal, "code        boot-error"); /* the last line */
	desk_press(&desk, "l logs", "l"); /* where the next step is read */
	terminal_expect(desk.terminal, "● serial");
	desk_end(&desk);
}

/* The list knows what its own rollout did. */
static void test_list_after_update(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, NULL);
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "Signature 1 of 2", "y");
	desk_press(&desk, "Signature 2 of 2", "y");
	terminal_expect(desk.terminal, "the CVM runs the compose that was signed");
	terminal_type(desk.terminal, "q");
	terminal_expect(desk.terminal, "4ac0…a2af ✓");
	terminal_expect(desk.terminal, "web nginx:1.27");
	terminal_expect_gone(desk.terminal, "9279…1b72");
	desk_end(&desk);
}

static void test_two_consoles(void **state)
{
	struct terminal *first;
	struct desk desk;

	(void)state;
	begin(&desk, "{\"chain\":{\"never_mine\":true}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "[ y sign and send ]", "y");
	terminal_expect(desk.terminal, "pending");
	terminal_type(desk.terminal, "y"); /* sent, and not mined yet */
	terminal_expect(desk.terminal, "copied 0x");
	first = desk.terminal;
	desk_open(&desk);
	terminal_expect(desk.terminal, "payments-api is being rolled out by cvmdeck, process");
	assert_true(terminal_find(desk.terminal, "Go on where it stands?", NULL) < 0);
	desk_leave(&desk);
	desk.terminal = first;
	terminal_key(desk.terminal, "ctrl-c");
	desk_press(&desk, "where it stands.", "y");
	ends_with(&desk, 0);
	desk_open(&desk);
	terminal_expect(desk.terminal, "broadcasting."); /* in words, not as the journal calls it */
	desk_press(&desk, "Go on where it stands?", "N");
	terminal_expect(desk.terminal, "it stays in the journal");
	desk_end(&desk);
}

/* A signal in the middle of a rollout, whoever began it: the way to go on is said, and taken. */
static void test_signal_in_the_middle(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
	struct desk desk;
	char *resume;
	size_t i;

	(void)state;
	begin(&desk, "{\"chain\":{\"never_mine\":true}}");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "[ y sign and send ]", "y");
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		terminal_expect(desk.terminal, "pending");
		kill(terminal_pid(desk.terminal), signals[i]);
		terminal_expect_exit(desk.terminal, 8);
		assert_false(terminal_alternate(desk.terminal));
		resume = desk_newest(&desk, "rollout");
		terminal_expect(desk.terminal, "the rollout of payments-api was under way");
		terminal_expect(desk.terminal, resume);
		terminal_expect(desk.terminal, "cvmdeck resume ");
		free(resume);
		ends_with(&desk, 8);
		desk_open(&desk);
		desk_press(&desk, "Go on where it stands?", "y");
	}
	terminal_expect(desk.terminal, "pending");
	assert_int_equal(drive_sent(&desk.drive), 1);
	terminal_key(desk.terminal, "ctrl-c"); /* by a key, and told so: no failure */
	desk_press(&desk, "where it stands.", "y");
	ends_with(&desk, 0);
	desk_end(&desk);
}

/* What a refused key means, that the API was reached, and how to try again. */
static void test_refused_list(void **state)
{
	struct desk desk;

	(void)state;
	desk_begin(&desk, NULL);
	desk_faults(&desk, "{\"http\":[{\"path\":\"/cvms/paginated\",\"action\":\"status\",\"status\":401,\"text\":\"Invalid API key\"}]}");
	desk_start(&desk, NULL, 80, 24);
	terminal_expect(desk.terminal, "api ✗ refused");
	terminal_expect(desk.terminal, "get a new API key");
	terminal_expect(desk.terminal, "^R tries again");
	assert_true(terminal_find(desk.terminal, "l logs", NULL) < 0 && terminal_find(desk.terminal, "s sort", NULL) < 0);
	desk_faults(&desk, "{}");
	terminal_key(desk.terminal, "ctrl-r");
	terminal_expect(desk.terminal, "56 CVMs");
	terminal_expect(desk.terminal, "api ●");
	terminal_expect(desk.terminal, "s sort");
	desk_end(&desk);
}

/* The device chosen in the list is another node's; the card must not call it by this node's name. */
static void test_device_of_another_node(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, NULL);
	terminal_type(desk.terminal, "d");
	desk_press(&desk, "▸ prod1", "j");
	terminal_expect(desk.terminal, "f7f8978974aa75edc6496c5a5de2ebc9a30e1140dda501800c505038bf2d757a"); /* whole, below the list */
	desk_press(&desk, "▸ prod2", "a");
	desk_press(&desk, "Prepare addDevice for this device?", "y");
	terminal_expect(desk.terminal, "addDevice( f7f89789");
	terminal_expect(desk.terminal, "another device than that of this CVM's node prod1");
	desk_press(&desk, "[ y sign and send ]", "y");
	terminal_expect(desk.terminal, "the contract's allowlist is changed");
	assert_true(terminal_find(desk.terminal, "remove old hash", NULL) < 0);
	desk_end(&desk);
}

/* A red check that may be overridden waits, also for a rollout begun from the list; which one is said and in sight. */
static void test_red_check_waits(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, NULL);
	desk_review(&desk);
	desk_approve(&desk); /* what is seen now is pinned */
	desk_press(&desk, "[ y sign and send ]", "N");
	terminal_expect(desk.terminal, "✗ not approved");
	terminal_type(desk.terminal, "q");
	desk_faults(&desk, "{\"backend\":{\"kms_contract\":\"0xabababababababababababababababababababab\"}}");
	terminal_expect(desk.terminal, "1 of 56 CVMs");
	desk_review(&desk);
	desk_approve(&desk);
	desk_press(&desk, "stopped: “app, contract, chain and KMS as pinned” is red", "o");
	terminal_expect(desk.terminal, "type it out");
	terminal_type(desk.terminal, "target-pin because it moved\r");
	terminal_expect(desk.terminal, "stopped: “the KMS contract would let it boot” is red");
	terminal_expect(desk.terminal, "✗ the KMS contract would let it boot"); /* scrolled to */
	desk_press(&desk, "S stop here", "S");
	terminal_expect(desk.terminal, "✗ failed at: check the chain");
	terminal_expect_gone(desk.terminal, "o override"); /* nothing waits for one any more */
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_end(&desk);
}

/* What was not found has no name to stand in the head, and no logs. */
static void test_unknown_cvm(void **state)
{
	static const char *const arguments[] = { "deploy", "--cvm-id=no-such-cvm", "--compose=compose.yml", NULL };
	struct desk desk;

	(void)state;
	desk_begin(&desk, NULL);
	desk_start(&desk, arguments, 80, 24);
	terminal_expect(desk.terminal, "there is no CVM named no-such-cvm");
	assert_true(strncmp(terminal_line(desk.terminal, 1), " ✗ failed at: read the CVM", strlen(" ✗ failed at: read the CVM")) == 0);
	assert_true(terminal_find(desk.terminal, "›", NULL) < 0 && terminal_find(desk.terminal, "l logs", NULL) < 0);
	terminal_key(desk.terminal, "ctrl-c");
	ends_with(&desk, 5);
	desk_end(&desk);
}

/* The editor brings back a compose file and nothing else: what else came along is not dropped silently. */
static void test_editor_keeps_out_of_more(void **state)
{
	static const char *const arguments[] = { "deploy", "--cvm-id=payments-api", "--compose=compose.yml", "--env=DATABASE_URL=x", NULL };
	struct desk desk;

	(void)state;
	desk_begin(&desk, NULL);
	desk_start(&desk, arguments, 80, 24);
	terminal_expect(desk.terminal, "nothing was sent yet");
	terminal_type(desk.terminal, "e");
	terminal_expect(desk.terminal, "this update brings more than a compose file");
	terminal_key(desk.terminal, "ctrl-c");
	ends_with(&desk, 3);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_card_can_be_left), cmocka_unit_test(test_ceiling_holds_in_the_console), cmocka_unit_test(test_reverted),
		cmocka_unit_test(test_confirm_is_tried_again), cmocka_unit_test(test_boot_error), cmocka_unit_test(test_list_after_update),
		cmocka_unit_test(test_two_consoles), cmocka_unit_test(test_signal_in_the_middle), cmocka_unit_test(test_refused_list), cmocka_unit_test(test_device_of_another_node),
		cmocka_unit_test(test_red_check_waits), cmocka_unit_test(test_unknown_cvm), cmocka_unit_test(test_editor_keeps_out_of_more),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console_unhappy", tests, NULL, NULL);
}
