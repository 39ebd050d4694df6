/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, replay and verdict; reading the log is rtmr3_log.c. */
#include "rollout/rtmr3.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"

static bool is_runtime(const struct rtmr3_event *event)
{
	return event->type == RTMR3_EVENT_TYPE;
}

static bool bytes_are(const struct rtmr3_bytes *bytes, const void *other, size_t len)
{
	return bytes->len == len && !memcmp(bytes->data, other, len);
}

static bool named(const struct rtmr3_event *event, const char *name)
{
	return bytes_are(&event->name, name, strlen(name));
}

/* One character of a canonical JSON string (RFC 8785). */
static void add_escaped(struct buf *out, uint8_t c)
{
	static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\";
	const char *known = c ? strchr(from, c) : NULL;

	if (known)
		buf_add_format(out, "\\%c", to[known - from]);
	else if (c < 0x20)
		buf_add_format(out, "\\u%04x", c);
	else
		buf_add_byte(out, c);
}

static void preimage_json(struct buf *out, const struct rtmr3_event *event)
{
	char *hex = mem_new(2 * event->payload.len + 1, 1);

	hex_encode(hex, event->payload.data, event->payload.len);
	buf_add_text(out, "{\"name\":\"");
	for (size_t i = 0; i < event->name.len; i++)
		add_escaped(out, event->name.data[i]);
	buf_add_format(out, "\",\"payload\":\"%s\",\"type\":%d}", hex, RTMR3_EVENT_TYPE);
	free(hex);
}

void rtmr3_preimage(struct buf *out, const struct rtmr3_event *event)
{
	static const uint8_t type[4] = { 0x01, 0x00, 0x00, 0x08 };

	if (event->version == 2) {
		preimage_json(out, event);
		return;
	}
	buf_add(out, type, sizeof(type));
	buf_add_byte(out, ':');
	buf_add(out, event->name.data, event->name.len);
	buf_add_byte(out, ':');
	buf_add(out, event->payload.data, event->payload.len);
}

void rtmr3_digest(uint8_t out[RTMR3_SIZE], const struct rtmr3_event *event)
{
	struct buf preimage = BUF_INIT;

	rtmr3_preimage(&preimage, event);
	hash_sha384(out, buf_text(&preimage), preimage.len);
	buf_clear(&preimage);
}

void rtmr3_replay(uint8_t out[RTMR3_SIZE], const struct rtmr3_log *log, const char *to_event)
{
	uint8_t pair[2 * RTMR3_SIZE] = { 0 };

	for (size_t i = 0; i < log->count; i++) {
		const struct rtmr3_event *event = &log->events[i];

		if (!is_runtime(event))
			continue;
		rtmr3_digest(pair + RTMR3_SIZE, event);
		hash_sha384(pair, pair, sizeof(pair));
		if (to_event && named(event, to_event))
			break;
	}
	memcpy(out, pair, RTMR3_SIZE);
}

static const struct {
	const char *name, *text;
} problems[RTMR3_PROBLEMS] = {
	{ "compose_hash_differs", "the compose hash the CVM measured at boot is not the one that was asked for" },
	{ "compose_hash_length", "the compose hash in the event log is not 32 bytes" },
	{ "compose_hash_missing", "the event log has no compose-hash event before system-ready" },
	{ "compose_hash_repeated", "the event log has more than one compose-hash event before system-ready" },
	{ "digest_mismatch", "a digest in the event log is not the digest of its event" },
	{ "mr_config_mismatch", "mr_config_id of the quote does not bind the compose hash in the event log" },
	{ "preimage_bad", "an event of version 2 carries a missing, wrong or non-canonical preimage" },
	{ "rtmr3_mismatch", "the event log does not replay to the RTMR3 of the quote" },
	{ "unexpected_event", "the event log has an event that no real log has: a runtime event outside RTMR3, or another event in it" },
};

static unsigned bit_index(unsigned bit)
{
	unsigned index = 0;

	while (index + 1 < RTMR3_PROBLEMS && bit >> index != 1)
		index++;
	return index;
}

const char *rtmr3_problem_name(unsigned bit)
{
	return problems[bit_index(bit)].name;
}

const char *rtmr3_problem_text(unsigned bit)
{
	return problems[bit_index(bit)].text;
}

