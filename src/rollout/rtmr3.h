/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log of a dstack CVM and the register RTMR3 it claims to explain.
 *
 * Digests are always made again from name and payload; an advertised digest
 * proves nothing and is often stripped. Only events before `system-ready` come
 * from the system: what the application extends later cannot count. A replay
 * that fits shows consistency with the quote, not that the quote is authentic.
 * Rules: dstack cc-eventlog at 312dc605; the stricter verdict is this
 * program's own (tests/vectors/rtmr3.json). Pure functions.
 */
#ifndef CVMDECK_ROLLOUT_RTMR3_H
#define CVMDECK_ROLLOUT_RTMR3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "rollout/quote.h"

enum { RTMR3_EVENT_TYPE = 0x08000001, RTMR3_SIZE = HASH_SHA384_SIZE };

/* Some bytes with their length; data is never NULL. */
struct rtmr3_bytes {
	uint8_t *data;
	size_t len;
};

struct rtmr3_event {
	int64_t imr; /* -1: not given */
	uint32_t type;
	unsigned version;           /* 1 or 2 */
	struct rtmr3_bytes name;    /* UTF-8 */
	struct rtmr3_bytes payload;
	struct rtmr3_bytes digest;  /* as advertised; empty when absent or stripped */
	struct rtmr3_bytes preimage;
	bool has_preimage; /* given and hexadecimal */
};

struct rtmr3_log {
	struct rtmr3_event *events;
	size_t count;
};

/*
 * Reads a log: a JSON array of events, or a JSON string that holds one (as the
 * guest gives it), at most LIMIT_EVENT_LOG bytes. default_version is taken
 * where an event has none of its own: 2 when app-compose.json says
 * event_log_version 2, else 1. Out: *log, cleared by the caller.
 * Errors: STATUS_CHECK "event-log" for anything malformed.
 */
bool rtmr3_log_parse(struct rtmr3_log *log, const char *text, size_t len, unsigned default_version, struct error *err) MUST_CHECK;
void rtmr3_log_clear(struct rtmr3_log *log);

/* The bytes whose SHA-384 is the event's digest. */
void rtmr3_preimage(struct buf *out, const struct rtmr3_event *event);
void rtmr3_digest(uint8_t out[RTMR3_SIZE], const struct rtmr3_event *event);

/* RTMR3 after the runtime events in order; to_event: stop behind the first of that name, or NULL. */
void rtmr3_replay(uint8_t out[RTMR3_SIZE], const struct rtmr3_log *log, const char *to_event);

/* What is wrong with a log; the names in this order are sorted. */
enum rtmr3_problem {
	RTMR3_COMPOSE_HASH_DIFFERS = 1 << 0,
	RTMR3_COMPOSE_HASH_LENGTH = 1 << 1,
	RTMR3_COMPOSE_HASH_MISSING = 1 << 2,
	RTMR3_COMPOSE_HASH_REPEATED = 1 << 3,
	RTMR3_DIGEST_MISMATCH = 1 << 4,
	RTMR3_MR_CONFIG_MISMATCH = 1 << 5,
	RTMR3_PREIMAGE_BAD = 1 << 6,
	RTMR3_MISMATCH = 1 << 7,
	RTMR3_UNEXPECTED_EVENT = 1 << 8,
};
enum { RTMR3_PROBLEMS = 9 };
/* "compose_hash_differs" and so on; one bit at a time. */
const char *rtmr3_problem_name(unsigned bit);
/* The same as a sentence for a person. */
const char *rtmr3_problem_text(unsigned bit);

struct rtmr3_verdict {
	unsigned problems; /* mask of rtmr3_problem; 0: good */
	bool dstack_accepts;
	uint8_t replayed[RTMR3_SIZE];
	/* First events of their name before system-ready; NULL when there is none. Borrowed from the log. */
	const struct rtmr3_bytes *app_id, *compose_hash, *instance_id, *os_image_hash, *key_provider;
	struct mr_config mr_config; /* of rtmr3_check_quote only */
};

/* Judges a log against the register; want_compose_hash (32 bytes) may be NULL. */
void rtmr3_check(struct rtmr3_verdict *out, const struct rtmr3_log *log, const uint8_t rtmr3[RTMR3_SIZE], const uint8_t *want_compose_hash);

/* The same against a quote, with mr_config_id judged by the compose hash found. */
void rtmr3_check_quote(struct rtmr3_verdict *out, const struct rtmr3_log *log, const struct quote *quote, const uint8_t *want_compose_hash);

#endif
