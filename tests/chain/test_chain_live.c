/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading, preparing, sending and looking up on a real chain: blocks mined
 * late, transactions replaced and dropped from outside, a reorganisation.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "chain/anvil.h"
#include "chain/boot.h"
#include "chain/call.h"
#include "chain/prepare.h"
#include "chain/reader.h"
#include "chain/send.h"

static struct anvil *anvil;
static struct loop *loop;
static struct http *http;
static struct rpc *rpc;

static void wait_for(const bool *done)
{
	int64_t until = clock_mono_ms() + 20000;
	while (!*done && clock_mono_ms() < until)
		loop_turn(loop, 200);
	assert_true(*done);
}

static struct address address_of(const char *path)
{
	struct address out;
	assert_true(address_parse(&out, anvil_value(anvil, path)));
	return out;
}

static struct bytes32 word_of(const char *path)
{
	struct bytes32 out;
	assert_true(bytes32_parse(&out, anvil_value(anvil, path)));
	return out;
}

/* --- the allowlist --- */

struct list_seen {
	bool done;
	struct allowlist list;
};

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct list_seen *seen = ctx;
	seen->done = true;
	if (!list)
		fail_msg("the allowlist was not read: %s", err->message);
	allowlist_take(&seen->list, list);
}

static struct allowlist read_list(const char *app)
{
	struct allowlist_question question = { .chain_id = 8453, .contract = address_of(app), .has_new_hash = true,
		.has_old_hash = true, .old_hash = word_of("old_hash"), .has_device = true, .device = word_of("device"),
		.has_signer = true, .signer = address_of("owner.address") };
	struct list_seen seen = { .done = false };
	question.new_hash.bytes[0] = 0xd1;
	chain_read_allowlist(rpc, &question, on_list, &seen);
	wait_for(&seen.done);
	return seen.list;
}

static void test_allowlist(void **state)
{
	struct allowlist list = read_list("app");
	struct address owner = address_of("owner.address"), implementation = address_of("app_implementation");
	const char *name = NULL;
	(void)state;
	assert_null(allowlist_first_failure(&list, &name));
	assert_true(list.multicall);
	assert_int_equal(list.calls, 1);
	assert_true(address_equal(&list.owner.address, &owner));
	assert_int_equal(list.owner_account.kind, ACCOUNT_EOA);
	assert_int_equal(list.new_hash.state, READ_NO);
	assert_int_equal(list.old_hash.state, READ_YES);
	assert_int_equal(allowlist_device_state(&list), READ_YES);
	assert_true(address_equal(&list.implementation.address, &implementation));
	assert_int_equal(list.implementation_code.state, READ_VALUE);
	allowlist_clear(&list);
	list = read_list("app_any_device");
	assert_int_equal(list.any_device.state, READ_YES);
	assert_int_equal(list.device.state, READ_NO);
	assert_int_equal(allowlist_device_state(&list), READ_YES);
	allowlist_clear(&list);
	list = read_list("app_no_device");
	assert_int_equal(allowlist_device_state(&list), READ_NO);
	allowlist_clear(&list);
}

static void test_allowlist_without_multicall(void **state)
{
	char *id = anvil_snapshot(anvil);
	struct allowlist with = read_list("app"), without;
	struct error err;
	(void)state;
	anvil_do(anvil, "anvil_setCode", "[\"%s\",\"0x\"]", anvil_value(anvil, "multicall3"));
	without = read_list("app");
	assert_false(without.multicall);
	assert_true(allowlist_require_same(&with, &without, &err));
	allowlist_clear(&with);
	allowlist_clear(&without);
	anvil_revert(anvil, id);
}

static void test_allowlist_of_a_safe(void **state)
{
	struct allowlist list = read_list("safe_app");
	(void)state;
	assert_int_equal(list.owner_account.kind, ACCOUNT_SAFE);
	assert_int_equal(list.owner_account.threshold, 2);
	assert_int_equal(list.owner_account.owner_count, 2);
	allowlist_clear(&list);
	list = read_list("app_of_contract");
	assert_int_equal(list.owner_account.kind, ACCOUNT_CONTRACT);
	allowlist_clear(&list);
}

