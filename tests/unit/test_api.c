/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud/api.h"
#include "cloud/watch.h"
#include "unit/server.h"

#define HASH "90e9209c18a4a24474244043b23af73657794672e45dbec32b99c413d4dc1297"

struct scene {
	struct loop *loop;
	struct http *http;
	struct server *server;
	struct api *api;
	char seen[4096]; /* every request as "METHOD path key hash tx body" */
	const char *mode;
	int done, polls;
	_Atomic int held, asked; /* streams held open, states asked for one by one */
	struct api_update_result result;
	struct api_reply reply;
	char key[300];
};

static void note(struct scene *scene, const struct server_request *request)
{
	char key[64] = "-", hash[80] = "-", tx[80] = "-";
	size_t len = strlen(scene->seen);

	server_header(request, "x-api-key", key, sizeof(key));
	server_header(request, "x-compose-hash", hash, sizeof(hash));
	server_header(request, "x-transaction-hash", tx, sizeof(tx));
	snprintf(scene->seen + len, sizeof(scene->seen) - len, "%s %s %s %.6s %s %s\n", request->method, request->path + 7, key, hash, tx, request->body);
}

static bool serve(void *ctx, int fd, const struct server_request *request)
{
	struct scene *scene = ctx;
	bool patch = strcmp(request->method, "PATCH") == 0;

	if (strcmp(scene->mode, "hold") == 0 && strstr(request->path, "/state?")) {
		server_print(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\nevent: state\ndata: {\"status\":\"starting\"}\n\n");
		scene->held++;
		return true;
	}
	if (strcmp(scene->mode, "hold") == 0) {
		server_json(fd, 200, "{\"status\":\"starting\",\"in_progress\":true}");
		scene->asked++;
		return true;
	}
	note(scene, request);
	if (strstr(request->path, "/state?"))
		server_json(fd, 429, "{}");
	else if (strstr(request->path, "/state"))
		server_json(fd, 200, scene->polls++ ? "{\"status\":\"running\"}" : "{\"status\":\"starting\",\"in_progress\":true}");
	else if (patch && strcmp(scene->mode, "405") == 0)
		server_json(fd, 405, "{\"detail\":\"Method Not Allowed\"}");
	else if (patch && strcmp(scene->mode, "ok") != 0)
		server_json(fd, 404, "{\"detail\":\"Not Found\"}");
	else if (strcmp(request->method, "GET") == 0)
		server_json(fd, strcmp(scene->mode, "unknown") == 0 ? 404 : 200, "{\"id\":\"cvm_1\",\"name\":\"x\"}");
	else if (patch || strstr(request->path, "/confirm-patch") || strstr(request->path, "/commit-update"))
		server_json(fd, 202, "{\"correlation_id\":\"c-1\"}");
	else
		server_json(fd, 200, "{\"requiresOnChainHash\":true,\"composeHash\":\"0x" HASH "\",\"deviceId\":\"0x" HASH "\"}");
	return true;
}

static void on_update(void *ctx, const struct api_reply *reply, const struct api_update_result *result)
{
	struct scene *scene = ctx;

	scene->reply = *reply;
	scene->result = *result;
	scene->done = 1;
}

static int setup(void **state)
{
	struct scene *scene = mem_new(1, sizeof(*scene));
	struct credentials credentials = { 0 };
	char token[] = "throw-away";
	struct error err;

	scene->loop = loop_new(&err);
	scene->http = http_new(scene->loop, &err);
	scene->server = server_start(serve, scene);
	credentials.api_prefix = mem_printf("%s/api/v1", server_url(scene->server));
	secret_set(&credentials.token, token, strlen(token), true);
	scene->api = api_new(scene->loop, scene->http, &credentials, NULL);
	credentials_clear(&credentials);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	api_free(scene->api);
	http_free(scene->http);
	server_stop(scene->server);
	loop_free(scene->loop);
	free(scene);
	return 0;
}

static void wait_done(struct scene *scene)
{
	int64_t end = clock_mono_ms() + 15000;

	while (!scene->done && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_true(scene->done);
}

static void update(struct scene *scene, const char *mode)
{
	struct api_update change = { .compose = "services: {}\n", .compose_len = 13 };

	scene->mode = mode;
	api_send_update(scene->api, "965c80ad-9371-48db-aebb-6edea7be1ece", &change, on_update, scene);
	assert_int_equal(scene->done, 0);
	wait_done(scene);
}

#define PATCHED "PATCH /cvms/965c80ad937148dbaebb6edea7be1ece throw-away - - {\"docker_compose_file\":\"services: {}\\n\"}\n"
#define POSTED "POST /cvms/965c80ad937148dbaebb6edea7be1ece throw-away - - {\"docker_compose_file\":\"services: {}\\n\"}\n"

static void test_dialects(void **state)
{
	struct scene *scene = *state;

	update(scene, "405");
	assert_string_equal(scene->seen, PATCHED POSTED);
	assert_int_equal(scene->result.kind, API_UPDATE_NEEDS_ONCHAIN);
	assert_true(scene->result.documented);
	assert_string_equal(scene->result.compose_hash, HASH);
	assert_string_equal(scene->result.device_id, HASH);
}

static void test_not_found_but_there(void **state)
{
	struct scene *scene = *state;

	update(scene, "404");
	assert_string_equal(scene->seen, PATCHED "GET /cvms/965c80ad937148dbaebb6edea7be1ece throw-away - - \n" POSTED);
	assert_true(scene->result.documented);
}

static void test_unknown_cvm(void **state)
{
	struct scene *scene = *state;

	update(scene, "unknown");
	assert_string_equal(scene->seen, PATCHED "GET /cvms/965c80ad937148dbaebb6edea7be1ece throw-away - - \n");
	assert_int_equal(scene->result.kind, API_UPDATE_FAILED);
	assert_string_equal(scene->reply.error.code, "http-404");
}

static void test_confirm(void **state)
{
	struct scene *scene = *state;

	scene->mode = "ok";
	api_send_confirm(scene->api, "my-app", HASH, "0x01", false, on_update, scene);
	wait_done(scene);
	assert_string_equal(scene->seen, "PATCH /cvms/my-app throw-away 90e920 0x01 {}\n");
	assert_string_equal(scene->result.correlation_id, "c-1");
	scene->seen[0] = '\0';
	scene->done = 0;
	api_send_confirm(scene->api, "my-app", "ab", "0x01", true, on_update, scene);
	wait_done(scene);
	assert_string_equal(scene->seen, "POST /cvms/my-app/confirm-patch throw-away - - "
		"{\"composeHash\":\"ab\",\"transactionHash\":\"0x01\",\"compose_hash\":\"ab\",\"transaction_hash\":\"0x01\"}\n");
}

/* The token is the credential: the key stays here. */
static void test_commit(void **state)
{
	struct scene *scene = *state;

	scene->mode = "ok";
	api_send_commit(scene->api, "a/b", "tok", "", "already-registered", on_update, scene);
	wait_done(scene);
	assert_string_equal(scene->seen, "POST /cvms/a%2Fb/commit-update - - - "
		"{\"token\":\"tok\",\"compose_hash\":\"\",\"transaction_hash\":\"already-registered\"}\n");
}

static void on_watched(void *ctx, const json *last, const struct error *err)
{
	struct scene *scene = ctx;

	assert_int_equal(err->status, STATUS_OK);
	assert_string_equal(json_text(last, "status"), "running");
	scene->done = 1;
}

/* No stream is to be had: one state after the other is asked for. */
static void test_watch_polls(void **state)
{
	struct scene *scene = *state;
	struct watch_options options = { .attempts = 1, .retry_delay_ms = -1 };
	struct watch_handler handler = { NULL, on_watched, scene };

	scene->mode = "ok";
	watch_start(scene->api, "my-app", &options, &handler);
	wait_done(scene);
	assert_int_equal(scene->polls, 2);
}

static void until(struct scene *scene, int held, int asked)
{
	int64_t end = clock_mono_ms() + 15000;

	while ((scene->held < held || scene->asked < asked) && clock_mono_ms() < end)
		loop_turn(scene->loop, 50);
	assert_int_equal(scene->held, held);
	assert_true(scene->asked >= asked);
}

/* The API gives five streams to a user; who comes later asks for one state after the other, until one is free. */
static void test_watch_streams(void **state)
{
	struct scene *scene = *state;
	struct watch_options options = { .attempts = 1, .retry_delay_ms = -1 };
	struct watch_handler handler = { NULL, on_watched, scene };
	struct watch *watches[8];
	int i;

	scene->mode = "hold";
	for (i = 0; i < 7; i++)
		watches[i] = watch_start(scene->api, "my-app", &options, &handler);
	until(scene, WATCH_STREAMS, 2);
	watch_cancel(watches[0]);
	watches[0] = watch_start(scene->api, "my-app", &options, &handler);
	until(scene, WATCH_STREAMS + 1, 2);
	watches[7] = watch_start(scene->api, "my-app", &options, &handler);
	until(scene, WATCH_STREAMS + 1, 3);
	for (i = 0; i < 8; i++)
		watch_cancel(watches[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_watch_streams, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dialects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_found_but_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_cvm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_confirm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_watch_polls, setup, teardown),
	};
	struct error err;

	return !secret_setup(&err) || cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
