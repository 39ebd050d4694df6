/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secp256k1 by libsecp256k1. One context for the process, blinded with random
 * bytes at its making; the loop's thread and the keystore worker both may use
 * it afterwards, since signing and recovering leave it unchanged.
 */
#include "chain/ecdsa.h"

#include <pthread.h>
#include <string.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "base/hash.h"
#include "base/mem.h"

static secp256k1_context *shared;

static void make_context(void)
{
	unsigned char seed[32];
	shared = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	secret_random(seed, sizeof(seed));
	if (!shared || !secp256k1_context_randomize(shared, seed))
		mem_die("libsecp256k1 has no context");
	secret_wipe(seed, sizeof(seed));
}

static const secp256k1_context *context(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_context);
	return shared;
}

/*
 * The three calls that are given a key. The library leaves the key as a number
 * on the stack (0.2.0, seen in a worker's), so the stack is wiped behind each.
 */
static bool key_verify(const struct secret *key)
{
	int ok = secp256k1_ec_seckey_verify(context(), key->data);
	secret_wipe_stack();
	return ok;
}

static bool key_public(const struct secret *key, secp256k1_pubkey *out)
{
	int ok = secp256k1_ec_pubkey_create(context(), out, key->data);
	secret_wipe_stack();
	return ok;
}

static bool key_sign(const struct secret *key, const struct bytes32 *digest, secp256k1_ecdsa_recoverable_signature *out)
{
	int ok = secp256k1_ecdsa_sign_recoverable(context(), out, digest->bytes, key->data, NULL, NULL);
	secret_wipe_stack();
	return ok;
}

bool ecdsa_check_key(const struct secret *key, struct error *err)
{
	if (key->len == ECDSA_KEY_SIZE && key->data && key_verify(key))
		return true;
	return error_set(err, STATUS_USAGE, "key-invalid",
		"this is no private key: 32 bytes are needed, not zero and below the order of the curve");
}

static void serialize(const secp256k1_pubkey *key, unsigned flags, uint8_t *out, size_t size)
{
	size_t len = size;
	if (out)
		secp256k1_ec_pubkey_serialize(context(), out, &len, key, flags);
}

bool ecdsa_public_key(const struct secret *key, uint8_t full[ECDSA_PUBLIC_SIZE], uint8_t compressed[ECDSA_COMPRESSED_SIZE],
	struct error *err)
{
	secp256k1_pubkey public_key;
	if (!ecdsa_check_key(key, err))
		return false;
	if (!key_public(key, &public_key))
		return error_set(err, STATUS_USAGE, "key-invalid", "no public key can be made from this private key");
	serialize(&public_key, SECP256K1_EC_UNCOMPRESSED, full, ECDSA_PUBLIC_SIZE);
	serialize(&public_key, SECP256K1_EC_COMPRESSED, compressed, ECDSA_COMPRESSED_SIZE);
	return true;
}

void ecdsa_address_of(const uint8_t full[ECDSA_PUBLIC_SIZE], struct address *out)
{
	uint8_t hash[HASH_SIZE];
	hash_keccak256(hash, full + 1, ECDSA_PUBLIC_SIZE - 1);
	memcpy(out->bytes, hash + HASH_SIZE - ADDRESS_SIZE, ADDRESS_SIZE);
}

bool ecdsa_address(const struct secret *key, struct address *out, struct error *err)
{
	uint8_t full[ECDSA_PUBLIC_SIZE];
	if (!ecdsa_public_key(key, full, NULL, err))
		return false;
	ecdsa_address_of(full, out);
	return true;
}

bool ecdsa_sign(const struct secret *key, const struct bytes32 *digest, struct signature *out, struct error *err)
{
	secp256k1_ecdsa_recoverable_signature raw;
	struct signature made;
	struct address mine, recovered;
	uint8_t compact[64];
	int recovery = 0;
	if (!ecdsa_address(key, &mine, err))
		return false;
	if (!key_sign(key, digest, &raw))
		return error_set(err, STATUS_CHECK, "signature-mismatch", "signing did not succeed; nothing was signed");
	secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), compact, &recovery, &raw);
	memcpy(made.r, compact, 32);
	memcpy(made.s, compact + 32, 32);
	made.recovery = (uint8_t)recovery;
	if (!ecdsa_recover_address(digest, &made, &recovered, err))
		return false;
	if (!address_equal(&mine, &recovered) || !ecdsa_is_low_s(&made))
		return error_set(err, STATUS_CHECK, "signature-mismatch",
			"the signature just made is not the key's own: the machine miscalculates; nothing was sent");
	*out = made;
	return true;
}

bool ecdsa_recover(const struct bytes32 *digest, const struct signature *signature, uint8_t full[ECDSA_PUBLIC_SIZE],
	uint8_t compressed[ECDSA_COMPRESSED_SIZE], struct error *err)
{
	secp256k1_ecdsa_recoverable_signature raw;
	secp256k1_pubkey public_key;
	uint8_t compact[64];
	memcpy(compact, signature->r, 32);
	memcpy(compact + 32, signature->s, 32);
	if (signature->recovery > 3 ||
	    !secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &raw, compact, signature->recovery) ||
	    !secp256k1_ecdsa_recover(context(), &public_key, &raw, digest->bytes))
		return error_set(err, STATUS_CHECK, "signature-invalid", "no key can have made this signature");
	serialize(&public_key, SECP256K1_EC_UNCOMPRESSED, full, ECDSA_PUBLIC_SIZE);
	serialize(&public_key, SECP256K1_EC_COMPRESSED, compressed, ECDSA_COMPRESSED_SIZE);
	return true;
}

bool ecdsa_recover_address(const struct bytes32 *digest, const struct signature *signature, struct address *out,
	struct error *err)
{
	uint8_t full[ECDSA_PUBLIC_SIZE];
	if (!ecdsa_recover(digest, signature, full, NULL, err))
		return false;
	ecdsa_address_of(full, out);
	return true;
}

bool ecdsa_is_low_s(const struct signature *signature)
{
	secp256k1_ecdsa_signature raw;
	uint8_t compact[64];
	memcpy(compact, signature->r, 32);
	memcpy(compact + 32, signature->s, 32);
	if (!secp256k1_ecdsa_signature_parse_compact(context(), &raw, compact))
		return false;
	return secp256k1_ecdsa_signature_normalize(context(), NULL, &raw) == 0;
}
