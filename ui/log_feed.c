/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sources there are is read anew every few seconds. A container that
 * has ended keeps its lines and gives its stream back; when it runs again a
 * new stream is asked from the last time stamp on, and lines given before are
 * left out here. One that was replaced under the same name and address is the
 * same source: its stream finds the new container by itself. An address that
 * is refused is read anew with the CVM. Containers wait until the CVM has said
 * whether its logs are public.
 */
#include "ui/log_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum { FEED_MAX = 512, FEED_TAIL = 2000, FEED_LOOK_AGAIN_MS = 4000 };

struct feed_cvm;

struct feed_stream {
	struct feed_cvm *cvm;
	uint16_t number;
	struct feed_source shown;
	char id[80], *url;
	struct log_stream *stream; /* NULL: ended, to be opened again when it runs */
	bool listed, opened;
	/* what was given, and what a new stream must leave out */
	int64_t last_ns;
	uint64_t with_last, skip_lines;
	bool skipping, dropping;
};

struct feed_cvm {
	struct log_feed *feed;
	char ref[CVM_REF_SIZE], uuid[40], name[64];
	struct api_call *detail, *composition;
	struct loop_timer again;
	bool known, off, offline;   /* the CVM was read; its logs are not public; it does not run */
	struct log_sources waiting; /* its containers as listed, where `waits` */
	bool waits;
	char problem[512];
};

struct log_feed {
	struct session *session;
	struct feed_options options;
	struct feed_handler handler;
	struct feed_cvm **cvms;
	size_t cvm_count, cvm_cap;
	struct feed_stream *streams[FEED_MAX];
	size_t count;
};

static void changed(struct log_feed *feed)
{
	feed->handler.changed(feed->handler.ctx);
}

/* ---- one stream ---- */

/* After a restart: what stands before the last line given is left out. */
static bool was_given(struct feed_stream *stream, int64_t stamp_ns, bool continued)
{
	if (continued || stamp_ns < 0)
		return stream->dropping;
	if (stamp_ns < stream->last_ns)
		return true;
	if (stamp_ns == stream->last_ns && stream->skip_lines) {
		stream->skip_lines--;
		return true;
	}
	stream->skipping = false;
	return false;
}

static bool got_line(void *ctx, const struct log_line *line)
{
	struct feed_stream *stream = ctx;
	const struct feed_handler *handler = &stream->cvm->feed->handler;
	bool is_stderr = line->channel == LOG_STDERR || stream->shown.kind == LOG_KIND_STDERR;

	if (stream->skipping && (stream->dropping = was_given(stream, line->stamp_ns, line->continued)))
		return true;
	if (line->stamp_ns >= 0 && !line->continued) {
		stream->with_last = line->stamp_ns == stream->last_ns ? stream->with_last + 1 : 1;
		stream->last_ns = line->stamp_ns;
	}
	stream->shown.lines++;
	return handler->line(handler->ctx, stream->number, line->stamp_ns, is_stderr, line->continued, line->text, line->len);
}

static bool is_over(const struct feed_stream *stream)
{
	const char *state = stream->shown.container_state;

	return text_equal(state, "exited") || text_equal(state, "dead") || text_equal(state, "gone");
}

static void got_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	static const enum feed_state states[] = { FEED_CONNECTING, FEED_STREAMING, FEED_STREAMING, FEED_RETRYING, FEED_ENDED, FEED_FAILED };
	struct feed_stream *stream = ctx;

	stream->shown.state = states[state];
	stream->shown.paused = state == LOG_PAUSED;
	stream->shown.retry_ms = state == LOG_WAITING ? retry_ms : 0;
	stream->shown.why[0] = stream->shown.next[0] = '\0';
	if (stream->stream)
		stream->shown.reconnects = log_stream_reconnects(stream->stream);
	if (is_over(stream) && state != LOG_STREAMING && state != LOG_PAUSED) {
		stream->shown.state = FEED_ENDED;
	} else if (err && (state == LOG_WAITING || state == LOG_FAILED)) {
		text_copy(stream->shown.why, sizeof(stream->shown.why), err->message[0] ? err->message : "its server ended it");
		text_copy(stream->shown.next, sizeof(stream->shown.next), err->next);
	}
	changed(stream->cvm->feed);
}

/* Without what follows the path: a token in it may change. */
static bool same_address(const char *a, const char *b)
{
	size_t len = a ? strcspn(a, "?") : 0;

	return len && b && len == strcspn(b, "?") && strncmp(a, b, len) == 0;
}

static bool is_of(const struct feed_stream *stream, const struct log_source *source)
{
	return strcmp(stream->id, source->id) == 0 || (strcmp(stream->shown.name, source->name) == 0 && same_address(stream->url, source->url));
}

static struct feed_stream *find(const struct feed_cvm *cvm, const struct log_source *source)
{
	const struct log_feed *feed = cvm->feed;
	size_t i;

	for (i = 0; i < feed->count; i++)
		if (feed->streams[i]->cvm == cvm && feed->streams[i]->shown.kind == source->kind && is_of(feed->streams[i], source))
			return feed->streams[i];
	return NULL;
}

