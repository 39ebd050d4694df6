/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/safe_batch.json through chain/safe_batch. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/safe_batch.h"
#include "vectors/vectors.h"

enum { LARGE = 1 << 20 };

static void same_text(const struct buf *have, const struct exact_json *expect, const char *name)
{
	size_t len;
	const char *want = vectors_text(expect, name, &len);

	vectors_same_bytes(buf_text(have), have->len, want, len);
}

static void check_checksum(const struct exact_json *vector)
{
	size_t len;
	const char *text = vectors_text(vector, "json", &len);
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct safe_batch_checksum have;
	bool ok = safe_batch_check(&have, text, len, NULL);

	assert_int_equal(ok, !exact_json_bool(exact_json_get(expect, "reject"), false));
	if (ok) {
		const char *stored = exact_json_string(vectors_need(expect, "stored"), NULL);

		same_text(&have.serialized, expect, "serialized");
		assert_string_equal(have.checksum, vectors_text(expect, "checksum", NULL));
		assert_int_equal(have.valid, exact_json_bool(vectors_need(expect, "valid"), false));
		assert_int_equal(stored != NULL, have.stored != NULL);
		if (stored)
			assert_string_equal(have.stored, stored);
	}
	safe_batch_checksum_clear(&have);
}

static void read_call(struct safe_batch_call *call, const struct exact_json *from)
{
	const char *data = exact_json_string(exact_json_get(from, "data"), NULL);

	memset(call, 0, sizeof(*call));
	assert_true(address_parse(&call->to, vectors_text(from, "to", NULL)));
	assert_true(u256_parse_decimal(&call->value, vectors_text(from, "value", NULL)));
	call->method = exact_json_string(exact_json_get(from, "method"), NULL);
	call->argument = exact_json_string(exact_json_item(exact_json_get(from, "args"), 0), NULL);
	if (data)
		call->data = hex_decode_new(data, LARGE, &call->data_len);
	assert_true(call->method || call->data);
}

static void same_calldata(const struct safe_batch_call *call, const struct exact_json *want)
{
	struct buf data = BUF_INIT;
	char *hex;

	assert_true(safe_batch_calldata(call, &data, NULL));
	hex = mem_new(2 * data.len + 3, 1);
	hex_encode_0x(hex, (const uint8_t *)buf_text(&data), data.len);
	assert_string_equal(hex, exact_json_string(want, NULL));
	free(hex);
	buf_clear(&data);
}

/* Calldata of a call by name must be recognised as that call again. */
static void same_name(const struct safe_batch_call *call)
{
	struct safe_batch_call plain = *call;
	struct buf data = BUF_INIT;
	char *argument = NULL;

	if (!call->method)
		return;
	assert_true(safe_batch_calldata(call, &data, NULL));
	plain.method = plain.argument = NULL;
	plain.data = (const uint8_t *)buf_text(&data);
	plain.data_len = data.len;
	assert_true(safe_batch_name_call(&plain, &argument));
	assert_string_equal(plain.method, call->method);
	assert_string_equal(argument ? argument : "", call->argument ? call->argument : "");
	free(argument);
	buf_clear(&data);
}

static void same_file(const struct safe_batch *batch, const struct exact_json *expect)
{
	struct buf text = BUF_INIT;
	struct safe_batch_checksum sum;
	struct exact_json *tree;

	assert_true(safe_batch_build(batch, &text, NULL));
	tree = exact_json_parse(buf_text(&text), text.len, NULL);
	assert_true(exact_json_equal(tree, vectors_need(expect, "file")));
	assert_true(safe_batch_check(&sum, buf_text(&text), text.len, NULL));
	assert_true(sum.valid);
	same_text(&sum.serialized, expect, "serialized");
	safe_batch_checksum_clear(&sum);
	exact_json_free(tree);
	buf_clear(&text);
}

static void check_build(const struct exact_json *vector)
{
	const struct exact_json *list = vectors_need(vector, "calls"), *expect = vectors_need(vector, "expect");
	size_t count = exact_json_count(list);
	struct safe_batch_call *calls = mem_new(count + 1, sizeof(*calls));
	struct safe_batch batch = {
		.chain_id = (uint64_t)exact_json_number(vectors_need(vector, "chainId"), 0),
		.created_at_ms = (int64_t)exact_json_number(vectors_need(vector, "createdAt"), 0),
		.name = vectors_text(vector, "batchName", NULL),
		.description = vectors_text(vector, "description", NULL),
		.builder_version = vectors_text(vector, "txBuilderVersion", NULL),
		.calls = calls,
		.count = count,
	};

	assert_true(address_parse(&batch.safe, vectors_text(vector, "safe", NULL)));
	for (size_t i = 0; i < count; i++) {
		read_call(&calls[i], exact_json_item(list, i));
		same_calldata(&calls[i], exact_json_item(vectors_need(expect, "calldata"), i));
		same_name(&calls[i]);
	}
	same_file(&batch, expect);
	for (size_t i = 0; i < count; i++) {
		uint8_t *data;

		memcpy(&data, &calls[i].data, sizeof(data));
		free(data);
	}
	free(calls);
}

static void check(const struct exact_json *vector)
{
	const char *kind = vectors_text(vector, "kind", NULL);

	if (!strcmp(kind, "checksum"))
		check_checksum(vector);
	else if (!strcmp(kind, "build"))
		check_build(vector);
	else
		fail_msg("a case of unknown kind %s", kind);
}

int main(void)
{
	return vectors_run("safe_batch", check);
}
