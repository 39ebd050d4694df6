/* SPDX-License-Identifier: Apache-2.0 */
/* Owners' signatures: making, reading and ordering them. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "chain/ecdsa.h"
#include "chain/safe.h"

enum { V_AT = 64, V_CONTRACT = 0, V_APPROVED = 1, V_HASH = 27, V_ETH_SIGN = 31 };

bool safe_sign(struct safe_signature *out, const struct secret *key, const struct bytes32 *hash, struct error *err)
{
	struct signature made;

	if (!ecdsa_address(key, &out->owner, err) || !ecdsa_sign(key, hash, &made, err))
		return false;
	memcpy(out->bytes, made.r, 32);
	memcpy(out->bytes + 32, made.s, 32);
	out->bytes[V_AT] = (uint8_t)(V_HASH + made.recovery);
	return true;
}

void safe_prevalidated(struct safe_signature *out, const struct address *owner)
{
	memset(out, 0, sizeof(*out));
	out->owner = *owner;
	memcpy(out->bytes + 32 - ADDRESS_SIZE, owner->bytes, ADDRESS_SIZE);
	out->bytes[V_AT] = V_APPROVED;
}

static bool bad(struct error *err, const char *what)
{
	return error_set(err, STATUS_CHECK, "safe-signature", "the owner's signature cannot be used: %s", what);
}

static bool read_approved(struct safe_signature *out, struct error *err)
{
	static const uint8_t zero[32];

	if (memcmp(out->bytes, zero, 32 - ADDRESS_SIZE) != 0)
		return bad(err, "its first word is no address");
	memcpy(out->owner.bytes, out->bytes + 32 - ADDRESS_SIZE, ADDRESS_SIZE);
	return true;
}

/* What a wallet's eth_sign puts before 32 bytes. */
static void eth_sign_hash(struct bytes32 *out, const struct bytes32 *hash)
{
	static const char prefix[] = "\x19" "Ethereum Signed Message:\n32";
	uint8_t text[sizeof(prefix) - 1 + BYTES32_SIZE];

	memcpy(text, prefix, sizeof(prefix) - 1);
	memcpy(text + sizeof(prefix) - 1, hash->bytes, BYTES32_SIZE);
	hash_keccak256(out->bytes, text, sizeof(text));
}

bool safe_read_signature(struct safe_signature *out, const uint8_t bytes[SAFE_SIGNATURE_SIZE], const struct bytes32 *hash, struct error *err)
{
	struct bytes32 digest = *hash;
	struct signature parts;
	unsigned v = bytes[V_AT];

	memcpy(out->bytes, bytes, SAFE_SIGNATURE_SIZE);
	if (v == V_APPROVED)
		return read_approved(out, err);
	if (v == V_CONTRACT)
		return bad(err, "it is a contract's (EIP-1271), which only the chain can check");
	if (v == V_ETH_SIGN || v == V_ETH_SIGN + 1) {
		eth_sign_hash(&digest, hash);
		v -= V_ETH_SIGN - V_HASH;
	}
	if (v != V_HASH && v != V_HASH + 1)
		return bad(err, "its last byte is none of 1, 27, 28, 31 and 32");
	memcpy(parts.r, bytes, 32);
	memcpy(parts.s, bytes + 32, 32);
	parts.recovery = (uint8_t)(v - V_HASH);
	return ecdsa_recover_address(&digest, &parts, &out->owner, NULL) || bad(err, "nobody can have made it");
}

static int by_owner(const void *a, const void *b)
{
	const struct safe_signature *x = a, *y = b;

	return address_compare(&x->owner, &y->owner);
}

bool safe_add_signatures(struct buf *out, struct safe_signature *signatures, size_t count, struct error *err)
{
	if (count)
		qsort(signatures, count, sizeof(*signatures), by_owner);
	for (size_t i = 1; i < count; i++)
		if (address_equal(&signatures[i - 1].owner, &signatures[i].owner))
			return bad(err, "the same owner is there twice");
	for (size_t i = 0; i < count; i++)
		buf_add(out, signatures[i].bytes, SAFE_SIGNATURE_SIZE);
	return true;
}
