/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a prepared update is committed: the owners' transaction must have
 * succeeded, as a Safe's too, and the app contract must have logged the hash.
 * What the mapping says now was read with the allowlist.
 */
#include <string.h>

#include "base/text.h"
#include "chain/receipt.h"
#include "chain/safe.h"
#include "rollout/run.h"

static bool safe_failed(const struct receipt *receipt, const struct address *owner)
{
	struct safe_event event;
	for (size_t i = 0; i < receipt->log_count; i++) {
		const struct log_entry *log = &receipt->logs[i];
		if (address_equal(&log->address, owner) && safe_read_event(&event, log->topics, log->topic_count, log->data, log->len) && !event.success)
			return true;
	}
	return false;
}

static void judge(struct rollout *rollout, const struct receipt *receipt)
{
	const char *tx = rollout->plan.commit_tx;
	struct bytes32 hash;
	bool known = bytes32_parse(&hash, rollout->plan.new_hash);
	if (!receipt->success)
		checks_set(&rollout->checks, CHECK_RECEIPT, MARK_BAD, tx, "the transaction was mined and reverted");
	else if (safe_failed(receipt, &rollout->list.owner.address))
		checks_set(&rollout->checks, CHECK_RECEIPT, MARK_BAD, tx, "the Safe logged ExecutionFailure: what was inside did not happen");
	else if (!known || !receipt_has_event(receipt, &rollout->contract, EVENT_COMPOSE_HASH_ADDED, &hash))
		checks_set(&rollout->checks, CHECK_RECEIPT, MARK_BAD, tx, "the app contract did not log ComposeHashAdded with this hash");
	else
		checks_set(&rollout->checks, CHECK_RECEIPT, MARK_GOOD, tx, "succeeded, and the app contract logged ComposeHashAdded");
}

static void ask_receipt(struct rollout *rollout);

/* Good at one endpoint: the next one is asked too, and must say the same. */
static void judged(struct rollout *rollout)
{
	struct error err;
	bool good = checks_find(&rollout->checks, CHECK_RECEIPT)->mark == MARK_GOOD;
	if (!good && rollout->rpc_at > 0) {
		run_disagree(rollout, "the owners' transaction", &err);
		run_fail(rollout, &err, true);
	} else if (good && ++rollout->rpc_at < rollout->rpc_count) {
		ask_receipt(rollout);
	} else {
		rollout->after_receipt(rollout);
	}
}

static void on_receipt(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct rollout *rollout = ctx;
	struct receipt receipt;
	struct error err;
	(void)count;
	rollout->calls.receipt = NULL;
	if (!answers[0].result) {
		run_fail(rollout, &answers[0].error, true);
		return;
	}
	if (json_kind(answers[0].result) == JSON_NULL) {
		checks_set(&rollout->checks, CHECK_RECEIPT, rollout->plan.watch ? MARK_UNKNOWN : MARK_BAD, rollout->plan.commit_tx,
			   "the chain knows no such transaction yet");
		judged(rollout);
		return;
	}
	if (!receipt_parse(answers[0].result, &receipt, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	judge(rollout, &receipt);
	receipt_clear(&receipt);
	judged(rollout);
}

static void ask_receipt(struct rollout *rollout)
{
	struct rpc_request asked = { "eth_getTransactionReceipt", call_text_params(rollout->plan.commit_tx) };
	rollout->calls.receipt = rpc_send(rollout->rpcs[rollout->rpc_at], &asked, 1, 0, on_receipt, rollout);
}

void run_check_receipt(struct rollout *rollout, void (*then)(struct rollout *rollout))
{
	rollout->after_receipt = then;
	rollout->rpc_at = 0;
	if (rollout->plan.kind != ROLLOUT_COMMIT || !text_starts(rollout->plan.commit_tx, "0x")) {
		then(rollout);
		return;
	}
	ask_receipt(rollout);
}
