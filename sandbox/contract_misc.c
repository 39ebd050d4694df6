/* SPDX-License-Identifier: Apache-2.0 */
/* Multicall3's aggregate3, the OP stack's GasPriceOracle and a contract that looks like a Safe. */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "chain/abi.h"
#include "chain/safe.h"
#include "sandbox/ledger_own.h"

enum { AGGREGATE_MAX = 1000, L1_FEE_PER_BYTE = 1300000000 };

static size_t word_size(const uint8_t *word)
{
	size_t value = 0;
	for (size_t i = 0; i < SB_WORD_SIZE; i++) {
		if (i < 28 && word[i] != 0)
			return SIZE_MAX;
		value = value << 8 | word[i];
	}
	return value;
}

/* Multicall3 */

struct aggregate_call {
	const uint8_t *target;
	bool allow_failure;
	const uint8_t *data;
	size_t len;
};

/* args: what follows the selector; the list of (address,bool,bytes) begins at its first offset. */
static bool aggregate_read(const uint8_t *list, size_t left, size_t i, struct aggregate_call *out)
{
	if (left / SB_WORD_SIZE <= i)
		return false;
	size_t at = word_size(list + i * SB_WORD_SIZE);
	if (at > left || left - at < 4 * SB_WORD_SIZE)
		return false;
	const uint8_t *tuple = list + at;
	size_t tuple_left = left - at, data_at = word_size(tuple + 2 * SB_WORD_SIZE);
	if (data_at > tuple_left - SB_WORD_SIZE)
		return false;
	size_t len = word_size(tuple + data_at);
	if (len > tuple_left - SB_WORD_SIZE - data_at)
		return false;
	*out = (struct aggregate_call){ .target = tuple + 12, .allow_failure = tuple[2 * SB_WORD_SIZE - 1] != 0,
		.data = tuple + data_at + SB_WORD_SIZE, .len = len };
	return true;
}

static void aggregate_add_result(struct buf *out, const struct sb_call *inner)
{
	sb_add_number(out, !inner->reverted);
	sb_add_number(out, 2 * SB_WORD_SIZE);
	sb_add_number(out, inner->answer.len);
	sb_add_padded(out, (const uint8_t *)inner->answer.data, inner->answer.len);
}

static bool aggregate_run(struct sb_ledger *ledger, const struct sb_call *outer, const struct aggregate_call *one, struct buf *tail)
{
	struct sb_call inner = { .data = one->data, .len = one->len, .block = outer->block };
	memcpy(inner.from, outer->to, SB_ADDRESS_SIZE);
	memcpy(inner.to, one->target, SB_ADDRESS_SIZE);
	const struct sb_contract *target = sb_ledger_contract(ledger, inner.to);
	if (target != NULL && target->kind == SB_MULTICALL)
		sb_call_revert(&inner);
	else
		sb_ledger_call(ledger, &inner);
	bool good = !inner.reverted || one->allow_failure;
	aggregate_add_result(tail, &inner);
	buf_clear(&inner.answer);
	return good;
}

static bool aggregate3(struct sb_ledger *ledger, struct sb_call *call)
{
	const uint8_t *args = sb_call_word(call, 0);
	size_t left = call->len - 4, at = args == NULL ? SIZE_MAX : word_size(args);
	if (args == NULL || at > left - SB_WORD_SIZE)
		return false;
	size_t count = word_size(args + at);
	const uint8_t *list = args + at + SB_WORD_SIZE;
	struct buf head = BUF_INIT, tail = BUF_INIT;
	bool good = count <= AGGREGATE_MAX;
	for (size_t i = 0; good && i < count; i++) {
		struct aggregate_call one;
		sb_add_number(&head, count * SB_WORD_SIZE + tail.len);
		good = aggregate_read(list, left - at - SB_WORD_SIZE, i, &one) && aggregate_run(ledger, call, &one, &tail) &&
			tail.len < LIMIT_CALLDATA;
	}
	if (good) {
		sb_add_number(&call->answer, SB_WORD_SIZE);
		sb_add_number(&call->answer, count);
		buf_add(&call->answer, buf_text(&head), head.len);
		buf_add(&call->answer, buf_text(&tail), tail.len);
	}
	buf_clear(&head);
	buf_clear(&tail);
	return good;
}

