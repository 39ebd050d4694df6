/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching a CVM's state over a real connection. Named differences:
 *
 *  framing    where the case has `spec`, the tool reads the stream otherwise
 *             than the WHATWG standard (CR line ends, several data lines, white
 *             space, fields without a colon); ours is the standard's, and is
 *             held against `spec` instead of the tool's events
 *  unknown    events of names that nobody knows are not passed on
 *  transport  a broken stream is described in our own words
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud/watch.h"
#include "unit/server.h"
#include "vectors/vectors.h"
#include "wire/sse.h"

struct scene {
	const struct exact_json *attempts;
	struct exact_json *events, *last;
	struct error error;
	bool done;
};

static char *from_base64(const char *text, size_t *len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *bytes = mem_new(1, strlen(text) + 1);
	uint32_t bits = 0;
	size_t i;

	*len = 0;
	for (i = 0; text[i] && text[i] != '='; i++) {
		bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
		if (i % 4)
			bytes[(*len)++] = (char)(bits >> (6 - i % 4 * 2));
	}
	return bytes;
}

static bool serve(void *ctx, int fd, const struct server_request *request)
{
	struct scene *scene = ctx;
	const struct exact_json *attempt = exact_json_item(scene->attempts, (size_t)request->number);
	const struct exact_json *chunks = exact_json_get(attempt, "chunks");
	const char *word = exact_json_text(attempt, "statusText");
	char *head = mem_printf("HTTP/1.1 %d %s\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
		(int)exact_json_number(exact_json_get(attempt, "status"), 500), word);
	size_t i;

	server_print(fd, head);
	free(head);
	for (i = 0; i < exact_json_count(chunks); i++) {
		size_t len;
		char *bytes = from_base64(exact_json_string(exact_json_item(chunks, i), NULL), &len);
		char size[24];

		snprintf(size, sizeof(size), "%zx\r\n", len);
		if (len) {
			server_print(fd, size);
			server_write(fd, bytes, len);
			server_print(fd, "\r\n");
		}
		free(bytes);
	}
	if (!exact_json_get(attempt, "broken"))
		server_print(fd, "0\r\n\r\n");
	return false;
}

static struct exact_json *exact(const json *value)
{
	struct buf text = BUF_INIT;
	struct exact_json *tree;

	json_print(&text, value);
	tree = exact_json_parse(buf_text(&text), text.len, NULL);
	buf_clear(&text);
	return tree;
}

static void on_event(void *ctx, enum watch_event event, const json *data)
{
	static const char *const types[] = { "state", "complete", "timeout", "error" };
	struct scene *scene = ctx;
	struct exact_json *entry = exact_json_new_object();

	exact_json_set(entry, "type", exact_json_new_string(types[event], strlen(types[event])));
	exact_json_set(entry, "data", exact(data));
	exact_json_append(scene->events, entry);
}

static void on_done(void *ctx, const json *last, const struct error *err)
{
	struct scene *scene = ctx;

	scene->last = last ? exact(last) : NULL;
	scene->error = *err;
	scene->done = true;
}

static bool same_event(const struct exact_json *have, const struct exact_json *want)
{
	const char *mine = exact_json_text(exact_json_get(have, "data"), "error"), *theirs = exact_json_text(exact_json_get(want, "data"), "error");
	size_t prefix = strlen("SSE stream error: ");

	if (exact_json_equal(have, want))
		return true;
	return strcmp(exact_json_text(have, "type"), exact_json_text(want, "type")) == 0 && strncmp(theirs, "SSE stream error: ", prefix) == 0 &&
		strncmp(mine, theirs, prefix) == 0;
}

static bool is_known(const struct exact_json *event)
{
	const char *type = exact_json_text(event, "type");

	return strcmp(type, "state") == 0 || strcmp(type, "complete") == 0 || strcmp(type, "timeout") == 0 || strcmp(type, "error") == 0;
}

