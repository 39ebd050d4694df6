/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call lives from api_call_new until its end has run, or until it is
 * cancelled. Reads are sent once more, as the official client does, unless the
 * server asks for a longer wait than a person at a screen would give it: then
 * the caller hears how long.
 */
#include "cloud/api_call.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/cvm_id.h"

enum { RETRY_MS = 200, RETRY_AFTER_MOST_MS = 2000, CHANGE_TIMEOUT_MS = 90000 };

struct api {
	struct loop *loop;
	struct http *http;
	char *base, *version;
	struct secret key;
	struct api_call *calls;
	int64_t latency_ms;
	unsigned streams;
	int last_status;
	bool ok;
	void (*health)(void *ctx);
	void *health_ctx;
};

struct api *api_new(struct loop *loop, struct http *http, const struct credentials *credentials, const char *version)
{
	struct api *api = mem_new(1, sizeof(*api));

	api->loop = loop;
	api->http = http;
	api->base = mem_strdup(credentials->api_prefix);
	api->version = mem_strdup(version ? version : API_VERSION_NEWER);
	if (credentials->token.len) {
		secret_alloc(&api->key, credentials->token.len);
		memcpy(api->key.data, credentials->token.data, credentials->token.len);
	}
	api->latency_ms = api->last_status = -1;
	api->ok = true;
	return api;
}

static void spec_clear(struct api_spec *spec)
{
	size_t i;

	for (i = 0; i < API_CALL_HEADERS; i++)
		free((void *)(uintptr_t)spec->headers[i].value);
	free((void *)(uintptr_t)spec->body);
	free(spec->path);
	memset(spec, 0, sizeof(*spec));
}

static void call_free(struct api_call *call)
{
	if (call->gone)
		*call->gone = true;
	http_cancel(call->http);
	loop_timer_cancel(&call->retry);
	loop_undefer(call->api->loop, call);
	if (call->prev)
		call->prev->next = call->next;
	else
		call->api->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	spec_clear(&call->spec);
	free(call->extra);
	free(call);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	while (api->calls)
		call_free(api->calls);
	secret_clear(&api->key);
	free(api->base);
	free(api->version);
	free(api);
}

void api_cancel(struct api_call *call)
{
	if (call)
		call_free(call);
}

struct loop *api_loop(const struct api *api)
{
	return api->loop;
}

int64_t api_latency_ms(const struct api *api)
{
	return api->latency_ms;
}

bool api_is_ok(const struct api *api)
{
	return api->ok;
}

int api_last_status(const struct api *api)
{
	return api->last_status;
}

void api_on_health(struct api *api, void (*changed)(void *ctx), void *ctx)
{
	api->health = changed;
	api->health_ctx = ctx;
}

/* ---- the way of one request ---- */

static void send_call(void *ctx);

static bool is_read(const struct api_call *call)
{
	return strcmp(call->spec.method, "GET") == 0;
}

static bool wants_another_try(const struct api_call *call, const struct http_response *response, const struct error *err)
{
	static const int passing[] = { 408, 409, 425, 429, 500, 502, 503, 504 };
	size_t i;

	if (call->tried_again || !is_read(call) || response->retry_after_ms > RETRY_AFTER_MOST_MS)
		return false;
	if (response->status == 0)
		return http_may_pass(err);
	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (passing[i] == response->status)
			return true;
	return false;
}

static void explain(const struct api_call *call, const struct http_response *response, struct error *err)
{
	char *url = mem_printf("%s%s", call->api->base, call->spec.path);
	struct api_answer answer = { call->spec.method, url, response->status, response->reason, response->content_type, response->body, response->len };
	struct api_error *error = api_error_new(&answer);

	api_error_explain(error, err);
	api_error_free(error);
	free(url);
}

static void set_health(struct api *api, const struct api_reply *reply)
{
	api->ok = reply->status && reply->status < 500 && reply->status != 401;
	api->last_status = reply->status;
	if (reply->status)
		api->latency_ms = reply->total_ms;
	if (api->health)
		api->health(api->health_ctx);
}

static void end_call(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	call->again = false;
	call->end(call, reply, response);
	if (!call->again)
		call_free(call);
}

static void on_done(void *ctx, const struct http_response *response, const struct error *err)
{
	struct api_call *call = ctx;
	struct api_reply reply = { .status = response->status, .retry_after_ms = response->retry_after_ms, .total_ms = response->total_ms };

	call->http = NULL;
	if (wants_another_try(call, response, err)) {
		call->tried_again = true;
		loop_timer_set(call->api->loop, &call->retry, response->retry_after_ms > 0 ? response->retry_after_ms : RETRY_MS, send_call, call);
		return;
	}
	if (!response->status)
		reply.error = *err;
	else if (response->status < 200 || response->status > 299)
		explain(call, response, &reply.error);
	if (response->retry_after_ms > 0)
		error_next(&reply.error, "the API asks to wait %lld seconds; try again then", (long long)((response->retry_after_ms + 999) / 1000));
	set_health(call->api, &reply);
	end_call(call, &reply, response->status ? response : NULL);
}

