/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "unit/server.h"
#include "wire/rpc.h"

struct seen {
	int done;
	size_t count;
	struct rpc_answer answers[4];
	char results[4][64];
	char data[4][64];
	char sent[1024];
};

/* What the server answers; %a, %b and %c stand for the ids asked. */
struct script {
	const char *answer;
	int status;
	char sent[1024];
};

static bool handle(void *ctx, int fd, const struct server_request *request)
{
	struct script *script = ctx;
	const char *at = strstr(request->body, "\"id\":");
	long first = at ? strtol(at + 5, NULL, 10) : 0;
	char body[2048] = "";
	const char *from;
	size_t len = 0;

	snprintf(script->sent, sizeof(script->sent), "%s", request->body);
	for (from = script->answer; *from && len < sizeof(body) - 24; from++) {
		if (*from == '%')
			len += (size_t)snprintf(body + len, 24, "%ld", first + (*++from - 'a'));
		else
			body[len++] = *from;
	}
	server_answer(fd, script->status ? script->status : 200, "Word", "application/json", "", body, len);
	return true;
}

static void on_answers(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct seen *seen = ctx;
	size_t i;

	seen->done++;
	seen->count = count;
	for (i = 0; i < count && i < 4; i++) {
		seen->answers[i] = answers[i];
		snprintf(seen->results[i], sizeof(seen->results[i]), "%s", json_string(answers[i].result, answers[i].result ? "?" : "-"));
		snprintf(seen->data[i], sizeof(seen->data[i]), "%s", answers[i].error_data ? answers[i].error_data : "-");
	}
}

static struct seen ask(size_t count, const char *answer, int status)
{
	struct script script = { .answer = answer, .status = status };
	struct server *server = server_start(handle, &script);
	struct rpc_request requests[3] = { { "eth_chainId", NULL }, { "eth_getBalance", json_new_array() }, { "eth_call", NULL } };
	struct seen seen = { 0 };
	struct error err;
	struct loop *loop = loop_new(&err);
	struct http *http = http_new(loop, &err);
	struct rpc *rpc = rpc_new(http, server_url(server));
	int64_t end = clock_mono_ms() + 10000;

	if (count < 2)
		json_free(requests[1].params);
	else
		json_append(requests[1].params, json_new_text("0x\"1"));
	rpc_send(rpc, requests, count, 0, on_answers, &seen);
	assert_int_equal(seen.done, 0);
	while (!seen.done && clock_mono_ms() < end)
		loop_turn(loop, 100);
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.count, count);
	assert_true(rpc_latency_ms(rpc) >= 0);
	/* one on its way when the endpoint goes */
	requests[0].params = NULL;
	rpc_send(rpc, requests, 1, 0, on_answers, &seen);
	rpc_free(rpc);
	assert_int_equal(seen.done, 1);
	http_free(http);
	server_stop(server);
	loop_free(loop);
	snprintf(seen.sent, sizeof(seen.sent), "%s", script.sent);
	return seen;
}

static void assert_codes(const struct seen *seen, const char *a, const char *b, const char *c)
{
	const char *want[] = { a, b, c };
	size_t i;

	for (i = 0; i < seen->count; i++) {
		assert_string_equal(seen->answers[i].error.code, want[i]);
		assert_int_equal(seen->answers[i].error.status, *want[i] ? STATUS_CHAIN : STATUS_OK);
		assert_true((seen->answers[i].result == NULL) == (*want[i] != 0));
	}
}

static void test_single(void **state)
{
	struct seen seen = ask(1, "{\"jsonrpc\":\"2.0\",\"id\":%a,\"result\":\"0x2105\"}", 0);

	(void)state;
	assert_codes(&seen, "", "", "");
	assert_string_equal(seen.results[0], "0x2105");
	seen = ask(1, "{\"jsonrpc\":\"2.0\",\"id\":%a,\"result\":null}", 0);
	assert_codes(&seen, "", "", "");
}