static void test_allowlist_where_no_contract_is(void **state)
{
	const char *name = NULL;
	struct allowlist list = read_list("third.address");
	(void)state;
	assert_int_equal(list.code.state, READ_NO);
	assert_int_equal(list.new_hash.state, READ_FAILED);
	assert_int_equal(list.owner.state, READ_FAILED);
	assert_non_null(allowlist_first_failure(&list, &name));
	allowlist_clear(&list);
}

/* --- would it boot --- */

struct boot_seen {
	bool done;
	struct boot_answer answer;
	char reason[64];
};

static void on_boot(void *ctx, const uint8_t *data, size_t len, const struct error *err)
{
	struct boot_seen *seen = ctx;
	struct error bad;
	seen->done = true;
	if (!data || !boot_decode(data, len, &seen->answer, &bad))
		fail_msg("no verdict: %s", data ? bad.message : err->message);
	snprintf(seen->reason, sizeof(seen->reason), "%.*s", (int)seen->answer.reason.len, seen->answer.reason.text);
}

static void check_boot(const char *app, bool allowed, const char *reason)
{
	struct boot_info info = { .app_id = address_of(app), .compose_hash = word_of("old_hash"), .device_id = word_of("device"),
		.os_image_hash = word_of("os_image"), .tcb_status = { "UpToDate", 8 } };
	struct address kms = address_of("kms");
	struct buf data = BUF_INIT;
	struct boot_seen seen = { .done = false };
	assert_true(boot_encode(CALL_IS_APP_ALLOWED, &info, &data, NULL));
	struct call_request request = { .to = &kms, .data = (const uint8_t *)data.data, .len = data.len };
	chain_call_send(rpc, &request, "latest", on_boot, &seen);
	wait_for(&seen.done);
	assert_int_equal(seen.answer.allowed, allowed);
	assert_string_equal(seen.reason, reason);
	buf_clear(&data);
}

static void test_boot_verdicts(void **state)
{
	(void)state;
	check_boot("app", true, "");
	check_boot("app_no_device", false, "Device not allowed");
	check_boot("third.address", false, "App not registered");
}

/* --- transactions; the chain mines only when told --- */

static void mine(void)
{
	anvil_do(anvil, "evm_mine", "[]");
}

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

static struct tx_prepared prepare_call(const char *from, const char *app, uint8_t hash, const struct tx *replaced)
{
	struct tx_intent intent = { .chain_id = 8453, .from = address_of(from), .to = address_of(app) };
	struct bytes32 word = { { hash } };
	struct buf data = BUF_INIT;
	struct prepared_seen seen = { .done = false };
	contract_encode_word(CALL_ADD_COMPOSE_HASH, &word, &data);
	intent.data = (const uint8_t *)data.data;
	intent.len = data.len;
	if (replaced) {
		intent.has_nonce = intent.replaces = true;
		intent.nonce = replaced->nonce;
		intent.old_fees = (struct fee_pair){ replaced->max_fee, replaced->max_priority_fee };
	}
	chain_prepare(rpc, &intent, on_prepared, &seen);
	wait_for(&seen.done);
	buf_clear(&data);
	if (!seen.has)
		fail_msg("not prepared: %s", seen.err.message);
	return seen.prepared;
}

struct sent_seen {
	bool done;
	enum broadcast result;
	struct error err;
};

static void on_sent(void *ctx, enum broadcast result, const struct error *err)
{
	struct sent_seen *seen = ctx;
	*seen = (struct sent_seen){ true, result, *err };
}

static enum broadcast broadcast(const struct buf *raw)
{
	struct sent_seen seen = { .done = false };
	chain_broadcast(rpc, raw->data, raw->len, on_sent, &seen);
	wait_for(&seen.done);
	return seen.result;
}

static struct bytes32 sign(const struct tx *tx, const char *key_path, struct buf *raw)
{
	struct secret key = SECRET_INIT;
	struct bytes32 test_key = word_of(key_path), hash;
	secret_set(&key, test_key.bytes, BYTES32_SIZE, true);
	assert_true(tx_sign(tx, &key, raw, &hash, NULL));
	secret_clear(&key);
	return hash;
}

struct lookup_seen {
	bool done;
	struct tx_verdict verdict;
	bool has_receipt;
	struct receipt receipt;
};

static void on_lookup(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err)
{
	struct lookup_seen *seen = ctx;
	seen->done = true;
	if (!verdict)
		fail_msg("not looked up: %s", err->message);
	seen->verdict = *verdict;
	seen->has_receipt = receipt != NULL;
	if (receipt)
		receipt_copy(&seen->receipt, receipt);
}

