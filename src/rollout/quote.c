/* SPDX-License-Identifier: Apache-2.0 */
/* One table says where each field of the body lies; the rest is the two headers before it. */
#include "rollout/quote.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"

enum { BODY_10 = 584, BODY_15 = 648 };

static const struct {
	size_t from, to, len;
} fields[] = {
	{ 16, offsetof(struct quote, mr_seam), QUOTE_REGISTER_SIZE },
	{ 120, offsetof(struct quote, td_attributes), 8 },
	{ 136, offsetof(struct quote, mr_td), QUOTE_REGISTER_SIZE },
	{ 184, offsetof(struct quote, mr_config_id), QUOTE_REGISTER_SIZE },
	{ 232, offsetof(struct quote, mr_owner), QUOTE_REGISTER_SIZE },
	{ 280, offsetof(struct quote, mr_owner_config), QUOTE_REGISTER_SIZE },
	{ 328, offsetof(struct quote, rtmr), sizeof(((struct quote *)0)->rtmr) },
	{ 520, offsetof(struct quote, report_data), QUOTE_REPORT_DATA_SIZE },
};

static unsigned u16(const uint8_t *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool too_short(size_t len, struct error *err)
{
	return error_set(err, STATUS_CHECK, "quote-short", "the attestation quote of %zu bytes ends too early", len);
}

static bool kind(struct error *err, const char *what)
{
	return error_set(err, STATUS_CHECK, "quote-kind", "the attestation quote is no TDX quote this program can read: %s", what);
}

/* Finds the body. Out: *at, *size. */
static bool find_body(struct quote *out, const uint8_t *bytes, size_t len, size_t *at, size_t *size, struct error *err)
{
	*at = QUOTE_HEADER_SIZE;
	*size = BODY_10;
	if (out->version == 4)
		return true;
	if (len < QUOTE_HEADER_SIZE + 6)
		return too_short(len, err);
	out->body_type = u16(bytes + QUOTE_HEADER_SIZE);
	*at = QUOTE_HEADER_SIZE + 6;
	*size = u32(bytes + QUOTE_HEADER_SIZE + 2);
	if ((out->body_type == 2 && *size == BODY_10) || (out->body_type == 3 && *size == BODY_15))
		return true;
	return kind(err, "unknown body type or size");
}

bool quote_parse(struct quote *out, const uint8_t *bytes, size_t len, struct error *err)
{
	size_t at, size, left;

	memset(out, 0, sizeof(*out));
	if (len < QUOTE_HEADER_SIZE)
		return too_short(len, err);
	out->version = u16(bytes);
	out->tee_type = u32(bytes + 4);
	if (out->version != 4 && out->version != 5)
		return kind(err, "version is neither 4 nor 5");
	if (out->tee_type != QUOTE_TEE_TDX)
		return kind(err, "made by another kind of TEE");
	memcpy(out->user_data, bytes + QUOTE_HEADER_SIZE - QUOTE_USER_DATA_SIZE, QUOTE_USER_DATA_SIZE);
	if (!find_body(out, bytes, len, &at, &size, err))
		return false;
	if (len - at < size + 4)
		return too_short(len, err);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		memcpy((char *)out + fields[i].to, bytes + at + fields[i].from, fields[i].len);
	out->debug = out->td_attributes[0] & 1;
	left = len - at - size - 4;
	out->signature_len = u32(bytes + at + size);
	return out->signature_len <= left || too_short(len, err);
}

bool quote_parse_hex(struct quote *out, const char *hex, struct error *err)
{
	size_t len = 0;
	uint8_t *bytes = hex_decode_new(hex, LIMIT_QUOTE, &len);
	bool ok;

	memset(out, 0, sizeof(*out));
	if (!bytes)
		return error_set(err, STATUS_CHECK, "quote-hex", "the attestation quote is no hexadecimal text of at most %d bytes", LIMIT_QUOTE);
	ok = quote_parse(out, bytes, len, err);
	free(bytes);
	return ok;
}
