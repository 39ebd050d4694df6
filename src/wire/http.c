/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl's multi socket interface on the loop. curl may not be entered again
 * from inside one of its own callbacks, and a caller's `data` runs inside one:
 * `depth` counts how deep we are, and what would enter curl meanwhile (start,
 * resume, clean up) is deferred to the end of the turn. Finished transfers are
 * drained after every entry, outside curl, so `done` may do anything but free
 * the client.
 */
#include "config.h"

#include "wire/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "wire/http_answer.h"
#include "wire/http_failure.h"
#include "wire/http_own.h"
#include "wire/http_url.h"

enum { DEFAULT_TIMEOUT_MS = 30000, CONNECT_TIMEOUT_MS = 10000 };

/* ---- what went wrong, in words ---- */

/* curl's own words, which quote the other side. */
static void add_detail(struct http_call *call, CURLcode result)
{
	const char *words = call->curl_says[0] ? call->curl_says : curl_easy_strerror(result);
	char safe[CURL_ERROR_SIZE];

	text_safe_copy(safe, sizeof(safe), words, strlen(words));
	error_detail(&call->error, "%s", safe);
}

static bool refused_by_proxy(struct http_call *call)
{
	long answer = 0;

	if (call->easy)
		curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	if (answer < 300)
		return false;
	error_set(&call->error, STATUS_API, "network-proxy", "%s: the proxy does not let this connection through (it answered %ld)", call->host, answer);
	return !error_next(&call->error, answer == 407 ? "give the proxy's user and password in HTTPS_PROXY; " HTTP_NEXT_PROXY : HTTP_NEXT_PROXY);
}

static void set_failure(struct http_call *call, CURLcode result)
{
	struct http_failure failure;

	if (call->error.status != STATUS_OK || refused_by_proxy(call))
		return;
	failure = http_failure_of(result);
	error_set(&call->error, STATUS_API, call->opened && call->handler.data ? "stream-cut" : failure.code, "%s: %s", call->host, failure.message);
	error_next(&call->error, "%s", failure.next);
	if (result != CURLE_OK)
		add_detail(call, result);
}

static void too_much(struct http_call *call, const char *code, const char *what, size_t limit)
{
	error_set(&call->error, STATUS_API, code, "%s: %s than the %zu bytes this program takes", call->host, what, limit);
	error_next(&call->error, "check the address; a server that answers so is broken or not the one meant");
}

/* ---- as it arrives ---- */

static void fill_response(const struct http_call *call, struct http_response *response)
{
	curl_off_t total_us = 0;

	if (call->easy)
		curl_easy_getinfo(call->easy, CURLINFO_TOTAL_TIME_T, &total_us);
	*response = (struct http_response){
		.status = call->answer.status,
		.reason = call->answer.reason,
		.content_type = call->answer.content_type,
		.retry_after_ms = http_answer_retry_after_ms(&call->answer),
		.date_ms = call->answer.date_ms,
		.body = buf_text(&call->body),
		.len = call->body.len,
		.total_ms = (int64_t)(total_us / 1000),
	};
}

static void tell_opened(struct http_call *call)
{
	struct http_response response;

	if (call->opened)
		return;
	call->opened = true;
	fill_response(call, &response);
	if (call->handler.opened)
		call->handler.opened(call->handler.ctx, &response);
}

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct http_call *call = ctx;
	size_t len = size * count, text = len;

	call->last_byte_ms = clock_mono_ms();
	call->header_bytes += len;
	if (call->header_bytes > LIMIT_HTTP_HEADERS) {
		too_much(call, "network-headers", "the answer's header lines are longer", LIMIT_HTTP_HEADERS);
		return 0;
	}
	while (text && (line[text - 1] == '\n' || line[text - 1] == '\r'))
		text--;
	if (call->opened)
		return len; /* trailers */
	if (text)
		http_answer_line(&call->answer, line, text);
	else if (call->answer.status >= 200 && call->handler.data)
		tell_opened(call);
	return call->cancelled ? 0 : len;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
	struct http_call *call = ctx;
	size_t len = size * count;

	if (call->cancelled)
		return 0;
	call->last_byte_ms = clock_mono_ms();
	if (call->handler.data) {
		http_stream_take(call, bytes, len);
		return call->cancelled ? 0 : len;
	}
	buf_add(&call->body, bytes, len);
	if (!call->body.overflow)
		return len;
	too_much(call, "network-too-large", "the answer is longer", call->body.max);
	return 0;
}

/* ---- the end of a call ---- */

