/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the allowlist and preparing and looking up transactions against a node that may fail in every way. */
#include "unit/unit.h"

#include <string.h>

#include "chain/prepare.h"
#include "chain/reader.h"
#include "chain/send.h"
#include "unit/chain_node.h"

/* --- the allowlist --- */

struct seen {
	bool done;
	bool has_list;
	struct allowlist list;
	struct error err;
};

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct seen *seen = ctx;
	seen->done = true;
	seen->has_list = list != NULL;
	if (list)
		allowlist_take(&seen->list, list);
	else
		seen->err = *err;
}

static struct allowlist_question make_question(void)
{
	struct allowlist_question question = { .chain_id = 8453, .has_new_hash = true, .has_old_hash = true, .has_device = true,
		.has_signer = true };
	question.new_hash.bytes[0] = 1;
	question.old_hash.bytes[0] = 2;
	question.device.bytes[0] = 3;
	assert_true(address_parse(&question.contract, NODE_CONTRACT));
	assert_true(address_parse(&question.signer, NODE_OWNER));
	return question;
}

static struct seen ask(struct node *node)
{
	struct allowlist_question question = make_question();
	struct seen seen = { .done = false };
	chain_read_allowlist(node->rpc, &question, on_list, &seen);
	assert_false(seen.done);
	node_wait(node, &seen.done);
	return seen;
}

static void check_good(const struct allowlist *list)
{
	const char *name = NULL;
	struct address owner;
	assert_true(address_parse(&owner, NODE_OWNER));
	assert_null(allowlist_first_failure(list, &name));
	assert_int_equal(list->block, 100);
	assert_int_equal(list->owner.state, READ_VALUE);
	assert_true(address_equal(&list->owner.address, &owner));
	assert_int_equal(list->new_hash.state, READ_NO);
	assert_int_equal(list->any_device.state, READ_NO);
	assert_int_equal(list->device.state, READ_YES);
	assert_int_equal(allowlist_device_state(list), READ_YES);
	assert_int_equal(list->require_tcb.state, READ_YES);
	assert_int_equal(list->code.state, READ_YES);
	assert_int_equal(list->implementation.state, READ_VALUE);
	assert_int_equal(list->implementation_code.state, READ_VALUE);
	assert_int_equal(list->owner_account.kind, ACCOUNT_EOA);
	assert_true(list->has_nonces);
	assert_int_equal(list->nonce_mined, 7);
	assert_int_equal(list->nonce_pending, 8);
}

static void test_multicall_and_batch_agree(void **state)
{
	struct node node;
	struct error err;
	(void)state;
	node_start(&node);
	struct seen one = ask(&node);
	assert_true(one.has_list);
	check_good(&one.list);
	assert_true(one.list.multicall);
	assert_int_equal(one.list.calls, 1);
	assert_int_equal(one.list.round_trips, 3);
	assert_int_equal(node.batches, 3);
	node.multicall = false;
	struct seen two = ask(&node);
	check_good(&two.list);
	assert_false(two.list.multicall);
	assert_int_equal(two.list.calls, 1);
	assert_true(allowlist_require_same(&one.list, &two.list, &err));
	allowlist_clear(&one.list);
	allowlist_clear(&two.list);
	node_stop(&node);
}

static void test_broken_multicall_falls_back(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.multicall_broken = true;
	struct seen seen = ask(&node);
	check_good(&seen.list);
	assert_false(seen.list.multicall);
	assert_int_equal(seen.list.calls, 2);
	allowlist_clear(&seen.list);
	node_stop(&node);
}

/* However a required read goes wrong, with Multicall3 and without: failed, named, never no. */
static void test_failed_read_is_never_no(void **state)
{
	static const enum contract_call calls[] = { CALL_OWNER, CALL_ALLOWED_COMPOSE_HASHES, CALL_ALLOW_ANY_DEVICE, CALL_ALLOWED_DEVICE_IDS };
	static const enum node_answer ways[] = { NODE_EMPTY, NODE_SILENT_REVERT, NODE_REFUSES, NODE_RESULT_TWO, NODE_ERROR };
	const char *name = NULL;
	(void)state;
	for (size_t i = 0; i < 4 * 5 * 2; i++) {
		struct node node;
		node_start(&node);
		node.multicall = i % 2 == 0;
		enum contract_call call = calls[i / 10];
		enum node_answer way = ways[i / 2 % 5];
		node.answers[call] = way;
		bool fails = !(way == NODE_ERROR && node.multicall) && !(way == NODE_RESULT_TWO && call == CALL_OWNER);
		struct seen seen = ask(&node);
		assert_true(seen.has_list);
		const struct error *failure = allowlist_first_failure(&seen.list, &name);
		assert_int_equal(failure != NULL, fails);
		if (failure) {
			assert_int_equal(failure->status, STATUS_CHAIN);
			assert_true(failure->message[0] != '\0');
		}
		if (fails && call == CALL_ALLOWED_COMPOSE_HASHES)
			assert_int_equal(seen.list.new_hash.state, READ_FAILED);
		if (fails && call == CALL_ALLOW_ANY_DEVICE)
			assert_int_equal(seen.list.any_device.state, READ_FAILED);
		allowlist_clear(&seen.list);
		node_stop(&node);
	}
}

