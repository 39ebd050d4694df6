/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who vouches for the key that env values are encrypted to: the KMS signs it.
 *
 * Signed is keccak256("dstack-env-encrypt-pubkey" | ":" | app id | [timestamp] |
 * X25519 key), as r | s | recovery id; the timestamp, eight bytes big-endian in
 * seconds, is in the newer `signature_v1` only (Dstack-TEE/dstack, kms/README.md
 * and kms/src/main_service.rs get_app_env_encrypt_pub_key; age limits as in
 * its SDKs' verify-env-encrypt-public-key). The signer must be the root key
 * the KMS contract names on chain: kmsInfo().k256Pubkey.
 * Without timestamp: tests/vectors/verify_env_pubkey.json. Pure functions.
 */
#ifndef CVMDECK_CHAIN_ENV_KEY_H
#define CVMDECK_CHAIN_ENV_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/ecdsa.h"

enum { ENV_KEY_SIZE = 32, ENV_KEY_SIGNATURE_SIZE = 65, ENV_KEY_MAX_AGE_S = 300, ENV_KEY_MAX_AHEAD_S = 60 };

/* What is signed; app_id and key in any length, as the tools have it. */
struct env_key_message {
	const uint8_t *app_id;
	size_t app_id_len;
	const uint8_t *key;
	size_t key_len;
	bool has_timestamp;
	uint64_t timestamp; /* seconds since 1970 */
};
void env_key_message(struct buf *out, const struct env_key_message *message);

/*
 * Who signed the message: a compressed key. Only recovery ids 0 to 3; both low
 * and high s. Errors: STATUS_CHECK "signature-invalid".
 */
bool env_key_recover(uint8_t signer[ECDSA_COMPRESSED_SIZE], const struct env_key_message *message, const uint8_t *signature, size_t len,
		     struct error *err) MUST_CHECK;

/* The backend's answer as it came: hex with or without 0x; NULL or "" for what was not there. */
struct env_key_answer {
	const char *public_key;
	const char *signature;
	const char *signature_v1;
	uint64_t timestamp; /* 0: none */
};

struct env_key {
	uint8_t key[ENV_KEY_SIZE];
	bool timestamped; /* the signature with the timestamp was there and good */
};

/*
 * Checks an answer against the KMS root key read on chain. Every signature
 * that is there must be the root's; one with a timestamp must be fresh.
 * now_s is the wall clock. Errors, all STATUS_CHECK, none lets a value be
 * encrypted: "env-key-malformed", "env-key-unsigned", "env-key-signer" (names
 * both keys), "env-key-stale".
 */
bool env_key_verify(struct env_key *out, const struct env_key_answer *answer, const struct address *app,
		    const uint8_t root[ECDSA_COMPRESSED_SIZE], int64_t now_s, struct error *err) MUST_CHECK;

#endif
