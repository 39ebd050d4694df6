/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP on libcurl's multi interface, driven by the loop: nothing here blocks.
 *
 * Rules kept for every caller: TLS is verified; redirects are never followed
 * (an answer 3xx is an answer); headers marked secret go only to an https
 * origin or to loopback, else the request is refused before it is sent; bodies
 * and header lines have ceilings; a compressed body counts unpacked.
 */
#ifndef CVMDECK_WIRE_HTTP_H
#define CVMDECK_WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "loop/loop.h"

struct http;      /* the client: connections, DNS cache, limits */
struct http_call; /* one request on its way */

struct http *http_new(struct loop *loop, struct error *err) MUST_CHECK;
/* Cancels what is under way without calling back. */
void http_free(struct http *http);

struct http_header {
	const char *name;
	const char *value;
	bool secret; /* an API key: see the rules above; never in an error text */
};

struct http_request {
	const char *method; /* "GET", "PATCH", … */
	const char *url;    /* http or https only */
	const struct http_header *headers;
	size_t header_count;
	const char *body; /* copied; NULL for none */
	size_t body_len;
	size_t max_body;         /* 0: LIMIT_HTTP_BODY; a stream has no ceiling */
	int64_t timeout_ms;      /* whole request; 0: 30 s; -1: none (streams) */
	int64_t idle_timeout_ms; /* no byte for so long ends it; 0: none */
	bool send_once;          /* must never reach the server twice: takes a new connection, since what a
	                          * kept one loses is sent again (harmless for reads, not for a change) */
};

struct http_response {
	int status; /* 0: no answer came */
	const char *reason;       /* "" in HTTP/2, which has none */
	const char *content_type; /* "" when there is none */
	int64_t retry_after_ms;   /* Retry-After (seconds or date); -1: none */
	int64_t date_ms;          /* the Date header; -1: none */
	const char *body;         /* NUL behind; empty in a stream */
	size_t len;
	int64_t total_ms;
};

/*
 * done    once, at the end: response->status 0 means that no (whole) answer
 *         came and *err says why (STATUS_API "network-…"); a cut body counts
 *         as no answer except in a stream that was accepted, where status is
 *         kept and err says that it broke ("stream-cut"). err is never NULL;
 *         its status is STATUS_OK when nothing is wrong. Everything is
 *         borrowed for the call. The call object is gone afterwards.
 * opened  stream only: status and headers are in, before the first byte.
 * data    stream only: bytes as they arrive; false pauses the stream (back
 *         pressure) after these bytes were taken; http_resume goes on.
 * With data == NULL the body is collected for done.
 */
struct http_handler {
	void (*done)(void *ctx, const struct http_response *response, const struct error *err);
	void (*opened)(void *ctx, const struct http_response *response);
	bool (*data)(void *ctx, const char *bytes, size_t len);
	void *ctx;
};

/*
 * Starts a request; everything in it is copied. Never calls back before it
 * returns. Returns a handle for cancelling; a request that cannot be made at
 * all reports through done on the next turn: STATUS_API "network-bad-url",
 * STATUS_CREDENTIALS "network-not-secret" (secret over plain http) or
 * "network-bad-header" (a line end in a value).
 */
struct http_call *http_send(struct http *http, const struct http_request *request, const struct http_handler *handler);
/* Ends a request; done is not called. NULL is fine. */
void http_cancel(struct http_call *call);
void http_resume(struct http_call *call);

/* True when the same request may go better soon: not where the address, a certificate or a proxy stands against it. */
bool http_may_pass(const struct error *err);

/* True for 127.0.0.0/8, ::1 and localhost, whatever the port. */
bool http_is_loopback(const char *url);
/* True when both URLs have the same scheme, host and port. */
bool http_same_origin(const char *a, const char *b);

#endif
