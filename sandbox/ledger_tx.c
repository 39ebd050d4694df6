/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: into the pool, replaced there, mined, and what they leave behind. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sandbox/ledger_own.h"

enum { GAS_LIMIT_MAX = 30000000, L1_FEE_PER_BYTE = 1300000000 };

void sb_tx_free(struct sb_tx *tx)
{
	if (tx == NULL)
		return;
	tx_clear(&tx->read.tx);
	buf_clear(&tx->raw);
	free(tx);
}

uint64_t sb_ledger_nonce(struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE], bool pending)
{
	uint64_t nonce = sb_ledger_account(ledger, address)->nonce;
	for (size_t i = 0; pending && i < ledger->pool_count; i++)
		if (memcmp(ledger->pool[i]->read.from.bytes, address, SB_ADDRESS_SIZE) == 0 && ledger->pool[i]->read.tx.nonce == nonce) {
			nonce++;
			i = (size_t)-1;
		}
	return nonce;
}

const struct sb_tx *sb_ledger_tx(const struct sb_ledger *ledger, const uint8_t hash[SB_WORD_SIZE])
{
	for (size_t i = 0; i < ledger->pool_count; i++)
		if (memcmp(ledger->pool[i]->read.hash.bytes, hash, SB_WORD_SIZE) == 0)
			return ledger->pool[i];
	for (size_t i = ledger->mined_count; i > 0; i--)
		if (memcmp(ledger->mined[i - 1]->read.hash.bytes, hash, SB_WORD_SIZE) == 0)
			return ledger->mined[i - 1];
	return NULL;
}

/* Mining */

static void tx_fail(struct sb_tx *tx)
{
	tx->success = false;
	tx->log_count = 0;
}

static void tx_run(struct sb_ledger *ledger, struct sb_tx *tx)
{
	const struct tx *what = &tx->read.tx;
	struct sb_call call = { .data = what->data, .len = what->data_len, .block = tx->block, .write = true };
	memcpy(call.from, tx->read.from.bytes, SB_ADDRESS_SIZE);
	memcpy(call.to, what->to.bytes, SB_ADDRESS_SIZE);
	sb_ledger_call(ledger, &call);
	tx->gas_used = call.gas < what->gas ? call.gas : what->gas;
	tx->success = !call.reverted && !what->create && call.gas <= what->gas;
	tx->log_count = call.log_count;
	memcpy(tx->logs, call.logs, sizeof(tx->logs));
	if (!tx->success)
		tx_fail(tx);
	buf_clear(&call.answer);
}

static void tx_settle(struct sb_ledger *ledger, struct sb_tx *tx)
{
	struct sb_account *from = sb_ledger_account(ledger, tx->read.from.bytes);
	uint64_t tip = tx->max_fee - SB_BASE_FEE < tx->max_tip ? tx->max_fee - SB_BASE_FEE : tx->max_tip;
	tx->gas_price = SB_BASE_FEE + tip;
	tx->l1_fee = tx->raw.len * (uint64_t)L1_FEE_PER_BYTE;
	uint64_t cost = tx->gas_used * tx->gas_price + tx->l1_fee + (tx->success ? tx->value : 0);
	from->nonce++;
	from->balance -= cost < from->balance ? cost : from->balance;
	if (tx->success && tx->value > 0)
		sb_ledger_account(ledger, tx->read.tx.to.bytes)->balance += tx->value;
}

static void pool_remove(struct sb_ledger *ledger, size_t i)
{
	memmove(&ledger->pool[i], &ledger->pool[i + 1], (ledger->pool_count - i - 1) * sizeof(*ledger->pool));
	ledger->pool_count--;
}

/* The first of the pool whose turn it is, by its sender's nonce. */
static struct sb_tx *pool_take_ready(struct sb_ledger *ledger)
{
	for (size_t i = 0; i < ledger->pool_count; i++) {
		struct sb_tx *tx = ledger->pool[i];
		if (tx->read.tx.nonce == sb_ledger_account(ledger, tx->read.from.bytes)->nonce) {
			pool_remove(ledger, i);
			return tx;
		}
	}
	return NULL;
}

