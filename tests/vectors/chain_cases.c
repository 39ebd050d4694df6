/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "vectors/chain_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/abi_type.h"

enum { MAX_DATA = 1 << 22 };

void chain_run_kind(const struct chain_kind *kinds, size_t count, const struct exact_json *vector)
{
	const char *kind = vectors_text(vector, "kind", NULL);
	for (size_t i = 0; i < count; i++)
		if (strcmp(kind, kinds[i].kind) == 0) {
			kinds[i].run(vector);
			return;
		}
	fail_msg("a case of unknown kind %s", kind);
}

uint8_t *chain_hex(const struct exact_json *value, const char *name, size_t *len)
{
	uint8_t *bytes = data_parse_new(vectors_text(value, name, NULL), MAX_DATA, len);
	if (!bytes)
		fail_msg("the member %s is no hex", name);
	return bytes;
}

void chain_same_hex(const void *have, size_t len, const struct exact_json *value, const char *name)
{
	char *text = mem_new(2 * len + 3, 1);
	size_t want_len = 0;
	const char *want = vectors_text(value, name, &want_len);
	hex_encode_0x(text, have, len);
	vectors_same_bytes(text, strlen(text), want, want_len);
	free(text);
}

static struct u256 number_of(const struct exact_json *value)
{
	struct u256 out = U256_ZERO;
	if (exact_json_kind(value) == EXACT_NUMBER)
		return u256_from_u64((uint64_t)exact_json_number(value, 0));
	assert_true(u256_parse_decimal(&out, exact_json_string(value, NULL)));
	return out;
}

struct u256 chain_number(const struct exact_json *value, const char *name)
{
	return number_of(vectors_need(value, name));
}

struct address chain_address(const struct exact_json *value, const char *name)
{
	struct address out;
	assert_true(address_parse(&out, vectors_text(value, name, NULL)));
	return out;
}

struct bytes32 chain_word(const struct exact_json *value, const char *name)
{
	struct bytes32 out;
	assert_true(bytes32_parse(&out, vectors_text(value, name, NULL)));
	return out;
}

void chain_same_number(const struct u256 *have, const struct exact_json *value, const char *name)
{
	char text[U256_DECIMAL_SIZE];
	assert_string_equal(u256_format_decimal(text, have), vectors_text(value, name, NULL));
}

bool chain_rejects(const struct exact_json *vector)
{
	return exact_json_bool(exact_json_get(vectors_need(vector, "expect"), "reject"), false);
}

/* The arena of one case's arguments. */
struct made {
	void *blocks[512];
	size_t count;
};

static void *made_new(struct made *made, size_t count, size_t size)
{
	assert_true(made->count < sizeof(made->blocks) / sizeof(made->blocks[0]));
	return made->blocks[made->count++] = mem_new(count + 1, size);
}

static void made_clear(struct made *made)
{
	while (made->count > 0)
		free(made->blocks[--made->count]);
}

static struct abi_value value_of(struct made *made, const struct abi_type *type, const struct exact_json *json);

