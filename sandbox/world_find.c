/* SPDX-License-Identifier: Apache-2.0 */
/* Finding CVMs by whatever a path may name them with, and the keys of an app. */
#include <sodium.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "chain/ecdsa.h"
#include "sandbox/world.h"

static bool cvm_is_uuid(const struct sb_cvm *cvm, const char *id)
{
	char text[SB_UUID_TEXT], bare[SB_UUID_TEXT];
	size_t n = 0;
	sb_uuid_text(text, cvm->uuid);
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '-')
			bare[n++] = *p;
	bare[n] = '\0';
	return text_equal_nocase(text, id) || text_equal_nocase(bare, id);
}

static bool hex_is(const uint8_t *bytes, size_t len, const char *text)
{
	uint8_t value[HASH_SIZE];
	return hex_decode(value, len, text) && memcmp(value, bytes, len) == 0;
}

static bool cvm_has_id(const struct sb_cvm *cvm, const char *id)
{
	if (text_starts(id, "app_"))
		return hex_is(cvm->app_id, SB_ADDRESS_SIZE, id + 4);
	if (text_starts(id, "instance_"))
		return hex_is(cvm->instance_id, SB_ADDRESS_SIZE, id + 9);
	if (text_starts(id, "cvm_"))
		return hex_is(cvm->uuid, 4, id + 4);
	return text_equal(cvm->name, id) || cvm_is_uuid(cvm, id) || hex_is(cvm->app_id, SB_ADDRESS_SIZE, id);
}

struct sb_cvm *sb_world_find(struct sb_world *world, const char *id, size_t *count)
{
	struct sb_cvm *found = NULL;
	*count = 0;
	for (size_t i = 0; i < world->cvm_count; i++)
		if (cvm_has_id(&world->cvms[i], id)) {
			found = found != NULL ? found : &world->cvms[i];
			++*count;
		}
	return found;
}

struct sb_cvm *sb_world_find_uuid(struct sb_world *world, const char *uuid)
{
	for (size_t i = 0; i < world->cvm_count; i++)
		if (cvm_is_uuid(&world->cvms[i], uuid))
			return &world->cvms[i];
	return NULL;
}

static void key_lend(struct secret *secret, const uint8_t key[SB_KEY_SIZE])
{
	uint8_t copy[SB_KEY_SIZE];
	memcpy(copy, key, SB_KEY_SIZE);
	secret_set(secret, copy, SB_KEY_SIZE, true);
}

bool sb_key_address(const uint8_t key[SB_KEY_SIZE], uint8_t out[SB_ADDRESS_SIZE], struct error *err)
{
	struct secret secret = SECRET_INIT;
	struct address address;
	key_lend(&secret, key);
	bool done = ecdsa_address(&secret, &address, err);
	if (done)
		memcpy(out, address.bytes, SB_ADDRESS_SIZE);
	secret_clear(&secret);
	return done;
}

bool sb_key_public(const uint8_t key[SB_KEY_SIZE], uint8_t out[33], struct error *err)
{
	struct secret secret = SECRET_INIT;
	key_lend(&secret, key);
	bool done = ecdsa_public_key(&secret, NULL, out, err);
	secret_clear(&secret);
	return done;
}

void sb_world_env_key(const struct sb_world *world, const struct sb_cvm *cvm, uint8_t public_key[32])
{
	uint8_t secret[HASH_SIZE];
	(void)world;
	uint8_t input[SB_KEY_SIZE + SB_ADDRESS_SIZE];
	memcpy(input, cvm->kms->root_key, SB_KEY_SIZE);
	memcpy(input + SB_KEY_SIZE, cvm->app_id, SB_ADDRESS_SIZE);
	hash_sha256(secret, input, sizeof(input));
	if (crypto_scalarmult_base(public_key, secret) != 0)
		memset(public_key, 0, 32);
}

bool sb_world_sign_env_key(const struct sb_kms *kms, const uint8_t *app_id, const uint8_t public_key[32], uint8_t signature[65])
{
	static const char label[] = "dstack-env-encrypt-pubkey:";
	uint8_t message[sizeof(label) - 1 + SB_ADDRESS_SIZE + 32];
	struct bytes32 digest;
	struct signature made;
	struct secret secret = SECRET_INIT;
	memcpy(message, label, sizeof(label) - 1);
	memcpy(message + sizeof(label) - 1, app_id, SB_ADDRESS_SIZE);
	memcpy(message + sizeof(label) - 1 + SB_ADDRESS_SIZE, public_key, 32);
	hash_keccak256(digest.bytes, message, sizeof(message));
	key_lend(&secret, kms->root_key);
	bool done = ecdsa_sign(&secret, &digest, &made, NULL);
	secret_clear(&secret);
	if (!done)
		return false;
	memcpy(signature, made.r, 32);
	memcpy(signature + 32, made.s, 32);
	signature[64] = made.recovery;
	return true;
}
