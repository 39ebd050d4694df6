/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of sending: what became of a transaction, what a node's answer means, which fees are offered. */
#include "unit/unit.h"

#include <string.h>

#include "chain/prepare.h"
#include "chain/send.h"

static const struct tx_facts pooled = { .in_pool = true, .head = 100, .next_nonce = 7 };
static const struct tx_facts nothing = { .head = 100, .next_nonce = 7 };

static struct tx_facts mined_at(uint64_t block, uint8_t hash, bool success)
{
	struct tx_facts facts = { .in_pool = true, .has_block = true, .has_receipt = true, .success = success, .block = block,
		.head = 100, .next_nonce = 8, .has_canonical = true };
	facts.block_hash.bytes[0] = facts.canonical_hash.bytes[0] = hash;
	return facts;
}

static enum tx_state judge(struct tx_facts facts, uint64_t wanted, struct tx_past *past)
{
	return tx_judge(&facts, 7, wanted, past).state;
}

static void test_unknown_then_pending_then_confirmed(void **state)
{
	struct tx_past past = { 0 };
	(void)state;
	assert_int_equal(judge(nothing, 1, &past), TX_UNKNOWN);
	assert_int_equal(judge(pooled, 1, &past), TX_PENDING);
	assert_int_equal(judge(mined_at(100, 1, true), 3, &past), TX_MINED);
	assert_int_equal(judge(mined_at(99, 1, true), 3, &past), TX_MINED);
	struct tx_facts facts = mined_at(98, 1, true);
	struct tx_verdict verdict = tx_judge(&facts, 7, 3, &past);
	assert_int_equal(verdict.state, TX_CONFIRMED);
	assert_int_equal(verdict.confirmations, 3);
	assert_true(verdict.final);
}

static void test_reverted_is_final_when_confirmed(void **state)
{
	struct tx_past past = { 0 };
	struct tx_facts facts = mined_at(100, 1, false);
	(void)state;
	assert_int_equal(tx_judge(&facts, 7, 1, &past).state, TX_REVERTED);
	assert_true(tx_judge(&facts, 7, 1, &past).final);
	assert_false(tx_judge(&facts, 7, 2, &past).final);
}

static void test_dropped_only_after_it_was_seen(void **state)
{
	struct tx_past past = { 0 };
	(void)state;
	assert_int_equal(judge(pooled, 1, &past), TX_PENDING);
	struct tx_verdict verdict = tx_judge(&nothing, 7, 1, &past);
	assert_int_equal(verdict.state, TX_DROPPED);
	assert_true(verdict.rebroadcast);
	assert_false(verdict.final);
}

static void test_waiting_behind_a_gap_is_said(void **state)
{
	struct tx_past past = { 0 };
	struct tx_facts facts = pooled;
	(void)state;
	facts.free_nonce = 8;
	assert_int_equal(tx_judge(&facts, 7, 1, &past).ahead, 0);
	assert_false(tx_judge(&facts, 7, 1, &past).gap);
	facts.next_nonce = 5;
	assert_int_equal(tx_judge(&facts, 7, 1, &past).ahead, 2);
	assert_false(tx_judge(&facts, 7, 1, &past).gap); /* the pool has them */
	facts.free_nonce = 6;
	assert_true(tx_judge(&facts, 7, 1, &past).gap);
}

static void test_replaced_needs_two_looks(void **state)
{
	struct tx_past past = { .seen = true };
	struct tx_facts used = { .head = 100, .next_nonce = 8 };
	(void)state;
	assert_int_equal(judge(used, 1, &past), TX_PENDING);
	assert_int_equal(judge(used, 1, &past), TX_REPLACED);
	/* a receipt that comes late takes it back */
	past = (struct tx_past){ .seen = true };
	assert_int_equal(judge(used, 1, &past), TX_PENDING);
	assert_int_equal(judge(mined_at(100, 1, true), 1, &past), TX_CONFIRMED);
	/* the transaction is in a block, only its receipt is not there yet */
	past = (struct tx_past){ .seen = true };
	used.in_pool = used.has_block = true;
	assert_int_equal(judge(used, 1, &past), TX_PENDING);
	assert_int_equal(judge(used, 1, &past), TX_PENDING);
}

