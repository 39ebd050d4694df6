/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to every endpoint, one after the other: where two answer
 * differently, one of them lies or is behind, and nothing goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/run.h"

struct agreement {
	struct address from, to;
	bool has_from, success_only; /* of a simulation, success alone is compared: what is pending may be another there */
	struct buf data, answer;
	char tag[U256_QUANTITY_SIZE];
	bool reverted;
	struct error why; /* of the first one's revert */
	size_t at;
	chain_call_fn *fn;
};

void run_drop_agreement(struct rollout *rollout)
{
	struct agreement *agreement = rollout->agreement;
	if (!agreement)
		return;
	buf_clear(&agreement->data);
	buf_clear(&agreement->answer);
	free(agreement);
	rollout->agreement = NULL;
}

static void end(struct rollout *rollout, const struct error *failure)
{
	struct agreement *agreement = rollout->agreement;
	chain_call_fn *fn = agreement->fn;
	struct buf answer = agreement->answer;
	buf_init(&agreement->answer, 0);
	run_drop_agreement(rollout);
	fn(rollout, failure ? NULL : (const uint8_t *)buf_text(&answer), answer.len, failure);
	buf_clear(&answer);
}

void run_disagree(struct rollout *rollout, const char *what, struct error *err)
{
	error_set(err, STATUS_CHECK, "rpc-disagree", "Two RPC endpoints do not say the same about %s.", what);
	error_next(err, "one of them is wrong or behind: find out which, and go on with endpoints you trust");
	checks_set(&rollout->checks, CHECK_RPC_AGREEMENT, MARK_BAD, "they differ", err->message);
}

static void ask_next(struct rollout *rollout);

static bool is_the_same(const struct agreement *agreement, const uint8_t *data, size_t len)
{
	if (!data || agreement->reverted || agreement->success_only)
		return !data == agreement->reverted;
	return len == agreement->answer.len && memcmp(data, agreement->answer.data, len) == 0;
}

static void on_answer(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct agreement *agreement = rollout->agreement;
	struct error err;
	rollout->calls.call = NULL;
	if (!data && strcmp(failure->code, "reverted") != 0) {
		err = *failure;
		end(rollout, &err);
		return;
	}
	if (agreement->at == 0) {
		agreement->reverted = !data;
		if (data)
			buf_add(&agreement->answer, data, len);
		else
			agreement->why = *failure;
	} else if (!is_the_same(agreement, data, len)) {
		run_disagree(rollout, "the same call", &err);
		end(rollout, &err);
		return;
	}
	agreement->at++;
	ask_next(rollout);
}

static void ask_next(struct rollout *rollout)
{
	struct agreement *agreement = rollout->agreement;
	struct error why = agreement->why;
	if (agreement->at == rollout->rpc_count) {
		end(rollout, agreement->reverted ? &why : NULL);
		return;
	}
	const struct call_request call = { .from = agreement->has_from ? &agreement->from : NULL, .to = &agreement->to,
					   .data = (const uint8_t *)buf_text(&agreement->data), .len = agreement->data.len };
	rollout->calls.call = chain_call_send(rollout->rpcs[agreement->at], &call, agreement->tag, on_answer, rollout);
}

static struct agreement *make(struct rollout *rollout, const struct call_request *call, const char *tag, chain_call_fn *fn)
{
	struct agreement *agreement = mem_new(1, sizeof(*agreement));
	run_drop_agreement(rollout);
	agreement->to = *call->to;
	agreement->has_from = call->from != NULL;
	if (call->from)
		agreement->from = *call->from;
	buf_add(&agreement->data, call->data, call->len);
	text_copy(agreement->tag, sizeof(agreement->tag), tag);
	agreement->fn = fn;
	rollout->agreement = agreement;
	return agreement;
}

void run_ask_all(struct rollout *rollout, const struct call_request *call, const char *tag, chain_call_fn *fn)
{
	make(rollout, call, tag, fn);
	ask_next(rollout);
}

void run_simulate_elsewhere(struct rollout *rollout, const struct call_request *call, bool succeeds, chain_call_fn *fn)
{
	struct agreement *agreement = make(rollout, call, "pending", fn);
	agreement->success_only = true;
	agreement->reverted = !succeeds;
	agreement->at = 1;
	ask_next(rollout);
}
