/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One log stream that survives cuts.
 *
 * For each channel it keeps the last time stamp given out and how many lines
 * had it. After a cut it asks from the oldest of these on (whole seconds, so
 * that the server's rounding cannot lose a line) and leaves out what was given
 * already: lines before the stamp, as many with it as were counted, and of a
 * long line that was under way the parts given. A line is only counted when it
 * was whole, so the unfinished end of a cut stream comes again.
 */
#include "cloud/logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "wire/lines.h"

enum { BACK_OFF_MS = 500, BACK_OFF_MOST_MS = 30000, FETCH_TIMEOUT_MS = 120000, REFUSAL_MOST = 4096 };

/* What is known of one channel across cuts. */
struct channel {
	struct log_stream *stream;
	enum log_channel channel;
	struct lines lines;
	int64_t stamp_ns;    /* of the last line given; -1: none yet */
	uint64_t with_stamp; /* lines given that have it */
	unsigned parts;      /* parts given of a line whose end has not come */
	/* while catching up after a cut: */
	bool skipping;
	uint64_t skip_lines;
	unsigned skip_parts;
	bool reached;  /* the line that was under way at the cut has come again */
	bool dropping; /* the line whose first part was left out goes on */
};

struct log_stream {
	struct loop *loop;
	struct http *http;
	struct log_source source;
	struct log_query query;
	struct log_handler handler;
	struct http_call *call;
	struct log_frames frames;
	struct channel channels[2];
	struct loop_timer timer;
	struct buf refusal;
	enum log_state state;
	int64_t last_byte_ms; /* wall clock */
	int64_t began_ms;     /* wall clock */
	int64_t since_ms, until_ms; /* as they were meant at the start; -1: none */
	unsigned tries, reconnects;
	uint64_t lines;
	bool paused, refused;
};

static void connect_stream(void *ctx);

static void set_state(struct log_stream *stream, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct error good = { 0 };

	stream->state = state;
	if (stream->handler.state)
		stream->handler.state(stream->handler.ctx, state, retry_ms, err ? err : &good);
}

/* ---- lines ---- */

/* Takes the stamp off the front; -1 when there is none. */
static int64_t take_stamp(const char **line, size_t *len)
{
	char text[64];
	size_t stamp = clock_scan(*line, *len);
	int64_t ms;
	uint32_t ns;

	if (!stamp || stamp >= sizeof(text) || (stamp < *len && (*line)[stamp] != ' '))
		return -1;
	memcpy(text, *line, stamp);
	text[stamp] = '\0';
	if (!clock_parse(text, &ms, &ns))
		return -1;
	*line += stamp;
	*len -= stamp;
	if (*len) {
		++*line;
		--*len;
	}
	return (ms - (ms % 1000 + 1000) % 1000) * 1000000 + ns;
}

/* Was this line given before the cut? */
static bool was_given(struct channel *channel, int64_t stamp_ns)
{
	if (stamp_ns < 0 || channel->stamp_ns < 0)
		return channel->dropping; /* a line without a stamp goes with the one before it */
	if (stamp_ns < channel->stamp_ns)
		return true;
	if (stamp_ns == channel->stamp_ns && channel->skip_lines) {
		channel->skip_lines--;
		return true;
	}
	channel->skipping = false;
	return false;
}

static bool give(struct channel *channel, int64_t stamp_ns, const char *text, size_t len, bool continued)
{
	struct log_stream *stream = channel->stream;
	struct log_line line = { channel->channel, stamp_ns, text, len, continued };

	stream->lines += !continued;
	if (!stream->handler.line(stream->handler.ctx, &line))
		stream->paused = true;
	return true;
}

static void count(struct channel *channel, int64_t stamp_ns)
{
	if (stamp_ns < 0)
		return;
	if (stamp_ns != channel->stamp_ns)
		channel->with_stamp = 0;
	channel->stamp_ns = stamp_ns;
	channel->with_stamp++;
}

static bool on_line(void *ctx, const char *text, size_t len, bool continued)
{
	struct channel *channel = ctx;
	int64_t stamp_ns = -1;

	if (continued) {
		if (channel->dropping)
			return true;
		if (channel->skip_parts) {
			channel->skip_parts--;
			return true;
		}
		channel->parts++;
		return give(channel, channel->stamp_ns, text, len, true);
	}
	if (channel->stream->query.timestamps)
		stamp_ns = take_stamp(&text, &len);
	if (channel->skipping) {
		/* The last line counted was cut in its middle: its rest is still wanted. */
		bool last = stamp_ns >= 0 && stamp_ns == channel->stamp_ns && channel->skip_lines == 1 && channel->parts;

		channel->dropping = was_given(channel, stamp_ns) && !last;
		if (last) {
			channel->reached = true;
			channel->skip_parts = channel->parts - 1;
			return true;
		}
		if (channel->dropping)
			return true;
	}
	channel->dropping = false;
	channel->parts = 1;
	count(channel, stamp_ns);
	return give(channel, stamp_ns, text, len, false);
}

static void on_message(void *ctx, enum log_channel which, const char *bytes, size_t len)
{
	struct log_stream *stream = ctx;

	if (stream->source.kind == LOG_KIND_STDERR)
		which = LOG_STDERR;
	lines_feed(&stream->channels[which].lines, bytes, len);
}

/* ---- resuming ---- */

/* After a cut: what is unfinished is forgotten unless parts of it were given. */
static void prepare_resume(struct log_stream *stream)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		struct channel *channel = &stream->channels[i];

		/* A cut while still catching up leaves the long line as unfinished as it was. */
		if (!channel->lines.continued && (channel->reached || !channel->skipping))
			channel->parts = 0;
		channel->reached = false;
		channel->skipping = channel->stamp_ns >= 0;
		channel->skip_lines = channel->with_stamp;
		channel->skip_parts = 0;
		channel->dropping = false;
		lines_reset(&channel->lines);
	}
	log_frames_clear(&stream->frames);
}