static void wipe_headers(struct curl_slist *list)
{
	struct curl_slist *at;

	for (at = list; at; at = at->next)
		secret_wipe(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static void call_free(struct http_call *call)
{
	loop_timer_cancel(&call->idle);
	loop_undefer(call->http->loop, call);
	if (call->easy && call->added)
		curl_multi_remove_handle(call->http->multi, call->easy);
	if (call->easy)
		curl_easy_cleanup(call->easy);
	wipe_headers(call->headers);
	if (call->prev)
		call->prev->next = call->next;
	else
		call->http->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	buf_clear(&call->body);
	buf_clear(&call->held);
	free(call);
}

static void finish(struct http_call *call, CURLcode result)
{
	bool stream = call->handler.data != NULL;
	struct http_response response;

	if (result != CURLE_OK)
		set_failure(call, result);
	else if (call->answer.status < 100 && call->error.status == STATUS_OK)
		set_failure(call, CURLE_WEIRD_SERVER_REPLY);
	if (call->error.status != STATUS_OK && !(stream && call->opened)) {
		call->answer.status = 0;
		buf_reset(&call->body);
	}
	http_stream_end(call);
	if (call->cancelled) {
		call_free(call);
		return;
	}
	fill_response(call, &response);
	call->handler.done(call->handler.ctx, &response, &call->error);
	call_free(call);
}

static void finish_deferred(void *ctx)
{
	finish(ctx, CURLE_OK); /* frees it unseen where it was cancelled */
}

void http_drain(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		CURLcode result = message->data.result;
		void *call = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		if (call && !((struct http_call *)call)->cancelled)
			finish(call, result);
	}
}

static void act(struct http *http, curl_socket_t fd, int flags)
{
	int running;

	http->depth++;
	curl_multi_socket_action(http->multi, fd, flags, &running);
	http->depth--;
	http_drain(http);
}

static void on_fd(void *ctx, int fd, int events)
{
	act(ctx, fd, (events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

void http_watch(struct http *http, int fd, int events)
{
	loop_fd(http->loop, fd, events, on_fd, http);
}

static void on_timer(void *ctx)
{
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
	struct http *http = ctx;
	struct http_call *call = NULL;
	/* what is a mask of CURL_POLL_IN and _OUT, or CURL_POLL_REMOVE alone */
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)socket_ctx;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
	if (call) {
		call->fd = what == CURL_POLL_REMOVE ? -1 : fd;
		call->events = events;
	}
	http_watch(http, fd, events);
	if (call && call->paused)
		http_stream_look_away(call);
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *ctx)
{
	struct http *http = ctx;

	(void)multi;
	if (ms < 0)
		loop_timer_cancel(&http->timer);
	else
		loop_timer_set(http->loop, &http->timer, ms, on_timer, http);
	return 0;
}

struct http *http_new(struct loop *loop, struct error *err)
{
	struct http *http = mem_new(1, sizeof(*http));

	http->loop = loop;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		http->multi = curl_multi_init();
	if (!http->multi) {
		free(http);
		error_set(err, STATUS_INPUT, "no-curl", "libcurl could not be started");
		return NULL;
	}
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->calls)
		call_free(http->calls);
	curl_multi_cleanup(http->multi);
	loop_timer_cancel(&http->timer);
	free(http);
	curl_global_cleanup();
}

/* ---- the start of a call ---- */

static bool clean(const char *text, bool blanks)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F || (!blanks && *text == ' '))
			return false;
	return true;
}

static bool check_url(struct http_call *call, const char *url)
{
	char *scheme = clean(url, false) ? http_url_part(url, CURLUPART_SCHEME, 0) : NULL;
	char *host = scheme ? http_url_part(url, CURLUPART_HOST, 0) : NULL;
	bool good = host && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	const char *shown = host ? host : url;

	text_safe_copy(call->host, sizeof(call->host), shown, strlen(shown));
	free(scheme);
	free(host);
	if (good)
		return true;
	error_set(&call->error, STATUS_API, "network-bad-url", "this is no http or https address: %s", call->host);
	return error_next(&call->error, "give the whole address, such as https://cloud-api.phala.com/api/v1");
}

static bool check_headers(struct http_call *call, const struct http_request *request)
{
	bool safe = strncasecmp(request->url, "https://", 8) == 0 || http_is_loopback(request->url);
	size_t i;

	for (i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];

		if (!clean(header->name, false) || !clean(header->value, true)) {
			error_set(&call->error, STATUS_CREDENTIALS, "network-bad-header", "the value of the header %s holds a line end or control character",
				clean(header->name, false) ? header->name : "?");
			return error_next(&call->error, "look for a stray line end, in the API key for example");
		}
		if (header->secret && !safe) {
			error_set(&call->error, STATUS_CREDENTIALS, "network-not-secret",
				"%s: the API key is not sent over plain http, where anybody on the way could read it", call->host);
			return error_next(&call->error, "use an https address; plain http is only for this machine itself");
		}
	}
	return true;
}

static void add_line(struct http_call *call, const char *line)
{
	struct curl_slist *list = curl_slist_append(call->headers, line);

	if (!list)
		mem_die("out of memory for HTTP headers");
	call->headers = list;
}

