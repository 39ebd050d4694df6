/* SPDX-License-Identifier: Apache-2.0 */
/* The node's answers about state: code, storage, balances, calls, fees. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "chain/u256.h"
#include "sandbox/node.h"
#include "sandbox/shape.h"

enum { FEE_BLOCKS_MAX = 1024, PERCENTILES_MAX = 100 };

static const struct sb_contract *contract_at(const struct sb_rpc *rpc, const uint8_t address[SB_ADDRESS_SIZE])
{
	const struct sb_contract *contract = sb_ledger_contract(rpc->ledger, address);
	bool hidden = contract != NULL && contract->kind == SB_MULTICALL && rpc->ledger->faults.no_multicall;
	return hidden ? NULL : contract;
}

/* Code nobody runs, but alike for contracts of one kind, as it is for proxies. */
void sb_rpc_code(struct sb_rpc *rpc)
{
	static const char *const kinds[] = { [SB_APP] = "5f60405260fa", [SB_KMS] = "5f60405260fb", [SB_MULTICALL] = "608060405260fc",
		[SB_ORACLE] = "608060405260fd", [SB_SAFE] = "608060405273ffff" };
	uint8_t address[SB_ADDRESS_SIZE];
	if (!sb_param_address(rpc, 0, address))
		return;
	const struct sb_contract *contract = contract_at(rpc, address);
	if (contract == NULL)
		buf_add_text(rpc->out, "\"0x\"");
	else
		buf_add_format(rpc->out, "\"0x%s\"", kinds[contract->kind]);
}

/* Proxies name their code in the ERC-1967 slot; everything else is empty. */
void sb_rpc_storage(struct sb_rpc *rpc)
{
	static const uint8_t implementation_slot[SB_WORD_SIZE] = { 0x36, 0x08, 0x94, 0xa1, 0x3b, 0xa1, 0xa3, 0x21, 0x06, 0x67, 0xc8, 0x28, 0x49,
		0x2d, 0xb9, 0x8d, 0xca, 0x3e, 0x20, 0x76, 0xcc, 0x37, 0x35, 0xa9, 0x20, 0xa3, 0xca, 0x50, 0x5d, 0x38, 0x2b, 0xbc };
	uint8_t address[SB_ADDRESS_SIZE], word[SB_WORD_SIZE] = { 0 }, slot[SB_WORD_SIZE];
	struct u256 number;
	if (!sb_param_address(rpc, 0, address))
		return;
	if (!u256_parse_hex(&number, json_string(sb_param(rpc, 1), ""))) {
		sb_rpc_fail(rpc, -32602, "invalid argument: a slot is a number");
		return;
	}
	u256_to_bytes(slot, &number);
	const struct sb_contract *contract = contract_at(rpc, address);
	if (contract != NULL && memcmp(slot, implementation_slot, sizeof(slot)) == 0 && (contract->kind == SB_APP || contract->kind == SB_KMS)) {
		word[12] = 0xd5;
		word[13] = 0x7a;
		word[14] = contract->kind == SB_APP ? 0xcc : 0xdd;
		word[31] = contract->newer ? 2 : 1;
	}
	sb_shape(rpc->out, "%x", word, sizeof(word));
}

void sb_rpc_balance(struct sb_rpc *rpc)
{
	uint8_t address[SB_ADDRESS_SIZE];
	if (sb_param_address(rpc, 0, address))
		sb_quantity(rpc->out, sb_ledger_account(rpc->ledger, address)->balance);
}

void sb_rpc_nonce(struct sb_rpc *rpc)
{
	uint8_t address[SB_ADDRESS_SIZE];
	bool pending = text_equal(json_string(sb_param(rpc, 1), ""), "pending");
	if (sb_param_address(rpc, 0, address))
		sb_quantity(rpc->out, sb_ledger_nonce(rpc->ledger, address, pending));
}

/* Calls */

static bool read_call(struct sb_rpc *rpc, struct sb_call *call, uint8_t **data)
{
	const json *what = sb_param(rpc, 0);
	const char *text = json_text(what, "data")[0] != '\0' ? json_text(what, "data") : json_text(what, "input");
	const char *from = json_text(what, "from");
	*data = NULL;
	if (json_kind(what) != JSON_OBJECT || !hex_decode(call->to, SB_ADDRESS_SIZE, json_text(what, "to")) ||
		(from[0] != '\0' && !hex_decode(call->from, SB_ADDRESS_SIZE, from))) {
		sb_rpc_fail(rpc, -32602, "invalid argument: a call needs addresses of 40 digits");
		return false;
	}
	if (text[0] != '\0' && strcmp(text, "0x") != 0) {
		*data = hex_decode_new(text, LIMIT_CALLDATA, &call->len);
		if (*data == NULL) {
			sb_rpc_fail(rpc, -32602, "invalid argument: data is no hex");
			return false;
		}
	}
	call->data = *data;
	return true;
}

