/* SPDX-License-Identifier: Apache-2.0 */
/* The node's answers about blocks, transactions, receipts and logs. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "sandbox/node.h"
#include "sandbox/shape.h"

static uint64_t chain_id(const struct sb_rpc *rpc)
{
	return rpc->ledger->faults.chain_id != 0 ? rpc->ledger->faults.chain_id : SB_CHAIN_ID;
}

void sb_rpc_chain_id(struct sb_rpc *rpc)
{
	sb_quantity(rpc->out, chain_id(rpc));
}

void sb_rpc_net_version(struct sb_rpc *rpc)
{
	buf_add_format(rpc->out, "\"%llu\"", (unsigned long long)chain_id(rpc));
}

void sb_rpc_client(struct sb_rpc *rpc)
{
	buf_add_text(rpc->out, "\"cvmdeck-sandbox\"");
}

/* Nobody is unlocked here. */
void sb_rpc_accounts(struct sb_rpc *rpc)
{
	buf_add_text(rpc->out, "[]");
}

void sb_rpc_syncing(struct sb_rpc *rpc)
{
	buf_add_text(rpc->out, "false");
}

void sb_rpc_block_number(struct sb_rpc *rpc)
{
	uint64_t number;
	if (sb_param_block(rpc, NULL, &number))
		sb_quantity(rpc->out, number);
}

/* Transactions */

static void add_quantity(struct buf *out, const char *name, uint64_t value)
{
	sb_shape(out, ",%s:", name);
	sb_quantity(out, value);
}

static const struct sb_block *block_of(const struct sb_rpc *rpc, const struct sb_tx *tx)
{
	return tx->state == SB_TX_MINED ? sb_ledger_block(rpc->ledger, tx->block) : NULL;
}

static void shape_place(struct buf *out, const struct sb_rpc *rpc, const struct sb_tx *tx)
{
	const struct sb_block *block = block_of(rpc, tx);
	if (block == NULL) {
		sb_shape(out, ",'blockHash':null,'blockNumber':null,'transactionIndex':null");
		return;
	}
	sb_shape(out, ",'blockHash':%x", block->hash, (size_t)SB_WORD_SIZE);
	add_quantity(out, "blockNumber", block->number);
	add_quantity(out, "transactionIndex", tx->index);
}

static void add_number_bytes(struct buf *out, const char *name, const uint8_t bytes[32])
{
	struct u256 value = u256_from_bytes(bytes);
	char text[U256_QUANTITY_SIZE];
	sb_shape(out, ",%s:%s", name, u256_format_quantity(text, &value));
}

static void shape_to(struct buf *out, const struct sb_tx *tx)
{
	if (tx->read.tx.create)
		buf_add_text(out, ",\"to\":null");
	else
		sb_shape(out, ",'to':%x", tx->read.tx.to.bytes, (size_t)SB_ADDRESS_SIZE);
}

static void shape_tx(struct buf *out, const struct sb_rpc *rpc, const struct sb_tx *tx)
{
	const struct tx *what = &tx->read.tx;
	sb_shape(out, "{'hash':%x,'type':'0x2','accessList':[],'from':%x,'input':%x", tx->read.hash.bytes, (size_t)SB_WORD_SIZE,
		tx->read.from.bytes, (size_t)SB_ADDRESS_SIZE, what->data, what->data_len);
	shape_to(out, tx);
	add_quantity(out, "chainId", SB_CHAIN_ID);
	add_quantity(out, "nonce", what->nonce);
	add_quantity(out, "gas", what->gas);
	add_quantity(out, "value", tx->value);
	add_quantity(out, "maxFeePerGas", tx->max_fee);
	add_quantity(out, "maxPriorityFeePerGas", tx->max_tip);
	add_quantity(out, "gasPrice", tx->state == SB_TX_MINED ? tx->gas_price : tx->max_fee);
	add_quantity(out, "yParity", tx->read.signature.recovery);
	add_quantity(out, "v", tx->read.signature.recovery);
	add_number_bytes(out, "r", tx->read.signature.r);
	add_number_bytes(out, "s", tx->read.signature.s);
	shape_place(out, rpc, tx);
	buf_add_byte(out, '}');
}

