/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt is one stream. An attempt that ends with a state is the answer
 * (complete, or the server closed); one that timed out, was empty, refused or
 * broke is tried again until the attempts are used up. Where streams are not
 * to be had, one state after the other is asked for instead.
 */
#include "cloud/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/api_call.h"
#include "wire/sse.h"

struct watch {
	struct api *api;
	char *ref, *target;
	struct watch_options options;
	struct watch_handler handler;
	struct http_call *http;
	struct api_call *poll;
	struct loop_timer timer;
	struct sse sse;
	json *last;
	unsigned attempt;
	bool counted;   /* this watch holds one of the streams */
	bool refused;   /* the last attempt was answered by something else than 2xx */
	bool over;      /* complete or timeout was seen: the rest of the stream does not matter */
	bool timed_out; /* it was timeout */
	bool ending;    /* the end of the attempt waits for the loop */
	int64_t poll_until_ms;
};

static void start_attempt(void *ctx);
static void poll_state(void *ctx);

static void release_stream(struct watch *watch)
{
	if (watch->counted)
		--*api_streams(watch->api);
	watch->counted = false;
	http_cancel(watch->http);
	watch->http = NULL;
	sse_clear(&watch->sse);
}

static void watch_free(struct watch *watch)
{
	release_stream(watch);
	api_cancel(watch->poll);
	loop_timer_cancel(&watch->timer);
	loop_undefer(api_loop(watch->api), watch);
	json_free(watch->last);
	free(watch->ref);
	free(watch->target);
	free(watch);
}

void watch_cancel(struct watch *watch)
{
	if (watch)
		watch_free(watch);
}

static void finish(struct watch *watch, const struct error *err)
{
	struct error good = { 0 };
	struct watch_handler handler = watch->handler;
	json *last = watch->last;

	watch->last = NULL;
	watch_free(watch);
	handler.done(handler.ctx, err ? NULL : last, err ? err : &good);
	json_free(last);
}

static void tell(struct watch *watch, enum watch_event event, const json *data)
{
	if (watch->handler.event)
		watch->handler.event(watch->handler.ctx, event, data);
}

static void tell_error(struct watch *watch, const char *text)
{
	json *data = json_new_object();

	json_add_text(data, "error", text);
	tell(watch, WATCH_ERROR, data);
	json_free(data);
}

/* ---- one stream ---- */

static bool is_nothing(const json *data)
{
	return json_kind(data) <= JSON_NULL || (json_kind(data) == JSON_BOOL && !json_flag(data, "", false)) ||
		(json_kind(data) == JSON_STRING && !*json_string(data, "")) || (json_kind(data) == JSON_NUMBER && !json_int(data, "", 1));
}

static bool on_event(void *ctx, const char *type, const char *data, size_t len)
{
	static const struct { const char *type; enum watch_event event; } events[] = {
		{ "state", WATCH_STATE }, { "complete", WATCH_COMPLETE }, { "timeout", WATCH_TIMEOUT }, { "error", WATCH_ERROR },
	};
	struct watch *watch = ctx;
	json *tree;
	size_t i;

	for (i = 0; i < 4 && strcmp(events[i].type, type) != 0; i++)
		;
	if (i == 4)
		return true; /* an event nobody knows, or one without a name */
	tree = json_parse(data, len, NULL);
	if (!tree) {
		tell_error(watch, "Failed to parse SSE event");
		return true;
	}
	tell(watch, events[i].event, tree);
	if (events[i].event == WATCH_STATE) {
		json_free(watch->last);
		watch->last = is_nothing(tree) ? NULL : tree;
		if (watch->last)
			return true;
	}
	json_free(tree);
	watch->timed_out = events[i].event == WATCH_TIMEOUT;
	watch->over = watch->timed_out || events[i].event == WATCH_COMPLETE;
	return !watch->over;
}

static void again(struct watch *watch)
{
	loop_timer_set(api_loop(watch->api), &watch->timer, watch->options.retry_delay_ms, start_attempt, watch);
}

static void begin_polling(struct watch *watch)
{
	release_stream(watch);
	watch->poll_until_ms = clock_mono_ms() + (int64_t)watch->options.timeout_s * 1000 * watch->options.attempts;
	poll_state(watch);
}

static void attempt_failed(struct watch *watch, const char *words, const struct error *err)
{
	if (watch->attempt < watch->options.attempts) {
		tell_error(watch, words);
		again(watch);
	} else if (watch->refused && !watch->options.only_stream) {
		begin_polling(watch);
	} else {
		finish(watch, err);
	}
}

/* The stream ended by itself or by what it said. */
static void attempt_ended(struct watch *watch)
{
	struct error err;

	if (watch->timed_out) {
		json_free(watch->last);
		watch->last = NULL;
	}
	if (watch->last) {
		finish(watch, NULL);
		return;
	}
	if (watch->attempt < watch->options.attempts) {
		again(watch);
		return;
	}
	error_set(&err, STATUS_API, "watch-timeout", "the CVM did not get to \"%s\" in %u attempts of %u s", watch->target, watch->attempt,
		watch->options.timeout_s);
	error_next(&err, "look at its logs (serial first): slow image pulls and slow starts are the usual reasons");
	finish(watch, &err);
}

