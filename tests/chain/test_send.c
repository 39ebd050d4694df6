/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions as they really go, on a real chain: mined, reverted, waiting, replaced, dropped, reorganised, refused. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "chain/flight.h"

static void mining(struct node *node, bool on)
{
	anvil_do(node->anvil, "evm_setAutomine", "[%s]", on ? "true" : "false");
}

static void mine(struct node *node)
{
	anvil_do(node->anvil, "evm_mine", "[]");
}

static int begin(void **state)
{
	return node_begin(state);
}

static int end(void **state)
{
	struct node *node = *state;

	anvil_do(node->anvil, "anvil_dropAllTransactions", "[]");
	mining(node, true);
	return node_end(state);
}

static void test_mined(void **state)
{
	struct flight flight;
	enum broadcast again;

	flight_init(&flight, *state, "app", "owner", node_filled(0x10));
	flight_prepare(&flight);
	assert_true(flight.prepared.simulated);
	assert_true(flight.prepared.affordable);
	assert_true(flight.prepared.has_l1_fee);
	assert_false(u256_is_zero(&flight.prepared.l1_fee));
	assert_false(flight.prepared.foreign_pending);
	flight_launch(&flight);
	flight_expect(&flight, 1, TX_CONFIRMED);
	assert_true(flight.has_event);
	again = flight_send(&flight, flight.node->rpc, NULL);
	assert_true(again == BROADCAST_KNOWN || again == BROADCAST_NONCE_USED);
	assert_true(broadcast_may_be_out(again));
	flight_clear(&flight);
}

static void test_confirmations(void **state)
{
	struct flight flight;

	flight_init(&flight, *state, "app", "owner", node_filled(0x11));
	flight_launch(&flight);
	flight_expect(&flight, 3, TX_MINED);
	assert_int_equal(flight.verdict.confirmations, 1);
	assert_false(flight.verdict.final);
	mine(*state);
	mine(*state);
	flight_expect(&flight, 3, TX_CONFIRMED);
	assert_true(flight.verdict.confirmations >= 3);
	flight_clear(&flight);
}

static void test_two_in_a_row(void **state)
{
	struct flight first, second;

	mining(*state, false);
	flight_init(&first, *state, "app", "owner", node_filled(0x12));
	flight_init(&second, *state, "app", "owner", node_filled(0x13));
	flight_launch(&first);
	flight_launch(&second);
	assert_int_equal(second.prepared.tx.nonce, first.prepared.tx.nonce + 1);
	mine(*state);
	flight_expect(&first, 1, TX_CONFIRMED);
	flight_expect(&second, 1, TX_CONFIRMED);
	flight_clear(&first);
	flight_clear(&second);
}

static void test_wrong_key(void **state)
{
	struct flight flight;

	flight_init(&flight, *state, "app", "other", node_filled(0x14));
	flight_prepare(&flight);
	assert_false(flight.prepared.simulated);
	assert_non_null(strstr(flight.prepared.simulation.message, "OwnableUnauthorizedAccount"));
	flight_clear(&flight);
}

static void test_owner_is_a_contract(void **state)
{
	struct flight flight;

	flight_init(&flight, *state, "app_of_contract", "owner", node_filled(0x15));
	flight_prepare(&flight);
	assert_false(flight.prepared.simulated);
	assert_non_null(strstr(flight.prepared.simulation.message, "OwnableUnauthorizedAccount"));
	flight_clear(&flight);
}

static void test_not_enough_balance(void **state)
{
	struct flight flight;
	struct error err;

	flight_init(&flight, *state, "app_of_poor", "poor", node_filled(0x16));
	flight_prepare(&flight);
	assert_false(flight.prepared.affordable);
	assert_true(u256_is_zero(&flight.prepared.balance));
	if (!flight.prepared.tx.gas)
		flight.prepared.tx.gas = 100000;
	flight_sign(&flight, "poor");
	assert_int_equal(flight_send(&flight, flight.node->rpc, &err), BROADCAST_UNFUNDED);
	assert_false(broadcast_may_be_out(BROADCAST_UNFUNDED));
	assert_true(strlen(err.message) > 0);
	flight_clear(&flight);
}

/* Fine when it was simulated, refused when it is mined. */
static void test_reverted(void **state)
{
	struct node *node = *state;
	struct flight flight;
	char *armed;

	flight_init(&flight, node, "reverter", "owner", node_filled(0x17));
	flight_prepare(&flight);
	assert_true(flight.prepared.simulated);
	flight_sign(&flight, "owner");
	armed = anvil_text(node->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"0xdd7410da%064d\"}]",
	                   anvil_value(node->anvil, "other.address"), anvil_value(node->anvil, "reverter"), 1);
	free(armed);
	mine(node);
	assert_int_equal(flight_send(&flight, node->rpc, NULL), BROADCAST_SENT);
	flight_expect(&flight, 1, TX_REVERTED);
	assert_true(flight.verdict.final);
	assert_false(flight.has_event);
	flight_clear(&flight);
}

static void test_pending(void **state)
{
	struct flight flight;

	mining(*state, false);
	flight_init(&flight, *state, "app", "owner", node_filled(0x18));
	flight_launch(&flight);
	flight_expect(&flight, 1, TX_PENDING);
	assert_false(flight.verdict.final);
	assert_int_equal(flight_send(&flight, flight.node->rpc, NULL), BROADCAST_KNOWN);
	mine(*state);
	flight_expect(&flight, 1, TX_CONFIRMED);
	flight_clear(&flight);
}

