/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/device_id.json through rollout/device_id. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "rollout/device_id.h"
#include "vectors/vectors.h"

static bool rejected(const struct exact_json *vector)
{
	return exact_json_bool(exact_json_get(vectors_need(vector, "expect"), "reject"), false);
}

static void expect_id(const struct exact_json *vector, const uint8_t id[HASH_SIZE])
{
	char text[2 * HASH_SIZE + 3];

	hex_encode_0x(text, id, HASH_SIZE);
	assert_string_equal(text, vectors_text(vectors_need(vector, "expect"), "device_id", NULL));
}

static void check_from_ppid(const struct exact_json *vector)
{
	uint8_t id[HASH_SIZE];
	struct error err;
	bool ok = device_id_from_ppid(id, vectors_text(vector, "ppid", NULL), &err);

	assert_int_equal(ok, !rejected(vector));
	if (ok)
		expect_id(vector, id);
}

static void check_normalize(const struct exact_json *vector)
{
	uint8_t id[HASH_SIZE];
	bool ok = device_id_parse(id, vectors_text(vector, "device_id", NULL), NULL);

	assert_int_equal(ok, !rejected(vector));
	if (ok)
		expect_id(vector, id);
}

static void check_equal(const struct exact_json *vector)
{
	uint8_t a[HASH_SIZE], b[HASH_SIZE];
	bool good = device_id_parse(a, vectors_text(vector, "a", NULL), NULL);

	good = device_id_parse(b, vectors_text(vector, "b", NULL), NULL) && good;
	assert_int_equal(good, !rejected(vector));
	if (good)
		assert_int_equal(memcmp(a, b, HASH_SIZE) == 0, exact_json_bool(vectors_need(vector, "expect"), false));
}

static void check_known(const struct exact_json *vector)
{
	uint8_t id[HASH_SIZE];
	bool ok = device_id_parse(id, vectors_text(vector, "device_id", NULL), NULL);

	assert_int_equal(ok, !rejected(vector));
	if (ok)
		assert_string_equal(device_meaning_name(device_id_meaning(id)), vectors_text(vectors_need(vector, "expect"), "meaning", NULL));
}

static void check_legacy(const struct exact_json *vector)
{
	uint8_t id[HASH_SIZE], data[DEVICE_USER_DATA_SIZE];
	char text[2 * DEVICE_USER_DATA_SIZE + 1];
	size_t len = 0;
	uint8_t *header = hex_decode_new(vectors_text(vector, "quote_header", NULL), 1 << 16, &len);
	bool ok = header && device_id_legacy(id, data, header, len);

	free(header);
	assert_int_equal(ok, !rejected(vector));
	if (!ok)
		return;
	expect_id(vector, id);
	hex_encode(text, data, sizeof(data));
	assert_string_equal(text, vectors_text(vectors_need(vector, "expect"), "user_data", NULL));
}

static void check(const struct exact_json *vector)
{
	static const struct {
		const char *kind;
		vectors_check *run;
	} kinds[] = {
		{ "from_ppid", check_from_ppid }, { "normalize", check_normalize }, { "equal", check_equal },
		{ "known", check_known },         { "legacy", check_legacy },
	};
	const char *kind = vectors_text(vector, "kind", NULL);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].kind)) {
			kinds[i].run(vector);
			return;
		}
	fail_msg("a case of unknown kind %s", kind);
}

int main(void)
{
	return vectors_run("device_id", check);
}
