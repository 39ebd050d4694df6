/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox's chain: contracts as state machines, transactions from raw bytes to receipts. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "sandbox/world.h"

static struct loop *loop;
static struct sb_world *world;

static int setup(void **state)
{
	struct error err;
	(void)state;
	assert_true(secret_setup(&err));
	loop = loop_new(&err);
	assert_non_null(loop);
	world = sb_world_new(loop, 7, 20, 100, 1, &err);
	assert_non_null(world);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sb_world_free(world);
	loop_free(loop);
	return 0;
}

static struct sb_call call_of(const uint8_t from[20], const uint8_t to[20], const uint8_t *data, size_t len, bool write)
{
	struct sb_call call = { .data = data, .len = len, .write = write, .block = sb_ledger_head(world->ledger)->number };
	memcpy(call.from, from, 20);
	memcpy(call.to, to, 20);
	sb_ledger_call(world->ledger, &call);
	return call;
}

static void calldata(uint8_t out[36], const char *selector, const uint8_t word[32])
{
	assert_true(hex_decode(out, 4, selector));
	memcpy(out + 4, word, 32);
}

static bool answers_true(const struct sb_call *call)
{
	return call->answer.len == 32 && call->answer.data[31] == 1;
}

static void owner_adds_and_removes(void **state)
{
	struct sb_cvm *cvm = &world->cvms[0];
	uint8_t word[32] = { 0x42 }, data[36];
	(void)state;
	calldata(data, "2f6622e5", word);
	struct sb_call call = call_of(world->other, cvm->app_id, data, 36, false);
	assert_false(answers_true(&call));
	buf_clear(&call.answer);
	calldata(data, "dfc77223", word);
	call = call_of(world->owner, cvm->app_id, data, 36, true);
	assert_false(call.reverted);
	assert_int_equal(call.log_count, 2); /* ComposeHashAdded and PolicyChanged */
	assert_memory_equal(call.logs[0].data, word, 32);
	assert_int_equal(call.logs[0].topic_count, 1);
	buf_clear(&call.answer);
	calldata(data, "2f6622e5", word);
	call = call_of(world->other, cvm->app_id, data, 36, false);
	assert_true(answers_true(&call));
	buf_clear(&call.answer);
	calldata(data, "67b3f22c", word);
	call = call_of(world->owner, cvm->app_id, data, 36, true);
	buf_clear(&call.answer);
	assert_false(sb_contract_flag(cvm->contract, SB_COMPOSE, word, UINT64_MAX));
}

static void older_contract_has_one_event_and_no_version(void **state)
{
	struct sb_cvm *cvm = &world->cvms[1];
	uint8_t word[32] = { 0x43 }, data[36];
	(void)state;
	assert_false(cvm->contract->newer);
	calldata(data, "2a819728", word);
	struct sb_call call = call_of(world->owner, cvm->app_id, data, 36, true);
	assert_int_equal(call.log_count, 1);
	buf_clear(&call.answer);
	call = call_of(world->owner, cvm->app_id, (const uint8_t *)"\x54\xfd\x4d\x50", 4, false);
	assert_true(call.reverted);
	assert_int_equal(call.answer.len, 0);
	buf_clear(&call.answer);
}

static void stranger_gets_the_custom_error(void **state)
{
	uint8_t word[32] = { 0x44 }, data[36];
	(void)state;
	calldata(data, "dfc77223", word);
	struct sb_call call = call_of(world->other, world->cvms[0].app_id, data, 36, true);
	assert_true(call.reverted);
	assert_int_equal(call.answer.len, 36);
	assert_memory_equal(call.answer.data, "\x11\x8c\xda\xa7", 4);
	assert_memory_equal(call.answer.data + 16, world->other, 20);
	assert_false(sb_contract_flag(world->cvms[0].contract, SB_COMPOSE, word, UINT64_MAX));
	buf_clear(&call.answer);
}

