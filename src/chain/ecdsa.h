/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures on secp256k1, the one place that knows libsecp256k1. Keys come in
 * locked memory and leave no copy behind; a signature is handed out only after
 * the address recovered from it was compared with the key's own.
 */
#ifndef CVMDECK_CHAIN_ECDSA_H
#define CVMDECK_CHAIN_ECDSA_H

#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "chain/types.h"

enum { ECDSA_KEY_SIZE = 32, ECDSA_PUBLIC_SIZE = 65, ECDSA_COMPRESSED_SIZE = 33 };

struct signature {
	uint8_t r[32];
	uint8_t s[32];
	uint8_t recovery; /* 0 or 1 on all that is signed here; 0 to 3 when read */
};

/* 32 bytes, not zero, below the curve's order. Errors: STATUS_USAGE "key-invalid". */
bool ecdsa_check_key(const struct secret *key, struct error *err) MUST_CHECK;
/* Of a key: its address, and its public key as 04 | x | y and as 02/03 | x (each may be NULL). */
bool ecdsa_address(const struct secret *key, struct address *out, struct error *err) MUST_CHECK;
bool ecdsa_public_key(const struct secret *key, uint8_t full[ECDSA_PUBLIC_SIZE], uint8_t compressed[ECDSA_COMPRESSED_SIZE],
	struct error *err) MUST_CHECK;
/* The address of a public key 04 | x | y. */
void ecdsa_address_of(const uint8_t full[ECDSA_PUBLIC_SIZE], struct address *out);

/*
 * Signs a digest: RFC 6979 nonce, low s, checked by recovery.
 * Errors: "key-invalid"; STATUS_CHECK "signature-mismatch" when the recovered
 * address is not the key's (nothing is given out then).
 */
bool ecdsa_sign(const struct secret *key, const struct bytes32 *digest, struct signature *out, struct error *err) MUST_CHECK;

/*
 * Who signed. High s is accepted here (a KMS may produce it); a transaction
 * additionally needs ecdsa_is_low_s. Errors: STATUS_CHECK "signature-invalid".
 */
bool ecdsa_recover(const struct bytes32 *digest, const struct signature *signature, uint8_t full[ECDSA_PUBLIC_SIZE],
	uint8_t compressed[ECDSA_COMPRESSED_SIZE], struct error *err) MUST_CHECK;
bool ecdsa_recover_address(const struct bytes32 *digest, const struct signature *signature, struct address *out,
	struct error *err) MUST_CHECK;
/* s at most half the order (EIP-2). */
bool ecdsa_is_low_s(const struct signature *signature);

#endif