void sb_rpc_send_raw(struct sb_rpc *rpc)
{
	struct error err;
	uint8_t hash[SB_WORD_SIZE];
	size_t len = 0;
	const char *text = json_string(sb_param(rpc, 0), "");
	uint8_t *raw = text_starts(text, "0x") ? hex_decode_new(text, LIMIT_CALLDATA, &len) : NULL;
	if (raw == NULL)
		sb_rpc_fail(rpc, -32602, "invalid argument: a raw transaction is hex");
	else if (!sb_ledger_submit(rpc->ledger, raw, len, hash, &err))
		sb_rpc_fail(rpc, -32000, err.message);
	else
		sb_shape(rpc->out, "%x", hash, sizeof(hash));
	free(raw);
}

void sb_rpc_tx(struct sb_rpc *rpc)
{
	uint8_t hash[SB_WORD_SIZE];
	if (!sb_param_hash(rpc, 0, hash))
		return;
	const struct sb_tx *tx = sb_ledger_tx(rpc->ledger, hash);
	if (tx == NULL)
		buf_add_text(rpc->out, "null");
	else
		shape_tx(rpc->out, rpc, tx);
}

/* Logs and receipts */

static void shape_log(struct buf *out, const struct sb_rpc *rpc, const struct sb_tx *tx, size_t i)
{
	const struct sb_log *log = &tx->logs[i];
	sb_shape(out, "{'address':%x,'topics':[", log->address, (size_t)SB_ADDRESS_SIZE);
	for (size_t t = 0; t < log->topic_count; t++)
		sb_shape(out, t > 0 ? ",%x" : "%x", log->topics[t], (size_t)SB_WORD_SIZE);
	sb_shape(out, "],'data':%x,'transactionHash':%x,'removed':false", log->data, log->data_len, tx->read.hash.bytes, (size_t)SB_WORD_SIZE);
	shape_place(out, rpc, tx);
	add_quantity(out, "logIndex", tx->first_log + i);
	buf_add_byte(out, '}');
}

static void shape_receipt(struct buf *out, const struct sb_rpc *rpc, const struct sb_tx *tx)
{
	static const uint8_t bloom[256];
	sb_shape(out, "{'transactionHash':%x,'type':'0x2','from':%x,'contractAddress':null,'logsBloom':%x", tx->read.hash.bytes,
		(size_t)SB_WORD_SIZE, tx->read.from.bytes, (size_t)SB_ADDRESS_SIZE, bloom, sizeof(bloom));
	shape_to(out, tx);
	add_quantity(out, "status", tx->success);
	add_quantity(out, "gasUsed", tx->gas_used);
	add_quantity(out, "cumulativeGasUsed", tx->gas_used * (tx->index + 1));
	add_quantity(out, "effectiveGasPrice", tx->gas_price);
	add_quantity(out, "l1Fee", tx->l1_fee);
	shape_place(out, rpc, tx);
	buf_add_text(out, ",\"logs\":[");
	for (size_t i = 0; i < tx->log_count; i++) {
		buf_add_text(out, i > 0 ? "," : "");
		shape_log(out, rpc, tx, i);
	}
	buf_add_text(out, "]}");
}

void sb_rpc_receipt(struct sb_rpc *rpc)
{
	uint8_t hash[SB_WORD_SIZE];
	if (!sb_param_hash(rpc, 0, hash))
		return;
	const struct sb_tx *tx = sb_ledger_tx(rpc->ledger, hash);
	if (tx == NULL || tx->state != SB_TX_MINED)
		buf_add_text(rpc->out, "null");
	else
		shape_receipt(rpc->out, rpc, tx);
}

static bool address_wanted(const json *wanted, const struct sb_log *log)
{
	uint8_t address[SB_ADDRESS_SIZE];
	if (json_kind(wanted) == JSON_STRING)
		return hex_decode(address, sizeof(address), json_string(wanted, "")) && memcmp(address, log->address, sizeof(address)) == 0;
	if (json_kind(wanted) != JSON_ARRAY)
		return true;
	for (const json *one = json_first(wanted); one != NULL; one = json_next(one))
		if (address_wanted(one, log))
			return true;
	return json_count(wanted) == 0;
}

static bool topic_wanted(const json *wanted, const uint8_t topic[SB_WORD_SIZE])
{
	uint8_t word[SB_WORD_SIZE];
	if (json_kind(wanted) == JSON_STRING)
		return hex_decode(word, sizeof(word), json_string(wanted, "")) && memcmp(word, topic, sizeof(word)) == 0;
	if (json_kind(wanted) != JSON_ARRAY)
		return true;
	for (const json *one = json_first(wanted); one != NULL; one = json_next(one))
		if (topic_wanted(one, topic))
			return true;
	return false;
}