static void ownership_moves_in_two_steps(void **state)
{
	struct sb_cvm *cvm = &world->cvms[4];
	uint8_t word[32] = { 0 }, data[36], owner[20];
	(void)state;
	memcpy(word + 12, world->other, 20);
	calldata(data, "f2fde38b", word);
	struct sb_call call = call_of(world->owner, cvm->app_id, data, 36, true);
	buf_clear(&call.answer);
	sb_contract_address(cvm->contract, SB_OWNER, UINT64_MAX, owner);
	assert_memory_equal(owner, world->owner, 20);
	call = call_of(world->owner, cvm->app_id, (const uint8_t *)"\x79\xba\x50\x97", 4, true);
	assert_true(call.reverted);
	buf_clear(&call.answer);
	call = call_of(world->other, cvm->app_id, (const uint8_t *)"\x79\xba\x50\x97", 4, true);
	assert_false(call.reverted);
	buf_clear(&call.answer);
	sb_contract_address(cvm->contract, SB_OWNER, UINT64_MAX, owner);
	assert_memory_equal(owner, world->other, 20);
	sb_contract_address(cvm->contract, SB_PENDING, UINT64_MAX, owner);
	assert_memory_equal(owner, (uint8_t[20]){ 0 }, 20);
}

static void old_blocks_keep_their_state(void **state)
{
	struct sb_contract *app = world->cvms[5].contract;
	uint8_t word[32] = { 0x45 };
	uint64_t block = sb_ledger_head(world->ledger)->number;
	(void)state;
	sb_contract_set_flag(app, SB_COMPOSE, word, true, block + 5);
	assert_false(sb_contract_flag(app, SB_COMPOSE, word, block + 4));
	assert_true(sb_contract_flag(app, SB_COMPOSE, word, block + 5));
}

/* isAppAllowed: the tuple's head, then tcbStatus "UpToDate", then no advisories. */
static size_t boot_call(uint8_t *out, const struct sb_cvm *cvm, const uint8_t *os_image, const char *tcb)
{
	uint8_t *tuple = out + 36;
	memset(out, 0, 4 + 32 * 13);
	assert_true(hex_decode(out, 4, "1e079198"));
	out[4 + 31] = 32;
	memcpy(tuple + 12, cvm->app_id, 20);
	memcpy(tuple + 32, cvm->hash, 32);
	memcpy(tuple + 96, cvm->node->device_id, 32);
	memcpy(tuple + 192, os_image, 32);
	tuple[7 * 32 + 30] = 0x01;
	tuple[7 * 32 + 31] = 0x20;
	tuple[8 * 32 + 30] = 0x01;
	tuple[8 * 32 + 31] = 0x60;
	tuple[9 * 32 + 31] = (uint8_t)strlen(tcb);
	memcpy(tuple + 10 * 32, tcb, strlen(tcb));
	return 4 + 32 * 13;
}

static void assert_reason(const struct sb_cvm *cvm, const uint8_t *os_image, const char *reason)
{
	uint8_t data[4 + 32 * 13];
	size_t len = boot_call(data, cvm, os_image, "UpToDate");
	struct sb_call call = call_of(world->other, world->kms[0].contract, data, len, false);
	assert_false(call.reverted);
	assert_true(call.answer.len >= 96);
	assert_int_equal(call.answer.data[31], reason == NULL);
	if (reason != NULL) {
		assert_int_equal((uint8_t)call.answer.data[95], strlen(reason));
		assert_memory_equal(call.answer.data + 96, reason, strlen(reason));
	}
	buf_clear(&call.answer);
}

static void kms_says_why_not(void **state)
{
	uint8_t other[32] = { 1 };
	struct sb_cvm stranger = world->cvms[1];
	(void)state;
	assert_reason(&world->cvms[1], world->os_image, NULL);
	assert_reason(&world->cvms[0], world->os_image, "Device not allowed");
	assert_reason(&world->cvms[12], world->os_image, NULL); /* any device */
	assert_reason(&world->cvms[1], other, "OS image is not allowed");
	stranger.hash[0] ^= 1;
	assert_reason(&stranger, world->os_image, "Compose hash not allowed");
	stranger.app_id[0] ^= 1;
	assert_reason(&stranger, world->os_image, "App not registered");
}

/* Transactions */

static struct tx transaction(uint64_t nonce, const uint8_t to[20], const uint8_t *data, size_t len)
{
	struct tx tx = { .chain_id = SB_CHAIN_ID, .nonce = nonce, .gas = 100000 };
	tx.max_fee = u256_from_u64(20000000);
	tx.max_priority_fee = u256_from_u64(1000000);
	memcpy(tx.to.bytes, to, 20);
	tx_set_data(&tx, data, len);
	return tx;
}