static void test_batch_out_of_order(void **state)
{
	struct seen seen = ask(3, "[{\"id\":%c,\"result\":\"c\"},{\"id\":%a,\"result\":\"a\"},{\"id\":\"%b\",\"result\":\"b\"},{\"id\":%a,\"result\":\"again\"}]", 0);

	(void)state;
	assert_codes(&seen, "", "", "");
	assert_string_equal(seen.results[0], "a");
	assert_string_equal(seen.results[1], "b");
	assert_string_equal(seen.results[2], "c");
	assert_non_null(strstr(seen.sent, "\"method\":\"eth_getBalance\",\"params\":[\"0x\\\"1\"]"));
}

static void test_batch_partly_missing(void **state)
{
	struct seen seen = ask(3, "[{\"id\":%b,\"result\":\"b\"},{\"id\":99999,\"result\":\"x\"},{\"result\":\"x\"},7,null]", 0);

	(void)state;
	assert_codes(&seen, "rpc-missing", "", "rpc-missing");
}

static void test_batch_single_error(void **state)
{
	struct seen seen = ask(3, "{\"id\":null,\"error\":{\"code\":-32600,\"message\":\"batch\\u001b[31m too large\"}}", 0);

	(void)state;
	assert_codes(&seen, "rpc--32600", "rpc--32600", "rpc--32600");
	assert_null(strchr(seen.answers[0].error.message, 0x1b));
	seen = ask(2, "{\"error\":{\"code\":-32600,\"message\":\"no\"}}", 400);
	assert_codes(&seen, "rpc--32600", "rpc--32600", "");
}

static void test_revert_data(void **state)
{
	struct seen seen = ask(3, "[{\"id\":%a,\"error\":{\"code\":3,\"message\":\"execution reverted\",\"data\":\"0x118cdaa7\"}},"
		"{\"id\":%b,\"error\":{\"code\":-32000,\"message\":\"r\",\"data\":{\"data\":\"0x12\"}}},"
		"{\"id\":%c,\"error\":{\"code\":-32601,\"message\":\"r\"},\"result\":\"0x\"}]", 0);

	(void)state;
	assert_codes(&seen, "rpc-3", "rpc--32000", "rpc--32601");
	assert_string_equal(seen.data[0], "0x118cdaa7");
	assert_string_equal(seen.data[1], "0x12");
	assert_string_equal(seen.data[2], "-");
	assert_int_equal(seen.answers[0].node_code, 3);
}

static void test_bad_answers(void **state)
{
	struct seen seen = ask(1, "<html>gateway</html>", 0);

	(void)state;
	assert_codes(&seen, "rpc-not-json", "", "");
	seen = ask(1, "<html>gateway</html>", 502);
	assert_codes(&seen, "rpc-http-502", "", "");
	seen = ask(1, "{\"message\":\"slow down\"}", 429);
	assert_codes(&seen, "rpc-http-429", "", "");
	seen = ask(1, "{\"id\":12345,\"result\":\"0x\"}", 0);
	assert_codes(&seen, "rpc-missing", "", "");
	seen = ask(1, "{\"id\":%a}", 0);
	assert_codes(&seen, "rpc-bad-answer", "", "");
	seen = ask(1, "[]", 0);
	assert_codes(&seen, "rpc-missing", "", "");
	seen = ask(1, "7", 0);
	assert_codes(&seen, "rpc-missing", "", "");
}

static void test_network(void **state)
{
	struct seen seen = { 0 };
	struct error err;
	struct loop *loop = loop_new(&err);
	struct http *http = http_new(loop, &err);
	char *url = mem_printf("http://127.0.0.1:%d/v2/secretkey", server_dead_port());
	struct rpc *rpc = rpc_new(http, url);
	struct rpc_request request = { "eth_chainId", NULL };

	(void)state;
	rpc_send(rpc, &request, 1, 0, on_answers, &seen);
	while (!seen.done)
		loop_turn(loop, 100);
	assert_codes(&seen, "network-refused", "", "");
	assert_null(strstr(seen.answers[0].error.message, "secretkey"));
	assert_int_equal(rpc_latency_ms(rpc), -1);
	rpc_free(rpc);
	free(url);
	http_free(http);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_batch_out_of_order),
		cmocka_unit_test(test_batch_partly_missing),
		cmocka_unit_test(test_batch_single_error),
		cmocka_unit_test(test_revert_data),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_network),
	};

	return cmocka_run_group_tests_name("rpc", tests, NULL, NULL);
}
