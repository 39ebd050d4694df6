/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP for the sandbox: libmicrohttpd driven by the loop, one thread.
 *
 * A handler gets a request and must give exactly one answer before it returns:
 * a body, a stream, or nothing (the connection is closed). What goes wrong on
 * purpose (delay, cut, drop) is set on the request before the answer is.
 */
#ifndef CVMDECK_SANDBOX_SERVE_H
#define CVMDECK_SANDBOX_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "loop/loop.h"

struct sb_server;
struct sb_request;

typedef void sb_serve_fn(void *ctx, struct sb_request *request);

/* Listens on host (an address of 127.0.0.0/8); port 0 takes a free one. */
struct sb_server *sb_serve_new(struct loop *loop, const char *host, uint16_t port, sb_serve_fn *fn, void *ctx,
	struct error *err) MUST_CHECK;
void sb_serve_free(struct sb_server *server);
uint16_t sb_serve_port(const struct sb_server *server);

/* All borrowed until the handler returns. */
const char *sb_request_method(const struct sb_request *request);
const char *sb_request_path(const struct sb_request *request);
/* The whole target with its query. */
const char *sb_request_target(const struct sb_request *request);
const char *sb_request_header(const struct sb_request *request, const char *name);
/* A query argument; "" when it is there without a value; NULL when it is not. */
const char *sb_request_query(const struct sb_request *request, const char *name);
const struct buf *sb_request_body(const struct sb_request *request);
/* Calls fn for every header, in the order sent. */
void sb_request_headers(struct sb_request *request, void (*fn)(void *ctx, const char *name, const char *value), void *ctx);

/* A header of the answer. */
void sb_request_set_header(struct sb_request *request, const char *name, const char *value);
/* The answer is held back so long. */
void sb_request_delay(struct sb_request *request, int64_t ms);
/* The answer, or the stream, ends after so many bytes with a broken connection. */
void sb_request_cut(struct sb_request *request, size_t after);
/* The answer is thrown away and the connection closed. */
void sb_request_lose(struct sb_request *request);

/* Answers; the bytes of body are taken out of it. */
void sb_reply(struct sb_request *request, int status, const char *type, struct buf *body);
void sb_reply_text(struct sb_request *request, int status, const char *type, const char *text);
bool sb_request_answered(const struct sb_request *request);

/*
 * A stream: pull adds bytes to out, or says how long to wait for more.
 * Returns milliseconds to wait when nothing was added, SB_STREAM_END at the end.
 */
enum { SB_STREAM_END = -1 };
struct sb_stream {
	int64_t (*pull)(void *ctx, struct buf *out);
	void (*free)(void *ctx);
	void *ctx;
};
void sb_reply_stream(struct sb_request *request, int status, const char *type, const struct sb_stream *stream);

#endif