static bool send(struct tx *tx, const uint8_t key_bytes[32], uint8_t hash[32], struct error *err)
{
	struct secret key = SECRET_INIT;
	struct bytes32 made;
	struct buf raw = BUF_INIT;
	uint8_t copy[32];
	memcpy(copy, key_bytes, 32);
	secret_set(&key, copy, 32, true);
	assert_true(tx_sign(tx, &key, &raw, &made, NULL));
	error_clear(err);
	bool done = sb_ledger_submit(world->ledger, (const uint8_t *)raw.data, raw.len, hash, err);
	buf_clear(&raw);
	secret_clear(&key);
	return done;
}

static const struct sb_tx *mined(const uint8_t hash[32])
{
	for (int i = 0; i < 400; i++) {
		const struct sb_tx *tx = sb_ledger_tx(world->ledger, hash);
		if (tx != NULL && tx->state == SB_TX_MINED)
			return tx;
		loop_turn(loop, 20);
	}
	return NULL;
}

static void raw_transaction_is_mined(void **state)
{
	struct error err;
	uint8_t word[32] = { 0x50 }, data[36], hash[32];
	struct sb_cvm *cvm = &world->cvms[0];
	(void)state;
	calldata(data, "dfc77223", word);
	struct tx tx = transaction(sb_ledger_nonce(world->ledger, world->owner, true), cvm->app_id, data, 36);
	assert_true(send(&tx, world->owner_key, hash, &err));
	assert_false(send(&tx, world->owner_key, hash, &err));
	assert_string_equal(err.message, "already known");
	const struct sb_tx *done = mined(hash);
	assert_non_null(done);
	assert_true(done->success);
	assert_memory_equal(done->read.from.bytes, world->owner, 20);
	assert_true(sb_contract_flag(cvm->contract, SB_COMPOSE, word, done->block));
	assert_false(sb_contract_flag(cvm->contract, SB_COMPOSE, word, done->block - 1));
	tx_clear(&tx);
}

static void wrong_signer_is_mined_and_fails(void **state)
{
	struct error err;
	uint8_t word[32] = { 0x51 }, data[36], hash[32];
	(void)state;
	calldata(data, "dfc77223", word);
	struct tx tx = transaction(sb_ledger_nonce(world->ledger, world->other, true), world->cvms[0].app_id, data, 36);
	assert_true(send(&tx, world->other_key, hash, &err));
	const struct sb_tx *done = mined(hash);
	assert_non_null(done);
	assert_false(done->success);
	assert_int_equal(done->log_count, 0);
	assert_true(sb_ledger_nonce(world->ledger, world->other, false) == tx.nonce + 1);
	tx_clear(&tx);
}

static void assert_refused(struct tx *tx, const char *why)
{
	struct error err;
	uint8_t hash[32];
	assert_false(send(tx, world->owner_key, hash, &err));
	if (strstr(err.message, why) == NULL)
		fail_msg("refused with \"%s\", not \"%s\"", err.message, why);
	tx_clear(tx);
}

static void bad_transactions_are_refused(void **state)
{
	uint64_t nonce = sb_ledger_nonce(world->ledger, world->owner, true);
	const uint8_t *to = world->cvms[0].app_id;
	(void)state;
	struct tx tx = transaction(nonce, to, NULL, 0);
	tx.chain_id = 1;
	assert_refused(&tx, "invalid chain id");
	tx = transaction(nonce, to, NULL, 0);
	tx.max_fee = u256_from_u64(1);
	tx.max_priority_fee = u256_from_u64(1);
	assert_refused(&tx, "less than block base fee");
	tx = transaction(nonce, to, NULL, 0);
	tx.value = u256_from_u64(UINT64_MAX);
	assert_refused(&tx, "insufficient funds");
	tx = transaction(nonce, to, NULL, 0);
	tx.gas = 20000;
	assert_refused(&tx, "intrinsic gas too low");
	assert_true(nonce > 0);
	tx = transaction(nonce - 1, to, NULL, 0);
	assert_refused(&tx, "nonce too low");
}