static bool log_wanted(const json *filter, const struct sb_log *log)
{
	size_t i = 0;
	if (!address_wanted(json_member(filter, "address"), log))
		return false;
	for (const json *topic = json_first(json_member(filter, "topics")); topic != NULL; topic = json_next(topic), i++)
		if (json_kind(topic) != JSON_NULL && (i >= log->topic_count || !topic_wanted(topic, log->topics[i])))
			return false;
	return true;
}

void sb_rpc_logs(struct sb_rpc *rpc)
{
	const json *filter = sb_param(rpc, 0), *by_hash = json_member(filter, "blockHash");
	uint64_t from, until;
	bool first = true;
	if (!sb_param_block(rpc, by_hash != NULL ? filter : json_member(filter, "fromBlock"), &from) ||
		!sb_param_block(rpc, by_hash != NULL ? filter : json_member(filter, "toBlock"), &until))
		return;
	buf_add_byte(rpc->out, '[');
	for (size_t t = 0; t < rpc->ledger->mined_count; t++) {
		const struct sb_tx *tx = rpc->ledger->mined[t];
		for (size_t i = 0; i < tx->log_count && tx->block >= from && tx->block <= until; i++) {
			if (!log_wanted(filter, &tx->logs[i]))
				continue;
			buf_add_text(rpc->out, first ? "" : ",");
			first = false;
			shape_log(rpc->out, rpc, tx, i);
		}
	}
	buf_add_byte(rpc->out, ']');
}

/* Blocks */

static void shape_block(struct buf *out, const struct sb_rpc *rpc, const struct sb_block *block, bool whole)
{
	static const uint8_t zeros[256];
	sb_shape(out, "{'hash':%x,'parentHash':%x,'miner':%x,'stateRoot':%x,'transactionsRoot':%x,'receiptsRoot':%x,'mixHash':%x,"
		"'sha3Uncles':%x,'logsBloom':%x,'nonce':'0x0000000000000000','extraData':'0x00000000fa00000006','difficulty':'0x0',"
		"'totalDifficulty':'0x0','size':'0x400','uncles':[]", block->hash, (size_t)SB_WORD_SIZE, block->parent, (size_t)SB_WORD_SIZE, zeros,
		(size_t)SB_ADDRESS_SIZE, block->hash, (size_t)SB_WORD_SIZE, block->hash, (size_t)SB_WORD_SIZE, block->hash, (size_t)SB_WORD_SIZE,
		zeros, (size_t)SB_WORD_SIZE, zeros, (size_t)SB_WORD_SIZE, zeros, sizeof(zeros));
	add_quantity(out, "number", block->number);
	add_quantity(out, "timestamp", block->timestamp);
	add_quantity(out, "baseFeePerGas", SB_BASE_FEE);
	add_quantity(out, "gasLimit", 120000000);
	add_quantity(out, "gasUsed", block->gas_used);
	buf_add_text(out, ",\"transactions\":[");
	for (size_t i = 0; i < block->tx_count; i++) {
		const struct sb_tx *tx = rpc->ledger->mined[block->first_tx + i];
		buf_add_text(out, i > 0 ? "," : "");
		if (whole)
			shape_tx(out, rpc, tx);
		else
			sb_shape(out, "%x", tx->read.hash.bytes, (size_t)SB_WORD_SIZE);
	}
	buf_add_text(out, "]}");
}

static bool wants_whole(const struct sb_rpc *rpc)
{
	return json_flag(sb_param(rpc, 1), "", false);
}

void sb_rpc_block_by_number(struct sb_rpc *rpc)
{
	uint64_t number;
	if (!sb_param_block(rpc, sb_param(rpc, 0), &number)) {
		if (rpc->code == -32000) {
			rpc->code = 0;
			buf_add_text(rpc->out, "null");
		}
		return;
	}
	const struct sb_block *block = sb_ledger_block(rpc->ledger, number);
	if (block == NULL)
		buf_add_text(rpc->out, "null");
	else
		shape_block(rpc->out, rpc, block, wants_whole(rpc));
}

void sb_rpc_block_by_hash(struct sb_rpc *rpc)
{
	uint8_t hash[SB_WORD_SIZE];
	if (!sb_param_hash(rpc, 0, hash))
		return;
	for (size_t i = rpc->ledger->block_count; i > 0; i--)
		if (memcmp(rpc->ledger->blocks[i - 1].hash, hash, sizeof(hash)) == 0) {
			shape_block(rpc->out, rpc, &rpc->ledger->blocks[i - 1], wants_whole(rpc));
			return;
		}
	buf_add_text(rpc->out, "null");
}