static void refuse(void *ctx)
{
	struct api_call *call = ctx;
	struct api_reply reply = { .error = call->spec.error, .retry_after_ms = -1 };

	end_call(call, &reply, NULL);
}

static void send_call(void *ctx)
{
	struct api_call *call = ctx;
	struct api *api = call->api;
	const struct api_spec *spec = &call->spec;
	struct http_header headers[API_CALL_HEADERS + 4] = {
		{ "X-Phala-Version", spec->version ? spec->version : api->version, false },
		{ "Accept", "application/json", false },
		{ "Content-Type", "application/json", false },
	};
	size_t count = 3, i;
	char *url = mem_printf("%s%s", api->base, spec->path);
	struct http_handler handler = { .done = on_done, .ctx = call };

	if (!spec->no_key && api->key.len)
		headers[count++] = (struct http_header){ "X-API-Key", (const char *)api->key.data, true };
	for (i = 0; i < API_CALL_HEADERS; i++)
		if (spec->headers[i].name)
			headers[count++] = spec->headers[i];
	call->http = http_send(api->http, &(struct http_request){ .method = spec->method, .url = url, .headers = headers, .header_count = count,
		.body = spec->body, .body_len = spec->body_len, .timeout_ms = is_read(call) ? 0 : CHANGE_TIMEOUT_MS,
		.send_once = !is_read(call) && strcmp(spec->path, "/status/batch") != 0 }, &handler);
	free(url);
}

static void set_spec(struct api_call *call, const struct api_spec *spec, api_end_fn *end)
{
	size_t i;

	call->spec = *spec;
	call->spec.body = spec->body ? mem_copy(spec->body, spec->body_len) : NULL;
	for (i = 0; i < API_CALL_HEADERS; i++)
		call->spec.headers[i].value = mem_strdup(spec->headers[i].value);
	call->end = end;
	call->tried_again = false;
	if (call->spec.path)
		send_call(call);
	else
		loop_defer(call->api->loop, refuse, call);
}

struct api_call *api_call_new(struct api *api, const struct api_spec *spec, api_end_fn *end, void (*fn)(void), void *ctx)
{
	struct api_call *call = mem_new(1, sizeof(*call));

	call->api = api;
	call->fn = fn;
	call->ctx = ctx;
	call->next = api->calls;
	if (call->next)
		call->next->prev = call;
	api->calls = call;
	set_spec(call, spec, end);
	return call;
}

void api_call_again(struct api_call *call, const struct api_spec *spec, api_end_fn *end)
{
	struct api_spec old = call->spec;

	set_spec(call, spec, end); /* spec may borrow from the old one */
	spec_clear(&old);
	call->again = true;
}

void api_call_later(struct api_call *call, bool *gone)
{
	call->gone = gone;
	call->again = true;
}

void api_call_over(struct api_call *call)
{
	call->gone = NULL;
	call_free(call);
}

struct http_call *api_stream(struct api *api, const char *path, int64_t idle_ms, const struct http_handler *handler)
{
	struct http_header headers[4] = { { "X-Phala-Version", api->version, false }, { "Accept", "text/event-stream", false },
		{ "Cache-Control", "no-cache", false } };
	char *url = mem_printf("%s%s", api->base, path);
	struct http_call *call;

	if (api->key.len)
		headers[3] = (struct http_header){ "X-API-Key", (const char *)api->key.data, true };
	call = http_send(api->http, &(struct http_request){ .method = "GET", .url = url, .headers = headers, .header_count = api->key.len ? 4 : 3,
		.timeout_ms = -1, .idle_timeout_ms = idle_ms }, handler);
	free(url);
	return call;
}

unsigned *api_streams(struct api *api)
{
	return &api->streams;
}

/* ---- paths ---- */

bool api_is_word(const char *text)
{
	const char *at;

	for (at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			return false;
	return at > text && at - text < 200 && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

char *api_cvm_path(const char *ref, const char *rest, struct error *err)
{
	char *segment = cvm_id_segment(ref, err);
	char *path = segment ? mem_printf("/cvms/%s%s", segment, rest) : NULL;

	free(segment);
	return path;
}

char *api_app_path(const char *app, const char *rest, struct error *err)
{
	if (text_starts(app, "app_"))
		app += 4;
	else if (text_starts(app, "0x"))
		app += 2;
	if (strlen(app) == 40 && strspn(app, "0123456789abcdefABCDEF") == 40)
		return mem_printf("/apps/%s%s", app, rest);
	error_set(err, STATUS_API, "bad-app-id", "the CVM has no app id that could be asked about");
	return NULL;
}