/* Custom errors and Error(string) alike: code 3, the bytes as data. */
static void fail_reverted(struct sb_rpc *rpc, const struct sb_call *call)
{
	sb_rpc_fail(rpc, call->answer.len > 0 ? 3 : -32000, "execution reverted");
	if (call->answer.len > 0)
		sb_shape(&rpc->data, "%x", (const uint8_t *)call->answer.data, call->answer.len);
}

static bool run_call(struct sb_rpc *rpc, struct sb_call *call)
{
	uint8_t *data;
	if (!read_call(rpc, call, &data))
		return false;
	bool good = sb_param_block(rpc, sb_param(rpc, 1), &call->block);
	if (good) {
		sb_ledger_call(rpc->ledger, call);
		if (call->reverted)
			fail_reverted(rpc, call);
	}
	free(data);
	return good && !call->reverted;
}

void sb_rpc_call(struct sb_rpc *rpc)
{
	struct sb_call call = { 0 };
	if (run_call(rpc, &call))
		sb_shape(rpc->out, "%x", (const uint8_t *)buf_text(&call.answer), call.answer.len);
	buf_clear(&call.answer);
}

void sb_rpc_estimate(struct sb_rpc *rpc)
{
	struct sb_call call = { 0 };
	if (run_call(rpc, &call))
		sb_quantity(rpc->out, call.gas);
	buf_clear(&call.answer);
}

/* Fees */

void sb_rpc_gas_price(struct sb_rpc *rpc)
{
	sb_quantity(rpc->out, SB_BASE_FEE + SB_TIP);
}

void sb_rpc_tip(struct sb_rpc *rpc)
{
	sb_quantity(rpc->out, SB_TIP);
}

void sb_rpc_blob_fee(struct sb_rpc *rpc)
{
	sb_rpc_fail(rpc, -32601, "the method eth_blobBaseFee does not exist/is not available");
}

static bool block_count_of(const json *param, uint64_t *count)
{
	if (json_kind(param) == JSON_NUMBER)
		*count = (uint64_t)json_number(param, "", 0);
	else if (!u64_parse_quantity(count, json_string(param, "")))
		return false;
	return *count > 0 && *count <= FEE_BLOCKS_MAX;
}

static void add_rewards(struct buf *out, uint64_t blocks, size_t percentiles)
{
	buf_add_text(out, ",\"reward\":[");
	for (uint64_t i = 0; i < blocks; i++) {
		buf_add_text(out, i > 0 ? ",[" : "[");
		for (size_t p = 0; p < percentiles; p++) {
			buf_add_text(out, p > 0 ? "," : "");
			sb_quantity(out, SB_TIP);
		}
		buf_add_byte(out, ']');
	}
	buf_add_byte(out, ']');
}

void sb_rpc_fee_history(struct sb_rpc *rpc)
{
	uint64_t count, newest;
	size_t percentiles = json_count(sb_param(rpc, 2));
	if (!block_count_of(sb_param(rpc, 0), &count) || percentiles > PERCENTILES_MAX) {
		sb_rpc_fail(rpc, -32602, "invalid argument: a block count between 1 and 1024");
		return;
	}
	if (!sb_param_block(rpc, sb_param(rpc, 1), &newest))
		return;
	buf_add_text(rpc->out, "{\"oldestBlock\":");
	sb_quantity(rpc->out, newest - count + 1);
	buf_add_text(rpc->out, ",\"baseFeePerGas\":[");
	for (uint64_t i = 0; i <= count; i++) {
		buf_add_text(rpc->out, i > 0 ? "," : "");
		sb_quantity(rpc->out, SB_BASE_FEE);
	}
	buf_add_text(rpc->out, "],\"gasUsedRatio\":[");
	for (uint64_t i = 0; i < count; i++)
		buf_add_text(rpc->out, i > 0 ? ",0.5" : "0.5");
	buf_add_byte(rpc->out, ']');
	if (percentiles > 0)
		add_rewards(rpc->out, count, percentiles);
	buf_add_byte(rpc->out, '}');
}
