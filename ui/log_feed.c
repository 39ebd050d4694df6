/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/log_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/logs.h"

enum { FEED_MAX = 64, FEED_TAIL = 500, FEED_LOOK_AGAIN_MS = 5000 };

struct feed_stream {
	struct log_feed *feed;
	uint16_t number;
	struct feed_source shown;
	enum log_kind kind;
	char id[80];
	struct log_stream *stream;
};

struct log_feed {
	struct session *session;
	struct feed_handler handler;
	char ref[CVM_REF_SIZE];
	struct api_call *detail, *composition;
	struct loop_timer again;
	struct feed_stream *streams[FEED_MAX];
	size_t count;
	char problem[512];
	bool in_progress;
};

/* ---- one stream ---- */

static bool got_line(void *ctx, const struct log_line *line)
{
	struct feed_stream *stream = ctx;
	const struct feed_handler *handler = &stream->feed->handler;

	stream->shown.lines++;
	handler->line(handler->ctx, stream->number, line->stamp_ns, line->channel == LOG_STDERR || stream->kind == LOG_KIND_STDERR, line->continued, line->text,
	              line->len);
	return true;
}

static void got_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	static const enum feed_state states[] = { FEED_CONNECTING, FEED_STREAMING, FEED_STREAMING, FEED_RETRYING, FEED_ENDED, FEED_FAILED };
	struct feed_stream *stream = ctx;
	const struct feed_handler *handler = &stream->feed->handler;

	stream->shown.state = states[state];
	stream->shown.retry_ms = state == LOG_WAITING ? retry_ms : 0;
	stream->shown.why[0] = '\0';
	if (err && (state == LOG_WAITING || state == LOG_FAILED))
		text_copy(stream->shown.why, sizeof(stream->shown.why), err->message);
	handler->changed(handler->ctx);
}

static struct feed_stream *find(struct log_feed *feed, const struct log_source *source)
{
	size_t i;

	for (i = 0; i < feed->count; i++)
		if (feed->streams[i]->kind == source->kind && strcmp(feed->streams[i]->id, source->id) == 0)
			return feed->streams[i];
	return NULL;
}

static void open_stream(struct log_feed *feed, struct feed_stream *stream, const struct log_source *source)
{
	struct log_query query = { .tail = FEED_TAIL, .follow = true, .timestamps = true };
	struct log_handler handler = { .line = got_line, .state = got_state, .ctx = stream };

	stream->shown.state = FEED_CONNECTING;
	stream->stream = log_stream_start(session_loop(feed->session), session_http(feed->session), source, &query, &handler);
}

static void take_source(struct log_feed *feed, const struct log_source *source)
{
	struct feed_stream *stream = find(feed, source);

	if (!stream && feed->count < FEED_MAX) {
		stream = mem_new(1, sizeof(*stream));
		stream->feed = feed;
		stream->number = (uint16_t)feed->count;
		stream->kind = source->kind;
		text_copy(stream->id, sizeof(stream->id), source->id);
		feed->streams[feed->count++] = stream;
		open_stream(feed, stream, source);
	}
	if (!stream)
		return;
	text_copy(stream->shown.name, sizeof(stream->shown.name), source->name);
	text_copy(stream->shown.container_state, sizeof(stream->shown.container_state), source->state);
}

static void take_sources(struct log_feed *feed, struct log_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		take_source(feed, &sources->items[i]);
	log_sources_clear(sources);
	feed->handler.changed(feed->handler.ctx);
}

/* ---- which there are ---- */

static void ask(void *ctx);

static void got_composition(void *ctx, const struct api_reply *reply, const struct api_composition *composition)
{
	struct log_feed *feed = ctx;
	struct log_sources sources = { 0 };

	feed->composition = NULL;
	if (reply->error.status == STATUS_OK && composition) {
		log_sources_add_containers(&sources, composition);
		take_sources(feed, &sources);
	}
	/* Containers come and go in a rollout. */
	loop_timer_set(session_loop(feed->session), &feed->again, FEED_LOOK_AGAIN_MS, ask, feed);
}

static void got_detail(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct log_feed *feed = ctx;
	struct log_sources sources = { 0 };
	struct error err = { 0 };

	feed->detail = NULL;
	if (reply->error.status != STATUS_OK || !detail) {
		snprintf(feed->problem, sizeof(feed->problem), "%s", reply->error.message);
	} else if (!log_sources_add_channels(&sources, detail, &err)) {
		snprintf(feed->problem, sizeof(feed->problem), "%.250s%s%.250s", err.message, err.next[0] ? "; " : "", err.next);
	} else {
		feed->problem[0] = '\0';
	}
	take_sources(feed, &sources);
}

static void ask(void *ctx)
{
	struct log_feed *feed = ctx;
	struct api *api = session_api(feed->session);

	if (!api)
		return;
	if (!feed->detail && !feed->count)
		feed->detail = api_get_cvm(api, feed->ref, NULL, got_detail, feed);
	if (!feed->composition)
		feed->composition = api_get_composition(api, feed->ref, got_composition, feed);
}

struct log_feed *log_feed_new(struct session *session, const struct cvm *cvm, const struct feed_handler *handler)
{
	struct log_feed *feed = mem_new(1, sizeof(*feed));

	feed->session = session;
	feed->handler = *handler;
	cvm_ref(feed->ref, cvm);
	ask(feed);
	return feed;
}

void log_feed_free(struct log_feed *feed)
{
	size_t i;

	if (!feed)
		return;
	loop_timer_cancel(&feed->again);
	if (feed->detail)
		api_cancel(feed->detail);
	if (feed->composition)
		api_cancel(feed->composition);
	for (i = 0; i < feed->count; i++) {
		log_stream_free(feed->streams[i]->stream);
		free(feed->streams[i]);
	}
	free(feed);
}

size_t log_feed_count(const struct log_feed *feed)
{
	return feed->count;
}

const struct feed_source *log_feed_source(const struct log_feed *feed, size_t i)
{
	return i < feed->count ? &feed->streams[i]->shown : NULL;
}

const char *log_feed_problem(const struct log_feed *feed)
{
	return feed->count ? "" : feed->problem;
}
