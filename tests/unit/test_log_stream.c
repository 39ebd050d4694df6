/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cloud/logs.h"
#include "unit/server.h"

enum { LINES = 1500, PER_SECOND = 20, CUTS = 1000, LONG_LINE = 150000, LONG_EVERY = 400 };

struct scene {
	struct loop *loop;
	struct http *http;
	struct server *server;
	bool framed;
	atomic_int cuts;
	unsigned asked;
	char path[256];
	unsigned random;
	struct buf got[2], want[2];
	struct buf all; /* the whole log as the server has it */
	size_t begins[LINES];
	int state_changes, pauses;
	enum log_state state;
	struct error error;
	bool end, pause;
	char key[32];
};

static unsigned next_random(struct scene *scene)
{
	scene->random = scene->random * 1103515245u + 12345u;
	return scene->random >> 8;
}

/* Line i: four at a time share a stamp; every seventh is of stderr. */
static int channel_of(const struct scene *scene, int i)
{
	return scene->framed && i % 7 == 3;
}

static int64_t second_of(int i)
{
	return 1767225600 + i / PER_SECOND;
}

static void stamp_of(char out[40], int i)
{
	char second[CLOCK_TEXT_SIZE];

	clock_format(second, second_of(i) * 1000);
	snprintf(out, 40, "%.19s.%09dZ", second, i % PER_SECOND / 4 * 1000 + 7);
}

static void add_text(struct buf *out, int i)
{
	int k;

	buf_add_format(out, "line %d \xC3\xA9", i);
	for (k = 0; i % LONG_EVERY == LONG_EVERY - 1 && k < LONG_LINE / 10; k++)
		buf_add_format(out, "%09d ", k);
}

static void add_line(struct scene *scene, struct buf *out, int i)
{
	struct buf line = BUF_INIT;
	char stamp[40], *base64;
	size_t size;

	stamp_of(stamp, i);
	buf_add_format(&line, "%s ", stamp);
	add_text(&line, i);
	buf_add_byte(&line, '\n');
	if (!scene->framed) {
		buf_add(out, line.data, line.len);
	} else {
		size = sodium_base64_ENCODED_LEN(line.len, sodium_base64_VARIANT_ORIGINAL);
		base64 = mem_new(1, size);
		sodium_bin2base64(base64, size, (unsigned char *)line.data, line.len, sodium_base64_VARIANT_ORIGINAL);
		buf_add_format(out, "{\"channel\":\"%s\",\"message\":\"%s\"}\n", channel_of(scene, i) ? "stderr" : "stdout", base64);
		free(base64);
	}
	buf_clear(&line);
}

static bool serve(void *ctx, int fd, const struct server_request *request)
{
	struct scene *scene = ctx;
	const char *since = strstr(request->path, "since=");
	int64_t from_ms = 0;
	size_t limit, from = 0;
	int i = 0;

	snprintf(scene->path, sizeof(scene->path), "%.200s", request->path);
	server_header(request, "x-api-key", scene->key, sizeof(scene->key));
	if (strstr(request->path, "/refused")) {
		server_answer(fd, 403, "Forbidden", "text/plain", "", "logs \x1b[31moff", 13);
		return true;
	}
	if (strstr(request->path, "/ended")) {
		scene->asked++;
		server_answer(fd, 200, "OK", "text/plain", "", "", 0);
		return true;
	}
	if (since) {
		char text[64];

		snprintf(text, sizeof(text), "%.*s", (int)strcspn(since + 6, "&"), since + 6);
		if (!clock_parse(text, &from_ms, NULL))
			fprintf(stderr, "bad since: %s\n", text);
	}
	while (i < LINES - 1 && second_of(i) * 1000 < from_ms)
		i++;
	from = scene->begins[i];
	limit = next_random(scene) % 8 == 0 ? next_random(scene) % 400000 : next_random(scene) % 4000;
	if (scene->cuts > CUTS || limit > scene->all.len - from)
		limit = scene->all.len - from;
	scene->cuts++;
	server_print(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99999999\r\n\r\n");
	server_write(fd, scene->all.data + from, limit);
	return false;
}

static bool on_line(void *ctx, const struct log_line *line)
{
	struct scene *scene = ctx;
	struct buf *got = &scene->got[line->channel];

	assert_true(line->len <= LIMIT_LOG_LINE);
	if (!line->continued && got->len)
		buf_add_byte(got, '\n');
	buf_add(got, line->text, line->len);
	assert_true(line->stamp_ns / 1000000000 >= second_of(0));
	if (scene->pause)
		scene->pauses++;
	return !scene->pause;
}

static void on_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct scene *scene = ctx;

	scene->state_changes++;
	scene->state = state;
	scene->error = *err;
	assert_true((retry_ms > 0) == (state == LOG_WAITING));
}

