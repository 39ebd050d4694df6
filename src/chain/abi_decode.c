/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ABI decoding. Every offset and length is held against the data before it is
 * used; the number of decoded values has a ceiling, since offsets may share
 * one tail and so name the same data many times over.
 *
 * The tree is built from small allocations that hang on their parents; bytes
 * and texts stay in the caller's data.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "chain/abi_type.h"

enum { MAX_VALUES = 1 << 17 };

/*
 * base  where offsets of the present tuple or array count from
 */
struct abi_reader {
	const uint8_t *data;
	size_t len;
	size_t values;
	struct error *err;
};

static bool malformed(struct abi_reader *in, const char *why)
{
	return error_set(in->err, STATUS_CHAIN, "abi-decode", "the contract's answer cannot be read: %s", why);
}

static bool decode_value(struct abi_reader *in, const struct abi_type *type, size_t at, struct abi_value *out);

/* A word that is a size within the data; anything larger is past the end. */
static bool read_size(struct abi_reader *in, size_t at, size_t *out)
{
	uint64_t value = 0;
	if (at > in->len || in->len - at < 32)
		return malformed(in, "it ends too early");
	struct u256 word = u256_from_bytes(in->data + at);
	if (!u256_to_u64(&word, &value) || value > in->len)
		return malformed(in, "an offset or length points past its end");
	*out = (size_t)value;
	return true;
}

/* count members behind `base`: of a tuple (step 1) or one element type many times (step 0). */
static bool decode_members(struct abi_reader *in, const struct abi_type *types, size_t step, size_t count, size_t base,
	struct abi_value *out)
{
	if (count > MAX_VALUES - in->values)
		return malformed(in, "it holds too many values");
	in->values += count;
	struct abi_value *items = mem_new(count ? count : 1, sizeof(*items));
	out->items = items;
	size_t head = base;
	for (size_t i = 0; i < count; i++) {
		const struct abi_type *type = &types[i * step];
		size_t at = head;
		out->count = i + 1;
		if (type->dynamic) {
			if (!read_size(in, head, &at))
				return false;
			at += base;
		}
		if (!decode_value(in, type, at, &items[i]))
			return false;
		head += 32 * type->words;
	}
	return true;
}

static bool decode_bytes(struct abi_reader *in, const struct abi_type *type, size_t at, struct abi_value *out)
{
	if (!read_size(in, at, &out->len))
		return false;
	size_t start = at + 32, padded = out->len + (32 - out->len % 32) % 32;
	if (padded > in->len - start)
		return malformed(in, "a text or its padding ends past its end");
	out->bytes = in->data + start;
	if (type->kind == ABI_STRING && !text_is_utf8((const char *)out->bytes, out->len))
		return malformed(in, "a text is not UTF-8");
	return true;
}

static bool decode_array(struct abi_reader *in, const struct abi_type *type, size_t at, struct abi_value *out)
{
	size_t count = type->size;
	if (count == 0) {
		if (!read_size(in, at, &count))
			return false;
		at += 32;
		if (count > (in->len - at) / (32 * type->members->words))
			return malformed(in, "an array is longer than the data");
	}
	return decode_members(in, type->members, 0, count, at, out);
}

static bool decode_word(struct abi_reader *in, const struct abi_type *type, size_t at, struct abi_value *out)
{
	if (at > in->len || in->len - at < 32)
		return malformed(in, in->len == 0 ? "it is empty" : "it ends too early");
	if (!abi_word_fits(type, in->data + at))
		return malformed(in, "a value is outside its type");
	memcpy(out->word, in->data + at, 32);
	out->size = type->size;
	return true;
}

static bool decode_value(struct abi_reader *in, const struct abi_type *type, size_t at, struct abi_value *out)
{
	out->kind = type->kind;
	switch (type->kind) {
	case ABI_BYTES:
	case ABI_STRING:
		return decode_bytes(in, type, at, out);
	case ABI_ARRAY:
		return decode_array(in, type, at, out);
	case ABI_TUPLE:
		return decode_members(in, type->members, 1, type->count, at, out);
	case ABI_UINT:
	case ABI_BOOL:
	case ABI_ADDRESS:
	case ABI_FIXED_BYTES:
		break;
	}
	return decode_word(in, type, at, out);
}

static void clear_items(const struct abi_value *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].kind == ABI_ARRAY || items[i].kind == ABI_TUPLE)
			clear_items(items[i].items, items[i].count);
	/* The tree was allocated here; its const is for those who read it. */
	free((void *)(uintptr_t)items);
}

void abi_values_clear(struct abi_values *values)
{
	if (values->items)
		clear_items(values->items, values->count);
	*values = (struct abi_values){ 0 };
}

static bool decode_list(const char *types, size_t types_len, const uint8_t *data, size_t len, struct abi_values *out,
	struct error *err)
{
	struct abi_reader in = { .data = data, .len = len, .err = err };
	struct abi_value all = { .kind = ABI_TUPLE };
	struct abi_type *list = abi_type_new(types, types_len, err);
	*out = (struct abi_values){ 0 };
	if (!list)
		return false;
	bool good = decode_members(&in, list->members, 1, list->count, 0, &all);
	abi_type_free(list);
	if (good)
		*out = (struct abi_values){ (struct abi_value *)(uintptr_t)all.items, all.count };
	else
		clear_items(all.items, all.count);
	return good;
}

bool abi_decode(const char *types, const uint8_t *data, size_t len, struct abi_values *out, struct error *err)
{
	return decode_list(types, strlen(types), data, len, out, err);
}

bool abi_decode_call(const char *signature, const uint8_t *data, size_t len, struct abi_values *out, struct error *err)
{
	const char *types = NULL;
	size_t types_len = 0;
	uint8_t selector[4];
	*out = (struct abi_values){ 0 };
	if (!abi_signature_types(signature, &types, &types_len, err))
		return false;
	abi_selector(selector, signature);
	if (len < 4 || memcmp(selector, data, 4) != 0)
		return error_set(err, STATUS_CHAIN, "abi-decode", "the calldata are not of %s", signature);
	return decode_list(types, types_len, data + 4, len - 4, out, err);
}
