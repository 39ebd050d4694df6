/* SPDX-License-Identifier: Apache-2.0 */
/* Building and checking share one serializer; the known methods are one table. */
#include "chain/safe_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/abi.h"

static const struct method {
	const char *name, *type, *argument; /* type NULL: takes nothing */
} methods[] = {
	{ "addComposeHash", "bytes32", "composeHash" },
	{ "removeComposeHash", "bytes32", "composeHash" },
	{ "addDevice", "bytes32", "deviceId" },
	{ "removeDevice", "bytes32", "deviceId" },
	{ "setAllowAnyDevice", "bool", "_allowAnyDevice" },
	{ "transferOwnership", "address", "newOwner" },
	{ "acceptOwnership", NULL, NULL },
};

static const struct method *find_method(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (text_equal(name, methods[i].name))
			return &methods[i];
	return NULL;
}

bool safe_batch_knows(const char *method)
{
	return find_method(method) != NULL;
}

static char *signature_of(const struct method *method)
{
	return mem_printf("%s(%s)", method->name, method->type ? method->type : "");
}

static bool bad_call(struct error *err, const char *method)
{
	return error_set(err, STATUS_INPUT, "safe-batch-call", "%s cannot be put into a Safe batch with the argument given", method);
}

/* The argument's text as its type. */
static bool read_argument(const struct method *method, const char *text, struct abi_value *out)
{
	struct bytes32 word;
	struct address address;

	if (!strcmp(method->type, "bytes32")) {
		if (!text || !bytes32_parse(&word, text))
			return false;
		*out = abi_bytes32(&word);
		return true;
	}
	if (!strcmp(method->type, "address")) {
		if (!address_parse(&address, text))
			return false;
		*out = abi_address(&address);
		return true;
	}
	*out = abi_bool(text_equal(text, "true"));
	return text_equal(text, "true") || text_equal(text, "false");
}

static bool method_calldata(const struct safe_batch_call *call, struct buf *out, struct error *err)
{
	const struct method *method = find_method(call->method);
	struct abi_value value;
	char *signature;
	bool ok;

	if (!method || (method->type ? !read_argument(method, call->argument, &value) : call->argument != NULL))
		return bad_call(err, call->method);
	signature = signature_of(method);
	ok = abi_encode_call(signature, &value, method->type ? 1 : 0, out, err);
	free(signature);
	return ok;
}

bool safe_batch_calldata(const struct safe_batch_call *call, struct buf *out, struct error *err)
{
	if (call->method)
		return method_calldata(call, out, err);
	buf_add(out, call->data, call->data_len);
	return true;
}

static char *argument_text(const struct method *method, const uint8_t word[32])
{
	struct address address;
	char text[BYTES32_TEXT_SIZE];

	if (!strcmp(method->type, "bool"))
		return mem_strdup(word[31] ? "true" : "false");
	if (!strcmp(method->type, "address")) {
		memcpy(address.bytes, word + 32 - ADDRESS_SIZE, ADDRESS_SIZE);
		return mem_strdup(address_format(text, &address));
	}
	hex_encode_0x(text, word, 32);
	return mem_strdup(text);
}

/* True when the data is exactly a call of the method; then *argument is its text or NULL. */
static bool is_call_of(const struct method *method, const struct safe_batch_call *call, char **argument)
{
	struct safe_batch_call again = *call;
	struct buf data = BUF_INIT;
	uint8_t selector[4];
	char *signature = signature_of(method);
	bool same;

	abi_selector(selector, signature);
	free(signature);
	*argument = NULL;
	if (call->data_len != (method->type ? 36u : 4u) || memcmp(call->data, selector, 4) != 0)
		return false;
	if (method->type)
		*argument = argument_text(method, call->data + 4);
	again.method = method->name;
	again.argument = *argument;
	/* Encoded again it must be the same bytes: no dirty address, no bool of 2. */
	same = safe_batch_calldata(&again, &data, NULL) && data.len == call->data_len && !memcmp(data.data, call->data, data.len);
	buf_clear(&data);
	if (!same) {
		free(*argument);
		*argument = NULL;
	}
	return same;
}

