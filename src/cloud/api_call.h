/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the API with its headers, its second try and its health; what the typed calls are made of. */
#ifndef CVMDECK_CLOUD_API_CALL_H
#define CVMDECK_CLOUD_API_CALL_H

#include "cloud/api.h"
#include "cloud/api_error.h"

enum { API_CALL_HEADERS = 4 };

struct api_spec {
	const char *method; /* static */
	char *path;         /* behind the base, with its query; taken over; NULL: refused with `error` */
	const char *version; /* static; NULL: the client's own */
	const char *body;
	size_t body_len;
	struct http_header headers[API_CALL_HEADERS]; /* copied */
	bool no_key;        /* the API key stays here */
	struct error error; /* why there is no path */
};

/*
 * Once, with the answer; response is NULL where none came. The call is freed
 * after it unless it sent the next request of the same need (api_call_again).
 */
typedef void api_end_fn(struct api_call *call, const struct api_reply *reply, const struct http_response *response);

struct api_call {
	struct api *api;
	struct api_call *prev, *next;
	struct http_call *http;
	struct loop_timer retry;
	struct api_spec spec; /* strings of its own */
	bool tried_again, again;
	api_end_fn *end;
	void (*fn)(void); /* the caller's function, cast back by end */
	void *ctx;
	void *extra; /* freed with free() */
	bool *gone;  /* set when the call goes while a worker still has its answer; may be NULL */
};

struct api_call *api_call_new(struct api *api, const struct api_spec *spec, api_end_fn *end, void (*fn)(void), void *ctx);
/* From inside end: sends another request under the same handle. */
void api_call_again(struct api_call *call, const struct api_spec *spec, api_end_fn *end);

/* From inside end: the answer goes on to a worker; api_call_over ends the call. *gone is set if it is cancelled before. */
void api_call_later(struct api_call *call, bool *gone);
void api_call_over(struct api_call *call);

/* A stream of server-sent events from the API itself, with the key; idle_ms without a byte ends it. */
struct http_call *api_stream(struct api *api, const char *path, int64_t idle_ms, const struct http_handler *handler);
/* How many such streams this client has open: counted by who opens them. */
unsigned *api_streams(struct api *api);

/* "/cvms/<ref><rest>" in new memory, or NULL with *err. */
char *api_cvm_path(const char *ref, const char *rest, struct error *err);
/* "/apps/<app><rest>"; app must be 40 hex digits. */
char *api_app_path(const char *app, const char *rest, struct error *err);
/* A word of letters, digits and -_. that may stand in a path. */
bool api_is_word(const char *text);

#endif
