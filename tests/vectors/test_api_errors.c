/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of the API and answers to an update, over a real connection to a
 * server that answers as the case says. Named difference:
 *
 *  asks-whether-it-exists  after a PATCH got 404 we ask once whether the CVM is
 *                          there, before believing that the server speaks the
 *                          documented dialect; the tool does not know that one
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud/api_call.h"
#include "cloud/cvm_id.h"
#include "cloud/update.h"
#include "unit/server.h"
#include "vectors/vectors.h"

struct scene {
	const struct exact_json *answer; /* the vector's response */
	struct loop *loop;
	struct http *http;
	struct server *server;
	struct api *api;
	char base[80], first_method[16], first_path[2048], prepare[16];
	char *first_body;
	bool has_prepare, done;
	struct api_error *error;
	char *body;
	size_t len;
	struct api_update_result result;
};

static bool answer(void *ctx, int fd, const struct server_request *request)
{
	struct scene *scene = ctx;
	const char *body, *reason = exact_json_text(scene->answer, "reason");
	size_t len = 0;

	if (request->number == 0) {
		snprintf(scene->first_method, sizeof(scene->first_method), "%s", request->method);
		snprintf(scene->first_path, sizeof(scene->first_path), "%s", request->path);
		scene->first_body = mem_copy(request->body, request->body_len);
		scene->has_prepare = server_header(request, "x-prepare-only", scene->prepare, sizeof(scene->prepare));
	}
	if (exact_json_get(scene->answer, "network"))
		return false;
	body = exact_json_string(exact_json_get(scene->answer, "body"), &len);
	server_answer(fd, (int)exact_json_number(exact_json_get(scene->answer, "status"), 0), reason,
		exact_json_string(exact_json_get(scene->answer, "content_type"), NULL), "", body ? body : "", body ? len : 0);
	return true;
}

static void scene_open(struct scene *scene, const struct exact_json *response)
{
	struct credentials credentials = { .api_prefix = scene->base };
	struct error err;
	bool refused = strcmp(exact_json_text(response, "network"), "refused") == 0;

	memset(scene, 0, sizeof(*scene));
	scene->answer = response;
	scene->loop = loop_new(&err);
	scene->http = http_new(scene->loop, &err);
	scene->server = server_start(answer, scene);
	snprintf(scene->base, sizeof(scene->base), "http://127.0.0.1:%d/api/v1", refused ? server_dead_port() : server_port(scene->server));
	scene->api = api_new(scene->loop, scene->http, &credentials, NULL);
}

static void scene_close(struct scene *scene)
{
	api_free(scene->api);
	http_free(scene->http);
	server_stop(scene->server);
	loop_free(scene->loop);
	api_error_free(scene->error);
	free(scene->first_body);
	free(scene->body);
}

static void wait_done(struct scene *scene)
{
	int64_t end = clock_mono_ms() + 20000;

	while (!scene->done && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_true(scene->done);
}

/* ---- what the error says ---- */

static struct exact_json *with_base(const struct exact_json *value, const char *base)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct exact_json_style compact = { 0 };
	struct exact_json *replaced;
	const char *at, *found;

	exact_json_print(&text, value, compact);
	for (at = buf_text(&text); (found = strstr(at, "{BASE}")); at = found + 6) {
		buf_add(&out, at, (size_t)(found - at));
		buf_add_text(&out, base);
	}
	buf_add_text(&out, at);
	replaced = exact_json_parse(buf_text(&out), out.len, NULL);
	buf_clear(&text);
	buf_clear(&out);
	return replaced;
}

static void same_json(const char *what, const struct exact_json *have, const struct exact_json *want)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct exact_json_style compact = { 0 };

	if (!have && !want)
		return;
	if (have && want && exact_json_equal(have, want))
		return;
	if (have)
		exact_json_print(&a, have, compact);
	if (want)
		exact_json_print(&b, want, compact);
	print_error("%s: have %s want %s\n", what, buf_text(&a), buf_text(&b));
	buf_clear(&a);
	buf_clear(&b);
	fail_msg("%s differs", what);
}

static void same_text(const struct exact_json *want, const char *name, const char *have, size_t have_len)
{
	size_t len;
	const char *text = vectors_text(want, name, &len);

	vectors_same_bytes(have, have_len, text, len);
}

