/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ABI encoding: a tuple is its heads, then the tails the dynamic heads point
 * to; an offset counts from the tuple's first head.
 */
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "chain/abi_type.h"

static const uint8_t zeros[32];

struct abi_value abi_u256(const struct u256 *value)
{
	struct abi_value out = { .kind = ABI_UINT, .size = 256 };
	u256_to_bytes(out.word, value);
	return out;
}

struct abi_value abi_u64(uint64_t value)
{
	struct u256 wide = u256_from_u64(value);
	return abi_u256(&wide);
}

struct abi_value abi_bool(bool value)
{
	struct abi_value out = { .kind = ABI_BOOL };
	out.word[31] = value;
	return out;
}

struct abi_value abi_address(const struct address *address)
{
	struct abi_value out = { .kind = ABI_ADDRESS };
	memcpy(out.word + 12, address->bytes, ADDRESS_SIZE);
	return out;
}

struct abi_value abi_fixed_bytes(const uint8_t *bytes, size_t len)
{
	struct abi_value out = { .kind = ABI_FIXED_BYTES, .size = (unsigned)len };
	memcpy(out.word, bytes, len <= 32 ? len : 32);
	return out;
}

struct abi_value abi_bytes32(const struct bytes32 *value)
{
	return abi_fixed_bytes(value->bytes, BYTES32_SIZE);
}

struct abi_value abi_bytes(const void *bytes, size_t len)
{
	return (struct abi_value){ .kind = ABI_BYTES, .bytes = bytes, .len = len };
}

struct abi_value abi_text(const char *text)
{
	return (struct abi_value){ .kind = ABI_STRING, .bytes = (const uint8_t *)text, .len = strlen(text) };
}

struct abi_value abi_array(const struct abi_value *items, size_t count)
{
	return (struct abi_value){ .kind = ABI_ARRAY, .items = items, .count = count };
}

struct abi_value abi_tuple(const struct abi_value *items, size_t count)
{
	return (struct abi_value){ .kind = ABI_TUPLE, .items = items, .count = count };
}

struct address abi_get_address(const struct abi_value *value)
{
	struct address out;
	memcpy(out.bytes, value->word + 12, ADDRESS_SIZE);
	return out;
}

struct u256 abi_get_u256(const struct abi_value *value)
{
	return u256_from_bytes(value->word);
}

bool abi_get_bool(const struct abi_value *value)
{
	return value->word[31] == 1;
}

void abi_topic(struct bytes32 *out, const char *signature)
{
	hash_keccak256(out->bytes, signature, strlen(signature));
}

void abi_selector(uint8_t out[4], const char *signature)
{
	struct bytes32 topic;
	abi_topic(&topic, signature);
	memcpy(out, topic.bytes, 4);
}

static void add_word(struct buf *out, uint64_t value)
{
	struct abi_value word = abi_u64(value);
	buf_add(out, word.word, 32);
}

static bool wrong_value(struct error *err)
{
	return error_set(err, STATUS_INPUT, "abi-value", "a value is not of the type the contract takes");
}

static bool encode_value(const struct abi_type *type, const struct abi_value *value, struct buf *out, struct error *err);

/* count members: of a tuple (step 1), or one element type many times over (step 0). */
static bool encode_members(const struct abi_type *types, size_t step, const struct abi_value *values, size_t count,
	struct buf *out, struct error *err)
{
	struct buf tails = BUF_INIT;
	size_t heads = 0;
	bool good = true;
	for (size_t i = 0; i < count; i++)
		heads += 32 * types[i * step].words;
	for (size_t i = 0; good && i < count; i++) {
		const struct abi_type *type = &types[i * step];
		if (type->dynamic)
			add_word(out, heads + tails.len);
		good = encode_value(type, &values[i], type->dynamic ? &tails : out, err);
	}
	if (tails.len > 0)
		buf_add(out, tails.data, tails.len);
	buf_clear(&tails);
	return good;
}

static bool encode_bytes(const struct abi_type *type, const struct abi_value *value, struct buf *out, struct error *err)
{
	if (type->kind == ABI_STRING && !text_is_utf8((const char *)value->bytes, value->len))
		return wrong_value(err);
	add_word(out, value->len);
	if (value->len > 0)
		buf_add(out, value->bytes, value->len);
	buf_add(out, zeros, (32 - value->len % 32) % 32);
	return true;
}

static bool encode_value(const struct abi_type *type, const struct abi_value *value, struct buf *out, struct error *err)
{
	if (type->kind != value->kind)
		return wrong_value(err);
	switch (type->kind) {
	case ABI_BYTES:
	case ABI_STRING:
		return encode_bytes(type, value, out, err);
	case ABI_ARRAY:
		if (type->size == 0)
			add_word(out, value->count);
		else if (type->size != value->count)
			return wrong_value(err);
		return encode_members(type->members, 0, value->items, value->count, out, err);
	case ABI_TUPLE:
		if (type->count != value->count)
			return wrong_value(err);
		return encode_members(type->members, 1, value->items, value->count, out, err);
	case ABI_FIXED_BYTES:
		if (value->size != type->size)
			return wrong_value(err);
		break;
	case ABI_UINT:
	case ABI_BOOL:
	case ABI_ADDRESS:
		break;
	}
	if (!abi_word_fits(type, value->word))
		return wrong_value(err);
	buf_add(out, value->word, 32);
	return true;
}

static bool encode_list(const char *types, size_t len, const struct abi_value *values, size_t count, struct buf *out,
	struct error *err)
{
	struct abi_type *list = abi_type_new(types, len, err);
	struct abi_value all = abi_tuple(values, count);
	bool good = list && encode_value(list, &all, out, err);
	abi_type_free(list);
	return good;
}

bool abi_encode(const char *types, const struct abi_value *values, size_t count, struct buf *out, struct error *err)
{
	return encode_list(types, strlen(types), values, count, out, err);
}

bool abi_encode_call(const char *signature, const struct abi_value *args, size_t count, struct buf *out, struct error *err)
{
	const char *types = NULL;
	size_t len = 0;
	uint8_t selector[4];
	if (!abi_signature_types(signature, &types, &len, err))
		return false;
	abi_selector(selector, signature);
	buf_add(out, selector, sizeof(selector));
	return encode_list(types, len, args, count, out, err);
}
