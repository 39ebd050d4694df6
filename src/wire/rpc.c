/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP POST per call or batch. The ids of a batch are consecutive numbers
 * from a counter of the endpoint, so an answer finds its place by its id and
 * an answer to something else finds none. The URL of an endpoint often holds a
 * key, so messages name its host only (http.c does that too).
 */
#include "wire/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum { RPC_TIMEOUT_MS = 20000 };

struct rpc {
	struct http *http;
	char *url;
	struct rpc_call *calls;
	int64_t next_id;
	int64_t latency_ms;
};

struct rpc_call {
	struct rpc *rpc;
	struct rpc_call *prev, *next;
	struct http_call *http;
	int64_t first_id;
	struct rpc_answer *answers;
	size_t count;
	rpc_fn *fn;
	void *ctx;
};

struct rpc *rpc_new(struct http *http, const char *url)
{
	struct rpc *rpc = mem_new(1, sizeof(*rpc));

	rpc->http = http;
	rpc->url = mem_strdup(url);
	rpc->next_id = 1;
	rpc->latency_ms = -1;
	return rpc;
}

static void call_free(struct rpc_call *call)
{
	if (call->prev)
		call->prev->next = call->next;
	else
		call->rpc->calls = call->next;
	if (call->next)
		call->next->prev = call->prev;
	free(call->answers);
	free(call);
}

void rpc_free(struct rpc *rpc)
{
	if (!rpc)
		return;
	while (rpc->calls)
		rpc_cancel(rpc->calls);
	free(rpc->url);
	free(rpc);
}

const char *rpc_url(const struct rpc *rpc)
{
	return rpc->url;
}

int64_t rpc_latency_ms(const struct rpc *rpc)
{
	return rpc->latency_ms;
}

/* ---- answers ---- */

static void set_node_error(struct rpc_answer *answer, const json *error)
{
	const json *data = json_member(error, "data");
	char message[300], code[40];
	const char *text = json_string(json_member(error, "message"), json_string(error, "no reason given"));

	answer->node_code = (int)json_int(error, "code", -32603);
	snprintf(code, sizeof(code), "rpc-%d", answer->node_code);
	text_safe_copy(message, sizeof(message), text, strlen(text));
	error_set(&answer->error, STATUS_CHAIN, code, "the node refused the call: %s", message);
	if (answer->node_code == -32601)
		error_next(&answer->error, "this endpoint does not know the method; use another one with --rpc-url");
	else if (answer->node_code == -32005 || answer->node_code == 429)
		error_next(&answer->error, "the endpoint limits requests; wait a little, or use another one with --rpc-url");
	/* Nodes put revert bytes in data, or one level deeper. */
	answer->error_data = json_string(data, json_string(json_member(data, "data"), NULL));
	if (!answer->error_data)
		answer->error_data = json_string(json_at(error, "data.originalError.data"), NULL);
}

static void set_answer(struct rpc_answer *answer, const json *item)
{
	const json *error = json_member(item, "error");
	const json *result = json_member(item, "result");

	if (answer->result || answer->error.status != STATUS_OK)
		return; /* a second answer to one question */
	if (error && json_kind(error) != JSON_NULL) {
		set_node_error(answer, error);
	} else if (result) {
		answer->result = result;
	} else {
		error_set(&answer->error, STATUS_CHAIN, "rpc-bad-answer", "the node's answer has neither a result nor an error");
		error_next(&answer->error, "the endpoint does not keep to JSON-RPC 2.0; use another one with --rpc-url");
	}
}

static struct rpc_answer *answer_of(struct rpc_call *call, const json *item)
{
	int64_t id = json_int(item, "id", -1);

	if (id < call->first_id || (uint64_t)(id - call->first_id) >= call->count)
		return NULL;
	return &call->answers[id - call->first_id];
}

static void set_all(struct rpc_call *call, const struct error *error)
{
	size_t i;

	for (i = 0; i < call->count; i++) {
		call->answers[i].error = *error;
		call->answers[i].error.status = STATUS_CHAIN;
	}
}

/* An error without an id is about everything that was asked. */
static void set_item(struct rpc_call *call, const json *item, bool only)
{
	struct rpc_answer *answer = answer_of(call, item);
	enum json_kind id = json_kind(json_member(item, "id"));
	size_t i;

	if (answer) {
		set_answer(answer, item);
	} else if (only && (id == JSON_MISSING || id == JSON_NULL) && json_kind(json_member(item, "error")) > JSON_NULL) {
		for (i = 0; i < call->count; i++)
			set_answer(&call->answers[i], item);
	}
}