static struct lookup_seen look_whole(const struct bytes32 *hash, const struct tx *tx, uint64_t wanted, struct tx_past *past)
{
	struct tx_query query = { .hash = *hash, .from = address_of("owner.address"), .nonce = tx->nonce, .confirmations = wanted, .past = past };
	struct lookup_seen seen = { .done = false };
	chain_lookup(rpc, &query, on_lookup, &seen);
	wait_for(&seen.done);
	return seen;
}

static enum tx_state look(const struct bytes32 *hash, const struct tx *tx, uint64_t wanted, struct tx_past *past)
{
	struct lookup_seen seen = look_whole(hash, tx, wanted, past);
	receipt_clear(&seen.receipt);
	return seen.verdict.state;
}

static void test_sent_mined_confirmed(void **state)
{
	char *id = anvil_snapshot(anvil);
	struct tx_prepared prepared = prepare_call("owner.address", "app", 0x71, NULL);
	struct address app = address_of("app");
	struct bytes32 word = { { 0x71 } };
	struct buf raw = BUF_INIT;
	struct tx_past past = { 0 };
	(void)state;
	assert_true(prepared.simulated);
	assert_true(prepared.affordable);
	assert_true(prepared.has_l1_fee);
	assert_false(prepared.foreign_pending);
	struct bytes32 hash = sign(&prepared.tx, "owner.key", &raw);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	mine();
	struct lookup_seen seen = look_whole(&hash, &prepared.tx, 2, &past);
	assert_int_equal(seen.verdict.state, TX_MINED);
	assert_true(receipt_has_event(&seen.receipt, &app, EVENT_COMPOSE_HASH_ADDED, &word));
	assert_true(seen.receipt.has_paid);
	assert_true(u256_cmp(&seen.receipt.paid, &prepared.cost.total) <= 0);
	receipt_clear(&seen.receipt);
	mine();
	assert_int_equal(look(&hash, &prepared.tx, 2, &past), TX_CONFIRMED);
	/* the same bytes again do no harm */
	enum broadcast again = broadcast(&raw);
	assert_true(again == BROADCAST_KNOWN || again == BROADCAST_NONCE_USED);
	tx_prepared_clear(&prepared);
	buf_clear(&raw);
	anvil_revert(anvil, id);
}

static void test_simulation_tells_the_refusal(void **state)
{
	struct tx_prepared prepared = prepare_call("other.address", "app", 0x72, NULL);
	(void)state;
	assert_false(prepared.simulated);
	assert_string_equal(prepared.simulation.code, "reverted");
	assert_non_null(strstr(prepared.simulation.message, "OwnableUnauthorizedAccount"));
	tx_prepared_clear(&prepared);
}

static void test_poor_signer(void **state)
{
	struct tx_prepared prepared = prepare_call("poor.address", "app_of_poor", 0x73, NULL);
	(void)state;
	assert_false(prepared.affordable && prepared.simulated);
	assert_true(u256_is_zero(&prepared.balance));
	tx_prepared_clear(&prepared);
}

static void test_pending_dropped_and_sent_again(void **state)
{
	char *id = anvil_snapshot(anvil), text[BYTES32_TEXT_SIZE];
	struct tx_prepared prepared;
	struct buf raw = BUF_INIT;
	struct tx_past past = { 0 };
	(void)state;
	prepared = prepare_call("owner.address", "app", 0x74, NULL);
	struct bytes32 hash = sign(&prepared.tx, "owner.key", &raw);
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_UNKNOWN);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	assert_int_equal(broadcast(&raw), BROADCAST_KNOWN);
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_PENDING);
	anvil_do(anvil, "anvil_dropTransaction", "[\"%s\"]", bytes32_format(text, &hash));
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_DROPPED);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	mine();
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_CONFIRMED);
	tx_prepared_clear(&prepared);
	buf_clear(&raw);
	anvil_revert(anvil, id);
}