static void on_over(void *ctx)
{
	struct watch *watch = ctx;

	release_stream(watch);
	attempt_ended(watch);
}

static bool on_bytes(void *ctx, const char *bytes, size_t len)
{
	struct watch *watch = ctx;

	if (watch->refused || watch->ending)
		return true;
	if (!sse_feed(&watch->sse, bytes, len)) {
		watch->ending = true;
		loop_defer(api_loop(watch->api), on_over, watch);
	}
	return true;
}

static void on_opened(void *ctx, const struct http_response *response)
{
	struct watch *watch = ctx;

	watch->refused = response->status < 200 || response->status > 299;
}

static void on_done(void *ctx, const struct http_response *response, const struct error *net)
{
	struct watch *watch = ctx;
	struct error err = *net;
	char words[256], code[24];

	watch->http = NULL;
	loop_undefer(api_loop(watch->api), watch);
	release_stream(watch);
	if (watch->over || (response->status >= 200 && response->status <= 299 && net->status == STATUS_OK)) {
		attempt_ended(watch);
		return;
	}
	if (watch->refused) {
		snprintf(words, sizeof(words), "HTTP %d: %s", response->status, response->reason);
		snprintf(code, sizeof(code), "watch-http-%d", response->status);
		error_set(&err, response->status == 401 || response->status == 403 ? STATUS_CREDENTIALS : STATUS_API, code,
			"the API gives no stream of the CVM's state: %s", words);
		error_next(&err, "try again; the list shows the state meanwhile");
	} else {
		snprintf(words, sizeof(words), "SSE stream error: %.200s", net->message);
	}
	attempt_failed(watch, words, &err);
}

static void start_attempt(void *ctx)
{
	struct watch *watch = ctx;
	struct http_handler handler = { on_done, on_opened, on_bytes, watch };
	char *path;

	if (*api_streams(watch->api) >= WATCH_STREAMS && !watch->options.only_stream) {
		begin_polling(watch);
		return;
	}
	path = mem_printf("/cvms/%s/state?target=%s&interval=%u&timeout=%u", watch->ref, watch->target, watch->options.interval_s, watch->options.timeout_s);
	watch->attempt++;
	watch->refused = watch->over = watch->timed_out = watch->ending = false;
	json_free(watch->last);
	watch->last = NULL;
	sse_init(&watch->sse, on_event, watch);
	++*api_streams(watch->api);
	watch->counted = true;
	watch->http = api_stream(watch->api, path, ((int64_t)watch->options.interval_s * 3 + 30) * 1000, &handler);
	free(path);
}

/* ---- polling ---- */

static void on_polled(void *ctx, const struct api_reply *reply, const json *answer)
{
	struct watch *watch = ctx;
	bool there;

	watch->poll = NULL;
	if (answer) {
		json_free(watch->last);
		watch->last = json_copy(answer);
		tell(watch, WATCH_STATE, answer);
	} else {
		tell_error(watch, reply->error.message);
	}
	there = answer && text_equal_nocase(json_text(answer, "status"), watch->target) && !json_flag(answer, "in_progress", false);
	if (there) {
		tell(watch, WATCH_COMPLETE, answer);
		finish(watch, NULL);
	} else if (clock_mono_ms() > watch->poll_until_ms || reply->status == 404 || reply->status == 401) {
		watch->timed_out = true;
		watch->attempt = watch->options.attempts;
		if (answer)
			attempt_ended(watch);
		else
			finish(watch, &reply->error);
	} else {
		loop_timer_set(api_loop(watch->api), &watch->timer, reply->retry_after_ms > 0 ? reply->retry_after_ms :
			(int64_t)watch->options.interval_s * 1000, poll_state, watch);
	}
}

static void poll_state(void *ctx)
{
	struct watch *watch = ctx;

	watch->poll = api_get_state(watch->api, watch->ref, on_polled, watch);
}

static unsigned within(unsigned given, unsigned fallback, unsigned low, unsigned high)
{
	if (!given)
		return fallback;
	return given < low ? low : given > high ? high : given;
}

struct watch *watch_start(struct api *api, const char *ref, const struct watch_options *options, const struct watch_handler *handler)
{
	struct watch *watch = mem_new(1, sizeof(*watch));
	char *path = api_cvm_path(ref, "", NULL);

	watch->api = api;
	watch->handler = *handler;
	watch->options = *options;
	watch->ref = mem_strdup(path ? path + strlen("/cvms/") : "0");
	watch->target = mem_strdup(options->target && api_is_word(options->target) ? options->target : "running");
	watch->options.interval_s = within(options->interval_s, 5, 5, 30);
	watch->options.timeout_s = within(options->timeout_s, 300, 10, 600);
	watch->options.attempts = options->attempts ? options->attempts : 5;
	watch->options.retry_delay_ms = options->retry_delay_ms < 0 ? 0 : options->retry_delay_ms ? options->retry_delay_ms : 5000;
	free(path);
	loop_timer_set(api_loop(api), &watch->timer, 0, start_attempt, watch);
	return watch;
}