static bool preimage_good(const struct rtmr3_event *event)
{
	uint8_t digest[RTMR3_SIZE];
	struct buf canonical = BUF_INIT;
	bool good;

	if (!event->has_preimage)
		return false;
	hash_sha384(digest, event->preimage.data, event->preimage.len);
	rtmr3_preimage(&canonical, event);
	good = bytes_are(&event->preimage, buf_text(&canonical), canonical.len);
	buf_clear(&canonical);
	return good && (!event->digest.len || bytes_are(&event->digest, digest, sizeof(digest)));
}

static unsigned event_problems(const struct rtmr3_event *event)
{
	uint8_t digest[RTMR3_SIZE];
	unsigned out = is_runtime(event) != (event->imr == 3) ? RTMR3_UNEXPECTED_EVENT : 0;

	if (!is_runtime(event))
		return out;
	rtmr3_digest(digest, event);
	if (event->digest.len && !bytes_are(&event->digest, digest, sizeof(digest)))
		out |= RTMR3_DIGEST_MISMATCH;
	if (event->version == 2 && !preimage_good(event))
		out |= RTMR3_PREIMAGE_BAD;
	return out;
}

/* Keeps the first payload of each name that matters. Returns true when the name was there before. */
static bool keep_first(struct rtmr3_verdict *out, const struct rtmr3_event *event)
{
	const struct {
		const char *name;
		const struct rtmr3_bytes **to;
	} wanted[] = {
		{ "app-id", &out->app_id },
		{ "compose-hash", &out->compose_hash },
		{ "instance-id", &out->instance_id },
		{ "os-image-hash", &out->os_image_hash },
		{ "key-provider", &out->key_provider },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!named(event, wanted[i].name))
			continue;
		if (*wanted[i].to)
			return true;
		*wanted[i].to = &event->payload;
	}
	return false;
}

/* The system's own events: those before the first system-ready. */
static void find_payloads(struct rtmr3_verdict *out, const struct rtmr3_log *log)
{
	for (size_t i = 0; i < log->count; i++) {
		const struct rtmr3_event *event = &log->events[i];

		if (!is_runtime(event))
			continue;
		if (named(event, "system-ready"))
			return;
		if (keep_first(out, event) && named(event, "compose-hash"))
			out->problems |= RTMR3_COMPOSE_HASH_REPEATED;
	}
}

static unsigned compose_problems(const struct rtmr3_bytes *found, const uint8_t *want)
{
	unsigned out = 0;

	if (!found)
		return RTMR3_COMPOSE_HASH_MISSING;
	if (found->len != HASH_SIZE)
		out |= RTMR3_COMPOSE_HASH_LENGTH;
	if (want && !bytes_are(found, want, HASH_SIZE))
		out |= RTMR3_COMPOSE_HASH_DIFFERS;
	return out;
}

void rtmr3_check(struct rtmr3_verdict *out, const struct rtmr3_log *log, const uint8_t rtmr3[RTMR3_SIZE], const uint8_t *want_compose_hash)
{
	memset(out, 0, sizeof(*out));
	rtmr3_replay(out->replayed, log, NULL);
	if (memcmp(out->replayed, rtmr3, RTMR3_SIZE) != 0)
		out->problems |= RTMR3_MISMATCH;
	for (size_t i = 0; i < log->count; i++)
		out->problems |= event_problems(&log->events[i]);
	find_payloads(out, log);
	out->problems |= compose_problems(out->compose_hash, want_compose_hash);
	out->dstack_accepts = !(out->problems & (RTMR3_MISMATCH | RTMR3_PREIMAGE_BAD));
}

void rtmr3_check_quote(struct rtmr3_verdict *out, const struct rtmr3_log *log, const struct quote *quote, const uint8_t *want_compose_hash)
{
	struct mr_config_facts facts = { 0 };

	rtmr3_check(out, log, quote->rtmr[3], want_compose_hash);
	if (out->compose_hash && out->compose_hash->len == HASH_SIZE)
		facts.compose_hash = out->compose_hash->data;
	out->mr_config = mr_config_check(quote->mr_config_id, &facts);
	/* Version 1 binds a hash: a log that shows none cannot be the one it binds. */
	if (out->mr_config.version == 1 && !facts.compose_hash)
		out->mr_config.match = MR_CONFIG_DIFFERS;
	if (out->mr_config.match == MR_CONFIG_DIFFERS)
		out->problems |= RTMR3_MR_CONFIG_MISMATCH;
}
