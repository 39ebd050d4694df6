/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts from JSON. Whatever decides (hash, block, status, logs) must be there and well-formed. */
#include "chain/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "chain/fees.h"

static bool malformed(struct error *err, const char *what)
{
	return error_set(err, STATUS_CHAIN, "receipt-malformed", "the node's receipt cannot be used: %s", what);
}

static bool read_word(const json *object, const char *name, struct bytes32 *out)
{
	return bytes32_parse(out, json_string(json_member(object, name), NULL));
}

static bool read_u64(const json *object, const char *name, uint64_t *out)
{
	struct u256 wide;
	return u256_parse_hex(&wide, json_string(json_member(object, name), NULL)) && u256_to_u64(&wide, out);
}

static bool read_log(const json *item, struct log_entry *out)
{
	const json *topics = json_member(item, "topics");
	if (!address_parse(&out->address, json_string(json_member(item, "address"), NULL)) ||
	    json_kind(topics) != JSON_ARRAY || json_count(topics) > LOG_MAX_TOPICS)
		return false;
	for (const json *topic = json_first(topics); topic; topic = json_next(topic))
		if (!bytes32_parse(&out->topics[out->topic_count++], json_string(topic, NULL)))
			return false;
	out->data = data_parse_new(json_string(json_member(item, "data"), NULL), LIMIT_CALLDATA, &out->len);
	return out->data != NULL;
}

static bool read_logs(const json *list, struct receipt *out, struct error *err)
{
	size_t count = json_count(list);
	if (json_kind(list) != JSON_ARRAY || count > RECEIPT_MAX_LOGS)
		return malformed(err, "it has no list of logs, or too many");
	out->logs = mem_new(count + 1, sizeof(*out->logs));
	for (const json *item = json_first(list); item; item = json_next(item))
		if (!read_log(item, &out->logs[out->log_count++]))
			return malformed(err, "a log is malformed");
	return true;
}

static bool read_receipt(const json *result, struct receipt *out, struct error *err)
{
	uint64_t status = 0;
	const char *to = json_string(json_member(result, "to"), NULL);
	if (!read_word(result, "transactionHash", &out->tx_hash) || !read_word(result, "blockHash", &out->block_hash) ||
	    !read_u64(result, "blockNumber", &out->block))
		return malformed(err, "it does not say which transaction and block it is of");
	if (!read_u64(result, "status", &status) || status > 1)
		return malformed(err, "it does not say whether the transaction succeeded");
	if (!address_parse(&out->from, json_string(json_member(result, "from"), NULL)) || (to && !address_parse(&out->to, to)))
		return malformed(err, "it does not say who sent it to whom");
	if (!read_u64(result, "gasUsed", &out->gas_used))
		return malformed(err, "it does not say the gas used");
	out->success = status == 1;
	out->has_to = to != NULL;
	out->has_paid = fees_receipt_cost(result, &out->paid, NULL);
	return read_logs(json_member(result, "logs"), out, err);
}

bool receipt_parse(const json *result, struct receipt *out, struct error *err)
{
	*out = (struct receipt){ 0 };
	if (read_receipt(result, out, err))
		return true;
	receipt_clear(out);
	return false;
}

void receipt_clear(struct receipt *receipt)
{
	/* The data were allocated here; their const is for those who read them. */
	for (size_t i = 0; i < receipt->log_count; i++)
		free((void *)(uintptr_t)receipt->logs[i].data);
	free(receipt->logs);
	*receipt = (struct receipt){ 0 };
}

void receipt_copy(struct receipt *out, const struct receipt *receipt)
{
	*out = *receipt;
	out->logs = mem_new(receipt->log_count + 1, sizeof(*out->logs));
	for (size_t i = 0; i < receipt->log_count; i++) {
		out->logs[i] = receipt->logs[i];
		out->logs[i].data = (uint8_t *)mem_copy((const char *)receipt->logs[i].data, receipt->logs[i].len);
	}
}

bool receipt_has_event(const struct receipt *receipt, const struct address *contract, enum contract_event event,
	const struct bytes32 *first)
{
	for (size_t i = 0; i < receipt->log_count; i++)
		if (contract_log_is(&receipt->logs[i], contract, event, first))
			return true;
	return false;
}
