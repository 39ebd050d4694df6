/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes something. A PATCH is sent once. Only a server that says it
 * does not know the method (405), or knows the CVM but not this request on it
 * (404), is spoken to in the documented dialect: neither has changed anything.
 */
#include "cloud/api_take.h"
#include "cloud/update.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

static void give_result(struct api_call *call, const struct api_reply *given, const struct http_response *response, bool documented)
{
	struct api_reply reply = *given;
	struct api_update_result result = { .kind = API_UPDATE_FAILED };
	struct exact_json *data = NULL;

	if (response)
		data = update_read(response->status, response->body, response->len, response->content_type);
	if (data)
		error_clear(&reply.error);
	if (data && !update_take(&result, data)) {
		error_set(&reply.error, STATUS_API, "bad-shape", "the API wants the compose hash registered on the chain, but names none");
		error_next(&reply.error, "nothing was applied or signed; try again, and ask Phala Cloud's support if it stays so");
		result = (struct api_update_result){ .kind = API_UPDATE_FAILED };
	}
	result.documented = documented;
	exact_json_free(data);
	((api_update_fn *)call->fn)(call->ctx, &reply, &result);
}

/* What is needed to say the same in the other dialect; in call->extra. */
struct second {
	struct api_reply reply; /* the 404 */
	char ref[512];
	size_t body_len;
	char body[]; /* of the documented request */
};

static void end_documented(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	give_result(call, reply, response, true);
}

static void send_documented(struct api_call *call, const char *rest)
{
	const struct second *second = call->extra;
	struct error err;
	struct api_spec spec = { .method = "POST", .path = api_cvm_path(second->ref, rest, &err), .version = call->spec.version,
		.body = second->body, .body_len = second->body_len };

	if (!spec.path)
		spec.error = err;
	/* X-Prepare-Only goes along; the rest of what was in headers stands in the body. */
	if (call->spec.headers[0].name && strcmp(call->spec.headers[0].name, "X-Prepare-Only") == 0)
		spec.headers[0] = call->spec.headers[0];
	api_call_again(call, &spec, end_documented);
}

static bool is_confirm(const struct api_call *call)
{
	return call->spec.headers[0].name && strcmp(call->spec.headers[0].name, "X-Compose-Hash") == 0;
}

/* The PATCH got 404: is it the CVM that is unknown, or the request? */
static void end_exists(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	const struct second *second = call->extra;

	if (response && reply->error.status == STATUS_OK)
		send_documented(call, call->spec.headers[0].name && is_confirm(call) ? "/confirm-patch" : "");
	else
		give_result(call, &second->reply, NULL, false);
}

static void end_patch(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	struct second *second = call->extra;
	struct error err;
	struct api_spec spec = { .method = "GET", .version = call->spec.version };

	if (response && response->status == 405) {
		send_documented(call, is_confirm(call) ? "/confirm-patch" : "");
	} else if (response && response->status == 404) {
		second->reply = *reply;
		memcpy(spec.headers, call->spec.headers, sizeof(spec.headers)); /* they say later what it was about */
		spec.path = api_cvm_path(second->ref, "", &err);
		spec.error = err;
		api_call_again(call, &spec, end_exists);
	} else {
		give_result(call, reply, response, false);
	}
}

static struct second *second_new(const char *ref, const struct buf *body)
{
	struct second *second = mem_new(1, sizeof(*second) + body->len + 1);

	text_copy(second->ref, sizeof(second->ref), ref);
	second->body_len = body->len;
	memcpy(second->body, buf_text(body), body->len);
	return second;
}

static struct api_call *send_patch(struct api *api, const char *ref, struct api_spec *spec, const struct buf *other, api_end_fn *end,
	api_update_fn *fn, void *ctx)
{
	struct api_call *call = api_call_new(api, spec, end, (void (*)(void))fn, ctx);

	call->extra = second_new(ref, other);
	return call;
}

struct api_call *api_send_update(struct api *api, const char *ref, const struct api_update *update, api_update_fn *fn, void *ctx)
{
	struct error err = { 0 };
	struct api_spec spec = { .method = "PATCH", .path = api_cvm_path(ref, "", &err) };
	struct buf body = BUF_INIT;
	struct api_call *call;