static void replacement_must_pay_more(void **state)
{
	struct error err;
	uint8_t first[32], second[32];
	(void)state;
	world->ledger->faults.never_mine = true;
	struct tx tx = transaction(sb_ledger_nonce(world->ledger, world->owner, true), world->cvms[0].app_id, NULL, 0);
	assert_true(send(&tx, world->owner_key, first, &err));
	tx.max_fee = u256_from_u64(21000000);
	assert_false(send(&tx, world->owner_key, second, &err));
	assert_string_equal(err.message, "replacement transaction underpriced");
	tx.max_fee = u256_from_u64(22000000);
	tx.max_priority_fee = u256_from_u64(1100000);
	assert_true(send(&tx, world->owner_key, second, &err));
	assert_null(sb_ledger_tx(world->ledger, first));
	world->ledger->faults.never_mine = false;
	sb_ledger_wake(world->ledger);
	assert_non_null(mined(second));
	tx_clear(&tx);
}

/* aggregate3 of owner() twice: encoded by hand, answered with two results. */
static void multicall_answers_each(void **state)
{
	static const uint8_t multicall[20] = { 0xca, 0x11, 0xbd, 0xe0, 0x59, 0x77, 0xb3, 0x63, 0x11, 0x67, 0x02, 0x88, 0x62, 0xbe, 0x2a, 0x17,
		0x39, 0x76, 0xca, 0x11 };
	uint8_t data[4 + 32 * 14] = { 0x82, 0xad, 0x56, 0xcb };
	uint8_t *list = data + 4;
	(void)state;
	list[31] = 0x20;
	list[63] = 2;
	list[64 + 31] = 0x40;
	list[96 + 31] = 0xe0;
	for (int i = 0; i < 2; i++) {
		uint8_t *tuple = list + 128 + i * 160;
		memcpy(tuple + 12, i == 0 ? world->cvms[0].app_id : world->other, 20);
		tuple[63] = 1;
		tuple[95] = 0x60;
		tuple[127] = 4;
		assert_true(hex_decode(tuple + 128, 4, "8da5cb5b"));
	}
	struct sb_call call = call_of(world->other, multicall, data, sizeof(data), false);
	assert_false(call.reverted);
	assert_int_equal(call.answer.data[63], 2);
	assert_int_equal(call.answer.len, 32 * (2 + 2 + 4 + 3));
	assert_memory_equal(call.answer.data + 32 * 7 + 12, world->owner, 20);
	buf_clear(&call.answer);
	world->ledger->faults.no_multicall = true;
	call = call_of(world->other, multicall, data, sizeof(data), false);
	assert_int_equal(call.answer.len, 0);
	world->ledger->faults.no_multicall = false;
	buf_clear(&call.answer);
}

static void safe_executes(void **state)
{
	uint8_t word[32] = { 0x60 }, data[36], hash[32];
	struct sb_cvm *cvm = &world->cvms[2];
	(void)state;
	calldata(data, "dfc77223", word);
	assert_true(sb_ledger_execute_as(world->ledger, world->safe, cvm->app_id, data, 36, hash));
	assert_true(sb_contract_flag(cvm->contract, SB_COMPOSE, word, UINT64_MAX));
	const struct sb_tx *tx = sb_ledger_tx(world->ledger, hash);
	assert_non_null(tx);
	assert_memory_equal(tx->logs[0].address, cvm->app_id, 20);
	assert_memory_equal(tx->logs[tx->log_count - 1].address, world->safe, 20);
	assert_false(sb_ledger_execute_as(world->ledger, world->safe, world->cvms[0].app_id, data, 36, hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owner_adds_and_removes),
		cmocka_unit_test(older_contract_has_one_event_and_no_version),
		cmocka_unit_test(stranger_gets_the_custom_error),
		cmocka_unit_test(kms_says_why_not),
		cmocka_unit_test(ownership_moves_in_two_steps),
		cmocka_unit_test(old_blocks_keep_their_state),
		cmocka_unit_test(raw_transaction_is_mined),
		cmocka_unit_test(wrong_signer_is_mined_and_fails),
		cmocka_unit_test(bad_transactions_are_refused),
		cmocka_unit_test(replacement_must_pay_more),
		cmocka_unit_test(multicall_answers_each),
		cmocka_unit_test(safe_executes),
	};
	return cmocka_run_group_tests_name("sandbox_chain", tests, setup, teardown);
}
