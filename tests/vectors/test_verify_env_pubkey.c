/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/verify_env_pubkey.json through chain/env_key. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "chain/env_key.h"
#include "vectors/vectors.h"

enum { LARGE = 4096 };

/* As Node's Buffer.from(text, "hex"): pairs up to the first that is no hex. */
static size_t decode_as_node(uint8_t *out, const char *text)
{
	size_t len = 0;

	if (!strncmp(text, "0x", 2))
		text += 2;
	for (; text[0] && text[1] && len < LARGE; text += 2) {
		int high = hex_digit((unsigned char)text[0]), low = hex_digit((unsigned char)text[1]);

		if (high < 0 || low < 0)
			break;
		out[len++] = (uint8_t)(high << 4 | low);
	}
	return len;
}

static void same_debug_values(const struct env_key_message *message, const struct exact_json *expect)
{
	const char *message_text = exact_json_string(exact_json_get(expect, "message"), NULL);
	const char *digest_text = exact_json_string(exact_json_get(expect, "digest"), NULL);
	struct buf text = BUF_INIT;
	uint8_t digest[HASH_SIZE];
	char *hex;

	env_key_message(&text, message);
	hash_keccak256(digest, buf_text(&text), text.len);
	hex = mem_new(2 * (text.len > HASH_SIZE ? text.len : HASH_SIZE) + 1, 1);
	hex_encode(hex, (const uint8_t *)buf_text(&text), text.len);
	if (message_text)
		assert_string_equal(hex, message_text);
	hex_encode(hex, digest, HASH_SIZE);
	if (digest_text)
		assert_string_equal(hex, digest_text);
	free(hex);
	buf_clear(&text);
}

/* Who is said to have signed is the public key of the key that did. */
static void check_signer(const struct exact_json *vector, const struct exact_json *expect)
{
	const char *text = exact_json_string(exact_json_get(vector, "signerPrivateKey"), NULL);
	const char *signer = exact_json_string(exact_json_get(expect, "signer"), NULL);
	uint8_t full[ECDSA_PUBLIC_SIZE], compressed[ECDSA_COMPRESSED_SIZE];
	char hex[2 * ECDSA_COMPRESSED_SIZE + 3];
	struct secret key = SECRET_INIT;

	if (!text || !signer)
		return;
	secret_alloc(&key, ECDSA_KEY_SIZE);
	assert_true(hex_decode(key.data, ECDSA_KEY_SIZE, text));
	assert_true(ecdsa_public_key(&key, full, compressed, NULL));
	hex_encode_0x(hex, compressed, sizeof(compressed));
	assert_string_equal(hex, signer);
	secret_clear(&key);
}

/* A whole answer for an app must be believed exactly when the signer is the root. */
static void check_whole(const struct exact_json *vector, const struct exact_json *expect)
{
	const char *signer = exact_json_string(exact_json_get(expect, "signer"), NULL);
	const struct exact_json *matches = exact_json_get(expect, "matches");
	struct env_key_answer answer = {
		.public_key = vectors_text(vector, "publicKey", NULL),
		.signature = vectors_text(vector, "signature", NULL),
	};
	uint8_t root[ECDSA_COMPRESSED_SIZE];
	struct env_key key;
	struct address app;
	struct error err;

	if (!signer || !matches || !hex_decode(root, sizeof(root), signer) || strlen(answer.public_key) != 2 * ENV_KEY_SIZE ||
	    !hex_decode(app.bytes, ADDRESS_SIZE, vectors_text(vector, "appId", NULL)))
		return;
	assert_int_equal(env_key_verify(&key, &answer, &app, root, 0, &err), exact_json_bool(matches, false));
}

static void check(const struct exact_json *vector)
{
	uint8_t app[LARGE], key[LARGE], signature[LARGE], signer[ECDSA_COMPRESSED_SIZE];
	struct env_key_message message = { .app_id = app, .key = key };
	const struct exact_json *expect = vectors_need(vector, "expect"), *recovered = vectors_need(expect, "recovered");
	size_t len = decode_as_node(signature, vectors_text(vector, "signature", NULL));
	char text[2 * ECDSA_COMPRESSED_SIZE + 3];
	bool ok;

	message.app_id_len = decode_as_node(app, vectors_text(vector, "appId", NULL));
	message.key_len = decode_as_node(key, vectors_text(vector, "publicKey", NULL));
	same_debug_values(&message, expect);
	ok = env_key_recover(signer, &message, signature, len, NULL);
	assert_int_equal(ok, exact_json_kind(recovered) == EXACT_STRING);
	if (ok) {
		hex_encode_0x(text, signer, sizeof(signer));
		assert_string_equal(text, exact_json_string(recovered, NULL));
	}
	check_signer(vector, expect);
	check_whole(vector, expect);
}

int main(void)
{
	return vectors_run("verify_env_pubkey", check);
}