static void close_stream(struct feed_stream *stream)
{
	log_stream_free(stream->stream);
	stream->stream = NULL;
	stream->shown.paused = false;
	stream->shown.retry_ms = 0;
}

static void open_stream(struct feed_stream *stream, const struct log_source *source)
{
	struct session *session = stream->cvm->feed->session;
	const struct feed_options *options = &stream->cvm->feed->options;
	struct log_query query = { .tail = options->tail, .since = options->since, .until = options->until,
		.follow = true, .timestamps = true, .ansi = true };
	struct log_handler handler = { .line = got_line, .state = got_state, .ctx = stream };
	char since[CLOCK_TEXT_SIZE];

	if (stream->last_ns >= 0) {
		query.since = clock_format(since, stream->last_ns / 1000000000 * 1000);
		query.tail = -1;
		stream->skipping = true;
		stream->skip_lines = stream->with_last;
	}
	stream->shown.state = FEED_CONNECTING;
	stream->shown.why[0] = '\0';
	stream->opened = true;
	stream->stream = log_stream_start(session_loop(session), session_http(session), source, &query, &handler);
}

static struct feed_stream *new_stream(struct feed_cvm *cvm, const struct log_source *source)
{
	struct log_feed *feed = cvm->feed;
	struct feed_stream *stream;

	if (feed->count == FEED_MAX)
		return NULL;
	stream = mem_new(1, sizeof(*stream));
	stream->cvm = cvm;
	stream->number = (uint16_t)feed->count;
	stream->shown.kind = source->kind;
	stream->shown.cvm = cvm->name;
	stream->last_ns = -1;
	feed->streams[feed->count++] = stream;
	return stream;
}

static void take_source(struct feed_cvm *cvm, const struct log_source *source)
{
	const struct log_feed *feed = cvm->feed;
	struct feed_stream *stream = find(cvm, source);

	if (feed->options.wanted && !feed->options.wanted(feed->handler.ctx, source))
		return;
	if (!stream)
		stream = new_stream(cvm, source);
	if (!stream)
		return;
	stream->listed = true;
	text_copy(stream->id, sizeof(stream->id), source->id);
	free(stream->url);
	stream->url = mem_strdup(source->url);
	text_copy(stream->shown.name, sizeof(stream->shown.name), source->name);
	text_copy(stream->shown.container_state, sizeof(stream->shown.container_state), source->state);
	if (stream->stream && (stream->shown.state == FEED_FAILED || (is_over(stream) && stream->shown.state != FEED_STREAMING)))
		close_stream(stream);
	if (!stream->stream && (!stream->opened || !is_over(stream)))
		open_stream(stream, source);
	else if (!stream->stream)
		stream->shown.state = FEED_ENDED;
}

static void take_sources(struct feed_cvm *cvm, struct log_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		take_source(cvm, &sources->items[i]);
	log_sources_clear(sources);
}

/* ---- which there are ---- */

/* Containers that are listed no more have been replaced or removed; their lines stay. */
static void mark_gone(struct feed_cvm *cvm)
{
	size_t i;

	for (i = 0; i < cvm->feed->count; i++) {
		struct feed_stream *stream = cvm->feed->streams[i];

		if (stream->cvm != cvm || stream->shown.kind != LOG_KIND_CONTAINER || stream->listed)
			continue;
		text_copy(stream->shown.container_state, sizeof(stream->shown.container_state), "gone");
		if (stream->shown.state != FEED_STREAMING) {
			close_stream(stream);
			stream->shown.state = FEED_ENDED;
		}
	}
}

static void ask(void *ctx);

/* The containers as they were last listed, once it is known that their logs can be read. */
static void take_waiting(struct feed_cvm *cvm)
{
	size_t i;

	if (!cvm->known || cvm->off || !cvm->waits)
		return;
	cvm->waits = false;
	for (i = 0; i < cvm->feed->count; i++)
		cvm->feed->streams[i]->listed = cvm->feed->streams[i]->cvm != cvm;
	take_sources(cvm, &cvm->waiting);
	mark_gone(cvm);
}

static void got_composition(void *ctx, const struct api_reply *reply, const struct api_composition *composition)
{
	struct feed_cvm *cvm = ctx;
	bool good = reply->error.status == STATUS_OK && composition;

	cvm->composition = NULL;
	if (good)
		cvm->offline = !composition->is_online;
	if (good && composition->is_online) {
		log_sources_clear(&cvm->waiting);
		log_sources_add_containers(&cvm->waiting, composition);
		cvm->waits = true;
	}
	take_waiting(cvm);
	loop_timer_set(session_loop(cvm->feed->session), &cvm->again, FEED_LOOK_AGAIN_MS, ask, cvm);
	changed(cvm->feed);
}