static void check_error(const struct api_error *error, const struct exact_json *expect, const char *base)
{
	struct exact_json *want = with_base(expect, base);
	struct buf formatted = BUF_INIT, plain = BUF_INIT;
	struct error words;

	assert_string_equal(api_class_name(error->class), exact_json_text(want, "class"));
	assert_int_equal(error->status, (int)exact_json_number(exact_json_get(want, "status"), -1));
	if (error->status)
		assert_string_equal(error->reason, exact_json_text(want, "statusText"));
	same_text(want, "message", buf_text(&error->message), error->message.len);
	same_json("detail", error->detail, exact_json_get(want, "detail"));
	same_json("errorCode", error->code, exact_json_get(want, "errorCode"));
	same_json("structuredDetails", error->details, exact_json_get(want, "structuredDetails"));
	same_json("suggestions", error->suggestions, exact_json_get(want, "suggestions"));
	same_json("links", error->links, exact_json_get(want, "links"));
	same_json("validationErrors", error->validation, exact_json_get(want, "validationErrors"));
	if (exact_json_kind(exact_json_get(want, "formatted")) == EXACT_STRING) {
		assert_true(api_error_format(&formatted, error));
		same_text(want, "formatted", buf_text(&formatted), formatted.len);
	} else {
		assert_false(api_error_format(&formatted, error));
	}
	api_error_plain(&plain, error);
	same_text(want, "plain", buf_text(&plain), plain.len);
	/* and for a person: a status, a code, and what to do */
	api_error_explain(error, &words);
	assert_int_equal(words.status, error->status == 401 || error->status == 403 ? STATUS_CREDENTIALS : STATUS_API);
	assert_true(words.code[0] && words.message[0] && words.next[0]);
	buf_clear(&formatted);
	buf_clear(&plain);
	exact_json_free(want);
}

/* ---- kind error ---- */

static void on_end(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	struct scene *scene = call->ctx;
	char *url = mem_printf("%s%s", scene->base, call->spec.path);
	struct api_answer got = { .method = call->spec.method, .url = url };

	if (response) {
		got.status = response->status;
		got.reason = response->reason;
		got.content_type = response->content_type;
		got.body = response->body;
		got.len = response->len;
		scene->body = mem_copy(response->body, response->len);
		scene->len = response->len;
	}
	if (reply->error.status != STATUS_OK)
		scene->error = api_error_new(&got);
	scene->done = true;
	free(url);
}

static void check_data(const struct scene *scene, const struct exact_json *want)
{
	struct exact_json *data = api_body_parse(scene->body, scene->len, NULL);

	assert_null(scene->error);
	if (!data)
		data = exact_json_new_string(scene->body, scene->len);
	same_json("data", data, want);
	exact_json_free(data);
}

static void check_request(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	const char *path = exact_json_text(vector, "path");
	struct scene scene;
	struct api_spec spec = { .method = exact_json_text(vector, "method"), .path = mem_strdup(*path ? path : "/cvms/x") };

	scene_open(&scene, vectors_need(vector, "response"));
	api_call_new(scene.api, &spec, on_end, NULL, &scene);
	wait_done(&scene);
	assert_int_equal(server_requests(scene.server), (int)exact_json_number(exact_json_get(expect, "requests"), -1));
	if (exact_json_get(expect, "data"))
		check_data(&scene, exact_json_get(expect, "data"));
	else
		check_error(scene.error, expect, scene.base);
	scene_close(&scene);
}

/* ---- kind patch_cvm ---- */

static void on_update(void *ctx, const struct api_reply *reply, const struct api_update_result *result)
{
	struct scene *scene = ctx;

	(void)reply;
	scene->result = *result;
	scene->done = true;
}

static const char *text_of(const struct exact_json *request, const char *name)
{
	return exact_json_string(exact_json_get(request, name), NULL);
}

static enum cvm_flag flag_of(const struct exact_json *request, const char *name)
{
	const struct exact_json *value = exact_json_get(request, name);

	if (exact_json_kind(value) != EXACT_BOOL)
		return CVM_UNKNOWN;
	return exact_json_bool(value, false) ? CVM_YES : CVM_NO;
}

static int64_t number_of(const struct exact_json *request, const char *name)
{
	return (int64_t)exact_json_number(exact_json_get(request, name), 0);
}

enum { MOST_ENVS = 64 };

static void read_update(struct api_update *update, const char *envs[MOST_ENVS], const struct exact_json *request)
{
	const struct exact_json *list = exact_json_get(request, "allowed_envs");

	memset(update, 0, sizeof(*update));
	update->compose = exact_json_string(exact_json_get(request, "docker_compose_file"), &update->compose_len);
	update->script = exact_json_string(exact_json_get(request, "pre_launch_script"), &update->script_len);
	update->has_allowed_envs = list != NULL;
	update->allowed_envs = envs;
	for (; update->env_count < exact_json_count(list) && update->env_count < MOST_ENVS; update->env_count++)
		envs[update->env_count] = exact_json_string(exact_json_item(list, update->env_count), NULL);
	update->public_logs = flag_of(request, "public_logs");
	update->public_sysinfo = flag_of(request, "public_sysinfo");
	update->public_tcbinfo = flag_of(request, "public_tcbinfo");
	update->encrypted_env = text_of(request, "encrypted_env");
	update->user_config = text_of(request, "user_config");
	update->image = text_of(request, "image");
	update->vcpu = number_of(request, "vcpu");
	update->memory = number_of(request, "memory");
	update->disk_size = number_of(request, "disk_size");
	update->shutdown_timeout = number_of(request, "shutdown_timeout");
	update->allow_force_stop = flag_of(request, "allow_force_stop");
	update->prepare_only = exact_json_bool(exact_json_get(request, "prepareOnly"), false);
}

