/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log sources of a CVM and one stream from each.
 *
 * Lines, not bytes: a stream is decoded, cut into lines and reconnected after
 * a cut from the last time stamp seen, leaving out as many lines with that
 * stamp as were seen before, so that nothing is lost or given twice. The API
 * key never goes to a log host.
 */
#ifndef CVMDECK_CLOUD_LOGS_H
#define CVMDECK_CLOUD_LOGS_H

#include "cloud/api.h"
#include "cloud/log_frames.h"

enum log_kind { LOG_KIND_SERIAL, LOG_KIND_STDOUT, LOG_KIND_STDERR, LOG_KIND_CONTAINER };

struct log_source {
	enum log_kind kind;
	char name[64];  /* "serial", "stdout", "stderr", or the container's */
	char id[80];    /* of the container; "" for a channel */
	char state[24]; /* of the container: running, exited */
	char *url;
};

struct log_sources {
	struct log_source *items;
	size_t count;
};

/* Adds the CVM's own channels. Returns false with the reason when it has none (logs are off, or the API names no address). */
bool log_sources_add_channels(struct log_sources *sources, const struct cvm_detail *detail, struct error *err);
void log_sources_add_containers(struct log_sources *sources, const struct api_composition *composition);
void log_sources_clear(struct log_sources *sources);

struct log_query {
	const char *since, *until; /* RFC 3339 or relative like 42m; NULL: none */
	long tail;                 /* last lines; -1: all */
	bool follow;
	bool timestamps; /* ask for them; needed to resume without a gap */
	bool ansi;
	bool text, bare; /* containers only */
	int64_t retry_ms; /* about how long to wait after the first cut, then twice as long each time; 0: 500 */
};

/* What --since and --until take: RFC 3339, seconds since 1970, or how long before now_ms (42m, 1h30m). Out: *ms since 1970. */
bool log_time(const char *text, int64_t now_ms, int64_t *ms) MUST_CHECK;
/* The URL asked for, in new memory. */
char *log_url(const struct log_source *source, const struct log_query *query);

enum log_state { LOG_CONNECTING, LOG_STREAMING, LOG_PAUSED, LOG_WAITING, LOG_ENDED, LOG_FAILED };

/* stamp: nanoseconds since 1970 of the line, -1 when it has none; text without it and without its line end. */
struct log_line {
	enum log_channel channel;
	int64_t stamp_ns;
	const char *text;
	size_t len;
	bool continued; /* the rest of a line longer than LIMIT_LOG_LINE */
};

/*
 * line   false pauses the stream until log_stream_resume (the line was taken).
 * state  after every change; retry_ms: wall clock of the next try (LOG_WAITING); err: why.
 * Neither may free the stream: put that off with loop_defer. A few lines that
 * had already come may follow a false.
 * A stream that does not follow ends in LOG_ENDED, and so does one that follows
 * when its server ends it after `until`; a refused one ends in LOG_FAILED.
 */
struct log_handler {
	bool (*line)(void *ctx, const struct log_line *line);
	void (*state)(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err);
	void *ctx;
};

struct log_stream;

struct log_stream *log_stream_start(struct loop *loop, struct http *http, const struct log_source *source, const struct log_query *query,
	const struct log_handler *handler);
void log_stream_resume(struct log_stream *stream);
/* Ends it without calling back; NULL is fine. */
void log_stream_free(struct log_stream *stream);
/* How often it was connected again, and lines given so far. */
unsigned log_stream_reconnects(const struct log_stream *stream);
uint64_t log_stream_lines(const struct log_stream *stream);

#endif