static void test_unknown(void **state)
{
	struct flight flight;

	flight_init(&flight, *state, "app", "owner", node_filled(0x19));
	flight_prepare(&flight);
	flight_sign(&flight, "owner");
	assert_int_equal(flight_look(&flight, 1), TX_UNKNOWN);
	assert_false(flight.verdict.final);
	flight_clear(&flight);
}

/* Somebody else with the same key, or this console on purpose, sends another transaction with the nonce. */
static void test_replaced(void **state)
{
	struct flight flight, other;

	mining(*state, false);
	flight_init(&flight, *state, "app", "owner", node_filled(0x1A));
	flight_init(&other, *state, "app", "owner", node_filled(0x1B));
	flight_launch(&flight);
	flight_expect(&flight, 1, TX_PENDING);
	other.intent.has_nonce = true;
	other.intent.nonce = flight.prepared.tx.nonce;
	flight_prepare(&other);
	other.prepared.tx.max_fee = flight.prepared.tx.max_fee;
	other.prepared.tx.max_priority_fee = flight.prepared.tx.max_priority_fee;
	flight_sign(&other, "owner");
	assert_int_equal(flight_send(&other, other.node->rpc, NULL), BROADCAST_UNDERPRICED);
	other.intent.replaces = true;
	other.intent.old_fees.max_fee = flight.prepared.tx.max_fee;
	other.intent.old_fees.max_priority_fee = flight.prepared.tx.max_priority_fee;
	flight_launch(&other);
	mine(*state);
	flight_expect(&other, 1, TX_CONFIRMED);
	flight_expect(&flight, 1, TX_REPLACED);
	assert_true(flight.verdict.final);
	assert_int_equal(flight_send(&flight, flight.node->rpc, NULL), BROADCAST_NONCE_USED);
	flight_clear(&flight);
	flight_clear(&other);
}

static void test_dropped(void **state)
{
	struct node *node = *state;
	char text[BYTES32_TEXT_SIZE];
	struct flight flight;

	mining(node, false);
	flight_init(&flight, node, "app", "owner", node_filled(0x1C));
	flight_launch(&flight);
	flight_expect(&flight, 1, TX_PENDING);
	anvil_do(node->anvil, "anvil_dropTransaction", "[\"%s\"]", bytes32_format(text, &flight.hash));
	flight_expect(&flight, 1, TX_DROPPED);
	assert_true(flight.verdict.rebroadcast);
	assert_int_equal(flight_send(&flight, node->rpc, NULL), BROADCAST_SENT);
	flight_expect(&flight, 1, TX_PENDING);
	mine(node);
	flight_expect(&flight, 1, TX_CONFIRMED);
	assert_true(flight.has_event);
	flight_clear(&flight);
}

static void test_reorganised(void **state)
{
	struct node *node = *state;
	struct flight flight;

	mine(node);
	flight_init(&flight, node, "app", "owner", node_filled(0x1D));
	flight_launch(&flight);
	flight_expect(&flight, 5, TX_MINED);
	anvil_do(node->anvil, "anvil_reorg", "[1,[]]");
	flight_expect(&flight, 5, TX_REORGANISED);
	assert_false(flight.verdict.final);
	assert_true(flight.verdict.rebroadcast);
	assert_true(broadcast_may_be_out(flight_send(&flight, node->rpc, NULL)));
	mine(node);
	flight_expect(&flight, 1, TX_CONFIRMED);
	assert_true(flight.has_event);
	flight_clear(&flight);
}

static void test_nobody_answers(void **state)
{
	struct node *node = *state;
	struct rpc *nowhere = rpc_new(node->http, "http://127.0.0.1:9");
	struct flight flight;
	struct error err;

	flight_init(&flight, node, "app", "owner", node_filled(0x1E));
	flight_prepare(&flight);
	flight_sign(&flight, "owner");
	assert_int_equal(flight_send(&flight, nowhere, &err), BROADCAST_UNSURE);
	assert_true(strlen(err.message) > 0);
	assert_int_equal(flight_send(&flight, node->rpc, NULL), BROADCAST_SENT);
	flight_expect(&flight, 1, TX_CONFIRMED);
	rpc_free(nowhere);
	flight_clear(&flight);
}

/* Transactions of the account that are not ours, and a nonce that leaves a hole. */
static void test_foreign_and_gap(void **state)
{
	struct flight first, second;

	mining(*state, false);
	flight_init(&first, *state, "app", "owner", node_filled(0x1F));
	flight_init(&second, *state, "app", "owner", node_filled(0x20));
	flight_launch(&first);
	flight_prepare(&second);
	assert_true(second.prepared.foreign_pending);
	assert_int_equal(second.prepared.nonce_pending, second.prepared.nonce_mined + 1);
	second.intent.has_nonce = true;
	second.intent.nonce = second.prepared.nonce_pending + 1;
	flight_prepare(&second);
	assert_true(second.prepared.gap);
	second.intent.nonce = second.prepared.nonce_mined - 1;
	flight_prepare(&second);
	assert_true(second.prepared.used);
	flight_clear(&first);
	flight_clear(&second);
}

#define ON_CHAIN(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CHAIN(test_mined), ON_CHAIN(test_confirmations), ON_CHAIN(test_two_in_a_row), ON_CHAIN(test_wrong_key),
		ON_CHAIN(test_owner_is_a_contract), ON_CHAIN(test_not_enough_balance), ON_CHAIN(test_reverted), ON_CHAIN(test_pending),
		ON_CHAIN(test_unknown), ON_CHAIN(test_replaced), ON_CHAIN(test_dropped), ON_CHAIN(test_reorganised),
		ON_CHAIN(test_nobody_answers), ON_CHAIN(test_foreign_and_gap),
	};

	return anvil_available() ? cmocka_run_group_tests_name("send", tests, node_start, node_stop) : 0;
}
