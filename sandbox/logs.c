/* SPDX-License-Identifier: Apache-2.0 */
/* The log host: CVM channels and containers, whole or followed, framed or plain. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/lines.h"
#include "sandbox/sandbox.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

#define NS_PER_MS INT64_C(1000000)
enum { CHUNK = 64 * 1024, POLL_MS = 100 };

struct log_stream {
	struct sb_sandbox *sandbox;
	struct sb_world *world;
	uint64_t generation;
	struct sb_lines lines;
	uint64_t next;
	int64_t since_ns, until_ns;
	bool follow, timestamps, framed, plain_message;
	struct sb_line line;
};

static bool flag(const struct sb_request *request, const char *name)
{
	const char *value = sb_request_query(request, name);
	return value != NULL && !text_equal(value, "false") && !text_equal(value, "0");
}

/* RFC 3339, seconds since 1970, or how long ago ("42m", "1h30m"). */
static bool parse_time(const char *text, int64_t *ns)
{
	int64_t ms, total = 0;
	uint32_t fraction = 0;
	if (clock_parse(text, &ms, &fraction)) {
		*ns = ms / 1000 * 1000 * NS_PER_MS + fraction;
		return true;
	}
	const char *p = text;
	while (*p >= '0' && *p <= '9') {
		char *end;
		int64_t value = strtoll(p, &end, 10);
		int64_t unit = *end == 's' ? 1 : *end == 'm' ? 60 : *end == 'h' ? 3600 : *end == 'd' ? 86400 : 0;
		if (*end == '\0' && p == text) {
			*ns = value * 1000 * NS_PER_MS;
			return true;
		}
		if (unit == 0)
			return false;
		total += value * unit;
		p = end + 1;
	}
	*ns = (clock_wall_ms() - total * 1000) * NS_PER_MS;
	return p != text && *p == '\0';
}

static int64_t query_time(const struct sb_request *request, const char *name, int64_t fallback)
{
	const char *text = sb_request_query(request, name);
	int64_t ns;
	return text != NULL && parse_time(text, &ns) ? ns : fallback;
}

/* Lines */

static void add_stamp(struct buf *out, int64_t ns)
{
	time_t seconds = (time_t)(ns / (1000 * NS_PER_MS));
	struct tm parts;
	char text[32];
	gmtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	buf_add_format(out, "%s.%09lldZ ", text, (long long)(ns % (1000 * NS_PER_MS)));
}

static void add_frame(struct buf *out, const struct log_stream *stream, const struct buf *text)
{
	const char *channel = stream->line.to_stderr ? "stderr" : "stdout";
	if (stream->plain_message) {
		buf_add_format(out, "{\"channel\":\"%s\",\"message\":", channel);
		json_quote(out, text->data, text->len);
	} else {
		size_t size = sodium_base64_encoded_len(text->len, sodium_base64_VARIANT_ORIGINAL);
		char *base64 = mem_new(size, 1);
		sodium_bin2base64(base64, size, (const unsigned char *)text->data, text->len, sodium_base64_VARIANT_ORIGINAL);
		buf_add_format(out, "{\"channel\":\"%s\",\"message\":\"%s\"", channel, base64);
		free(base64);
	}
	buf_add_text(out, "}\n");
}

static void add_line(struct buf *out, struct log_stream *stream, uint64_t i)
{
	struct buf text = BUF_INIT;
	sb_lines_read(&stream->lines, i, &stream->line);
	if (stream->timestamps)
		add_stamp(&text, stream->line.at_ns);
	buf_add(&text, buf_text(&stream->line.text), stream->line.text.len);
	buf_add_byte(&text, '\n');
	if (stream->framed)
		add_frame(out, stream, &text);
	else
		buf_add(out, text.data, text.len);
	buf_clear(&text);
}

static int64_t now_ns(void)
{
	return clock_wall_ms() * NS_PER_MS;
}

static int64_t log_pull(void *ctx, struct buf *out)
{
	struct log_stream *stream = ctx;
	if (stream->sandbox->generation != stream->generation)
		return SB_STREAM_END;
	sb_stage_now(stream->world, &stream->world->cvms[stream->lines.cvm - stream->world->cvms]);
	int64_t now = now_ns();
	uint64_t count = sb_lines_count(&stream->lines, now);
	for (; stream->next < count && out->len < CHUNK; stream->next++) {
		int64_t at = sb_lines_time(&stream->lines, stream->next);
		if (at > stream->until_ns)
			return out->len > 0 ? 0 : SB_STREAM_END;
		if (at >= stream->since_ns)
			add_line(out, stream, stream->next);
	}
	if (out->len > 0)
		return 0;
	return !stream->follow || sb_lines_ended(&stream->lines, now) ? SB_STREAM_END : POLL_MS;
}

