/* SPDX-License-Identifier: Apache-2.0 */
/* Several calls as one: packing, strict reading, and which contracts may do it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "chain/abi.h"
#include "chain/safe.h"

enum { TO_AT = 1, VALUE_AT = 21, LENGTH_AT = 53, HEAD = 85 };

static const char multisend[] = "multiSend(bytes)";

void safe_add_packed(struct buf *out, const struct safe_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct u256 length = u256_from_u64(calls[i].data_len);
		uint8_t head[HEAD];

		head[0] = calls[i].operation;
		memcpy(head + TO_AT, calls[i].to.bytes, ADDRESS_SIZE);
		u256_to_bytes(head + VALUE_AT, &calls[i].value);
		u256_to_bytes(head + LENGTH_AT, &length);
		buf_add(out, head, HEAD);
		buf_add(out, calls[i].data, calls[i].data_len);
	}
}

void safe_add_multisend(struct buf *out, const struct safe_call *calls, size_t count)
{
	struct buf packed = BUF_INIT;
	struct abi_value value;

	safe_add_packed(&packed, calls, count);
	value = abi_bytes(buf_text(&packed), packed.len);
	if (!abi_encode_call(multisend, &value, 1, out, NULL))
		mem_die("multiSend's ABI type and value do not fit");
	buf_clear(&packed);
}

static bool bad(struct error *err, size_t index, const char *what)
{
	return error_set(err, STATUS_CHECK, "multisend", "the batch cannot be read: its call %zu %s", index + 1, what);
}

/* Reads one entry. Out: *used: its bytes. */
static bool read_entry(struct safe_call *call, const uint8_t *at, size_t left, size_t *used, size_t index, struct error *err)
{
	struct u256 length;
	uint64_t size;

	if (left < HEAD)
		return bad(err, index, "is cut off");
	if (at[0] > SAFE_DELEGATECALL)
		return bad(err, index, "has an unknown operation");
	length = u256_from_bytes(at + LENGTH_AT);
	if (!u256_to_u64(&length, &size) || size > left - HEAD)
		return bad(err, index, "has more data than there is");
	call->operation = at[0];
	memcpy(call->to.bytes, at + TO_AT, ADDRESS_SIZE);
	call->value = u256_from_bytes(at + VALUE_AT);
	call->data = at + HEAD;
	call->data_len = (size_t)size;
	*used = HEAD + (size_t)size;
	return true;
}

bool safe_read_packed(const uint8_t *packed, size_t len, struct safe_call **calls, size_t *count, struct error *err)
{
	size_t cap = 0, used = 0;

	*calls = NULL;
	for (*count = 0; len; (*count)++, packed += used, len -= used) {
		*calls = mem_grow(*calls, *count, &cap, sizeof(**calls));
		if (!read_entry(&(*calls)[*count], packed, len, &used, *count, err)) {
			free(*calls);
			*calls = NULL;
			*count = 0;
			return false;
		}
	}
	return true;
}

/* Contracts by version; where the chain prefers the other of two, it is named in prefers_second. */
static const struct {
	const char *version;
	const char *address[SAFE_CALL_ONLY_MAX];
} call_only[] = {
	{ "1.3.0", { "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D", "0xA1dabEF33b3B82c7814B6D82A79e50F4AC44102B" } },
	{ "1.4.1", { "0x9641d764fc13c8B624c04430C7356C1C7C8102e2", NULL } },
};
static const uint64_t prefers_second[] = { 10, 8453, 84532, 11155111 };

static bool second_first(uint64_t chain_id)
{
	for (size_t i = 0; i < sizeof(prefers_second) / sizeof(prefers_second[0]); i++)
		if (prefers_second[i] == chain_id)
			return true;
	return false;
}

static size_t fill(struct address out[SAFE_CALL_ONLY_MAX], const char *const *text, bool swap)
{
	size_t count = text[1] ? 2 : 1;

	for (size_t i = 0; i < count; i++)
		if (!address_parse(&out[count == 2 && swap ? 1 - i : i], text[i]))
			mem_die("an address in the table of MultiSendCallOnly is none");
	return count;
}

size_t safe_call_only(struct address out[SAFE_CALL_ONLY_MAX], const char *version, uint64_t chain_id)
{
	for (size_t i = 0; i < sizeof(call_only) / sizeof(call_only[0]); i++) {
		size_t len = strlen(call_only[i].version);

		/* A variant of the same code is marked behind a plus: 1.4.1+L2. */
		if (!strncmp(version, call_only[i].version, len) && (!version[len] || version[len] == '+'))
			return fill(out, call_only[i].address, second_first(chain_id));
	}
	return 0;
}

bool safe_plan(struct safe_tx *tx, struct buf *data, const char *version, uint64_t chain_id, const struct safe_call *calls, size_t count,
	       const struct u256 *nonce, struct error *err)
{
	struct address targets[SAFE_CALL_ONLY_MAX];

	memset(tx, 0, sizeof(*tx));
	tx->nonce = *nonce;
	if (count == 1) {
		tx->call = calls[0];
		tx->call.operation = SAFE_CALL;
		return true;
	}
	if (!safe_call_only(targets, version, chain_id))
		return error_set(err, STATUS_INPUT, "safe-version",
				 "the Safe is of version %s, for which no contract for batches is known; propose its calls one by one", version);
	safe_add_multisend(data, calls, count);
	tx->call = (struct safe_call){ SAFE_DELEGATECALL, targets[0], U256_ZERO, (const uint8_t *)buf_text(data), data->len };
	return true;
}

static bool known_target(const struct address *to, const char *version, uint64_t chain_id)
{
	struct address targets[SAFE_CALL_ONLY_MAX];
	size_t count = safe_call_only(targets, version, chain_id);

	for (size_t i = 0; i < count; i++)
		if (address_equal(to, &targets[i]))
			return true;
	return false;
}

static bool all_calls(const struct safe_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (calls[i].operation != SAFE_CALL)
			return false;
	return true;
}

/* The packed bytes inside multiSend(bytes), borrowed from the calldata. */
static bool open_multisend(const struct safe_call *call, const uint8_t **packed, size_t *len, struct error *err)
{
	struct abi_values values;
	bool ok = abi_decode_call(multisend, call->data, call->data_len, &values, NULL);

	if (ok) {
		*packed = values.items[0].bytes;
		*len = values.items[0].len;
	}
	abi_values_clear(&values);
	return ok || error_set(err, STATUS_CHECK, "multisend", "the batch cannot be read: it is no call of multiSend");
}

bool safe_read_batch(const struct safe_tx *tx, const char *version, uint64_t chain_id, struct safe_call **calls, size_t *count,
		     struct error *err)
{
	const uint8_t *packed = NULL;
	size_t len = 0;

	*calls = NULL;
	*count = 0;
	if (tx->call.operation != SAFE_DELEGATECALL || !u256_is_zero(&tx->call.value) || !known_target(&tx->call.to, version, chain_id))
		return error_set(err, STATUS_CHECK, "safe-delegatecall",
				 "this is no batch through a known MultiSendCallOnly contract; another delegatecall could take the Safe over");
	if (!open_multisend(&tx->call, &packed, &len, err) || !safe_read_packed(packed, len, calls, count, err))
		return false;
	if (all_calls(*calls, *count))
		return true;
	free(*calls);
	*calls = NULL;
	*count = 0;
	return error_set(err, STATUS_CHECK, "safe-delegatecall", "a call inside the batch is itself a delegatecall");
}
