/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an event log, strictly: what is malformed is refused as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "rollout/rtmr3.h"

static bool bad(struct error *err, size_t index, const char *what)
{
	return error_set(err, STATUS_CHECK, "event-log", "the event log is malformed: event %zu %s", index, what);
}

static bool absent(const struct exact_json *value)
{
	return exact_json_kind(value) == EXACT_MISSING || exact_json_kind(value) == EXACT_NULL;
}

/* Hex digits only, in pairs, without 0x. */
static bool read_hex(struct rtmr3_bytes *out, const struct exact_json *value)
{
	size_t digits = 0;
	const char *text = exact_json_string(value, &digits);

	if (!text || strlen(text) != digits || !strncmp(text, "0x", 2))
		return false;
	out->data = hex_decode_new(text, LIMIT_EVENT_LOG, &out->len);
	return out->data != NULL;
}

static bool read_number(const struct exact_json *value, double max, uint32_t *out)
{
	double number = exact_json_number(value, -1);

	if (!(number >= 0 && number <= max))
		return false;
	*out = (uint32_t)number;
	return (double)*out == number;
}

/* An optional hexadecimal member that must be hex when it is there. */
static bool read_optional(struct rtmr3_bytes *out, const struct exact_json *value)
{
	if (!absent(value))
		return read_hex(out, value);
	out->data = (uint8_t *)mem_copy("", 0);
	return true;
}

static bool read_version(struct rtmr3_event *event, const struct exact_json *value, unsigned fallback)
{
	uint32_t version = fallback;

	if (!absent(value) && !read_number(value, 2, &version))
		return false;
	event->version = version;
	return version == 1 || version == 2;
}

static bool read_name(struct rtmr3_event *event, const struct exact_json *value)
{
	size_t len = 0;
	const char *text = exact_json_string(value, &len);

	if (!text && (event->type == RTMR3_EVENT_TYPE || !absent(value)))
		return false;
	event->name.data = (uint8_t *)mem_copy(text ? text : "", len);
	event->name.len = len;
	return true;
}

static bool read_event(struct rtmr3_event *event, const struct exact_json *from, size_t index, unsigned version, struct error *err)
{
	uint32_t imr;

	if (exact_json_kind(from) != EXACT_OBJECT)
		return bad(err, index, "is no object");
	event->imr = read_number(exact_json_get(from, "imr"), UINT32_MAX, &imr) ? (int64_t)imr : -1;
	if (!read_number(exact_json_get(from, "event_type"), UINT32_MAX, &event->type))
		return bad(err, index, "has no event_type");
	if (!read_version(event, exact_json_get(from, "version"), version))
		return bad(err, index, "has a version other than 1 and 2");
	if (!read_name(event, exact_json_get(from, "event")))
		return bad(err, index, "has no name");
	if (!read_hex(&event->payload, exact_json_get(from, "event_payload")))
		return bad(err, index, "has a payload that is not hexadecimal");
	if (!read_optional(&event->digest, exact_json_get(from, "digest")))
		return bad(err, index, "has a digest that is not hexadecimal");
	event->has_preimage = read_hex(&event->preimage, exact_json_get(from, "preimage"));
	return true;
}

static bool read_events(struct rtmr3_log *log, const struct exact_json *list, unsigned version, struct error *err)
{
	size_t count = exact_json_count(list);

	if (exact_json_kind(list) != EXACT_ARRAY)
		return error_set(err, STATUS_CHECK, "event-log", "the event log is no list of events");
	log->events = mem_new(count + 1, sizeof(*log->events));
	for (log->count = 0; log->count < count; log->count++)
		if (!read_event(&log->events[log->count], exact_json_item(list, log->count), log->count, version, err)) {
			log->count++;
			return false;
		}
	return true;
}

static struct exact_json *parse(const char *text, size_t len, struct error *err)
{
	struct exact_json *tree = exact_json_parse(text, len, err);

	if (!tree)
		error_set(err, STATUS_CHECK, "event-log", "the event log is no JSON");
	return tree;
}

bool rtmr3_log_parse(struct rtmr3_log *log, const char *text, size_t len, unsigned default_version, struct error *err)
{
	struct exact_json *tree, *inner = NULL;
	const char *inside;
	size_t inside_len;
	bool ok;

	memset(log, 0, sizeof(*log));
	if (len > LIMIT_EVENT_LOG)
		return error_set(err, STATUS_CHECK, "event-log", "the event log has more than %d bytes", LIMIT_EVENT_LOG);
	tree = parse(text, len, err);
	if (!tree)
		return false;
	inside = exact_json_string(tree, &inside_len);
	if (inside)
		inner = parse(inside, inside_len, err);
	ok = (!inside || inner) && read_events(log, inside ? inner : tree, default_version == 2 ? 2 : 1, err);
	exact_json_free(inner);
	exact_json_free(tree);
	return ok;
}

void rtmr3_log_clear(struct rtmr3_log *log)
{
	for (size_t i = 0; i < log->count; i++) {
		free(log->events[i].name.data);
		free(log->events[i].payload.data);
		free(log->events[i].digest.data);
		free(log->events[i].preimage.data);
	}
	free(log->events);
	memset(log, 0, sizeof(*log));
}