static void got_detail(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct feed_cvm *cvm = ctx;
	struct log_sources sources = { 0 };
	struct error err = { 0 };

	cvm->detail = NULL;
	cvm->problem[0] = '\0';
	if (reply->error.status != STATUS_OK || !detail)
		snprintf(cvm->problem, sizeof(cvm->problem), "%s", reply->error.message);
	else if (!log_sources_add_channels(&sources, detail, &err))
		snprintf(cvm->problem, sizeof(cvm->problem), "%.250s%s%.250s", err.message, err.next[0] ? "; " : "", err.next);
	cvm->known = true;
	cvm->off = strcmp(err.code, "logs-off") == 0;
	take_sources(cvm, &sources);
	take_waiting(cvm);
	changed(cvm->feed);
}

/* Channels that are not known yet, or that were refused: the addresses are read (anew). */
static bool wants_channels(const struct feed_cvm *cvm)
{
	const struct log_feed *feed = cvm->feed;
	size_t i;
	bool any = false;

	for (i = 0; i < feed->count; i++) {
		const struct feed_stream *stream = feed->streams[i];

		if (stream->cvm != cvm || stream->shown.kind == LOG_KIND_CONTAINER)
			continue;
		any = true;
		if (stream->shown.state == FEED_FAILED)
			return true;
	}
	return !any;
}

static void ask(void *ctx)
{
	struct feed_cvm *cvm = ctx;
	struct api *api = session_api(cvm->feed->session);

	if (!api)
		return;
	if (!cvm->composition)
		cvm->composition = api_get_composition(api, cvm->ref, got_composition, cvm);
	if (!cvm->detail && wants_channels(cvm))
		cvm->detail = api_get_cvm(api, cvm->ref, NULL, got_detail, cvm);
}

/* ---- the feed ---- */

struct log_feed *log_feed_new(struct session *session, const struct feed_options *options, const struct feed_handler *handler)
{
	struct log_feed *feed = mem_new(1, sizeof(*feed));

	feed->options = options ? *options : (struct feed_options){ .tail = FEED_TAIL };
	feed->session = session;
	feed->handler = *handler;
	return feed;
}

bool log_feed_has(const struct log_feed *feed, const char *vm_uuid)
{
	size_t i;

	for (i = 0; i < feed->cvm_count; i++)
		if (strcmp(feed->cvms[i]->uuid, vm_uuid) == 0)
			return true;
	return false;
}

bool log_feed_add(struct log_feed *feed, const struct cvm *cvm)
{
	struct feed_cvm *added;

	if (log_feed_has(feed, cvm->vm_uuid))
		return false;
	added = mem_new(1, sizeof(*added));
	added->feed = feed;
	cvm_ref(added->ref, cvm);
	text_copy(added->uuid, sizeof(added->uuid), cvm->vm_uuid);
	text_safe_copy(added->name, sizeof(added->name), cvm->name, strlen(cvm->name));
	feed->cvms = mem_grow(feed->cvms, feed->cvm_count, &feed->cvm_cap, sizeof(struct feed_cvm *));
	feed->cvms[feed->cvm_count++] = added;
	ask(added);
	return true;
}

static void free_cvm(struct feed_cvm *cvm)
{
	loop_timer_cancel(&cvm->again);
	if (cvm->detail)
		api_cancel(cvm->detail);
	if (cvm->composition)
		api_cancel(cvm->composition);
	log_sources_clear(&cvm->waiting);
	free(cvm);
}

void log_feed_free(struct log_feed *feed)
{
	size_t i;

	if (!feed)
		return;
	for (i = 0; i < feed->count; i++) {
		log_stream_free(feed->streams[i]->stream);
		free(feed->streams[i]->url);
		free(feed->streams[i]);
	}
	for (i = 0; i < feed->cvm_count; i++)
		free_cvm(feed->cvms[i]);
	free(feed->cvms);
	free(feed);
}

size_t log_feed_cvms(const struct log_feed *feed)
{
	return feed->cvm_count;
}

void log_feed_resume(struct log_feed *feed)
{
	size_t i;

	for (i = 0; i < feed->count; i++)
		if (feed->streams[i]->stream && feed->streams[i]->shown.paused)
			log_stream_resume(feed->streams[i]->stream);
}

void log_feed_look(struct log_feed *feed)
{
	size_t i;

	for (i = 0; i < feed->cvm_count; i++)
		loop_timer_set(session_loop(feed->session), &feed->cvms[i]->again, 0, ask, feed->cvms[i]);
}

size_t log_feed_count(const struct log_feed *feed)
{
	return feed->count;
}

const struct feed_source *log_feed_source(const struct log_feed *feed, size_t i)
{
	return i < feed->count ? &feed->streams[i]->shown : NULL;
}

bool log_feed_offline(const struct log_feed *feed, char *name, size_t size)
{
	size_t i;

	for (i = 0; i < feed->cvm_count; i++)
		if (feed->cvms[i]->offline)
			break;
	if (i == feed->cvm_count)
		return false;
	text_copy(name, size, feed->cvms[i]->name);
	return true;
}

const char *log_feed_problem(const struct log_feed *feed)
{
	size_t i;

	for (i = 0; i < feed->cvm_count; i++)
		if (feed->cvms[i]->problem[0])
			return feed->cvms[i]->problem;
	return "";
}
