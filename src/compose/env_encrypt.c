/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/env_encrypt.h"

#include <nettle/gcm.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/hex.h"
#include "base/mem.h"

enum { KEY_SIZE = 32, IV_SIZE = GCM_IV_SIZE, TAG_SIZE = GCM_DIGEST_SIZE, OVERHEAD = KEY_SIZE + IV_SIZE + TAG_SIZE };

/* Writes to out unless it is NULL; returns the bytes either way. */
static size_t put(char *out, const char *text)
{
	size_t len = strlen(text);

	if (out)
		memcpy(out, text, len);
	return len;
}

static size_t put_quoted(char *out, const char *text, size_t len)
{
	return exact_json_quote(out, text, len);
}

static char *ahead(char *out, size_t n)
{
	return out ? out + n : NULL;
}

static size_t put_entry(char *out, const struct compose_env *env, size_t i)
{
	size_t len, n;
	const char *value = compose_env_value(env, i, &len);

	n = put(out, i ? ",{\"key\":" : "{\"key\":");
	n += put_quoted(ahead(out, n), env->entries[i].name, env->entries[i].name_len);
	n += put(ahead(out, n), ",\"value\":");
	n += put_quoted(ahead(out, n), value, len);
	return n + put(ahead(out, n), "}");
}

static size_t put_all(char *out, const struct compose_env *env)
{
	size_t n = put(out, "{\"env\":["), i;

	for (i = 0; i < env->count; i++)
		n += put_entry(ahead(out, n), env, i);
	return n + put(ahead(out, n), "]}");
}

void compose_env_plaintext(const struct compose_env *env, struct secret *text)
{
	secret_alloc(text, put_all(NULL, env));
	put_all((char *)text->data, env);
}

/* The ephemeral key's public half to out, and the secret shared with the receiver. */
static bool agree(uint8_t *out, struct secret *shared, const uint8_t *receiver)
{
	struct secret own = SECRET_INIT;
	bool good;

	secret_alloc(&own, KEY_SIZE);
	secret_alloc(shared, KEY_SIZE);
	secret_random(own.data, KEY_SIZE);
	good = crypto_scalarmult_base(out, own.data) == 0 && crypto_scalarmult(shared->data, own.data, receiver) == 0;
	secret_clear(&own);
	return good;
}

/* sealed: the ephemeral public key stands there already; the rest is filled in. */
static void seal(uint8_t *sealed, const struct secret *shared, const struct secret *text)
{
	uint8_t *iv = sealed + KEY_SIZE, *cipher = iv + IV_SIZE;
	struct gcm_aes256_ctx aes;

	secret_random(iv, IV_SIZE);
	gcm_aes256_set_key(&aes, shared->data);
	gcm_aes256_set_iv(&aes, IV_SIZE, iv);
	gcm_aes256_encrypt(&aes, text->len, cipher, text->data);
	gcm_aes256_digest(&aes, TAG_SIZE, cipher + text->len);
	secret_wipe(&aes, sizeof(aes));
}

static char *encrypt_text(const struct secret *text, const uint8_t *receiver, struct error *err)
{
	size_t len = OVERHEAD + text->len;
	uint8_t *sealed = mem_new(len, 1);
	struct secret shared = SECRET_INIT;
	char *hex = NULL;

	if (agree(sealed, &shared, receiver)) {
		seal(sealed, &shared, text);
		hex = mem_new(2 * len + 1, 1);
		hex_encode(hex, sealed, len);
	} else {
		error_set(err, STATUS_API, "env-key-weak",
			"the env encryption key Phala Cloud gave is a weak point: anybody could read values sealed to it, so nothing was");
	}
	secret_clear(&shared);
	free(sealed);
	return hex;
}

char *compose_env_encrypt(const struct compose_env *env, const char *public_key, struct error *err)
{
	uint8_t receiver[KEY_SIZE];
	struct secret text = SECRET_INIT;
	char *hex;

	if (!hex_decode(receiver, KEY_SIZE, public_key)) {
		error_set(err, STATUS_API, "env-key-malformed",
			"the env encryption key Phala Cloud gave is no X25519 key: 64 hex digits are needed");
		return NULL;
	}
	compose_env_plaintext(env, &text);
	hex = encrypt_text(&text, receiver, err);
	secret_clear(&text);
	return hex;
}