static void scene_open(struct scene *scene, bool framed)
{
	struct error err;
	int i;

	memset(scene, 0, sizeof(*scene));
	scene->framed = framed;
	scene->random = 42;
	scene->loop = loop_new(&err);
	scene->http = http_new(scene->loop, &err);
	scene->server = server_start(serve, scene);
	for (i = 0; i < LINES; i++) {
		struct buf *want = &scene->want[channel_of(scene, i)];

		if (want->len)
			buf_add_byte(want, '\n');
		add_text(want, i);
		scene->begins[i] = scene->all.len;
		add_line(scene, &scene->all, i);
	}
}

static void scene_close(struct scene *scene)
{
	int i;

	http_free(scene->http);
	server_stop(scene->server);
	loop_free(scene->loop);
	buf_clear(&scene->all);
	for (i = 0; i < 2; i++) {
		buf_clear(&scene->got[i]);
		buf_clear(&scene->want[i]);
	}
}

static struct log_stream *start_query(struct scene *scene, const char *path, const struct log_query *query)
{
	char *url = mem_printf("%s%s", server_url(scene->server), path);
	struct log_source source = { .kind = scene->framed ? LOG_KIND_CONTAINER : LOG_KIND_STDOUT, .name = "web", .url = url };
	struct log_handler handler = { on_line, on_state, scene };
	struct log_stream *stream = log_stream_start(scene->loop, scene->http, &source, query, &handler);

	free(url);
	return stream;
}

static struct log_stream *start(struct scene *scene, const char *path, bool follow)
{
	struct log_query query = { .tail = -1, .follow = follow, .timestamps = true, .retry_ms = 2 };

	return start_query(scene, path, &query);
}

static void compare(const struct buf *got, const struct buf *want)
{
	size_t at = 0;

	while (at < got->len && at < want->len && got->data[at] == want->data[at])
		at++;
	if (at < want->len)
		print_error("differs at %zu: have ...%.60s want ...%.60s\n", at, buf_text(got) + (at > 30 ? at - 30 : 0),
			buf_text(want) + (at > 30 ? at - 30 : 0));
	assert_int_equal(got->len, want->len);
	assert_memory_equal(buf_text(got), buf_text(want), want->len);
}

/* One whole log, cut wherever the seed says; returns how often. */
static unsigned cut_once(bool framed, unsigned seed)
{
	struct scene scene;
	struct log_stream *stream;
	int64_t end = clock_mono_ms() + 60000;
	unsigned cuts;

	scene_open(&scene, framed);
	scene.random = seed;
	stream = start(&scene, "/logs?token=t", true);
	while ((scene.got[0].len < scene.want[0].len || scene.got[1].len < scene.want[1].len) && clock_mono_ms() < end &&
		scene.cuts < CUTS + 100)
		loop_turn(scene.loop, 100);
	compare(&scene.got[0], &scene.want[0]);
	compare(&scene.got[1], &scene.want[1]);
	assert_int_equal(log_stream_lines(stream), LINES);
	assert_string_equal(scene.key, "");
	cuts = log_stream_reconnects(stream);
	log_stream_free(stream);
	scene_close(&scene);
	return cuts;
}

static void check_cuts(bool framed)
{
	unsigned cuts = 0, seed;

	for (seed = 1; cuts < CUTS; seed++)
		cuts += cut_once(framed, seed * 7919);
	print_message("# %u cuts over %u logs\n", cuts, seed - 1);
}

static void test_cut_plain(void **state)
{
	(void)state;
	check_cuts(false);
}

static void test_cut_framed(void **state)
{
	(void)state;
	check_cuts(true);
}

static void test_refused(void **state)
{
	struct scene scene;
	struct log_stream *stream;

	(void)state;
	scene_open(&scene, false);
	stream = start(&scene, "/refused", true);
	while (scene.state != LOG_FAILED)
		loop_turn(scene.loop, 100);
	assert_string_equal(scene.error.code, "logs-http-403");
	assert_null(strchr(scene.error.detail, 0x1b));
	log_stream_free(stream);
	scene_close(&scene);
}