static void test_device_needs_both_reads(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.answers[CALL_ALLOW_ANY_DEVICE] = NODE_EMPTY;
	node.device_allowed = false;
	struct seen seen = ask(&node);
	assert_int_equal(allowlist_device_state(&seen.list), READ_FAILED);
	allowlist_clear(&seen.list);
	node_stop(&node);
}

static void test_older_contracts_lack_functions(void **state)
{
	static const enum node_answer ways[] = { NODE_EMPTY, NODE_SILENT_REVERT };
	const char *name = NULL;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct node node;
		node_start(&node);
		node.multicall = i % 2 == 0;
		node.answers[CALL_PENDING_OWNER] = node.answers[CALL_VERSION] = ways[i / 2];
		node.answers[CALL_REQUIRE_TCB_UP_TO_DATE] = ways[i / 2];
		struct seen seen = ask(&node);
		assert_null(allowlist_first_failure(&seen.list, &name));
		assert_int_equal(seen.list.pending_owner.state, READ_ABSENT);
		assert_int_equal(seen.list.require_tcb.state, READ_ABSENT);
		assert_int_equal(seen.list.version.state, READ_ABSENT);
		allowlist_clear(&seen.list);
		node_stop(&node);
	}
}

static void test_owner_kinds(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.owner_code = "0x6080604052";
	node.safe = true;
	struct seen seen = ask(&node);
	assert_int_equal(seen.list.owner_account.kind, ACCOUNT_SAFE);
	assert_int_equal(seen.list.owner_account.threshold, 2);
	assert_int_equal(seen.list.owner_account.owner_count, 2);
	allowlist_clear(&seen.list);
	node.safe = false;
	seen = ask(&node);
	assert_int_equal(seen.list.owner_account.kind, ACCOUNT_CONTRACT);
	allowlist_clear(&seen.list);
	node.owner_code = "0xef01000000000000000000000000000000000000000000dd";
	seen = ask(&node);
	assert_int_equal(seen.list.owner_account.kind, ACCOUNT_CONTRACT);
	allowlist_clear(&seen.list);
	node.owner_code = "0xef010000000000000000000000000000000000000000dd";
	seen = ask(&node);
	assert_int_equal(seen.list.owner_account.kind, ACCOUNT_DELEGATED_EOA);
	allowlist_clear(&seen.list);
	node_stop(&node);
}

static void test_other_chain_stops_at_once(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.chain_id = 1;
	struct seen seen = ask(&node);
	assert_false(seen.has_list);
	assert_string_equal(seen.err.code, "chain-id");
	assert_int_equal(seen.err.status, STATUS_CHECK);
	assert_int_equal(node.batches, 1);
	node.chain_id = 8453;
	node.broken_method = "eth_blockNumber";
	seen = ask(&node);
	assert_false(seen.has_list);
	assert_int_equal(seen.err.status, STATUS_CHAIN);
	node_stop(&node);
}

static void test_broken_facts_fail_alone(void **state)
{
	static const char *const methods[] = { "eth_getBalance", "eth_getStorageAt", "eth_getTransactionCount", "eth_getCode" };
	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct node node;
		const char *name = NULL;
		node_start(&node);
		node.broken_method = methods[i];
		struct seen seen = ask(&node);
		assert_true(seen.has_list);
		assert_non_null(allowlist_first_failure(&seen.list, &name));
		assert_int_equal(seen.list.owner.state, READ_VALUE);
		allowlist_clear(&seen.list);
		node_stop(&node);
	}
}

static void test_endpoints_that_disagree(void **state)
{
	struct node node;
	struct error err;
	(void)state;
	node_start(&node);
	struct seen one = ask(&node);
	node.hash_allowed = true;
	struct seen two = ask(&node);
	assert_false(allowlist_require_same(&one.list, &two.list, &err));
	assert_string_equal(err.code, "rpc-disagree");
	assert_int_equal(err.status, STATUS_CHECK);
	assert_non_null(strstr(err.message, "allowedComposeHashes(new)"));
	allowlist_clear(&one.list);
	allowlist_clear(&two.list);
	node_stop(&node);
}

