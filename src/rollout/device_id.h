/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device ids: what the contract's device allowlist holds.
 *
 * SHA-256 of the machine's 16-byte PPID; guests from before the end of 2025
 * reported SHA-256 of the user data in the quote's header instead, so one
 * machine can be known under two ids. Text is accepted with or without 0x, in
 * any case, and without anything else (tests/vectors/device_id.json).
 */
#ifndef CVMDECK_ROLLOUT_DEVICE_ID_H
#define CVMDECK_ROLLOUT_DEVICE_ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/status.h"

enum { DEVICE_PPID_SIZE = 16, DEVICE_HEADER_SIZE = 48, DEVICE_USER_DATA_SIZE = 20 };

enum device_meaning {
	DEVICE_OK,
	DEVICE_EMPTY_INPUT, /* SHA-256 of nothing: an unverified report; belongs on no allowlist */
	DEVICE_ZERO,        /* the factory's "no initial device"; likewise */
};

/* The id of a PPID of 32 hex digits. Errors: STATUS_INPUT "ppid". */
bool device_id_from_ppid(uint8_t out[HASH_SIZE], const char *ppid, struct error *err) MUST_CHECK;

/* Reads an id of 64 hex digits. Errors: STATUS_INPUT "device-id". */
bool device_id_parse(uint8_t out[HASH_SIZE], const char *text, struct error *err) MUST_CHECK;

/* What an id stands for. */
enum device_meaning device_id_meaning(const uint8_t id[HASH_SIZE]);
/* "ok", "empty_input" or "zero". */
const char *device_meaning_name(enum device_meaning meaning);

/*
 * The id that older guests report, from the first DEVICE_HEADER_SIZE bytes of
 * a quote. Out: user_data may be NULL. Returns false when len is too small.
 */
bool device_id_legacy(uint8_t out[HASH_SIZE], uint8_t user_data[DEVICE_USER_DATA_SIZE], const uint8_t *header, size_t len) MUST_CHECK;

#endif