static struct abi_value list_of(struct made *made, const struct abi_type *type, const struct exact_json *json)
{
	size_t count = exact_json_count(json);
	struct abi_value *items = made_new(made, count, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = value_of(made, &type->members[type->kind == ABI_TUPLE ? i : 0], exact_json_item(json, i));
	return type->kind == ABI_TUPLE ? abi_tuple(items, count) : abi_array(items, count);
}

static struct abi_value hex_of(struct made *made, const struct abi_type *type, const struct exact_json *json)
{
	size_t len = 0;
	uint8_t *bytes = data_parse_new(exact_json_string(json, NULL), MAX_DATA, &len);
	assert_non_null(bytes);
	assert_true(made->count < sizeof(made->blocks) / sizeof(made->blocks[0]));
	made->blocks[made->count++] = bytes;
	return type->kind == ABI_BYTES ? abi_bytes(bytes, len) : abi_fixed_bytes(bytes, len);
}

static struct abi_value value_of(struct made *made, const struct abi_type *type, const struct exact_json *json)
{
	struct address address;
	struct u256 number;
	struct abi_value text;
	switch (type->kind) {
	case ABI_BOOL:
		return abi_bool(exact_json_bool(json, false));
	case ABI_UINT:
		number = number_of(json);
		return abi_u256(&number);
	case ABI_ADDRESS:
		assert_true(address_parse(&address, exact_json_string(json, NULL)));
		return abi_address(&address);
	case ABI_STRING:
		text = (struct abi_value){ .kind = ABI_STRING };
		text.bytes = (const uint8_t *)exact_json_string(json, &text.len);
		return text;
	case ABI_BYTES:
	case ABI_FIXED_BYTES:
		return hex_of(made, type, json);
	case ABI_ARRAY:
	case ABI_TUPLE:
		break;
	}
	return list_of(made, type, json);
}

static struct exact_json *json_of(const struct abi_value *value);

static struct exact_json *json_of_list(const struct abi_value *values, size_t count)
{
	struct exact_json *list = exact_json_new_array();
	for (size_t i = 0; i < count; i++)
		exact_json_append(list, json_of(&values[i]));
	return list;
}

static struct exact_json *json_of_bytes(const uint8_t *bytes, size_t len)
{
	char *text = mem_new(2 * len + 3, 1);
	hex_encode_0x(text, bytes, len);
	struct exact_json *out = exact_json_new_string(text, strlen(text));
	free(text);
	return out;
}

static struct exact_json *json_of(const struct abi_value *value)
{
	char text[U256_DECIMAL_SIZE];
	struct address address = abi_get_address(value);
	struct u256 number = abi_get_u256(value);
	switch (value->kind) {
	case ABI_BOOL:
		return exact_json_new_bool(abi_get_bool(value));
	case ABI_UINT:
		u256_format_decimal(text, &number);
		return exact_json_new_string(text, strlen(text));
	case ABI_ADDRESS:
		address_format(text, &address);
		return exact_json_new_string(text, strlen(text));
	case ABI_STRING:
		return exact_json_new_string((const char *)value->bytes, value->len);
	case ABI_BYTES:
		return json_of_bytes(value->bytes, value->len);
	case ABI_FIXED_BYTES:
		return json_of_bytes(value->word, value->size);
	case ABI_ARRAY:
	case ABI_TUPLE:
		break;
	}
	return json_of_list(value->items, value->count);
}

void chain_check_selector(const struct exact_json *vector)
{
	uint8_t selector[4];
	abi_selector(selector, vectors_text(vector, "signature", NULL));
	chain_same_hex(selector, sizeof(selector), vector, "expect");
}

void chain_check_event_topic(const struct exact_json *vector)
{
	struct bytes32 topic;
	abi_topic(&topic, vectors_text(vector, "signature", NULL));
	chain_same_hex(topic.bytes, BYTES32_SIZE, vector, "expect");
}

void chain_check_encode_call(const struct exact_json *vector)
{
	const char *signature = vectors_text(vector, "signature", NULL), *types = NULL;
	struct made made = { .count = 0 };
	struct buf out = BUF_INIT;
	size_t len = 0;
	assert_true(abi_signature_types(signature, &types, &len, NULL));
	struct abi_type *list = abi_type_new(types, len, NULL);
	assert_non_null(list);
	struct abi_value args = value_of(&made, list, vectors_need(vector, "args"));
	assert_true(abi_encode_call(signature, args.items, args.count, &out, NULL));
	chain_same_hex(out.data, out.len, vector, "expect");
	made_clear(&made);
	abi_type_free(list);
	buf_clear(&out);
}

/* The decoded values as JSON, or NULL when the data are refused. */
static struct exact_json *decode(const struct exact_json *vector)
{
	const struct exact_json *returns = vectors_need(vector, "returns");
	struct buf types = BUF_INIT;
	struct abi_values values;
	struct exact_json *out = NULL;
	size_t len = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	for (size_t i = 0; i < exact_json_count(returns); i++)
		buf_add_format(&types, "%s%s", i > 0 ? "," : "", exact_json_string(exact_json_item(returns, i), NULL));
	if (abi_decode(buf_text(&types), data, len, &values, NULL)) {
		out = json_of_list(values.items, values.count);
		abi_values_clear(&values);
	}
	free(data);
	buf_clear(&types);
	return out;
}

void chain_check_decode_result(const struct exact_json *vector)
{
	struct exact_json *values = decode(vector);
	assert_int_equal(values == NULL, chain_rejects(vector));
	if (values)
		assert_true(exact_json_equal(values, vectors_need(vectors_need(vector, "expect"), "values")));
	exact_json_free(values);
}

void chain_check_decode_result_differs(const struct exact_json *vector)
{
	struct exact_json *values = decode(vector);
	const struct exact_json *expect = vectors_need(vector, "expect");
	bool known = !values;
	for (size_t i = 0; i < exact_json_count(expect); i++)
		known |= exact_json_equal(values, exact_json_get(exact_json_item(expect, i), "values"));
	assert_true(known);
	exact_json_free(values);
}
