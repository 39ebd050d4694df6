/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox's own endpoints: faults, reset, what was asked, and what owners that are contracts decide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"

enum { HUGE_DEFAULT = 32 * 1024 * 1024 };

/* Faults */

void sb_get_faults(struct sb_exchange *x)
{
	sb_shape(&x->out, "%j", x->sandbox->faults.text.len > 0 ? buf_text(&x->sandbox->faults.text) : "{}");
}

void sb_post_faults(struct sb_exchange *x)
{
	struct error err;
	const struct buf *body = sb_request_body(x->request);
	if (!sb_faults_parse(&x->sandbox->faults, buf_text(body), body->len, &err)) {
		sb_fail(x, 400, err.message);
		return;
	}
	sb_sandbox_apply_faults(x->sandbox);
	sb_get_faults(x);
}

static bool act_huge(const struct sb_rule *rule, struct sb_request *request)
{
	struct buf body = BUF_INIT;
	size_t size = rule->bytes > 0 ? rule->bytes : HUGE_DEFAULT;
	buf_add_text(&body, "{\"detail\":\"");
	while (body.len < size)
		buf_add_text(&body, "filling filling filling filling filling filling filling filling filling filling ");
	buf_add_text(&body, "\"}");
	sb_reply(request, 200, "application/json", &body);
	return true;
}

static bool act_status(const struct sb_rule *rule, struct sb_request *request)
{
	struct buf body = BUF_INIT;
	char seconds[24];
	if (rule->retry_after >= 0) {
		snprintf(seconds, sizeof(seconds), "%lld", (long long)rule->retry_after);
		sb_request_set_header(request, "Retry-After", seconds);
	}
	sb_shape(&body, "{'detail':%s}", rule->text[0] != '\0' ? rule->text : "Failed on purpose");
	sb_reply(request, rule->status != 0 ? rule->status : 500, "application/json", &body);
	return true;
}

bool sb_fault_answer(const struct sb_rule *rule, struct sb_request *request)
{
	if (rule->delay_ms > 0)
		sb_request_delay(request, rule->delay_ms);
	switch (rule->action) {
	case SB_DROP:
		sb_request_lose(request);
		return true;
	case SB_LOSE: /* the request is carried out first */
		return false;
	case SB_CUT:
		sb_request_cut(request, rule->bytes);
		return false;
	case SB_HTML:
		sb_reply_text(request, rule->status != 0 ? rule->status : 502, "text/html",
			"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>");
		return true;
	case SB_TEXT:
		sb_reply_text(request, rule->status != 0 ? rule->status : 200, "application/json", rule->text[0] ? rule->text : "this is no JSON {");
		return true;
	case SB_SHAPE:
		sb_reply_text(request, 200, "application/json", rule->text[0] ? rule->text : "[[],{\"unexpected\":17},\"shape\"]");
		return true;
	case SB_HUGE:
		return act_huge(rule, request);
	case SB_STATUS:
	case SB_ERROR:
	case SB_RESULT:
		return act_status(rule, request);
	case SB_DELAY:
		break;
	}
	return false;
}

/* Reset and information */

void sb_post_reset(struct sb_exchange *x)
{
	struct error err;
	if (!sb_sandbox_reset(x->sandbox, &err))
		sb_fail(x, 500, err.message);
	else
		buf_add_text(&x->out, "{}");
}

void sb_get_info(struct sb_exchange *x)
{
	struct sb_world *world = x->world;
	const struct sb_block *head = sb_ledger_head(world->ledger);
	sb_shape(&x->out, "{'seed':%u,'cvms':%d,'chain_id':%d,'block':%u,'owner':%x,'other':%x,'safe':%x,'kms_contract':%x,'kms_root':%x,"
		"'os_image_hash':%h,'log_base':%s}", world->seed, (int64_t)world->cvm_count, (int64_t)SB_CHAIN_ID, head->number, world->owner,
		(size_t)SB_ADDRESS_SIZE, world->other, (size_t)SB_ADDRESS_SIZE, world->safe, (size_t)SB_ADDRESS_SIZE, world->kms[0].contract,
		(size_t)SB_ADDRESS_SIZE, world->kms[0].root_public, sizeof(world->kms[0].root_public), world->os_image, sizeof(world->os_image),
		world->log_base);
}