static void log_free(void *ctx)
{
	struct log_stream *stream = ctx;
	buf_clear(&stream->line.text);
	free(stream);
}

/* The first line not before a time, found by halving. */
static uint64_t first_since(const struct sb_lines *lines, uint64_t count, int64_t since_ns)
{
	uint64_t low = 0, high = count;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (sb_lines_time(lines, middle) < since_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void place_start(struct log_stream *stream, const struct sb_request *request)
{
	const char *tail = sb_request_query(request, "tail");
	uint64_t count = sb_lines_count(&stream->lines, now_ns());
	uint64_t end = stream->until_ns == INT64_MAX ? count : first_since(&stream->lines, count, stream->until_ns + 1);
	tail = tail != NULL ? tail : sb_request_query(request, "lines");
	stream->next = first_since(&stream->lines, count, stream->since_ns);
	if (tail != NULL && tail[0] >= '0' && tail[0] <= '9') {
		uint64_t n = strtoull(tail, NULL, 10);
		if (end > n && end - n > stream->next)
			stream->next = end - n;
	}
}

static void serve_log(struct sb_sandbox *sandbox, struct sb_request *request, struct sb_cvm *cvm, const char *source, bool container)
{
	const struct sb_log_lies *lies = &sandbox->faults.logs;
	struct log_stream *stream = mem_new(1, sizeof(*stream));
	stream->sandbox = sandbox;
	stream->world = sandbox->world;
	stream->generation = sandbox->generation;
	stream->follow = flag(request, "follow");
	stream->timestamps = flag(request, "timestamps");
	stream->framed = container && !flag(request, "bare") && !lies->bare_plain;
	stream->plain_message = flag(request, "text");
	stream->since_ns = query_time(request, "since", INT64_MIN);
	stream->until_ns = query_time(request, "until", INT64_MAX);
	if (lies->empty || !sb_lines_open(&stream->lines, sandbox->world, cvm, lies, source, container)) {
		free(stream);
		sb_reply_text(request, lies->empty ? 200 : 404, "text/plain", lies->empty ? "" : "container not found\n");
		return;
	}
	place_start(stream, request);
	if (lies->cut_after >= 0)
		sb_request_cut(request, (size_t)lies->cut_after);
	else if (lies->cut_within > 0) {
		uint8_t bytes[HASH_SIZE];
		sb_world_derive(sandbox->world->seed, "cut", sandbox->faults.cuts++, bytes);
		sb_request_cut(request, (bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16) % (size_t)lies->cut_within + 1);
	}
	const struct sb_stream pulled = { .pull = log_pull, .free = log_free, .ctx = stream };
	sb_reply_stream(request, 200, "text/plain; charset=utf-8", &pulled);
}

/* /syslog/UUID?ch=serial and /clog/UUID/NAME */
static void route_log(struct sb_sandbox *sandbox, struct sb_request *request)
{
	const char *path = sb_request_path(request);
	bool container = text_starts(path, "/clog/");
	char uuid[SB_UUID_TEXT] = "";
	const char *rest = path + (container ? 6 : 8);
	if (container || text_starts(path, "/syslog/"))
		snprintf(uuid, sizeof(uuid), "%.*s", (int)strcspn(rest, "/"), rest);
	struct sb_cvm *cvm = sb_world_find_uuid(sandbox->world, uuid);
	if (cvm == NULL) {
		sb_reply_text(request, 404, "text/plain", "no such log\n");
		return;
	}
	sb_stage_now(sandbox->world, cvm);
	json *document = sb_cvm_document(cvm);
	bool is_public = json_flag(document, "public_logs", true);
	const char *channel = sb_request_query(request, "ch");
	rest += strcspn(rest, "/");
	if (!is_public)
		sb_reply_text(request, 403, "text/plain", "logs are not public\n");
	else
		serve_log(sandbox, request, cvm, container ? rest + (*rest == '/') : channel != NULL ? channel : "serial", container);
	json_free(document);
}

void sb_logs_serve(void *ctx, struct sb_request *request)
{
	struct sb_sandbox *sandbox = ctx;
	struct buf none = BUF_INIT;
	sb_journal_note(sandbox, "logs", request);
	const struct sb_rule *rule = sb_faults_match(sandbox->faults.http, sandbox->faults.http_count, sb_request_method(request),
		sb_request_target(request));
	if (rule != NULL && sb_fault_answer(rule, request))
		return;
	if (sandbox->faults.logs.status != 0)
		sb_reply(request, sandbox->faults.logs.status, "text/plain", &none);
	else
		route_log(sandbox, request);
}