static void test_replaced(void **state)
{
	char *id = anvil_snapshot(anvil);
	struct tx_prepared first, second, third;
	struct buf raw = BUF_INIT, higher = BUF_INIT, same = BUF_INIT;
	struct tx_past past = { 0 }, past_second = { 0 };
	(void)state;
	first = prepare_call("owner.address", "app", 0x75, NULL);
	struct bytes32 hash = sign(&first.tx, "owner.key", &raw);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	assert_int_equal(look(&hash, &first.tx, 1, &past), TX_PENDING);
	/* another one waits: a new preparation says so and would queue behind it */
	third = prepare_call("owner.address", "app", 0x76, NULL);
	assert_true(third.foreign_pending);
	assert_int_equal(third.tx.nonce, first.tx.nonce + 1);
	third.tx.nonce = first.tx.nonce;
	sign(&third.tx, "owner.key", &same);
	assert_int_equal(broadcast(&same), BROADCAST_UNDERPRICED);
	second = prepare_call("owner.address", "app", 0x76, &first.tx);
	assert_int_equal(second.tx.nonce, first.tx.nonce);
	struct bytes32 hash_second = sign(&second.tx, "owner.key", &higher);
	assert_int_equal(broadcast(&higher), BROADCAST_SENT);
	mine();
	assert_int_equal(look(&hash_second, &second.tx, 1, &past_second), TX_CONFIRMED);
	assert_int_equal(look(&hash, &first.tx, 1, &past), TX_PENDING);
	assert_int_equal(look(&hash, &first.tx, 1, &past), TX_REPLACED);
	tx_prepared_clear(&first);
	tx_prepared_clear(&second);
	tx_prepared_clear(&third);
	buf_clear(&raw);
	buf_clear(&higher);
	buf_clear(&same);
	anvil_revert(anvil, id);
}

static void test_reverted_on_chain(void **state)
{
	char *id = anvil_snapshot(anvil);
	struct tx_prepared prepared = prepare_call("owner.address", "app", 0x77, NULL);
	struct buf raw = BUF_INIT;
	struct tx_past past = { 0 };
	(void)state;
	/* sent all the same, to another contract that refuses */
	prepared.tx.to = address_of("safe_app");
	struct bytes32 hash = sign(&prepared.tx, "owner.key", &raw);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	mine();
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_REVERTED);
	tx_prepared_clear(&prepared);
	buf_clear(&raw);
	anvil_revert(anvil, id);
}

static void test_reorganised(void **state)
{
	char *id = anvil_snapshot(anvil);
	struct tx_prepared prepared = prepare_call("owner.address", "app", 0x78, NULL);
	struct buf raw = BUF_INIT;
	struct tx_past past = { 0 };
	(void)state;
	struct bytes32 hash = sign(&prepared.tx, "owner.key", &raw);
	assert_int_equal(broadcast(&raw), BROADCAST_SENT);
	mine();
	assert_int_equal(look(&hash, &prepared.tx, 9, &past), TX_MINED);
	anvil_do(anvil, "anvil_reorg", "[1,[]]");
	assert_int_equal(look(&hash, &prepared.tx, 9, &past), TX_REORGANISED);
	assert_true(past.moves == 1);
	enum broadcast again = broadcast(&raw);
	assert_true(again == BROADCAST_SENT || again == BROADCAST_KNOWN);
	mine();
	assert_int_equal(look(&hash, &prepared.tx, 1, &past), TX_CONFIRMED);
	tx_prepared_clear(&prepared);
	buf_clear(&raw);
	anvil_revert(anvil, id);
}

static int start(void **state)
{
	struct error err;
	(void)state;
	anvil = anvil_start();
	loop = loop_new(&err);
	http = loop ? http_new(loop, &err) : NULL;
	if (!http)
		return -1;
	rpc = rpc_new(http, anvil_url(anvil));
	anvil_do(anvil, "evm_setAutomine", "[false]");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rpc_free(rpc);
	http_free(http);
	loop_free(loop);
	anvil_free(anvil);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowlist),
		cmocka_unit_test(test_allowlist_without_multicall),
		cmocka_unit_test(test_allowlist_of_a_safe),
		cmocka_unit_test(test_allowlist_where_no_contract_is),
		cmocka_unit_test(test_boot_verdicts),
		cmocka_unit_test(test_sent_mined_confirmed),
		cmocka_unit_test(test_simulation_tells_the_refusal),
		cmocka_unit_test(test_poor_signer),
		cmocka_unit_test(test_pending_dropped_and_sent_again),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_reverted_on_chain),
		cmocka_unit_test(test_reorganised),
	};
	if (!anvil_available())
		return 0;
	if (!secret_setup(NULL))
		return 1;
	return cmocka_run_group_tests(tests, start, stop);
}
