/* SPDX-License-Identifier: Apache-2.0 */
/* Device ids from what a machine reports; see the header for the two rules. */
#include "rollout/device_id.h"

#include <string.h>

#include "base/hex.h"

bool device_id_from_ppid(uint8_t out[HASH_SIZE], const char *ppid, struct error *err)
{
	uint8_t bytes[DEVICE_PPID_SIZE];

	if (!hex_decode(bytes, sizeof(bytes), ppid))
		return error_set(err, STATUS_INPUT, "ppid", "the PPID is not %d hexadecimal digits", 2 * DEVICE_PPID_SIZE);
	hash_sha256(out, bytes, sizeof(bytes));
	return true;
}

bool device_id_parse(uint8_t out[HASH_SIZE], const char *text, struct error *err)
{
	if (hex_decode(out, HASH_SIZE, text))
		return true;
	return error_set(err, STATUS_INPUT, "device-id", "the device id is not %d hexadecimal digits", 2 * HASH_SIZE);
}

enum device_meaning device_id_meaning(const uint8_t id[HASH_SIZE])
{
	static const uint8_t zero[HASH_SIZE];
	uint8_t empty[HASH_SIZE];

	hash_sha256(empty, "", 0);
	if (!memcmp(id, empty, HASH_SIZE))
		return DEVICE_EMPTY_INPUT;
	return memcmp(id, zero, HASH_SIZE) ? DEVICE_OK : DEVICE_ZERO;
}

const char *device_meaning_name(enum device_meaning meaning)
{
	static const char *const names[] = { "ok", "empty_input", "zero" };

	return names[meaning];
}

bool device_id_legacy(uint8_t out[HASH_SIZE], uint8_t user_data[DEVICE_USER_DATA_SIZE], const uint8_t *header, size_t len)
{
	const uint8_t *data = header + DEVICE_HEADER_SIZE - DEVICE_USER_DATA_SIZE;

	if (len < DEVICE_HEADER_SIZE)
		return false;
	if (user_data)
		memcpy(user_data, data, DEVICE_USER_DATA_SIZE);
	hash_sha256(out, data, DEVICE_USER_DATA_SIZE);
	return true;
}
