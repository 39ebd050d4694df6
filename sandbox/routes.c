/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes and the way of a request through it. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"

#define V1 "/api/v1"
const struct sb_route sb_routes[] = {
	{ "GET", V1 "/auth/me", sb_get_me, false },
	{ "GET", V1 "/cvms/paginated", sb_list_cvms, false },
	{ "GET", V1 "/cvms/:cvm", sb_get_cvm, false },
	{ "PATCH", V1 "/cvms/:cvm", sb_patch_cvm, false },
	{ "POST", V1 "/cvms/:cvm", sb_post_cvm, false },
	{ "POST", V1 "/cvms/:cvm/confirm-patch", sb_confirm_patch, false },
	{ "GET", V1 "/cvms/:cvm/commit-update", sb_get_commit, true },
	{ "POST", V1 "/cvms/:cvm/commit-update", sb_post_commit, true },
	{ "PATCH", V1 "/cvms/:cvm/envs", sb_patch_envs, false },
	{ "GET", V1 "/cvms/:cvm/compose_file", sb_get_compose_file, false },
	{ "GET", V1 "/cvms/:cvm/docker-compose.yml", sb_get_docker_compose, false },
	{ "GET", V1 "/cvms/:cvm/pre-launch-script", sb_get_pre_launch, false },
	{ "GET", V1 "/cvms/:cvm/composition", sb_get_composition, false },
	{ "GET", V1 "/cvms/:cvm/network", sb_get_network, false },
	{ "GET", V1 "/cvms/:cvm/stats", sb_get_stats, false },
	{ "GET", V1 "/cvms/:cvm/user_config", sb_get_user_config, false },
	{ "GET", V1 "/cvms/:cvm/state", sb_get_state, false },
	{ "GET", V1 "/cvms/:cvm/attestation", sb_get_attestation, false },
	{ "GET", V1 "/cvms/:cvm/operations", sb_list_operations, false },
	{ "POST", V1 "/cvms/:cvm/operations/cancel", sb_cancel_operation, false },
	{ "GET", V1 "/cvms/:cvm/operation-status", sb_get_operation, false },
	{ "POST", V1 "/cvms/:cvm/start", sb_power, false },
	{ "POST", V1 "/cvms/:cvm/stop", sb_power, false },
	{ "POST", V1 "/cvms/:cvm/shutdown", sb_power, false },
	{ "POST", V1 "/cvms/:cvm/restart", sb_power, false },
	{ "POST", V1 "/status/batch", sb_post_status_batch, false },
	{ "GET", V1 "/teepods/available", sb_get_teepods, false },
	{ "GET", V1 "/workspaces/:slug/nodes", sb_get_nodes, false },
	{ "GET", V1 "/kms", sb_list_kms, false },
	{ "GET", V1 "/kms/:kms", sb_get_kms, false },
	{ "GET", V1 "/kms/:kms/pubkey/:app_id", sb_get_env_key, false },
	{ "GET", V1 "/apps", sb_list_apps, false },
	{ "GET", V1 "/apps/:app", sb_get_app, false },
	{ "GET", V1 "/apps/:app/cvms", sb_list_app_cvms, false },
	{ "GET", V1 "/apps/:app/device-allowlist", sb_get_allowlist, false },
	{ "GET", V1 "/apps/:app/revisions", sb_list_revisions, false },
	{ "GET", V1 "/apps/:app/revisions/:revision", sb_get_revision, false },
	{ "GET", V1 "/apps/:app/pending-updates", sb_list_pending, false },
	{ "GET", V1 "/apps/:app/pending-updates/:uuid/:hash/preview", sb_get_preview, false },
	{ "GET", V1 "/apps/:app/kms-info", sb_get_app_kms, false },
	{ "POST", V1 "/apps/:app/is-allowed", sb_post_is_allowed, false },
	{ "GET", "/__faults", sb_get_faults, true },
	{ "POST", "/__faults", sb_post_faults, true },
	{ "POST", "/__reset", sb_post_reset, true },
	{ "GET", "/__requests", sb_get_requests, true },
	{ "POST", "/__execute", sb_post_execute, true },
	{ "GET", "/__info", sb_get_info, true },
	{ NULL, NULL, NULL, false },
};

/* Matching */

static size_t segment_length(const char *path)
{
	return strcspn(path, "/");
}

