/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches one CVM's state until it reaches a target: the server-sent event
 * stream where one is to be had (the API gives at most 5 to a user), polling
 * where not. Semantics of the stream: tests/vectors/sse.json; framing is the
 * standard's.
 */
#ifndef CVMDECK_CLOUD_WATCH_H
#define CVMDECK_CLOUD_WATCH_H

#include "cloud/api.h"

enum { WATCH_STREAMS = 5 };

enum watch_event { WATCH_STATE, WATCH_COMPLETE, WATCH_TIMEOUT, WATCH_ERROR };

struct watch_options {
	const char *target;     /* NULL: "running" */
	unsigned interval_s;    /* 5 to 30; 0: 5 */
	unsigned timeout_s;     /* of one stream, 10 to 600; 0: 300 */
	unsigned attempts;      /* streams tried; 0: 5 */
	int64_t retry_delay_ms; /* between them; -1: none, 0: 5 s */
	bool only_stream;       /* never poll: give up where no stream is to be had */
};

/*
 * event  each event as it comes; data is the parsed JSON (for cvm_update_status
 *        where it is a state), NULL when it was none.
 * done   once: last is the last state seen, NULL on failure; *err: STATUS_OK,
 *        or STATUS_API "watch-timeout" (all attempts ended without the target),
 *        "watch-http-NNN", "stream-cut", "network-…". The watch is gone afterwards.
 * Both borrowed for the call.
 */
struct watch_handler {
	void (*event)(void *ctx, enum watch_event event, const json *data);
	void (*done)(void *ctx, const json *last, const struct error *err);
	void *ctx;
};

struct watch;

struct watch *watch_start(struct api *api, const char *ref, const struct watch_options *options, const struct watch_handler *handler);
/* done is not called. NULL is fine. */
void watch_cancel(struct watch *watch);

#endif