bool safe_batch_name_call(struct safe_batch_call *call, char **argument)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (is_call_of(&methods[i], call, argument)) {
			call->method = methods[i].name;
			call->argument = *argument;
			return true;
		}
	return false;
}

static void set_text(struct exact_json *object, const char *name, const char *text)
{
	exact_json_set(object, name, exact_json_new_string(text, strlen(text)));
}

static struct exact_json *method_tree(const struct method *method)
{
	struct exact_json *tree = exact_json_new_object(), *inputs = exact_json_new_array();

	if (method->type) {
		struct exact_json *input = exact_json_new_object();

		set_text(input, "internalType", method->type);
		set_text(input, "name", method->argument);
		set_text(input, "type", method->type);
		exact_json_append(inputs, input);
	}
	exact_json_set(tree, "inputs", inputs);
	set_text(tree, "name", method->name);
	exact_json_set(tree, "payable", exact_json_new_bool(false));
	return tree;
}

static void set_method(struct exact_json *tx, const struct safe_batch_call *call)
{
	const struct method *method = find_method(call->method);
	struct exact_json *values = exact_json_new_object();

	if (method->type)
		set_text(values, method->argument, call->argument);
	exact_json_set(tx, "data", exact_json_new_null());
	exact_json_set(tx, "contractMethod", method_tree(method));
	exact_json_set(tx, "contractInputsValues", values);
}

static void set_data(struct exact_json *tx, const struct safe_batch_call *call)
{
	char *hex = mem_new(2 * call->data_len + 3, 1);

	hex_encode_0x(hex, call->data, call->data_len);
	set_text(tx, "data", hex);
	exact_json_set(tx, "contractMethod", exact_json_new_null());
	exact_json_set(tx, "contractInputsValues", exact_json_new_null());
	free(hex);
}

static struct exact_json *call_tree(const struct safe_batch_call *call)
{
	struct exact_json *tx = exact_json_new_object();
	char to[ADDRESS_TEXT_SIZE], value[U256_DECIMAL_SIZE];

	set_text(tx, "to", address_format(to, &call->to));
	set_text(tx, "value", u256_format_decimal(value, &call->value));
	if (call->method)
		set_method(tx, call);
	else
		set_data(tx, call);
	return tx;
}

static struct exact_json *meta_tree(const struct safe_batch *batch)
{
	struct exact_json *meta = exact_json_new_object();
	char safe[ADDRESS_TEXT_SIZE];

	set_text(meta, "name", batch->name);
	set_text(meta, "description", batch->description);
	set_text(meta, "txBuilderVersion", batch->builder_version);
	set_text(meta, "createdFromSafeAddress", address_format(safe, &batch->safe));
	set_text(meta, "createdFromOwnerAddress", "");
	return meta;
}

struct member {
	const char *name;
	size_t len;
	const struct exact_json *value;
};

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return exact_json_compare_text(x->name, x->len, y->name, y->len);
}

static void serialize(struct buf *out, const struct exact_json *value);

static struct member *sorted_members(const struct exact_json *object, size_t count)
{
	struct member *members = mem_new(count + 1, sizeof(*members));

	for (size_t i = 0; i < count; i++) {
		members[i].name = exact_json_name(object, i, &members[i].len);
		members[i].value = exact_json_item(object, i);
	}
	qsort(members, count, sizeof(*members), compare_members);
	return members;
}

static void serialize_name(struct buf *out, const struct member *member)
{
	size_t len = exact_json_quote(NULL, member->name, member->len);
	char *quoted = mem_new(len + 1, 1);

	exact_json_quote(quoted, member->name, member->len);
	buf_add(out, quoted, len);
	free(quoted);
}