void sb_ledger_keep_mined(struct sb_ledger *ledger, struct sb_tx *tx)
{
	struct sb_block *block = &ledger->blocks[ledger->block_count - 1];
	tx->state = SB_TX_MINED;
	tx->index = block->tx_count;
	for (size_t i = block->first_tx; i < ledger->mined_count; i++)
		tx->first_log += ledger->mined[i]->log_count;
	ledger->mined = mem_grow(ledger->mined, ledger->mined_count, &ledger->mined_cap, sizeof(*ledger->mined));
	ledger->mined[ledger->mined_count++] = tx;
	block->tx_count++;
	block->gas_used += tx->gas_used;
}

static void ledger_mine(void *ctx)
{
	struct sb_ledger *ledger = ctx;
	struct sb_tx *tx = ledger->faults.never_mine ? NULL : pool_take_ready(ledger);
	if (tx == NULL)
		return;
	sb_ledger_head(ledger);
	sb_ledger_append_block(ledger, clock_wall_ms());
	for (; tx != NULL; tx = pool_take_ready(ledger)) {
		tx->block = ledger->blocks[ledger->block_count - 1].number;
		tx_run(ledger, tx);
		tx_settle(ledger, tx);
		sb_ledger_keep_mined(ledger, tx);
	}
}

void sb_ledger_wake(struct sb_ledger *ledger)
{
	if (ledger->loop != NULL && !loop_timer_is_set(&ledger->mine))
		loop_timer_set(ledger->loop, &ledger->mine, ledger->mine_ms, ledger_mine, ledger);
}

/* Into the pool */

static bool tx_fits(struct sb_tx *tx, struct error *err)
{
	const struct tx *what = &tx->read.tx;
	if (what->chain_id != SB_CHAIN_ID)
		return error_set(err, STATUS_CHAIN, "-32000", "invalid chain id for signer: have %llu want %d",
			(unsigned long long)what->chain_id, SB_CHAIN_ID);
	if (!u256_to_u64(&what->max_fee, &tx->max_fee) || !u256_to_u64(&what->max_priority_fee, &tx->max_tip) ||
		!u256_to_u64(&what->value, &tx->value))
		return error_set(err, STATUS_CHAIN, "-32000", "insufficient funds for gas * price + value");
	if (what->gas > GAS_LIMIT_MAX)
		return error_set(err, STATUS_CHAIN, "-32000", "exceeds block gas limit");
	if (what->gas < 21000)
		return error_set(err, STATUS_CHAIN, "-32000", "intrinsic gas too low: gas %llu, minimum needed 21000", (unsigned long long)what->gas);
	if (tx->max_tip > tx->max_fee)
		return error_set(err, STATUS_CHAIN, "-32000", "max priority fee per gas higher than max fee per gas");
	if (tx->max_fee < SB_BASE_FEE)
		return error_set(err, STATUS_CHAIN, "-32000", "max fee per gas less than block base fee: maxFeePerGas: %llu, baseFee: %d",
			(unsigned long long)tx->max_fee, SB_BASE_FEE);
	return true;
}

static bool tx_is_paid(struct sb_ledger *ledger, const struct sb_tx *tx, struct error *err)
{
	const struct sb_account *from = sb_ledger_account(ledger, tx->read.from.bytes);
	struct u256 gas = u256_from_u64(tx->read.tx.gas), fee = u256_from_u64(tx->max_fee), cost, value = u256_from_u64(tx->value);
	struct u256 l1 = u256_from_u64(tx->raw.len * (uint64_t)L1_FEE_PER_BYTE), have = u256_from_u64(from->balance);
	if (!u256_mul(&cost, &gas, &fee) || !u256_add(&cost, &cost, &value) || !u256_add(&cost, &cost, &l1) || u256_cmp(&cost, &have) > 0) {
		char text[U256_DECIMAL_SIZE];
		return error_set(err, STATUS_CHAIN, "-32000", "insufficient funds for gas * price + value: balance %llu, tx cost %s",
			(unsigned long long)from->balance, u256_format_decimal(text, &cost));
	}
	if (tx->read.tx.nonce < from->nonce)
		return error_set(err, STATUS_CHAIN, "-32000", "nonce too low: next nonce %llu, tx nonce %llu", (unsigned long long)from->nonce,
			(unsigned long long)tx->read.tx.nonce);
	return true;
}