static void test_cancelled_reads_stay_silent(void **state)
{
	struct node node;
	struct seen seen = { .done = false };
	struct allowlist_question question = make_question();
	(void)state;
	node_start(&node);
	struct chain_read *read = chain_read_allowlist(node.rpc, &question, on_list, &seen);
	chain_read_cancel(read);
	chain_read_cancel(NULL);
	loop_turn(node.loop, 20);
	assert_false(seen.done);
	node_stop(&node);
}

/* --- preparing --- */

struct prepared_seen {
	bool done;
	bool has;
	struct tx_prepared prepared;
	struct error err;
};

static void on_prepared(void *ctx, struct tx_prepared *prepared, const struct error *err)
{
	struct prepared_seen *seen = ctx;
	seen->done = true;
	seen->has = prepared != NULL;
	if (prepared)
		tx_prepared_take(&seen->prepared, prepared);
	else
		seen->err = *err;
}

static struct prepared_seen prepare(struct node *node)
{
	struct tx_intent intent = { .chain_id = 8453 };
	struct prepared_seen seen = { .done = false };
	struct bytes32 hash = { { 1 } };
	struct buf data = BUF_INIT;
	contract_encode_word(CALL_ADD_COMPOSE_HASH, &hash, &data);
	assert_true(address_parse(&intent.from, NODE_OWNER));
	assert_true(address_parse(&intent.to, NODE_CONTRACT));
	intent.data = (const uint8_t *)data.data;
	intent.len = data.len;
	chain_prepare(node->rpc, &intent, on_prepared, &seen);
	buf_clear(&data);
	assert_false(seen.done);
	node_wait(node, &seen.done);
	return seen;
}

static uint64_t low(struct u256 value)
{
	uint64_t out = 0;
	assert_true(u256_to_u64(&value, &out));
	return out;
}

static void test_prepared_transaction(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	struct prepared_seen seen = prepare(&node);
	const struct tx_prepared *out = &seen.prepared;
	assert_true(seen.has);
	assert_true(out->simulated);
	assert_int_equal(out->gas_estimate, 50001);
	assert_int_equal(out->tx.gas, 60001);
	assert_int_equal(out->tx.nonce, 8);
	assert_true(out->foreign_pending);
	assert_int_equal(low(out->tx.max_priority_fee), 1000000);
	assert_int_equal(low(out->tx.max_fee), 11000000);
	assert_int_equal(low(out->cost.total), UINT64_C(60001) * 11000000);
	assert_true(out->affordable);
	assert_false(out->has_l1_fee);
	assert_int_equal(out->tx.data_len, 36);
	tx_prepared_clear(&seen.prepared);
	node_stop(&node);
}

static void test_prepared_with_l1_fee(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.l1_fee_oracle = "0x60";
	struct prepared_seen seen = prepare(&node);
	assert_true(seen.prepared.has_l1_fee);
	assert_int_equal(low(seen.prepared.cost.total), UINT64_C(60001) * 11000000 + 123456789);
	tx_prepared_clear(&seen.prepared);
	node.answers[CALL_GET_L1_FEE] = NODE_ERROR;
	seen = prepare(&node);
	assert_false(seen.has);
	node.answers[CALL_GET_L1_FEE] = NODE_EMPTY;
	seen = prepare(&node);
	assert_false(seen.has);
	assert_int_equal(seen.err.status, STATUS_CHAIN);
	node_stop(&node);
}

static void test_refused_call_is_an_answer(void **state)
{
	struct node node;
	(void)state;
	node_start(&node);
	node.simulation_reverts = true;
	node.answers[CALL_ADD_COMPOSE_HASH] = NODE_SILENT_REVERT;
	struct prepared_seen seen = prepare(&node);
	assert_true(seen.has);
	assert_false(seen.prepared.simulated);
	assert_string_equal(seen.prepared.simulation.code, "reverted");
	tx_prepared_clear(&seen.prepared);
	node_stop(&node);
}

static void test_unreadable_figure_ends_preparing(void **state)
{
	static const char *const methods[] = { "eth_chainId", "eth_feeHistory", "eth_getTransactionCount", "eth_getBalance", "eth_getCode" };
	struct node node;
	(void)state;
	node_start(&node);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		node.broken_method = methods[i];
		struct prepared_seen seen = prepare(&node);
		assert_false(seen.has);
		assert_int_equal(seen.err.status, STATUS_CHAIN);
	}
	node.broken_method = NULL;
	node.chain_id = 1;
	struct prepared_seen seen = prepare(&node);
	assert_false(seen.has);
	assert_string_equal(seen.err.code, "chain-id");
	node_stop(&node);
}

