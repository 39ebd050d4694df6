/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: a little of each in every turn of the loop, and nothing while the
 * handler asked for a pause. What comes too early is kept here and never given
 * back to curl: curl 8.5, Ubuntu 24.04's, forgets it where the server closes.
 */
#include "wire/http_own.h"

#include "base/clock.h"

enum { STREAM_TURN_BYTES = 16 * 1024 };

static void next_turn(void *ctx);

/* See watch_own: a socket with others on it has to be watched. */
static bool reads_on_while_paused(void)
{
	unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;

	return version >= 0x080000 && version < 0x080700;
}

void http_stream_set_rules(struct http_call *call)
{
	if (reads_on_while_paused())
		curl_easy_setopt(call->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* curl reads on for as long as there is something to read, and a key would wait for all of it. */
static bool has_had_its_turn(struct http_call *call, size_t len)
{
	uint64_t turn = loop_wakeups(call->http->loop);

	if (call->turn != turn)
		call->taken = 0;
	call->turn = turn;
	call->taken += len;
	if (call->taken <= STREAM_TURN_BYTES || call->taken == len)
		return false;
	loop_defer(call->http->loop, next_turn, call);
	return true;
}

static void give(struct http_call *call, const char *bytes, size_t len)
{
	if (len && !call->handler.data(call->handler.ctx, bytes, len))
		call->pause_wanted = true;
}

static void give_held(struct http_call *call)
{
	struct buf held = call->held;

	call->held = (struct buf)BUF_INIT;
	call->turn = loop_wakeups(call->http->loop);
	call->taken = held.len;
	give(call, buf_text(&held), held.len);
	buf_clear(&held);
}

/* curl 8.5, Ubuntu 24.04's, reads on while paused where its socket is said to be readable, and forgets it at the end. */
static void watch_own(struct http_call *call, bool on)
{
	long version = CURL_HTTP_VERSION_NONE;

	curl_easy_getinfo(call->easy, CURLINFO_HTTP_VERSION, &version);
	if (call->fd >= 0 && version < CURL_HTTP_VERSION_2_0) /* from there on others may be on it */
		http_watch(call->http, call->fd, on ? call->events : 0);
}

static void pause_reading(struct http_call *call)
{
	call->paused = true;
	curl_easy_pause(call->easy, CURLPAUSE_ALL); /* of one direction alone 8.5 would look once more */
	watch_own(call, false);
}

/* What came is ours, whatever else: what is given back to curl 8.5 may be lost. */
static void hold(struct http_call *call, const char *bytes, size_t len)
{
	buf_add(&call->held, bytes, len);
	if (!call->paused)
		pause_reading(call);
}

void http_stream_take(struct http_call *call, const char *bytes, size_t len)
{
	if (call->paused || call->pause_wanted || has_had_its_turn(call, len))
		hold(call, bytes, len);
	else
		give(call, bytes, len);
}

void http_stream_look_away(struct http_call *call)
{
	watch_own(call, false);
}

void http_stream_end(struct http_call *call)
{
	if (!call->held.len || call->cancelled)
		return;
	call->http->depth++; /* whoever cancels it there leaves the rest to us */
	give_held(call);
	call->http->depth--;
}

static void read_on(struct http_call *call)
{
	struct http *http = call->http;

	call->last_byte_ms = clock_mono_ms();
	if (!call->paused || call->pause_wanted)
		return;
	http->depth++;
	give_held(call);
	if (!call->pause_wanted && !call->cancelled) {
		call->paused = false;
		watch_own(call, true);
		curl_easy_pause(call->easy, CURLPAUSE_CONT); /* may call on_bytes at once */
	}
	http->depth--;
	http_drain(http);
}

static void next_turn(void *ctx)
{
	struct http_call *call = ctx;

	if (call->turn == loop_wakeups(call->http->loop))
		loop_defer(call->http->loop, next_turn, call); /* what is deferred runs at the end of the same turn */
	else
		read_on(call);
}

static void resume(void *ctx)
{
	struct http_call *call = ctx;

	call->pause_wanted = false;
	read_on(call);
}

void http_resume(struct http_call *call)
{
	if (call && call->pause_wanted && !call->cancelled)
		loop_defer(call->http->loop, resume, call);
}
