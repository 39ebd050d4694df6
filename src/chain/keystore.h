/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ethereum keystores, version 3 (Web3 secret storage): scrypt or
 * pbkdf2-hmac-sha256, aes-128-ctr, a Keccak MAC (tests/vectors/keystore_v3.json).
 *
 * Reading a file costs nothing and tells what unlocking will cost; absurd
 * parameters are refused there, before any memory is used. Unlocking blocks
 * for as long as the file's author wanted: run it by loop_work. The password
 * and the key are never anywhere but in a struct secret.
 */
#ifndef CVMDECK_CHAIN_KEYSTORE_H
#define CVMDECK_CHAIN_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "chain/types.h"

struct keystore;

enum { KEYSTORE_KEY_SIZE = 32 };

/*
 * Reads a keystore's text. The caller frees it.
 * Errors: STATUS_INPUT "keystore-format" (no keystore of version 3, or of a
 * kind this program does not know), "keystore-cost" (absurd parameters).
 */
struct keystore *keystore_parse(const char *text, size_t len, struct error *err) MUST_CHECK;
/* The same from a file; also the errors of file_read. */
struct keystore *keystore_read(const char *path, struct error *err) MUST_CHECK;
/* One more owner; each of them frees it. Sharing and freeing happen on one thread. */
struct keystore *keystore_share(struct keystore *keystore);
void keystore_free(struct keystore *keystore);

/* The address the file names; false when it names none. Not checked before the file is unlocked. */
bool keystore_address(const struct keystore *keystore, struct address *out);

struct keystore_cost {
	const char *kdf;       /* "scrypt" or "pbkdf2" */
	uint64_t memory_bytes; /* what unlocking will take */
	int64_t time_ms;       /* roughly, on a machine of 2020; for a progress line */
};
struct keystore_cost keystore_cost(const struct keystore *keystore);

/*
 * Blocks. Out: *key (32 bytes), and *address of it (may be NULL). Reads
 * keystore and password only, so another thread may hold them meanwhile.
 * The password's bytes are taken as they are. Errors: STATUS_INPUT
 * "keystore-password" (wrong password or a damaged file: the MAC cannot tell),
 * "keystore-address" (the key is not that of the address in the file: its IV
 * was changed), "keystore-memory".
 */
bool keystore_unlock(const struct keystore *keystore, const struct secret *password, struct secret *key, struct address *address, struct error *err)
	MUST_CHECK;

/*
 * The file of `--account NAME`: ~/.foundry/keystores/NAME; the caller frees.
 * NULL when the name is empty or has a slash, or there is no home.
 * Errors: STATUS_USAGE "account-name".
 */
char *keystore_account_path(const char *name, struct error *err) MUST_CHECK;

#endif
