/* SPDX-License-Identifier: Apache-2.0 */
/* What http.c and http_stream.c share: the client and its calls as they are. */
#ifndef CVMDECK_WIRE_HTTP_OWN_H
#define CVMDECK_WIRE_HTTP_OWN_H

#include <curl/curl.h>

#include "base/buf.h"
#include "wire/http.h"
#include "wire/http_answer.h"

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct http_call *calls;
	int depth; /* inside curl */
};

struct http_call {
	struct http *http;
	struct http_call *prev, *next;
	CURL *easy;
	struct curl_slist *headers;
	struct http_handler handler;
	struct error error; /* set where we stopped the transfer ourselves */
	char curl_says[CURL_ERROR_SIZE]; /* which certificate, which answer of a proxy */
	struct buf body;
	size_t header_bytes;
	char host[160]; /* safe to show */
	struct http_answer answer;
	int64_t idle_ms, last_byte_ms;
	struct loop_timer idle;
	bool added, opened, cancelled;
	bool pause_wanted, paused; /* asked for by data; done by curl */
	struct buf held;           /* came when it was paused */
	int fd, events;            /* its socket, or -1, and what curl waits for there */
	uint64_t turn;             /* of the loop, and what a stream gave in it */
	size_t taken;
};

/* http.c: what the loop looks at for curl, and calls that ended meanwhile; to be drained after each entry into curl. */
void http_watch(struct http *http, int fd, int events);
void http_drain(struct http *http);

/* ---- http_stream.c: calls with handler.data ---- */

/* Before the call begins. */
void http_stream_set_rules(struct http_call *call);
/* Bytes that curl brings, inside curl: to the handler, or kept until it may have more. */
void http_stream_take(struct http_call *call, const char *bytes, size_t len);
/* curl waits for a socket again although the call is paused. */
void http_stream_look_away(struct http_call *call);
/* The call has ended: what is kept goes to the handler, who may cancel the call there. */
void http_stream_end(struct http_call *call);

#endif