void sb_multicall_call(struct sb_ledger *ledger, struct sb_contract *contract, struct sb_call *call)
{
	(void)contract;
	uint32_t selector = sb_call_selector(call);
	if (selector == 0x42cbb15c) /* getBlockNumber() */
		sb_answer_number(call, call->block);
	else if (selector == 0x3408e470) /* getChainId() */
		sb_answer_number(call, SB_CHAIN_ID);
	else if (selector != 0x82ad56cb || !aggregate3(ledger, call))
		sb_call_revert_text(call, "Multicall3: call failed");
}

/* GasPriceOracle */

void sb_oracle_call(struct sb_ledger *ledger, struct sb_contract *oracle, struct sb_call *call)
{
	const uint8_t *word = sb_call_word(call, 0), *length = sb_call_word(call, 1);
	(void)ledger;
	(void)oracle;
	switch (sb_call_selector(call)) {
	case 0x49948e0e: /* getL1Fee(bytes) */
		if (word == NULL || length == NULL || word_size(word) != SB_WORD_SIZE || word_size(length) > call->len)
			break;
		sb_answer_number(call, (word_size(length) + 68) * (uint64_t)L1_FEE_PER_BYTE);
		return;
	case 0xf1c7a58b: /* getL1FeeUpperBound(uint256) */
		if (word == NULL || word_size(word) > LIMIT_CALLDATA)
			break;
		sb_answer_number(call, (word_size(word) + 68) * (uint64_t)L1_FEE_PER_BYTE);
		return;
	case 0x519b4bd3: /* l1BaseFee() */
		sb_answer_number(call, 800000000);
		return;
	case 0x275aedd2: /* getOperatorFee(uint256) */
		sb_answer_number(call, 0);
		return;
	default:
		break;
	}
	sb_call_revert(call);
}

/* The Safe: enough for everyone who asks what it is. */

static void safe_owners(const struct sb_contract *safe, struct sb_call *call)
{
	size_t count = 0;
	for (size_t i = 0; i < safe->change_count; i++)
		count += safe->changes[i].slot == SB_SAFE_OWNER;
	sb_add_number(&call->answer, SB_WORD_SIZE);
	sb_add_number(&call->answer, count);
	for (size_t i = 0; i < safe->change_count; i++)
		if (safe->changes[i].slot == SB_SAFE_OWNER)
			buf_add(&call->answer, safe->changes[i].key, SB_WORD_SIZE);
}

/* getTransactionHash: what a Safe's owners sign, made by the contract itself. */
static void safe_hash(const struct sb_contract *safe, struct sb_call *call)
{
	static const char signature[] = "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,uint256)";
	struct abi_values values;
	struct safe_hashes hashes;
	struct address self;
	if (!abi_decode_call(signature, call->data, call->len, &values, NULL)) {
		sb_call_revert(call);
		return;
	}
	const struct abi_value *v = values.items;
	const struct safe_tx tx = {
		.call = { v[3].word[31], abi_get_address(&v[0]), abi_get_u256(&v[1]), v[2].bytes, v[2].len },
		.safe_tx_gas = abi_get_u256(&v[4]), .base_gas = abi_get_u256(&v[5]), .gas_price = abi_get_u256(&v[6]),
		.gas_token = abi_get_address(&v[7]), .refund_receiver = abi_get_address(&v[8]), .nonce = abi_get_u256(&v[9]),
	};
	memcpy(self.bytes, safe->address, sizeof(self.bytes));
	safe_tx_hashes(&hashes, SB_CHAIN_ID, &self, &tx);
	buf_add(&call->answer, hashes.tx.bytes, sizeof(hashes.tx.bytes));
	abi_values_clear(&values);
}

void sb_safe_call(struct sb_ledger *ledger, struct sb_contract *safe, struct sb_call *call)
{
	(void)ledger;
	switch (sb_call_selector(call)) {
	case 0xe75235b8:
		sb_answer_number(call, safe->threshold);
		break;
	case 0xa0e67e2b:
		safe_owners(safe, call);
		break;
	case 0xaffed0e0:
		sb_answer_number(call, safe->nonce);
		break;
	case 0xffa1ad74:
		sb_answer_text(call, "1.4.1");
		break;
	case 0xd8d11f78:
		safe_hash(safe, call);
		break;
	default:
		sb_call_revert(call);
	}
}