/* --- looking up --- */

struct lookup_seen {
	bool done;
	bool has_verdict, has_receipt;
	struct tx_verdict verdict;
	struct error err;
};

static void on_lookup(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err)
{
	struct lookup_seen *seen = ctx;
	seen->done = true;
	seen->has_verdict = verdict != NULL;
	seen->has_receipt = receipt != NULL;
	if (verdict)
		seen->verdict = *verdict;
	else
		seen->err = *err;
}

static struct lookup_seen look(struct node *node, struct tx_past *past)
{
	struct tx_query query = { .hash = { { [31] = 0xaa } }, .nonce = 7, .confirmations = 1, .past = past };
	struct lookup_seen seen = { .done = false };
	chain_lookup(node->rpc, &query, on_lookup, &seen);
	node_wait(node, &seen.done);
	return seen;
}

#define WORD "00000000000000000000000000000000000000000000000000000000000000"
#define RECEIPT(hash, block) "{\"transactionHash\":\"0x" WORD hash "\",\"blockHash\":\"0x" WORD block "\",\"blockNumber\":\"0x63\"," \
	"\"status\":\"0x1\",\"from\":\"" NODE_OWNER "\",\"to\":\"" NODE_CONTRACT "\",\"gasUsed\":\"0x5208\",\"effectiveGasPrice\":\"0x1\",\"logs\":[]}"

static void test_lookups(void **state)
{
	struct node node;
	struct tx_past past = { 0 };
	(void)state;
	node_start(&node);
	assert_int_equal(look(&node, &past).verdict.state, TX_UNKNOWN);
	node.transaction = "{\"blockNumber\":null}";
	assert_int_equal(look(&node, &past).verdict.state, TX_PENDING);
	node.receipt = RECEIPT("aa", "bb");
	node.block = "{\"hash\":\"0x" WORD "bb\"}";
	struct lookup_seen seen = look(&node, &past);
	assert_int_equal(seen.verdict.state, TX_CONFIRMED);
	assert_int_equal(seen.verdict.confirmations, 2);
	assert_true(seen.has_receipt);
	node.block = "{\"hash\":\"0x" WORD "cc\"}";
	seen = look(&node, &past);
	assert_int_equal(seen.verdict.state, TX_REORGANISED);
	assert_false(seen.has_receipt);
	node.block = NULL;
	assert_int_equal(look(&node, &past).verdict.state, TX_REORGANISED);
	node_stop(&node);
}

static void test_lookup_without_all_facts_says_nothing(void **state)
{
	static const char *const methods[] = { "eth_getTransactionReceipt", "eth_getTransactionByHash", "eth_getTransactionCount",
		"eth_blockNumber", "eth_getBlockByNumber" };
	struct node node;
	struct tx_past past = { .seen = true }, before = past;
	(void)state;
	node_start(&node);
	node.receipt = RECEIPT("aa", "bb");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		node.broken_method = methods[i];
		assert_false(look(&node, &past).has_verdict);
		assert_memory_equal(&past, &before, sizeof(past));
	}
	node.broken_method = NULL;
	node.receipt = RECEIPT("ab", "bb");
	struct lookup_seen seen = look(&node, &past);
	assert_false(seen.has_verdict);
	assert_string_equal(seen.err.code, "hash-mismatch");
	node.receipt = "{\"status\":\"0x1\"}";
	assert_false(look(&node, &past).has_verdict);
	node_stop(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_multicall_and_batch_agree),
		cmocka_unit_test(test_broken_multicall_falls_back),
		cmocka_unit_test(test_failed_read_is_never_no),
		cmocka_unit_test(test_device_needs_both_reads),
		cmocka_unit_test(test_older_contracts_lack_functions),
		cmocka_unit_test(test_owner_kinds),
		cmocka_unit_test(test_other_chain_stops_at_once),
		cmocka_unit_test(test_broken_facts_fail_alone),
		cmocka_unit_test(test_endpoints_that_disagree),
		cmocka_unit_test(test_cancelled_reads_stay_silent),
		cmocka_unit_test(test_prepared_transaction),
		cmocka_unit_test(test_prepared_with_l1_fee),
		cmocka_unit_test(test_refused_call_is_an_answer),
		cmocka_unit_test(test_unreadable_figure_ends_preparing),
		cmocka_unit_test(test_lookups),
		cmocka_unit_test(test_lookup_without_all_facts_says_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