static void test_reorganised(void **state)
{
	struct tx_past past = { 0 };
	(void)state;
	assert_int_equal(judge(mined_at(100, 1, true), 5, &past), TX_MINED);
	struct tx_verdict verdict = tx_judge(&pooled, 7, 5, &past);
	assert_int_equal(verdict.state, TX_REORGANISED);
	assert_false(verdict.rebroadcast);
	assert_int_equal(judge(pooled, 5, &past), TX_PENDING);
	assert_int_equal(judge(mined_at(100, 2, true), 5, &past), TX_MINED);
	assert_int_equal(past.moves, 1);
	/* from one block straight into another */
	assert_int_equal(judge(mined_at(100, 3, true), 5, &past), TX_MINED);
	assert_int_equal(past.moves, 2);
	verdict = tx_judge(&nothing, 7, 5, &past);
	assert_int_equal(verdict.state, TX_REORGANISED);
	assert_true(verdict.rebroadcast);
}

static void test_receipt_of_a_left_block_does_not_count(void **state)
{
	struct tx_past past = { 0 };
	struct tx_facts facts = mined_at(90, 1, true);
	(void)state;
	facts.canonical_hash.bytes[0] = 9;
	assert_int_equal(judge(facts, 1, &past), TX_REORGANISED);
	assert_false(past.mined);
}

static enum broadcast classify(int code, const char *message, struct error *err)
{
	struct rpc_answer answer = { .node_code = code };
	struct bytes32 hash = { { 1 } };
	error_set(&answer.error, STATUS_CHAIN, "rpc", "the node refused the call: %s", message);
	return broadcast_classify(&answer, &hash, err);
}

static void test_broadcast_answers(void **state)
{
	static const struct {
		const char *message;
		enum broadcast want;
	} rows[] = {
		{ "already known", BROADCAST_KNOWN },
		{ "ALREADY_EXISTS: already known", BROADCAST_KNOWN },
		{ "AlreadyKnown", BROADCAST_KNOWN },
		{ "transaction already imported", BROADCAST_KNOWN },
		{ "Known transaction", BROADCAST_KNOWN },
		{ "nonce too low: next nonce 18, tx nonce 17", BROADCAST_NONCE_USED },
		{ "OldNonce, Current nonce: 3", BROADCAST_NONCE_USED },
		{ "replacement transaction underpriced", BROADCAST_UNDERPRICED },
		{ "transaction underpriced: tip needed 1", BROADCAST_UNDERPRICED },
		{ "max fee per gas less than block base fee: address 0x", BROADCAST_UNDERPRICED },
		{ "insufficient funds for gas * price + value", BROADCAST_UNFUNDED },
		{ "Insufficient funds for gas", BROADCAST_UNFUNDED },
		{ "invalid sender", BROADCAST_REFUSED },
		{ "intrinsic gas too low", BROADCAST_REFUSED },
	};
	struct error err;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(classify(-32000, rows[i].message, &err), rows[i].want);
	assert_int_equal(classify(-32000, "already known", &err), BROADCAST_KNOWN);
	assert_int_equal(err.status, STATUS_OK);
	assert_int_equal(classify(-32000, "invalid sender", &err), BROADCAST_REFUSED);
	assert_true(err.next[0] != '\0');
	/* no error of the node: nobody knows whether it arrived */
	assert_int_equal(classify(0, "timeout", &err), BROADCAST_UNSURE);
	assert_true(broadcast_may_be_out(BROADCAST_UNSURE));
	assert_false(broadcast_may_be_out(BROADCAST_REFUSED));
}

