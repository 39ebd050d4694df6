/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ABI types from their text, by recursive descent: an elementary name or a
 * parenthesised list, then any number of array suffixes. Depth, members and
 * fixed sizes have ceilings, so a hostile signature cannot cost much.
 */
#include "chain/abi_type.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct type_reader {
	const char *at;
	const char *end;
	unsigned depth;
};

static bool read_type(struct type_reader *in, struct abi_type *out);

static bool take(struct type_reader *in, char c)
{
	if (in->at >= in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

/* A decimal number without leading zeros; 0 when there is none or it is too large. */
static unsigned take_number(struct type_reader *in)
{
	unsigned value = 0;
	while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
		if ((value == 0 && *in->at == '0') || value > ABI_MAX_FIXED)
			return 0;
		value = value * 10 + (unsigned)(*in->at++ - '0');
	}
	return value <= ABI_MAX_FIXED ? value : 0;
}

static bool take_word(struct type_reader *in, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
		return false;
	in->at += len;
	return true;
}

static bool at_digit(const struct type_reader *in)
{
	return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

static bool read_elementary(struct type_reader *in, struct abi_type *out)
{
	out->words = 1;
	if (take_word(in, "address")) {
		out->kind = ABI_ADDRESS;
	} else if (take_word(in, "bool")) {
		out->kind = ABI_BOOL;
	} else if (take_word(in, "string")) {
		out->kind = ABI_STRING;
		out->dynamic = true;
	} else if (take_word(in, "uint")) {
		out->kind = ABI_UINT;
		out->size = take_number(in);
		return out->size >= 8 && out->size <= 256 && out->size % 8 == 0;
	} else if (take_word(in, "bytes")) {
		out->kind = at_digit(in) ? ABI_FIXED_BYTES : ABI_BYTES;
		out->dynamic = out->kind == ABI_BYTES;
		out->size = take_number(in);
		return out->dynamic || (out->size >= 1 && out->size <= 32);
	} else {
		return false;
	}
	return true;
}

/* Members up to the end of the reader or a closing parenthesis. */
static bool read_members(struct type_reader *in, struct abi_type *tuple)
{
	size_t cap = 0;
	tuple->kind = ABI_TUPLE;
	if (in->at >= in->end || *in->at == ')')
		return true;
	do {
		if (tuple->count == ABI_MAX_MEMBERS)
			return false;
		tuple->members = mem_grow(tuple->members, tuple->count, &cap, sizeof(*tuple->members));
		struct abi_type *member = &tuple->members[tuple->count++];
		*member = (struct abi_type){ 0 };
		if (!read_type(in, member))
			return false;
		tuple->dynamic |= member->dynamic;
		tuple->words += member->words;
	} while (take(in, ','));
	if (tuple->dynamic && in->depth > 0)
		tuple->words = 1;
	return true;
}

/* Turns *out into an array of what it was. */
static bool read_suffix(struct type_reader *in, struct abi_type *out)
{
	struct abi_type *element = mem_new(1, sizeof(*element));
	*element = *out;
	*out = (struct abi_type){ .kind = ABI_ARRAY, .members = element, .count = 1, .words = 1, .dynamic = true };
	if (take(in, ']'))
		return true;
	out->size = take_number(in);
	out->dynamic = element->dynamic;
	if (!out->dynamic)
		out->words = element->words * out->size;
	return out->size > 0 && out->words <= ABI_MAX_FIXED && take(in, ']');
}

static bool read_type(struct type_reader *in, struct abi_type *out)
{
	unsigned suffixes = 0;
	bool good;
	if (++in->depth > ABI_MAX_DEPTH)
		return false;
	if (take(in, '('))
		good = read_members(in, out) && take(in, ')') && out->count > 0;
	else
		good = read_elementary(in, out);
	while (good && take(in, '['))
		good = ++suffixes <= ABI_MAX_DEPTH && read_suffix(in, out);
	in->depth--;
	return good;
}

static void clear_type(struct abi_type *type)
{
	for (size_t i = 0; i < type->count; i++)
		clear_type(&type->members[i]);
	free(type->members);
}

void abi_type_free(struct abi_type *type)
{
	if (type)
		clear_type(type);
	free(type);
}

struct abi_type *abi_type_new(const char *types, size_t len, struct error *err)
{
	struct type_reader in = { .at = types, .end = types + len };
	struct abi_type *list = mem_new(1, sizeof(*list));
	if (read_members(&in, list) && in.at == in.end)
		return list;
	abi_type_free(list);
	error_set(err, STATUS_INPUT, "abi-type", "a list of ABI types cannot be read");
	return NULL;
}

bool abi_signature_types(const char *signature, const char **types, size_t *len, struct error *err)
{
	const char *open = strchr(signature, '(');
	size_t all = strlen(signature);
	if (!open || open == signature || signature[all - 1] != ')')
		return error_set(err, STATUS_INPUT, "abi-type", "this is no function signature");
	*types = open + 1;
	*len = (size_t)(signature + all - 1 - *types);
	return true;
}

static bool zero_run(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

bool abi_word_fits(const struct abi_type *type, const uint8_t word[32])
{
	switch (type->kind) {
	case ABI_BOOL:
		return zero_run(word, 31) && word[31] <= 1;
	case ABI_ADDRESS:
		return zero_run(word, 12);
	case ABI_UINT:
		return zero_run(word, 32 - type->size / 8);
	case ABI_FIXED_BYTES:
		return zero_run(word + type->size, 32 - type->size);
	case ABI_BYTES:
	case ABI_STRING:
	case ABI_ARRAY:
	case ABI_TUPLE:
		break;
	}
	return false;
}
