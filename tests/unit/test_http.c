/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "unit/server.h"
#include "wire/http.h"
#include "wire/http_answer.h"

struct fixture {
	struct loop *loop;
	struct http *http;
	struct server *server;
};

struct result {
	int status, done, opened;
	char reason[64], type[64], body[4096], code[40];
	size_t len;
	int64_t retry_after_ms, date_ms;
	struct error error;
	struct buf data;
	struct fixture *fixture;
	struct http_call *call, *other;
	bool pause, cancel_self;
};

/* Every path of the server, by name. */
static void cut(int fd)
{
	server_print(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
}

static void flood(int fd)
{
	char line[1100];
	int i;

	server_print(fd, "HTTP/1.1 200 OK\r\n");
	memset(line, 'a', sizeof(line));
	memcpy(line, "X-Flood: ", 9);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	for (i = 0; i < 100; i++)
		server_print(fd, line);
	server_print(fd, "Content-Length: 0\r\n\r\n");
}

/* gzip of 20 MiB zeros is 20 KiB; its stored blocks are made by hand: one tiny
 * dynamic stream is hard to write, so a run of fixed-Huffman copies is sent. */
static void bomb(int fd)
{
	static const unsigned char head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	size_t cap = 64 * 1024, bits = 0, i;
	unsigned char *deflate = mem_new(1, cap + sizeof(head));
	/* block header 1 (final) 01 (fixed); literal 0 is 00110000; then copies of
	 * length 258 (code 285: 11000101) at distance 1 (00000): 13 bits for 258 bytes */
	const char *start = "110" "00110000", *copy = "11000101" "00000";
	const char *bit;

	memcpy(deflate, head, sizeof(head));
	for (bit = start; *bit; bit++, bits++)
		deflate[sizeof(head) + bits / 8] |= (unsigned char)((*bit - '0') << bits % 8);
	for (i = 0; i < 30000; i++)
		for (bit = copy; *bit; bit++, bits++)
			deflate[sizeof(head) + bits / 8] |= (unsigned char)((*bit - '0') << bits % 8);
	server_answer(fd, 200, "OK", "application/json", "Content-Encoding: gzip\r\n", (char *)deflate, sizeof(head) + bits / 8);
	free(deflate);
}

static void big_stream(int fd)
{
	char block[4096];
	int i;

	memset(block, 'x', sizeof(block));
	server_print(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	for (i = 0; i < 1024; i++)
		server_write(fd, block, sizeof(block));
}

static bool handle(void *ctx, int fd, const struct server_request *request)
{
	char key[64] = "none", type[64] = "none";

	(void)ctx;
	if (strcmp(request->path, "/ok") == 0) {
		server_answer(fd, 200, "Very Good", "application/json; charset=utf-8", "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "{\"a\":1}", 7);
		return true;
	}
	if (strcmp(request->path, "/echo") == 0) {
		char *body;

		server_header(request, "x-api-key", key, sizeof(key));
		server_header(request, "content-type", type, sizeof(type));
		body = mem_printf("%s|%s|%s|%s|%d", request->method, key, type, request->body, request->connection);
		server_answer(fd, 200, "OK", "text/plain", "", body, strlen(body));
		free(body);
		return true;
	}
	if (strcmp(request->path, "/redirect") == 0)
		server_answer(fd, 302, "Found", NULL, "Location: /ok\r\n", "", 0);
	else if (strcmp(request->path, "/later") == 0)
		server_answer(fd, 429, "Slow Down", NULL, "Retry-After: 7\r\n", "", 0);
	else if (strcmp(request->path, "/later-date") == 0)
		server_answer(fd, 503, "Busy", NULL, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:40 GMT\r\n", "", 0);
	else if (strcmp(request->path, "/cut") == 0)
		cut(fd);
	else if (strcmp(request->path, "/flood") == 0)
		flood(fd);
	else if (strcmp(request->path, "/bomb") == 0)
		bomb(fd);
	else if (strcmp(request->path, "/garbage") == 0)
		server_print(fd, "\x01\x02 this is no HTTP at all\r\n\r\n");
	else if (strcmp(request->path, "/big") == 0)
		big_stream(fd);
	else if (strcmp(request->path, "/silent") == 0)
		return true;
	else if (strcmp(request->path, "/chunked-cut") == 0)
		server_print(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
	return false;
}

static int setup(void **state)
{
	struct fixture *fixture = mem_new(1, sizeof(*fixture));
	struct error err;

	fixture->loop = loop_new(&err);
	fixture->http = http_new(fixture->loop, &err);
	fixture->server = server_start(handle, NULL);
	*state = fixture;
	return fixture->http ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	http_free(fixture->http);
	server_stop(fixture->server);
	loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static void on_done(void *ctx, const struct http_response *response, const struct error *err)
{
	struct result *result = ctx;

	result->done++;
	result->status = response->status;
	snprintf(result->reason, sizeof(result->reason), "%s", response->reason);
	snprintf(result->type, sizeof(result->type), "%s", response->content_type);
	snprintf(result->body, sizeof(result->body), "%.4000s", response->body);
	result->len = response->len;
	result->retry_after_ms = response->retry_after_ms;
	result->date_ms = response->date_ms;
	result->error = *err;
	result->call = NULL;
}

static void on_opened(void *ctx, const struct http_response *response)
{
	struct result *result = ctx;

	result->opened++;
	result->status = response->status;
}

static bool on_data(void *ctx, const char *bytes, size_t len)
{
	struct result *result = ctx;

	buf_add(&result->data, bytes, len);
	if (result->cancel_self) {
		http_cancel(result->other);
		http_cancel(result->call);
	}
	return !result->pause;
}

static void wait_for(struct fixture *fixture, const int *flag)
{
	int64_t end = clock_mono_ms() + 10000;

	while (!*flag && clock_mono_ms() < end)
		loop_turn(fixture->loop, 100);
	assert_true(*flag);
}

static void send_to(struct fixture *fixture, struct result *result, struct http_request request, const char *path)
{
	char *url = mem_printf("%s%s", path[0] == '/' ? server_url(fixture->server) : "", path);
	struct http_handler handler = { .done = on_done, .ctx = result };

	request.url = url;
	if (!request.method)
		request.method = "GET";
	result->fixture = fixture;
	result->call = http_send(fixture->http, &request, &handler);
	assert_int_equal(result->done, 0);
	free(url);
}

static struct result get(struct fixture *fixture, const char *path)
{
	struct result result = { 0 };

	send_to(fixture, &result, (struct http_request){ 0 }, path);
	wait_for(fixture, &result.done);
	return result;
}

static void test_answer(void **state)
{
	struct result result = get(*state, "/ok");

	assert_int_equal(result.status, 200);
	assert_string_equal(result.reason, "Very Good");
	assert_string_equal(result.type, "application/json; charset=utf-8");
	assert_string_equal(result.body, "{\"a\":1}");
	assert_int_equal(result.date_ms, 784111777000);
	assert_int_equal(result.retry_after_ms, -1);
	assert_int_equal(result.error.status, STATUS_OK);
}

static void test_request(void **state)
{
	struct http_header headers[] = { { "X-API-Key", "k", true }, { "Content-Type", "application/json", false } };
	struct result result = { 0 };

	send_to(*state, &result, (struct http_request){ .method = "PATCH", .headers = headers, .header_count = 2, .body = "{}", .body_len = 2 }, "/echo");
	wait_for(*state, &result.done);
	assert_string_equal(result.body, "PATCH|k|application/json|{}|0");
	result = (struct result){ 0 };
	send_to(*state, &result, (struct http_request){ .method = "POST", .send_once = true }, "/echo");
	wait_for(*state, &result.done);
	assert_string_equal(result.body, "POST|none|none||1");
	result = get(*state, "/echo");
	assert_memory_equal(result.body, "GET|none|none||", 15);
	assert_int_equal(server_connections(((struct fixture *)*state)->server), 2); /* a read takes one that is there */
}

static void test_no_redirect(void **state)
{
	struct fixture *fixture = *state;
	struct result result = get(fixture, "/redirect");

	assert_int_equal(result.status, 302);
	assert_int_equal(server_requests(fixture->server), 1);
}

static void test_retry_after(void **state)
{
	struct result result = get(*state, "/later");

	assert_int_equal(result.retry_after_ms, 7000);
	result = get(*state, "/later-date");
	assert_int_equal(result.retry_after_ms, 3000);
}

static void test_failures(void **state)
{
	static const struct { const char *path, *code; } cases[] = {
		{ "/cut", "network-cut" }, { "/flood", "network-headers" }, { "/chunked-cut", "network-cut" },
		{ "/garbage", "network-not-http" }, { "/close", "network-reset" }, { "ftp://127.0.0.1/", "network-bad-url" },
		{ "http://127.0.0.1:1/\n", "network-bad-url" }, { "nonsense", "network-bad-url" },
	};
	char *dead = mem_printf("http://127.0.0.1:%d/", server_dead_port());
	struct result result;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		result = get(*state, cases[i].path);
		assert_int_equal(result.status, 0);
		assert_string_equal(result.error.code, cases[i].code);
		assert_int_equal(result.error.status, STATUS_API);
		assert_true(result.error.next[0]);
		assert_int_equal(result.len, 0);
	}
	result = get(*state, dead);
	assert_string_equal(result.error.code, "network-refused");
	free(dead);
}

static void test_ceiling(void **state)
{
	struct result result = { 0 };

	send_to(*state, &result, (struct http_request){ .max_body = 3 }, "/ok");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-too-large");
	/* what counts is the unpacked size: 7 MB from 49 KB */
	result = (struct result){ 0 };
	send_to(*state, &result, (struct http_request){ .max_body = 1024 * 1024 }, "/bomb");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-too-large");
}

static void test_timeouts(void **state)
{
	struct result result = { 0 };

	send_to(*state, &result, (struct http_request){ .timeout_ms = 80 }, "/silent");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-timeout");
	result = (struct result){ 0 };
	send_to(*state, &result, (struct http_request){ .timeout_ms = -1, .idle_timeout_ms = 80 }, "/silent");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-timeout");
}

static void test_secret_needs_tls(void **state)
{
	struct http_header key = { "X-API-Key", "throw-away", true };
	struct http_header broken = { "X-API-Key", "throw\r\nX-Evil: 1", true };
	struct result result = { 0 };

	send_to(*state, &result, (struct http_request){ .headers = &key, .header_count = 1 }, "http://192.0.2.1/");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-not-secret");
	assert_int_equal(result.error.status, STATUS_CREDENTIALS);
	assert_null(strstr(result.error.message, "throw-away"));
	result = (struct result){ 0 };
	send_to(*state, &result, (struct http_request){ .headers = &broken, .header_count = 1 }, "/ok");
	wait_for(*state, &result.done);
	assert_string_equal(result.error.code, "network-bad-header");
	assert_null(strstr(result.error.message, "Evil"));
}

static void test_cancel(void **state)
{
	struct fixture *fixture = *state;
	struct result result = { 0 }, other = { 0 };

	send_to(fixture, &result, (struct http_request){ 0 }, "/silent");
	send_to(fixture, &other, (struct http_request){ 0 }, "/ok");
	http_cancel(result.call);
	wait_for(fixture, &other.done);
	assert_int_equal(result.done, 0);
	send_to(fixture, &result, (struct http_request){ 0 }, "bad url");
	http_cancel(result.call);
	loop_turn(fixture->loop, 0);
	assert_int_equal(result.done, 0);
}

static struct http_call *stream(struct fixture *fixture, struct result *result, const char *path)
{
	struct http_handler handler = { on_done, on_opened, on_data, result };
	char *url = mem_printf("%s%s", server_url(fixture->server), path);
	struct http_call *call = http_send(fixture->http, &(struct http_request){ .method = "GET", .url = url, .timeout_ms = -1 }, &handler);

	result->call = call;
	free(url);
	return call;
}

static void test_stream(void **state)
{
	struct result result = { 0 };

	stream(*state, &result, "/big");
	wait_for(*state, &result.done);
	assert_int_equal(result.opened, 1);
	assert_int_equal(result.data.len, 4 * 1024 * 1024);
	assert_int_equal(result.error.status, STATUS_OK);
	buf_clear(&result.data);
	result = (struct result){ 0 };
	stream(*state, &result, "/chunked-cut");
	wait_for(*state, &result.done);
	assert_int_equal(result.status, 200);
	assert_string_equal(buf_text(&result.data), "hello");
	assert_string_equal(result.error.code, "stream-cut");
	buf_clear(&result.data);
}

/* Whatever is there to read: a turn takes a little of it, and what else there is comes between. */
static void test_stream_turns(void **state)
{
	enum { MOST_A_TURN = 64 * 1024 };
	struct fixture *fixture = *state;
	struct result result = { 0 };
	size_t before = 0, most = 0;

	stream(fixture, &result, "/big");
	while (!result.done) {
		loop_turn(fixture->loop, 1000);
		most = result.data.len - before > most ? result.data.len - before : most;
		before = result.data.len;
	}
	assert_int_equal(result.data.len, 4 * 1024 * 1024);
	assert_in_range(most, 1, MOST_A_TURN);
	buf_clear(&result.data);
}

static void test_pause(void **state)
{
	struct fixture *fixture = *state;
	struct result result = { .pause = true };
	struct http_call *call = stream(fixture, &result, "/big");
	int opened = 0, turns = 0;

	wait_for(fixture, &result.opened);
	while (turns++ < 20)
		loop_turn(fixture->loop, 5);
	opened = (int)result.data.len;
	assert_true(opened < 1024 * 1024); /* one piece, not the whole */
	assert_int_equal(result.done, 0);
	while (!result.done && turns++ < 100000) {
		http_resume(call);
		loop_turn(fixture->loop, 5);
	}
	assert_int_equal(result.data.len, 4 * 1024 * 1024);
	buf_clear(&result.data);
}

static void test_cancel_inside(void **state)
{
	struct fixture *fixture = *state;
	struct result result = { .cancel_self = true }, other = { 0 };
	int turns;

	stream(fixture, &result, "/big");
	send_to(fixture, &other, (struct http_request){ 0 }, "/silent");
	result.other = other.call;
	wait_for(fixture, &result.opened);
	for (turns = 0; turns < 10; turns++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(result.done, 0);
	assert_int_equal(other.done, 0);
	assert_true(result.data.len > 0 && result.data.len < 1024 * 1024);
	buf_clear(&result.data);
}

static void test_urls(void **state)
{
	(void)state;
	assert_true(http_is_loopback("http://127.0.0.1:8080/x"));
	assert_true(http_is_loopback("http://127.9.9.9"));
	assert_true(http_is_loopback("http://[::1]:1/"));
	assert_true(http_is_loopback("http://LOCALHOST/"));
	assert_false(http_is_loopback("http://127.0.0.1.example.com/"));
	assert_false(http_is_loopback("http://localhost.example.com/"));
	assert_false(http_is_loopback("http://127.0.0.1@example.com/"));
	assert_false(http_is_loopback("nothing"));
	assert_true(http_same_origin("https://a.example/x", "https://A.example:443/y"));
	assert_false(http_same_origin("https://a.example", "http://a.example"));
	assert_false(http_same_origin("https://a.example", "https://a.example:444"));
	assert_false(http_same_origin("https://a.example", "https://b.example"));
	assert_false(http_same_origin("x", "x"));
}

static void test_dates(void **state)
{
	(void)state;
	assert_int_equal(http_answer_parse_date("Thu, 01 Jan 1970 00:00:01 GMT"), 1000);
	assert_int_equal(http_answer_parse_date("Thu, 32 Jan 1970 00:00:01 GMT"), -1);
	assert_int_equal(http_answer_parse_date("Thu, 01 anF 1970 00:00:01 GMT"), -1);
	assert_int_equal(http_answer_parse_date(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_redirect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_retry_after, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ceiling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timeouts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secret_needs_tls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stream_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cancel_inside, setup, teardown),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