static void add_header(struct http_call *call, const struct http_header *header)
{
	/* curl takes "Name;" for a header without a value and "Name:" for one to leave out. */
	char *line = *header->value ? mem_printf("%s: %s", header->name, header->value) : mem_printf("%s;", header->name);

	add_line(call, line);
	secret_wipe(line, strlen(line));
	free(line);
}

static void set_headers(struct http_call *call, const struct http_request *request)
{
	bool typed = false;
	size_t i;

	for (i = 0; i < request->header_count; i++) {
		add_header(call, &request->headers[i]);
		typed = typed || strcasecmp(request->headers[i].name, "content-type") == 0;
	}
	if (!typed)
		add_line(call, "Content-Type:"); /* curl would call every body a form */
	add_line(call, "Expect:");           /* no round trip of its own for a body */
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_method(struct http_call *call, const struct http_request *request)
{
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

	if (strcmp(request->method, "HEAD") == 0)
		curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
	if (request->body || !reads) {
		curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(request->body ? request->body_len : 0));
		curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
	}
	curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, request->method);
	/* curl sends again what a kept connection lost; only a new one is never repeated. */
	if (request->send_once)
		curl_easy_setopt(call->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_rules(struct http_call *call, const struct http_request *request)
{
	bool stream = call->handler.data != NULL;
	int64_t timeout = request->timeout_ms ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	const char *authorities = getenv("SSL_CERT_FILE");

	curl_easy_setopt(call->easy, CURLOPT_URL, request->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(call->easy, CURLOPT_QUICK_EXIT, 1L); /* cancelling never waits for a name look-up */
#endif
	curl_easy_setopt(call->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(call->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's 200 is not the answer */
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->curl_says);
	if (authorities && *authorities)
		curl_easy_setopt(call->easy, CURLOPT_CAINFO, authorities);
	curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(call->easy, CURLOPT_USERAGENT, "cvmdeck/" PACKAGE_VERSION);
	if (strncasecmp(request->url, "https:", 6) == 0 && !stream)
		curl_easy_setopt(call->easy, CURLOPT_PIPEWAIT, 1L);
	if (http_is_loopback(request->url))
		curl_easy_setopt(call->easy, CURLOPT_PROXY, ""); /* a proxy must not see what is meant for this machine */
	if (!stream)
		curl_easy_setopt(call->easy, CURLOPT_ACCEPT_ENCODING, "");
	if (stream)
		http_stream_set_rules(call);
	curl_easy_setopt(call->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(call->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, timeout < 0 ? 0L : (long)timeout);
	curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
}

static void check_idle(void *ctx)
{
	struct http_call *call = ctx;
	int64_t silent = clock_mono_ms() - call->last_byte_ms;

	/* While paused it is us who do not read. */
	if (call->pause_wanted || silent < call->idle_ms) {
		loop_timer_set(call->http->loop, &call->idle, call->pause_wanted ? call->idle_ms : call->idle_ms - silent, check_idle, call);
		return;
	}
	finish(call, CURLE_OPERATION_TIMEDOUT);
}

static void start(void *ctx)
{
	struct http_call *call = ctx;

	call->added = curl_multi_add_handle(call->http->multi, call->easy) == CURLM_OK;
	if (!call->added)
		finish(call, CURLE_FAILED_INIT);
}

struct http_call *http_send(struct http *http, const struct http_request *request, const struct http_handler *handler)
{
	struct http_call *call = mem_new(1, sizeof(*call));

	call->http = http;
	call->handler = *handler;
	http_answer_init(&call->answer);
	call->fd = -1;
	call->idle_ms = request->idle_timeout_ms;
	call->last_byte_ms = clock_mono_ms();
	buf_init(&call->body, request->max_body ? request->max_body : LIMIT_HTTP_BODY);
	call->next = http->calls;
	if (call->next)
		call->next->prev = call;
	http->calls = call;
	if (!check_url(call, request->url) || !check_headers(call, request)) {
		loop_defer(http->loop, finish_deferred, call);
		return call;
	}
	call->easy = curl_easy_init();
	if (!call->easy)
		mem_die("out of memory for a request");
	set_rules(call, request);
	set_method(call, request);
	set_headers(call, request);
	if (call->idle_ms > 0)
		loop_timer_set(http->loop, &call->idle, call->idle_ms, check_idle, call);
	call->added = !http->depth && curl_multi_add_handle(http->multi, call->easy) == CURLM_OK;
	if (!call->added)
		loop_defer(http->loop, start, call);
	return call;
}

void http_cancel(struct http_call *call)
{
	if (!call || call->cancelled)
		return;
	loop_undefer(call->http->loop, call);
	if (!call->http->depth) {
		call_free(call);
		return;
	}
	call->cancelled = true;
	loop_defer(call->http->loop, finish_deferred, call);
}