/* The stamp to ask from, in whole seconds; -1: nothing had one. */
static int64_t resume_from_ms(const struct log_stream *stream)
{
	int64_t first = -1;
	size_t i;

	for (i = 0; i < 2; i++) {
		int64_t stamp = stream->channels[i].stamp_ns;

		if (stamp >= 0 && (first < 0 || stamp < first))
			first = stamp;
	}
	return first < 0 ? -1 : first / 1000000000 * 1000;
}

static char *resume_url(const struct log_stream *stream)
{
	struct log_query query = stream->query;
	char since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	int64_t from = resume_from_ms(stream);

	/* "42m" means before the start, not before each try. */
	if (stream->reconnects && stream->since_ms >= 0)
		query.since = clock_format(since, stream->since_ms);
	if (stream->reconnects && stream->until_ms >= 0)
		query.until = clock_format(until, stream->until_ms);
	if (from < 0 && stream->lines)
		from = stream->last_byte_ms; /* a source without stamps: what came meanwhile is all that can be had */
	if (from < 0 && !stream->query.tail)
		from = stream->began_ms; /* nothing old was wanted, but what has come since is */
	if (stream->reconnects && from >= 0) {
		query.since = clock_format(since, from);
		query.tail = -1;
	}
	return log_url(&stream->source, &query);
}

static int64_t back_off(struct log_stream *stream)
{
	int64_t first = stream->query.retry_ms > 0 ? stream->query.retry_ms : BACK_OFF_MS;
	int64_t ms = stream->tries < 7 ? first << stream->tries : BACK_OFF_MOST_MS;
	uint32_t random;

	secret_random(&random, sizeof(random));
	stream->tries++;
	if (ms > BACK_OFF_MOST_MS)
		ms = BACK_OFF_MOST_MS;
	return ms / 2 + (int64_t)(random % (uint32_t)ms) / 2; /* so that many cut at once do not come back at once */
}

static void try_later(struct log_stream *stream, int64_t wait_ms, const struct error *err)
{
	prepare_resume(stream);
	stream->reconnects++;
	loop_timer_set(stream->loop, &stream->timer, wait_ms, connect_stream, stream);
	set_state(stream, LOG_WAITING, clock_wall_ms() + wait_ms, err);
}

static void end_stream(struct log_stream *stream, enum log_state state, const struct error *err)
{
	size_t i;

	log_frames_finish(&stream->frames);
	for (i = 0; i < 2; i++)
		lines_finish(&stream->channels[i].lines);
	set_state(stream, state, 0, err);
}

/* ---- the connection ---- */

static bool on_bytes(void *ctx, const char *bytes, size_t len)
{
	struct log_stream *stream = ctx;

	if (stream->refused) {
		buf_add(&stream->refusal, bytes, len);
		return true;
	}
	stream->last_byte_ms = clock_wall_ms();
	stream->tries = 0;
	log_frames_feed(&stream->frames, bytes, len);
	if (stream->paused && stream->state != LOG_PAUSED)
		set_state(stream, LOG_PAUSED, 0, NULL);
	return !stream->paused;
}

static void on_opened(void *ctx, const struct http_response *response)
{
	struct log_stream *stream = ctx;

	stream->refused = response->status < 200 || response->status > 299;
	if (!stream->refused)
		set_state(stream, LOG_STREAMING, 0, NULL);
}

