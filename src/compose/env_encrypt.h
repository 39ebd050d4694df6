/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Env values sealed to a CVM's X25519 key (vectors/env_encrypt.json): the hex
 * of ephemeral public key (32) | IV (12) | AES-256-GCM ciphertext | tag (16);
 * the AES key is the raw shared secret. Who owns that key is not decided here:
 * check the KMS's signature over it before.
 */
#ifndef CVMDECK_COMPOSE_ENV_ENCRYPT_H
#define CVMDECK_COMPOSE_ENV_ENCRYPT_H

#include "compose/dotenv.h"

/* The exact text that is sealed: {"env":[{"key":…,"value":…},…]}, compact. Out: *text, which the caller clears. */
void compose_env_plaintext(const struct compose_env *env, struct secret *text);

/*
 * public_key  64 hex digits of any case, `0x` before them allowed
 * Returns the hex (caller frees; it is no secret), or NULL.
 * Errors: STATUS_API "env-key-malformed", "env-key-weak" (a low-order point: anybody could read the values).
 */
char *compose_env_encrypt(const struct compose_env *env, const char *public_key, struct error *err) MUST_CHECK;

#endif
