/* SPDX-License-Identifier: Apache-2.0 */
#include <nettle/gcm.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "compose/env_encrypt.h"
#include "unit/unit.h"
#include "vectors/vectors.h"

static void fill(struct compose_env *env, const struct exact_json *list)
{
	size_t i;

	assert_int_equal(exact_json_kind(list), EXACT_ARRAY);
	for (i = 0; i < exact_json_count(list); i++) {
		const struct exact_json *entry = exact_json_item(list, i);
		size_t name_len, len;
		const char *name = vectors_text(entry, "key", &name_len), *value = vectors_text(entry, "value", &len);

		compose_env_add(env, name, name_len, value, len);
	}
}

static void fill_from_case(struct compose_env *env, const struct exact_json *vector)
{
	struct exact_json *parsed;
	size_t len;
	const char *text = exact_json_string(exact_json_get(vector, "envs_json"), &len);

	if (!text) {
		fill(env, vectors_need(vector, "envs"));
		return;
	}
	parsed = exact_json_parse(text, len, NULL);
	fill(env, parsed);
	exact_json_free(parsed);
}

/* Opens a sealed text and compares; returns its bytes and gives the shared secret. */
static size_t open_sealed(const char *hex, const uint8_t private_key[32], const char *want, size_t want_len, uint8_t shared[32])
{
	size_t len;
	uint8_t *sealed = hex_decode_new(hex, strlen(hex) / 2, &len), tag[16];
	struct gcm_aes256_ctx aes;
	char *plain;

	assert_non_null(sealed);
	assert_true(len >= 60);
	plain = mem_new(len - 60, 1);
	assert_int_equal(crypto_scalarmult(shared, private_key, sealed), 0);
	gcm_aes256_set_key(&aes, shared);
	gcm_aes256_set_iv(&aes, 12, sealed + 32);
	gcm_aes256_decrypt(&aes, len - 60, (uint8_t *)plain, sealed + 44);
	gcm_aes256_digest(&aes, 16, tag);
	assert_memory_equal(tag, sealed + len - 16, 16);
	vectors_same_bytes(plain, len - 60, want, want_len);
	free(plain);
	free(sealed);
	return len;
}

static void check_sealing(const struct exact_json *vector, const struct exact_json *expect, const char *ours)
{
	size_t want_len;
	const char *want = vectors_text(expect, "plaintext", &want_len), *sample = vectors_text(vector, "sample", NULL);
	uint8_t private_key[32], shared[32];
	char hex[65];

	assert_true(hex_decode(private_key, 32, vectors_text(vector, "privateKey", NULL)));
	assert_int_equal(open_sealed(sample, private_key, want, want_len, shared),
		(size_t)exact_json_number(vectors_need(expect, "sample_bytes"), 0));
	hex_encode(hex, shared, 32);
	assert_string_equal(hex, vectors_text(expect, "shared", NULL));
	assert_int_equal(open_sealed(ours, private_key, want, want_len, shared), 60 + want_len);
	assert_string_not_equal(ours, sample);
}

static void check(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct compose_env env = COMPOSE_ENV_INIT;
	struct error err = { 0 };
	char *ours;

	fill_from_case(&env, vector);
	ours = compose_env_encrypt(&env, vectors_text(vector, "publicKey", NULL), &err);
	if (exact_json_bool(exact_json_get(expect, "reject"), false)) {
		assert_null(ours);
		assert_int_equal(err.status, STATUS_API);
	} else {
		assert_non_null(ours);
		check_sealing(vector, expect, ours);
	}
	free(ours);
	compose_env_clear(&env);
}

int main(void)
{
	return vectors_run("env_encrypt", check);
}