/* A transaction of the same sender and nonce gives way to one that pays a tenth more for both. */
static bool pool_make_room(struct sb_ledger *ledger, const struct sb_tx *tx, struct error *err)
{
	for (size_t i = 0; i < ledger->pool_count; i++) {
		struct sb_tx *old = ledger->pool[i];
		if (!address_equal(&old->read.from, &tx->read.from) || old->read.tx.nonce != tx->read.tx.nonce)
			continue;
		if (bytes32_equal(&old->read.hash, &tx->read.hash))
			return error_set(err, STATUS_CHAIN, "-32000", "already known");
		if (tx->max_fee <= old->max_fee || tx->max_tip <= old->max_tip || tx->max_fee < old->max_fee / 10 * 11 ||
			tx->max_tip < old->max_tip / 10 * 11)
			return error_set(err, STATUS_CHAIN, "-32000", "replacement transaction underpriced");
		pool_remove(ledger, i);
		sb_tx_free(old);
		return true;
	}
	return true;
}

static bool tx_read(struct sb_tx *tx, const uint8_t *raw, size_t len, struct error *err)
{
	struct error why;
	error_clear(&why);
	if (tx_decode(raw, len, &tx->read, &why))
		return true;
	return error_set(err, STATUS_CHAIN, "-32000", "%s",
		why.code[0] == 's' ? "invalid sender: the signature recovers nobody" : "typed transaction too short or malformed");
}

bool sb_ledger_submit(struct sb_ledger *ledger, const uint8_t *raw, size_t len, uint8_t hash[SB_WORD_SIZE], struct error *err)
{
	struct sb_tx *tx = mem_new(1, sizeof(*tx));
	buf_add(&tx->raw, raw, len);
	if (!tx_read(tx, raw, len, err) || !tx_fits(tx, err))
		goto failed;
	if (sb_ledger_tx(ledger, tx->read.hash.bytes) != NULL) {
		error_set(err, STATUS_CHAIN, "-32000", "already known");
		goto failed;
	}
	if (!tx_is_paid(ledger, tx, err) || !pool_make_room(ledger, tx, err))
		goto failed;
	memcpy(hash, tx->read.hash.bytes, SB_WORD_SIZE);
	ledger->pool = mem_grow(ledger->pool, ledger->pool_count, &ledger->pool_cap, sizeof(*ledger->pool));
	ledger->pool[ledger->pool_count++] = tx;
	sb_ledger_wake(ledger);
	return true;
failed:
	sb_tx_free(tx);
	return false;
}

bool sb_ledger_execute_as(struct sb_ledger *ledger, const uint8_t contract[SB_ADDRESS_SIZE], const uint8_t to[SB_ADDRESS_SIZE],
	const uint8_t *data, size_t len, uint8_t hash[SB_WORD_SIZE])
{
	struct sb_contract *safe = sb_ledger_contract(ledger, contract);
	struct sb_call call = { .data = data, .len = len, .write = true };
	if (safe == NULL)
		return false;
	sb_ledger_head(ledger);
	sb_ledger_append_block(ledger, clock_wall_ms());
	call.block = ledger->blocks[ledger->block_count - 1].number;
	memcpy(call.from, contract, SB_ADDRESS_SIZE);
	memcpy(call.to, to, SB_ADDRESS_SIZE);
	sb_ledger_call(ledger, &call);
	bool done = !call.reverted;
	if (done) {
		struct sb_tx *tx = mem_new(1, sizeof(*tx));
		memcpy(call.to, contract, SB_ADDRESS_SIZE);
		struct sb_log *log = sb_call_log(&call, "ExecutionSuccess(bytes32,uint256)");
		log->topic_count = 2;
		hash_keccak256(tx->read.hash.bytes, ledger->blocks[ledger->block_count - 1].hash, SB_WORD_SIZE);
		hash_keccak256(log->topics[1], tx->read.hash.bytes, SB_WORD_SIZE);
		log->data_len = SB_WORD_SIZE;
		memcpy(tx->read.tx.to.bytes, contract, SB_ADDRESS_SIZE);
		tx_set_data(&tx->read.tx, "\x6a\x76\x12\x02", 4);
		memcpy(tx->logs, call.logs, sizeof(tx->logs));
		tx->log_count = call.log_count;
		tx->block = call.block;
		tx->gas_used = call.gas + 40000;
		tx->gas_price = SB_BASE_FEE;
		tx->success = true;
		memcpy(hash, tx->read.hash.bytes, SB_WORD_SIZE);
		sb_ledger_keep_mined(ledger, tx);
		safe->nonce++;
	}
	buf_clear(&call.answer);
	return done;
}