/* The path comes percent-decoded from the server. */
static bool copy_segment(const char *text, size_t len, char out[SB_PARAM_SIZE])
{
	if (len == 0 || len >= SB_PARAM_SIZE)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

bool sb_route_match(const struct sb_route *route, const char *method, const char *path, char params[SB_PARAMS_MAX][SB_PARAM_SIZE])
{
	const char *want = route->path;
	size_t count = 0;
	if (strcmp(route->method, method) != 0)
		return false;
	while (*want == '/' && *path == '/') {
		size_t want_len = segment_length(++want), len = segment_length(++path);
		if (want[0] == ':') {
			if (count == SB_PARAMS_MAX || !copy_segment(path, len, params[count++]))
				return false;
		} else if (want_len != len || memcmp(want, path, len) != 0) {
			return false;
		}
		want += want_len;
		path += len;
	}
	return *want == '\0' && *path == '\0';
}

/* Failures */

void sb_fail(struct sb_exchange *x, int status, const char *detail)
{
	buf_reset(&x->out);
	x->status = status;
	x->type = "application/json";
	sb_shape(&x->out, "{'detail':%s}", detail);
}

void sb_fail_code(struct sb_exchange *x, int status, const char *code, const char *message, const char *details, const char *suggestion)
{
	buf_reset(&x->out);
	x->status = status;
	x->type = "application/json";
	sb_shape(&x->out, "{'error_code':%s,'message':%s,'details':%j,'suggestions':[", code, message, details[0] != '\0' ? details : "[]");
	if (suggestion != NULL)
		sb_shape(&x->out, "%s", suggestion);
	sb_shape(&x->out, "],'links':[{'label':'Error Codes','url':'https://docs.phala.com/phala-cloud/references/error-codes'}]}");
}

int64_t sb_query_number(const struct sb_exchange *x, const char *name, int64_t fallback, int64_t min, int64_t max)
{
	const char *text = sb_request_query(x->request, name);
	char *end = NULL;
	long long value = text == NULL ? fallback : strtoll(text, &end, 10);
	if (text != NULL && (end == text || *end != '\0'))
		value = fallback;
	return value < min ? min : value > max ? max : value;
}

/* The way through */

static bool find_cvm(struct sb_exchange *x, const char *route, const char *id)
{
	size_t count;
	if (strstr(route, "/cvms/:cvm") == NULL && strstr(route, "/apps/:app") == NULL)
		return true;
	x->cvm = sb_world_find(x->world, id, &count);
	if (count == 1)
		return true;
	if (count == 0)
		sb_fail(x, 404, "CVM not found");
	else
		sb_fail(x, 400, "More than one CVM has this name; use its UUID or app id");
	return false;
}

static bool has_key(struct sb_exchange *x)
{
	const char *key = sb_request_header(x->request, "X-API-Key");
	if (text_equal(key, "sandbox"))
		return true;
	sb_fail(x, 401, key == NULL ? "Not authenticated" : "Invalid API key");
	return false;
}

static const struct sb_route *find_route(const char *method, const char *path, char params[SB_PARAMS_MAX][SB_PARAM_SIZE], bool *other)
{
	*other = false;
	for (const struct sb_route *route = sb_routes; route->path != NULL; route++) {
		if (sb_route_match(route, method, path, params))
			return route;
		struct sb_route same_path = { .method = method, .path = route->path };
		*other = *other || sb_route_match(&same_path, method, path, params);
	}
	return NULL;
}

static void run_route(struct sb_exchange *x)
{
	bool other;
	const char *path = sb_request_path(x->request);
	const struct sb_route *route = find_route(sb_request_method(x->request), path, x->params, &other);
	if (route == NULL) {
		sb_fail(x, other ? 405 : 404, other ? "Method Not Allowed" : "Not Found");
		return;
	}
	if ((!route->open && !has_key(x)) || !find_cvm(x, route->path, x->params[0]))
		return;
	const struct buf *body = sb_request_body(x->request);
	x->body = body->len > 0 ? json_parse(body->data, body->len, NULL) : NULL;
	route->fn(x);
}

void sb_api_serve(void *ctx, struct sb_request *request)
{
	struct sb_exchange x = { .sandbox = ctx, .request = request, .status = 200, .type = "application/json" };
	bool lose = false, control = text_starts(sb_request_path(request), "/__");
	x.world = x.sandbox->world;
	x.newer = text_equal(sb_request_header(request, "X-Phala-Version"), "2026-01-21");
	if (!control) {
		sb_journal_note(x.sandbox, "api", request);
		const struct sb_rule *rule = sb_faults_match(x.sandbox->faults.http, x.sandbox->faults.http_count, sb_request_method(request),
			sb_request_target(request));
		if (rule != NULL && sb_fault_answer(rule, request))
			return;
		lose = rule != NULL && rule->action == SB_LOSE;
	}
	run_route(&x);
	if (lose)
		sb_request_lose(request);
	json_free(x.body);
	if (!sb_request_answered(request))
		sb_reply(request, x.status, x.type, &x.out);
	buf_clear(&x.out);
}