static void check_result(const struct scene *scene, const struct exact_json *expect)
{
	const struct exact_json *error = exact_json_get(expect, "error"), *events = vectors_need(expect, "events");
	const char *message = exact_json_text(error, "message");
	size_t i, known = 0;

	for (i = 0; i < exact_json_count(events); i++)
		if (is_known(exact_json_item(events, i)))
			assert_true(same_event(exact_json_item(scene->events, known++), exact_json_item(events, i)));
	assert_int_equal(exact_json_count(scene->events), known);
	if (!error) {
		assert_int_equal(scene->error.status, STATUS_OK);
		assert_true(exact_json_equal(scene->last, exact_json_get(expect, "result")));
		return;
	}
	assert_null(scene->last);
	if (strcmp(exact_json_text(error, "name"), "MaxRetriesExceededError") == 0)
		assert_string_equal(scene->error.code, "watch-timeout");
	else if (strncmp(message, "HTTP ", 5) == 0)
		assert_non_null(strstr(scene->error.message, message));
	else
		assert_true(strcmp(scene->error.code, "stream-cut") == 0 || strncmp(scene->error.code, "network-", 8) == 0);
}

static void watch_it(const struct exact_json *vector, struct scene *scene, int *requests)
{
	struct server *server = server_start(serve, scene);
	struct error err;
	struct loop *loop = loop_new(&err);
	struct http *http = http_new(loop, &err);
	char *base = mem_printf("%s/api/v1", server_url(server));
	struct credentials credentials = { .api_prefix = base };
	struct api *api = api_new(loop, http, &credentials, NULL);
	struct watch_options options = { .attempts = (unsigned)exact_json_count(scene->attempts), .retry_delay_ms = -1, .only_stream = true };
	struct watch_handler handler = { on_event, on_done, scene };
	int64_t end = clock_mono_ms() + 20000;

	(void)vector;
	watch_start(api, "0f8fad5b-d9cb-469f-a165-70867728950e", &options, &handler);
	while (!scene->done && clock_mono_ms() < end)
		loop_turn(loop, 100);
	assert_true(scene->done);
	*requests = server_requests(server);
	api_free(api);
	http_free(http);
	server_stop(server);
	loop_free(loop);
	free(base);
}

/* ---- the framing alone ---- */

static bool on_frame(void *ctx, const char *type, const char *data, size_t len)
{
	struct exact_json *entry = exact_json_new_object();

	exact_json_set(entry, "type", exact_json_new_string(type, strlen(type)));
	exact_json_set(entry, "data", exact_json_new_string(data, len));
	exact_json_append(ctx, entry);
	return true;
}

static struct exact_json *frames_of(const struct exact_json *chunks, size_t step)
{
	struct exact_json *list = exact_json_new_array();
	struct sse sse;
	size_t i, at;

	sse_init(&sse, on_frame, list);
	for (i = 0; i < exact_json_count(chunks); i++) {
		size_t len;
		char *bytes = from_base64(exact_json_string(exact_json_item(chunks, i), NULL), &len);

		for (at = 0; at < len; at += step)
			sse_feed(&sse, bytes + at, len - at < step ? len - at : step);
		free(bytes);
	}
	sse_clear(&sse);
	return list;
}

static void check_framing(const struct exact_json *attempts, const struct exact_json *spec)
{
	static const size_t steps[] = { 1, 2, 3, 7, 100000 };
	size_t i, k;

	for (i = 0; i < exact_json_count(attempts); i++) {
		const struct exact_json *chunks = exact_json_get(exact_json_item(attempts, i), "chunks");
		struct exact_json *whole = frames_of(chunks, SIZE_MAX / 2);

		for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			struct exact_json *parts = frames_of(chunks, steps[k]);

			assert_true(exact_json_equal(parts, whole));
			exact_json_free(parts);
		}
		if (spec)
			assert_true(exact_json_equal(whole, exact_json_item(spec, i)));
		exact_json_free(whole);
	}
}

static void check(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect"), *spec = exact_json_get(expect, "spec");
	struct scene scene = { .attempts = vectors_need(vector, "attempts"), .events = exact_json_new_array() };
	int requests;

	check_framing(scene.attempts, spec);
	watch_it(vector, &scene, &requests);
	if (spec) {
		print_message("# %s: framing\n", exact_json_text(vector, "name"));
	} else {
		check_result(&scene, expect);
		assert_int_equal(requests, (int)exact_json_number(exact_json_get(expect, "requests"), -1));
	}
	exact_json_free(scene.events);
	exact_json_free(scene.last);
}

int main(void)
{
	return vectors_run("sse", check);
}