static void check_issues(const struct exact_json *want, const struct update_issue *issues, size_t count)
{
	size_t i;

	assert_int_equal(count, exact_json_count(want));
	for (i = 0; i < count; i++) {
		assert_string_equal(issues[i].path, exact_json_text(exact_json_item(want, i), "path"));
		assert_string_equal(issues[i].message, exact_json_text(exact_json_item(want, i), "message"));
	}
}

static void check_sent(const struct scene *scene, const struct exact_json *want)
{
	const struct exact_json *first = exact_json_item(want, 0);
	int more = strcmp(scene->first_method, "PATCH") == 0 && exact_json_number(exact_json_get(scene->answer, "status"), 0) == 404;
	const char *prepare = exact_json_string(exact_json_get(first, "prepare_only"), NULL);

	assert_int_equal(server_requests(scene->server), (int)exact_json_count(want) + more);
	assert_string_equal(scene->first_method, exact_json_text(first, "method"));
	assert_string_equal(scene->first_path, exact_json_text(first, "url"));
	assert_string_equal(scene->first_body, exact_json_text(first, "body"));
	assert_int_equal(scene->has_prepare, prepare != NULL);
	if (prepare)
		assert_string_equal(scene->prepare, prepare);
	if (more)
		print_message("# asks-whether-it-exists\n");
}

static void check_answer(const struct scene *scene, const struct exact_json *expect)
{
	const struct exact_json *response = scene->answer;
	size_t len, count;
	const char *body = exact_json_string(exact_json_get(response, "body"), &len);
	const char *type = exact_json_string(exact_json_get(response, "content_type"), NULL);
	int status = (int)exact_json_number(exact_json_get(response, "status"), 0);
	struct exact_json *data = update_read(status, body, len, type);
	struct update_issue issues[UPDATE_MOST_ISSUES];
	char *url = mem_printf("http://127.0.0.1:%d%s", server_port(scene->server), scene->first_path);
	struct api_answer got = { scene->first_method, url, status, exact_json_text(response, "reason"), type, body, len };
	struct api_error *error = NULL;

	if (exact_json_get(expect, "error")) {
		assert_null(data);
		error = api_error_new(&got);
		check_error(error, exact_json_get(expect, "error"), scene->base);
		assert_int_equal(scene->result.kind, API_UPDATE_FAILED);
	} else {
		count = update_check(data, issues);
		if (exact_json_get(expect, "issues"))
			check_issues(exact_json_get(expect, "issues"), issues, count);
		else
			same_json("data", data, exact_json_get(expect, "data"));
		if (exact_json_bool(exact_json_get(expect, "success"), false))
			assert_int_equal(scene->result.kind, status == 465 ? API_UPDATE_NEEDS_ONCHAIN : API_UPDATE_APPLIED);
		if (exact_json_get(expect, "kms_chain"))
			assert_int_equal(scene->result.kms.chain_id, (uint64_t)exact_json_number(exact_json_get(expect, "kms_chain"), 0));
	}
	api_error_free(error);
	exact_json_free(data);
	free(url);
}

static void check_patch(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect"), *request = vectors_need(vector, "request");
	struct cvm_id given = { text_of(request, "id"), text_of(request, "uuid"), text_of(request, "app_id"), text_of(request, "instance_id"),
		text_of(request, "name") };
	struct cvm_id_issue issues[CVM_ID_MOST_ISSUES];
	size_t count;
	char *ref = cvm_id_choose(&given, issues, &count);
	const char *envs[MOST_ENVS];
	struct api_update update;
	struct scene scene;

	if (!ref) {
		assert_int_equal(exact_json_count(vectors_need(expect, "sent")), 0);
		assert_string_equal(issues[0].message, exact_json_text(exact_json_item(vectors_need(expect, "issues"), 0), "message"));
		return;
	}
	read_update(&update, envs, request);
	scene_open(&scene, vectors_need(vector, "response"));
	api_send_update(scene.api, ref, &update, on_update, &scene);
	wait_done(&scene);
	check_sent(&scene, vectors_need(expect, "sent"));
	check_answer(&scene, expect);
	scene_close(&scene);
	free(ref);
}

static void check(const struct exact_json *vector)
{
	if (strcmp(exact_json_text(vector, "kind"), "patch_cvm") == 0)
		check_patch(vector);
	else
		check_request(vector);
}

int main(void)
{
	return vectors_run("api_errors", check);
}