static void explain_refusal(const struct log_stream *stream, int status, struct error *err)
{
	char begin[200], code[24];

	snprintf(code, sizeof(code), "logs-http-%d", status);
	text_safe_copy(begin, sizeof(begin), buf_text(&stream->refusal), stream->refusal.len);
	error_set(err, STATUS_API, code, "the log host answers HTTP %d", status);
	if (status == 401 || status == 403)
		error_next(err, "check that public logs are on; the address may also have expired: read the CVM anew");
	else if (status == 404)
		error_next(err, "the container may be gone or the CVM stopped; read the list of sources anew");
	else
		error_next(err, "try again in a little while");
	error_detail(err, "%s", begin);
}

static bool is_passing(int status)
{
	return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

static bool is_past(int64_t ms)
{
	return ms >= 0 && clock_wall_ms() >= ms;
}

static int64_t time_at_start(const char *text)
{
	int64_t ms;

	return text && log_time(text, clock_wall_ms(), &ms) ? ms : -1;
}

static void on_done(void *ctx, const struct http_response *response, const struct error *net)
{
	struct log_stream *stream = ctx;
	struct error err = *net;
	bool good = !stream->refused && net->status == STATUS_OK;

	stream->call = NULL;
	if (stream->refused)
		explain_refusal(stream, response->status, &err);
	if (good && (!stream->query.follow || is_past(stream->until_ms)))
		end_stream(stream, LOG_ENDED, NULL);
	else if (!stream->query.follow || (stream->refused && !is_passing(response->status)))
		end_stream(stream, LOG_FAILED, &err);
	else
		try_later(stream, response->retry_after_ms > 0 ? response->retry_after_ms : back_off(stream), good ? NULL : &err);
}

static void connect_stream(void *ctx)
{
	static const struct http_header accept = { "Accept", "*/*", false };
	struct log_stream *stream = ctx;
	struct http_handler handler = { on_done, on_opened, on_bytes, stream };
	bool plain = stream->source.kind != LOG_KIND_CONTAINER || stream->query.bare;
	char *url = resume_url(stream);

	stream->refused = false;
	stream->paused = false;
	buf_reset(&stream->refusal);
	log_frames_clear(&stream->frames);
	log_frames_init(&stream->frames, plain, on_message, stream);
	set_state(stream, LOG_CONNECTING, 0, NULL);
	stream->call = http_send(stream->http, &(struct http_request){ .method = "GET", .url = url, .headers = &accept, .header_count = 1,
		.timeout_ms = stream->query.follow ? -1 : FETCH_TIMEOUT_MS }, &handler);
	free(url);
}

struct log_stream *log_stream_start(struct loop *loop, struct http *http, const struct log_source *source, const struct log_query *query,
	const struct log_handler *handler)
{
	struct log_stream *stream = mem_new(1, sizeof(*stream));
	size_t i;

	stream->loop = loop;
	stream->http = http;
	stream->source = *source;
	stream->source.url = mem_strdup(source->url);
	stream->query = *query;
	stream->query.since = mem_strdup(query->since);
	stream->query.until = mem_strdup(query->until);
	stream->began_ms = clock_wall_ms();
	stream->since_ms = time_at_start(query->since);
	stream->until_ms = time_at_start(query->until);
	stream->handler = *handler;
	buf_init(&stream->refusal, REFUSAL_MOST);
	for (i = 0; i < 2; i++) {
		stream->channels[i] = (struct channel){ .stream = stream, .channel = (enum log_channel)i, .stamp_ns = -1 };
		lines_init(&stream->channels[i].lines, LIMIT_LOG_LINE, on_line, &stream->channels[i]);
	}
	log_frames_init(&stream->frames, true, on_message, stream);
	loop_timer_set(loop, &stream->timer, 0, connect_stream, stream);
	return stream;
}

void log_stream_resume(struct log_stream *stream)
{
	if (!stream->paused)
		return;
	stream->paused = false;
	if (stream->state == LOG_PAUSED)
		set_state(stream, LOG_STREAMING, 0, NULL);
	http_resume(stream->call);
}

void log_stream_free(struct log_stream *stream)
{
	size_t i;

	if (!stream)
		return;
	http_cancel(stream->call);
	loop_timer_cancel(&stream->timer);
	log_frames_clear(&stream->frames);
	for (i = 0; i < 2; i++)
		lines_clear(&stream->channels[i].lines);
	buf_clear(&stream->refusal);
	free(stream->source.url);
	free((void *)(uintptr_t)stream->query.since);
	free((void *)(uintptr_t)stream->query.until);
	free(stream);
}

unsigned log_stream_reconnects(const struct log_stream *stream)
{
	return stream->reconnects;
}

uint64_t log_stream_lines(const struct log_stream *stream)
{
	return stream->lines;
}