static void test_broadcast_of_another_hash(void **state)
{
	struct bytes32 hash = { { 1 } };
	char text[BYTES32_TEXT_SIZE];
	struct error err;
	json *right = json_new_text(bytes32_format(text, &hash)), *wrong, *none = json_new_bool(true);
	(void)state;
	hash.bytes[5] = 1;
	wrong = json_new_text(bytes32_format(text, &hash));
	hash.bytes[5] = 0;
	assert_int_equal(broadcast_classify(&(struct rpc_answer){ .result = right }, &hash, &err), BROADCAST_SENT);
	assert_int_equal(broadcast_classify(&(struct rpc_answer){ .result = wrong }, &hash, &err), BROADCAST_REFUSED);
	assert_int_equal(err.status, STATUS_CHECK);
	assert_int_equal(broadcast_classify(&(struct rpc_answer){ .result = none }, &hash, &err), BROADCAST_UNSURE);
	json_free(right);
	json_free(wrong);
	json_free(none);
}

static uint64_t low(struct u256 value)
{
	uint64_t out = 0;
	assert_true(u256_to_u64(&value, &out));
	return out;
}

static void test_fees_offered(void **state)
{
	struct tx_intent intent = { .chain_id = 8453 };
	struct u256 base = u256_from_u64(5000000), tip = u256_from_u64(1000000);
	struct fee_pair fees;
	struct error err;
	bool capped = true;
	(void)state;
	assert_true(prepare_fees(&intent, &base, &tip, &fees, &capped, &err));
	assert_int_equal(low(fees.max_fee), 11000000);
	assert_false(capped);
	intent.max_fee_ceiling = u256_from_u64(8000000);
	assert_true(prepare_fees(&intent, &base, &tip, &fees, &capped, &err));
	assert_int_equal(low(fees.max_fee), 8000000);
	assert_true(capped);
	intent.max_fee_ceiling = u256_from_u64(500000);
	assert_true(prepare_fees(&intent, &base, &tip, &fees, &capped, &err));
	assert_int_equal(low(fees.max_priority_fee), 500000);
}

static void test_fees_of_a_replacement(void **state)
{
	struct tx_intent intent = { .replaces = true };
	struct u256 base = u256_from_u64(100), tip = u256_from_u64(1);
	struct fee_pair fees;
	struct fee_replacement check;
	struct error err;
	bool capped = false;
	(void)state;
	intent.old_fees.max_fee = u256_from_u64(1001);
	intent.old_fees.max_priority_fee = u256_from_u64(0);
	assert_true(prepare_fees(&intent, &base, &tip, &fees, &capped, &err));
	assert_int_equal(low(fees.max_fee), 1102);
	assert_int_equal(low(fees.max_priority_fee), 1);
	assert_true(fees_replacement(&intent.old_fees, &fees, &check, &err));
	assert_true(check.accepted);
	intent.max_fee_ceiling = u256_from_u64(1050);
	assert_false(prepare_fees(&intent, &base, &tip, &fees, &capped, &err));
	assert_string_equal(err.code, "max-fee");
}

static void test_tip_has_a_floor(void **state)
{
	struct fee_reward reward = { .median = U256_ZERO };
	struct fee_history history = { .has_rewards = true, .percentiles = 1, .rewards = &reward };
	(void)state;
	assert_int_equal(low(prepare_tip(&history, 8453)), 1000000);
	assert_int_equal(low(prepare_tip(&history, 1)), 10000000);
	reward.median = u256_from_u64(77000000);
	assert_int_equal(low(prepare_tip(&history, 1)), 77000000);
	history.has_rewards = false;
	assert_int_equal(low(prepare_tip(&history, 31337)), 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_then_pending_then_confirmed),
		cmocka_unit_test(test_reverted_is_final_when_confirmed),
		cmocka_unit_test(test_dropped_only_after_it_was_seen),
		cmocka_unit_test(test_waiting_behind_a_gap_is_said),
		cmocka_unit_test(test_replaced_needs_two_looks),
		cmocka_unit_test(test_reorganised),
		cmocka_unit_test(test_receipt_of_a_left_block_does_not_count),
		cmocka_unit_test(test_broadcast_answers),
		cmocka_unit_test(test_broadcast_of_another_hash),
		cmocka_unit_test(test_fees_offered),
		cmocka_unit_test(test_fees_of_a_replacement),
		cmocka_unit_test(test_tip_has_a_floor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