/* Owners that are contracts act elsewhere: {"to","data"} is called as the Safe. */
void sb_post_execute(struct sb_exchange *x)
{
	uint8_t to[SB_ADDRESS_SIZE], hash[SB_WORD_SIZE];
	size_t len = 0;
	uint8_t *data = hex_decode_new(json_text(x->body, "data"), LIMIT_CALLDATA, &len);
	bool good = data != NULL && hex_decode(to, sizeof(to), json_text(x->body, "to"));
	if (!good)
		sb_fail(x, 422, "to and data must be hex");
	else if (!sb_ledger_execute_as(x->world->ledger, x->world->safe, to, data, len, hash))
		sb_fail(x, 409, "The call reverted");
	else
		sb_shape(&x->out, "{'transaction_hash':%x}", hash, sizeof(hash));
	free(data);
}

/* What was asked */

struct header_list {
	struct buf *out;
	bool first;
};

static void add_header(void *ctx, const char *name, const char *value)
{
	struct header_list *list = ctx;
	bool secret = text_equal_nocase(name, "x-api-key") || text_equal_nocase(name, "authorization") || text_equal_nocase(name, "cookie");
	sb_shape(list->out, list->first ? "%s:%s" : ",%s:%s", name, secret ? "(given)" : value);
	list->first = false;
}

static void add_call(struct buf *out, const json *call, bool first)
{
	const json *method = json_member(call, "method");
	if (json_kind(method) == JSON_STRING)
		sb_shape(out, first ? "%s" : ",%s", json_string(method, ""));
}

/* The JSON-RPC methods of a request to the node, in order. */
static void add_calls(struct buf *out, const struct buf *body)
{
	size_t begin;
	json *tree = json_parse(buf_text(body), body->len, NULL);
	buf_add_text(out, ",\"calls\":[");
	begin = out->len;
	if (json_kind(tree) != JSON_ARRAY)
		add_call(out, tree, true);
	else
		for (const json *call = json_first(tree); call != NULL; call = json_next(call))
			add_call(out, call, out->len == begin);
	buf_add_text(out, "]");
	json_free(tree);
}

void sb_journal_note(struct sb_sandbox *sandbox, const char *host, struct sb_request *request)
{
	const struct buf *body = sb_request_body(request);
	struct buf line = BUF_INIT;
	struct header_list list = { .out = &line, .first = true };
	uint8_t hash[HASH_SIZE];
	if (sandbox->seen_count == SB_JOURNAL_MAX) {
		sandbox->seen_dropped++;
		return;
	}
	hash_sha256(hash, buf_text(body), body->len);
	sb_shape(&line, "{'at':%d,'host':%s,'method':%s,'target':%s,'path':%s,'body_len':%d,'body_sha256':%h,'headers':{", clock_wall_ms(), host,
		sb_request_method(request), sb_request_target(request), sb_request_path(request), (int64_t)body->len, hash, sizeof(hash));
	sb_request_headers(request, add_header, &list);
	buf_add_text(&line, "}");
	if (text_equal(host, "rpc"))
		add_calls(&line, body);
	buf_add_text(&line, "}");
	sandbox->seen = mem_grow(sandbox->seen, sandbox->seen_count, &sandbox->seen_cap, sizeof(*sandbox->seen));
	sandbox->seen[sandbox->seen_count++].line = buf_take(&line);
}

void sb_get_requests(struct sb_exchange *x)
{
	size_t from = (size_t)sb_query_number(x, "from", 0, 0, SB_JOURNAL_MAX);
	sb_shape(&x->out, "{'total':%d,'dropped':%u,'requests':[", (int64_t)x->sandbox->seen_count, x->sandbox->seen_dropped);
	for (size_t i = from; i < x->sandbox->seen_count; i++)
		sb_shape(&x->out, i > from ? ",%j" : "%j", x->sandbox->seen[i].line);
	buf_add_text(&x->out, "]}");
}