	spec.error = err;
	update_print(&body, update);
	spec.body = body.data;
	spec.body_len = body.len;
	if (update->prepare_only)
		spec.headers[0] = (struct http_header){ "X-Prepare-Only", "true", false };
	call = send_patch(api, ref, &spec, &body, end_patch, fn, ctx);
	buf_clear(&body);
	return call;
}

static void print_pair(struct buf *out, const char *name, const char *value, const char *separator)
{
	json_quote(out, name, strlen(name));
	buf_add_byte(out, ':');
	json_quote(out, value, strlen(value));
	buf_add_text(out, separator);
}

struct api_call *api_send_confirm(struct api *api, const char *ref, const char *compose_hash, const char *transaction_hash, bool documented,
	api_update_fn *fn, void *ctx)
{
	struct error err = { 0 };
	struct api_spec spec = { .method = documented ? "POST" : "PATCH", .path = api_cvm_path(ref, documented ? "/confirm-patch" : "", &err),
		.body = "{}", .body_len = 2 };
	struct buf body = BUF_INIT;
	struct api_call *call;

	spec.error = err;
	buf_add_byte(&body, '{');
	print_pair(&body, "composeHash", compose_hash, ",");
	print_pair(&body, "transactionHash", transaction_hash, ",");
	print_pair(&body, "compose_hash", compose_hash, ",");
	print_pair(&body, "transaction_hash", transaction_hash, "}");
	if (documented) {
		spec.body = body.data;
		spec.body_len = body.len;
	} else {
		spec.headers[0] = (struct http_header){ "X-Compose-Hash", compose_hash, false };
		spec.headers[1] = (struct http_header){ "X-Transaction-Hash", transaction_hash, false };
	}
	call = send_patch(api, ref, &spec, &body, documented ? end_documented : end_patch, fn, ctx);
	buf_clear(&body);
	return call;
}

/* ---- a prepared update ---- */

static void end_commit(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	give_result(call, reply, response, false);
}

struct api_call *api_send_commit(struct api *api, const char *ref, const char *token, const char *compose_hash, const char *transaction_hash,
	api_update_fn *fn, void *ctx)
{
	struct error err = { 0 };
	struct api_spec spec = { .method = "POST", .path = api_cvm_path(ref, "/commit-update", &err), .no_key = true };
	struct buf body = BUF_INIT;
	struct api_call *call;

	spec.error = err;
	buf_add_byte(&body, '{');
	print_pair(&body, "token", token, ",");
	print_pair(&body, "compose_hash", compose_hash, ",");
	print_pair(&body, "transaction_hash", transaction_hash, "}");
	spec.body = body.data;
	spec.body_len = body.len;
	call = api_call_new(api, &spec, end_commit, (void (*)(void))fn, ctx);
	buf_clear(&body);
	return call;
}

static void end_commit_info(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	struct api_commit_info info = { 0 };

	api_take_word(info.vm_uuid, sizeof(info.vm_uuid), tree, "vm_uuid");
	api_take_hex(info.app_id, sizeof(info.app_id), tree, "app_id");
	api_take_hex(info.compose_hash, sizeof(info.compose_hash), tree, "compose_hash");
	api_take_text(info.status, sizeof(info.status), tree, "status");
	info.chain_id = (uint64_t)json_int(tree, "chain_id", json_int(tree, "kms_info.chain_id", 0));
	if (!clock_parse(json_text(tree, "expires_at"), &info.expires_ms, NULL))
		info.expires_ms = 0;
	((api_commit_info_fn *)call->fn)(call->ctx, &reply, tree ? &info : NULL);
	json_free(tree);
}

struct api_call *api_get_commit(struct api *api, const char *ref, const char *token, api_commit_info_fn *fn, void *ctx)
{
	struct error err = { 0 };
	char *rest, *path = NULL;
	struct api_spec spec = { .method = "GET", .no_key = true };
	struct api_call *call;

	if (api_is_word(token)) {
		rest = mem_printf("/commit-update?token=%s", token);
		path = api_cvm_path(ref, rest, &err);
		free(rest);
	} else {
		error_set(&err, STATUS_USAGE, "bad-token", "the commit token is not of the form that the API gives out");
	}
	spec.path = path;
	spec.error = err;
	call = api_call_new(api, &spec, end_commit_info, (void (*)(void))fn, ctx);
	return call;
}