static void set_missing(struct rpc_call *call)
{
	size_t i;

	for (i = 0; i < call->count; i++) {
		struct rpc_answer *answer = &call->answers[i];

		if (answer->result || answer->error.status != STATUS_OK)
			continue;
		error_set(&answer->error, STATUS_CHAIN, "rpc-missing", "the node gave no answer to this call%s",
			call->count > 1 ? " of the batch" : "");
		error_next(&answer->error, "try again, or use another endpoint with --rpc-url");
	}
}

static bool is_rpc_shape(const json *tree)
{
	const json *item = json_kind(tree) == JSON_ARRAY ? json_first(tree) : tree;

	return json_kind(item) == JSON_OBJECT && (json_member(item, "result") || json_member(item, "error"));
}

static void set_http_error(struct rpc_call *call, const struct http_response *response)
{
	struct error error;
	char code[40];

	snprintf(code, sizeof(code), "rpc-http-%d", response->status);
	error_set(&error, STATUS_CHAIN, code, "the RPC endpoint answered HTTP %d %s", response->status, response->reason);
	if (response->status == 401 || response->status == 403)
		error_next(&error, "the endpoint wants a key or another one; give a whole URL with --rpc-url");
	else if (response->status == 429)
		error_next(&error, "the endpoint limits requests; wait a little, or use another one with --rpc-url");
	else
		error_next(&error, "try again, or use another endpoint with --rpc-url");
	set_all(call, &error);
}

static void read_answers(struct rpc_call *call, const struct http_response *response, const json *tree, const struct error *err)
{
	bool http_ok = response->status >= 200 && response->status < 300;
	const json *item;
	struct error error;
	char code[sizeof(err->code) + 4];

	if (!http_ok && !is_rpc_shape(tree)) {
		set_http_error(call, response);
	} else if (!tree) {
		error = *err;
		snprintf(code, sizeof(code), "rpc-%s", err->code);
		text_copy(error.code, sizeof(error.code), code);
		error_next(&error, "the RPC endpoint does not answer in JSON-RPC; check the URL given with --rpc-url");
		set_all(call, &error);
	} else if (json_kind(tree) == JSON_ARRAY) {
		for (item = json_first(tree); item; item = json_next(item))
			set_item(call, item, false);
	} else {
		set_item(call, tree, true);
	}
}

static void on_done(void *ctx, const struct http_response *response, const struct error *err)
{
	struct rpc_call *call = ctx;
	struct error bad;
	json *tree = NULL;

	call->http = NULL;
	if (response->status == 0) {
		set_all(call, err);
	} else {
		call->rpc->latency_ms = response->total_ms;
		tree = json_parse(response->body, response->len, &bad);
		read_answers(call, response, tree, &bad);
	}
	set_missing(call);
	call->fn(call->ctx, call->answers, call->count);
	call_free(call);
	json_free(tree);
}

/* ---- requests ---- */

static void add_request(struct buf *out, const struct rpc_request *request, int64_t id)
{
	buf_add_format(out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":", (long long)id);
	json_quote(out, request->method, strlen(request->method));
	buf_add_text(out, ",\"params\":");
	if (request->params)
		json_print(out, request->params);
	else
		buf_add_text(out, "[]");
	buf_add_byte(out, '}');
	json_free(request->params);
}

static void write_body(struct buf *body, const struct rpc_request *requests, size_t count, int64_t first_id)
{
	size_t i;

	buf_init(body, 0);
	if (count > 1)
		buf_add_byte(body, '[');
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_byte(body, ',');
		add_request(body, &requests[i], first_id + (int64_t)i);
	}
	if (count > 1)
		buf_add_byte(body, ']');
}

struct rpc_call *rpc_send(struct rpc *rpc, const struct rpc_request *requests, size_t count, int64_t timeout_ms, rpc_fn *fn, void *ctx)
{
	static const struct http_header headers[] = { { "Content-Type", "application/json", false }, { "Accept", "application/json", false } };
	struct rpc_call *call = mem_new(1, sizeof(*call));
	struct http_handler handler = { .done = on_done, .ctx = call };
	struct buf body;

	call->rpc = rpc;
	call->first_id = rpc->next_id;
	rpc->next_id += (int64_t)count;
	call->answers = mem_new(count ? count : 1, sizeof(*call->answers));
	call->count = count;
	call->fn = fn;
	call->ctx = ctx;
	call->next = rpc->calls;
	if (call->next)
		call->next->prev = call;
	rpc->calls = call;
	write_body(&body, requests, count, call->first_id);
	call->http = http_send(rpc->http, &(struct http_request){ .method = "POST", .url = rpc->url, .headers = headers, .header_count = 2,
		.body = body.data, .body_len = body.len, .timeout_ms = timeout_ms ? timeout_ms : RPC_TIMEOUT_MS }, &handler);
	buf_clear(&body);
	return call;
}

void rpc_cancel(struct rpc_call *call)
{
	if (!call)
		return;
	http_cancel(call->http);
	call_free(call);
}