/* A relative time is that of the start: tried again it is asked for as the same moment; when it has come, nothing is. */
static void test_until(void **state)
{
	struct scene scene;
	struct log_stream *stream;
	struct log_query query = { .tail = -1, .follow = true, .timestamps = true, .retry_ms = 2, .since = "2h", .until = "1h" };
	int64_t began, since;
	char moment[CLOCK_TEXT_SIZE];

	(void)state;
	scene_open(&scene, false);
	stream = start_query(&scene, "/ended", &query);
	while (scene.state != LOG_ENDED)
		loop_turn(scene.loop, 100);
	assert_int_equal(scene.asked, 1);
	assert_non_null(strstr(scene.path, "since=2h&until=1h"));
	log_stream_free(stream);
	began = clock_wall_ms();
	query.until = clock_format(moment, began + 3600 * 1000);
	stream = start_query(&scene, "/ended", &query);
	while (scene.asked < 4)
		loop_turn(scene.loop, 100);
	assert_int_not_equal(scene.state, LOG_ENDED);
	assert_non_null(strstr(scene.path, moment));
	snprintf(moment, sizeof(moment), "%.20s", strstr(scene.path, "since=") + 6);
	assert_true(clock_parse(moment, &since, NULL));
	assert_in_range(since, began - 2 * 3600 * 1000 - 1000, began - 2 * 3600 * 1000 + 2000);
	log_stream_free(stream);
	scene_close(&scene);
}

static void time_is(const char *text, int64_t want)
{
	int64_t ms = -1;

	assert_true(log_time(text, 1000000000, &ms));
	assert_int_equal(ms, want);
}

static void test_times(void **state)
{
	static const char *const bad[] = { "", "yesterday", "4 m", "42m ", "-1m", "m", "1h30", "42x", "2026-13-01T00:00:00Z", "1700000000000000000", "99999999999999999999s", "200000000d" };
	int64_t ms;
	size_t i;

	(void)state;
	time_is("42m", 1000000000 - 42 * 60000);
	time_is("1h30m5s", 1000000000 - 5405000);
	time_is("2d", 1000000000 - 2 * 86400000);
	time_is("1970-01-01T00:00:01Z", 1000);
	time_is("1767225600", 1767225600000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(log_time(bad[i], 1000000000, &ms));
}

static void test_pause(void **state)
{
	struct scene scene;
	struct log_stream *stream;
	size_t before;
	int i;

	(void)state;
	scene_open(&scene, false);
	scene.cuts = CUTS + 1;
	scene.pause = true;
	stream = start(&scene, "/logs", true);
	while (scene.state != LOG_PAUSED)
		loop_turn(scene.loop, 100);
	before = scene.got[0].len;
	for (i = 0; i < 10; i++)
		loop_turn(scene.loop, 5);
	assert_int_equal(scene.got[0].len, before);
	scene.pause = false;
	while (scene.got[0].len < scene.want[0].len) {
		log_stream_resume(stream);
		loop_turn(scene.loop, 100);
	}
	assert_int_equal(scene.got[0].len, scene.want[0].len);
	log_stream_free(stream);
	scene_close(&scene);
}

static void test_urls(void **state)
{
	char base[] = "https://logs.example/x?token=t";
	struct log_source source = { .kind = LOG_KIND_CONTAINER, .url = base };
	struct log_query query = { .since = "42m", .until = "2026-01-01T00:00:00+02:00", .tail = 3, .follow = true, .timestamps = true, .ansi = true,
		.text = true, .bare = true };
	struct cvm_detail detail = { .cvm.public_logs = CVM_YES, .syslog_endpoint = base };
	struct log_sources sources = { 0 };
	struct error err;
	char *url = log_url(&source, &query);

	(void)state;
	assert_string_equal(url, "https://logs.example/x?token=t&since=42m&until=2026-01-01T00:00:00%2B02:00&follow&tail=3&lines=3&timestamps&ansi&text&bare");
	free(url);
	assert_true(log_sources_add_channels(&sources, &detail, &err));
	assert_int_equal(sources.count, 3);
	assert_string_equal(sources.items[2].url, "https://logs.example/x?token=t&ch=stderr");
	log_sources_clear(&sources);
	detail.cvm.public_logs = CVM_NO;
	assert_false(log_sources_add_channels(&sources, &detail, &err));
	assert_string_equal(err.code, "logs-off");
	assert_non_null(strstr(err.next, "--public-logs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_plain),
		cmocka_unit_test(test_cut_framed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests_name("log stream", tests, NULL, NULL);
}
