/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three digests this program speaks of. SHA-256 is libsodium's, SHA-384
 * and the Keccak permutation are nettle's (its SHA-3 has another padding than
 * Ethereum's Keccak, so only the permutation is taken).
 */
#ifndef CVMDECK_BASE_HASH_H
#define CVMDECK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_SHA384_SIZE = 48, HASH_HEX_SIZE = 65 };

void hash_sha256(uint8_t out[HASH_SIZE], const void *bytes, size_t len);
void hash_sha384(uint8_t out[HASH_SHA384_SIZE], const void *bytes, size_t len);
/* Ethereum's keccak256 (vectors/eth_misc.json). */
void hash_keccak256(uint8_t out[HASH_SIZE], const void *bytes, size_t len);

#endif