/* {["a","b"]value of a,value of b,} */
static void serialize_object(struct buf *out, const struct exact_json *object)
{
	size_t count = exact_json_count(object);
	struct member *members = sorted_members(object, count);

	buf_add_text(out, "{[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add_byte(out, ',');
		serialize_name(out, &members[i]);
	}
	buf_add_byte(out, ']');
	for (size_t i = 0; i < count; i++) {
		serialize(out, members[i].value);
		buf_add_byte(out, ',');
	}
	buf_add_byte(out, '}');
	free(members);
}

static void serialize(struct buf *out, const struct exact_json *value)
{
	size_t count = exact_json_count(value);

	if (exact_json_kind(value) == EXACT_OBJECT) {
		serialize_object(out, value);
		return;
	}
	if (exact_json_kind(value) != EXACT_ARRAY) {
		exact_json_print(out, value, (struct exact_json_style){ 0 });
		return;
	}
	buf_add_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add_byte(out, ',');
		serialize(out, exact_json_item(value, i));
	}
	buf_add_byte(out, ']');
}

/* The file without its checksum and with its name set to null. */
static void serialize_file(struct buf *out, char checksum[BYTES32_TEXT_SIZE], const struct exact_json *file)
{
	struct exact_json *copy = exact_json_copy(file), *meta = exact_json_copy(exact_json_get(file, "meta"));
	uint8_t digest[HASH_SIZE];

	exact_json_remove(meta, "checksum");
	exact_json_set(meta, "name", exact_json_new_null());
	exact_json_set(copy, "meta", meta);
	serialize(out, copy);
	exact_json_free(copy);
	hash_keccak256(digest, buf_text(out), out->len);
	hex_encode_0x(checksum, digest, sizeof(digest));
}

static bool check_calls(const struct safe_batch *batch, struct error *err)
{
	struct buf data = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < batch->count; i++)
		ok = safe_batch_calldata(&batch->calls[i], &data, err);
	buf_clear(&data);
	return ok;
}

bool safe_batch_build(const struct safe_batch *batch, struct buf *out, struct error *err)
{
	struct exact_json *file, *meta, *list;
	struct buf serialized = BUF_INIT;
	char chain[24], checksum[BYTES32_TEXT_SIZE];

	if (!check_calls(batch, err))
		return false;
	file = exact_json_new_object();
	meta = meta_tree(batch);
	list = exact_json_new_array();
	snprintf(chain, sizeof(chain), "%llu", (unsigned long long)batch->chain_id);
	for (size_t i = 0; i < batch->count; i++)
		exact_json_append(list, call_tree(&batch->calls[i]));
	set_text(file, "version", "1.0");
	set_text(file, "chainId", chain);
	exact_json_set(file, "createdAt", exact_json_new_number((double)batch->created_at_ms));
	exact_json_set(file, "meta", meta);
	exact_json_set(file, "transactions", list);
	serialize_file(&serialized, checksum, file);
	set_text(meta, "checksum", checksum);
	exact_json_print(out, file, (struct exact_json_style){ .indent = 2 });
	buf_clear(&serialized);
	exact_json_free(file);
	return true;
}

bool safe_batch_check(struct safe_batch_checksum *out, const char *text, size_t len, struct error *err)
{
	struct exact_json *file = len <= LIMIT_SAFE_BATCH ? exact_json_parse(text, len, NULL) : NULL;
	const struct exact_json *meta = exact_json_get(file, "meta");
	bool ok = exact_json_kind(meta) == EXACT_OBJECT && exact_json_kind(exact_json_get(file, "transactions")) == EXACT_ARRAY;
	const char *stored = exact_json_string(exact_json_get(meta, "checksum"), NULL);

	memset(out, 0, sizeof(*out));
	if (ok) {
		serialize_file(&out->serialized, out->checksum, file);
		out->stored = mem_strdup(stored);
		out->valid = stored && !strcmp(stored, out->checksum);
	}
	exact_json_free(file);
	return ok || error_set(err, STATUS_INPUT, "safe-batch", "this is no Transaction Builder file");
}

void safe_batch_checksum_clear(struct safe_batch_checksum *checksum)
{
	buf_clear(&checksum->serialized);
	free(checksum->stored);
	memset(checksum, 0, sizeof(*checksum));
}
