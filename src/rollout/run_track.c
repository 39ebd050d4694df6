/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following a transaction on the chain. It counts as mined once every endpoint
 * shows it in the same block with the confirmations wanted: a receipt that one
 * alone tells of is waited for at the others.
 */
#include <string.h>

#include "base/text.h"
#include "rollout/run.h"
#include "rollout/run_tx.h"

enum { LOOK_FIRST_MS = 150, LOOK_MOST_MS = 2000, LOOK_FAILS_MAX = 30, AGAIN_AFTER_LOOKS = 8 };

static void look(void *ctx);

static void look_later(struct rollout *rollout)
{
	rollout->look_ms = rollout->look_ms ? rollout->look_ms * 3 / 2 : LOOK_FIRST_MS;
	if (rollout->look_ms > LOOK_MOST_MS)
		rollout->look_ms = LOOK_MOST_MS;
	loop_timer_set(rollout->loop, &rollout->poll_timer, rollout->look_ms, look, rollout);
}

static void fate(struct rollout *rollout, enum tx_fate fate, const struct bytes32 *hash, const struct error *err)
{
	struct event event = run_new_event(EVENT_TX);
	event.fate = fate;
	memcpy(event.hash, hash->bytes, sizeof(event.hash));
	if (err)
		event.error = *err;
	run_event(rollout, &event);
}

void run_event_word(const struct rollout *rollout, struct bytes32 *out)
{
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	memcpy(out->bytes, tx->value, sizeof(out->bytes));
	if (tx->verb == ALLOW_ANY_DEVICE_ON || tx->verb == ALLOW_ANY_DEVICE_OFF)
		memset(out->bytes, 0, sizeof(out->bytes));
	out->bytes[31] |= tx->verb == ALLOW_ANY_DEVICE_ON ? 1 : 0;
}

/* A success that did not log what was asked is none. */
static bool has_event(const struct rollout *rollout, const struct receipt *receipt)
{
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	struct bytes32 first;
	if (!rollout->has_standin && tx->tries[rollout->look_at].cancels)
		return true;
	run_event_word(rollout, &first);
	return receipt_has_event(receipt, &rollout->contract, contract_emits(run_verb_call(tx->verb)), &first);
}

static void mined(struct rollout *rollout, const struct bytes32 *hash, const struct receipt *receipt)
{
	struct error err;
	if (!has_event(rollout, receipt)) {
		error_set(&err, STATUS_CHECK, "event-missing", "The transaction succeeded, but the contract did not log %s.",
			  contract_event_name(contract_emits(run_verb_call(rollout->machine.txs[rollout->machine.tx_index].verb))));
		error_next(&err, "look at the transaction in the block explorer; nothing was confirmed");
		fate(rollout, FATE_REVERTED, hash, &err);
		return;
	}
	receipt_clear(&rollout->tx.receipt);
	receipt_copy(&rollout->tx.receipt, receipt);
	rollout->tx.has_receipt = true;
	fate(rollout, FATE_MINED, hash, NULL);
}

static void say_confirmations(struct rollout *rollout, const struct bytes32 *hash, const struct tx_verdict *verdict)
{
	char text[BYTES32_TEXT_SIZE], small[TEXT_SHORT_SIZE];
	text_short_hex(small, bytes32_format(text, hash));
	if (verdict->state == TX_MINED)
		run_note(rollout, "%s mined, %llu of %u confirmations", small, (unsigned long long)verdict->confirmations, rollout->plan.confirmations);
	else if (verdict->gap)
		run_note(rollout, "%s pending, but a nonce before it is free: it waits until that account sends something with it", small);
	else if (verdict->ahead)
		run_note(rollout, "%s pending, behind %llu more of this account", small, (unsigned long long)verdict->ahead);
	else
		run_note(rollout, "%s %s", small, tx_state_name(verdict->state));
}

static const struct machine_try *looked_at(const struct rollout *rollout)
{
	return &rollout->machine.txs[rollout->machine.tx_index].tries[rollout->look_at];
}

/* What is looked up now. */
static void hash_now(const struct rollout *rollout, struct bytes32 *out)
{
	if (rollout->has_standin)
		*out = rollout->standin;
	else
		memcpy(out->bytes, looked_at(rollout)->hash, sizeof(out->bytes));
}

static void ended_badly(struct rollout *rollout, enum tx_state state, const struct bytes32 *hash)
{
	struct error err;
	char text[BYTES32_TEXT_SIZE];
	bytes32_format(text, hash);
	if (state == TX_REVERTED) {
		error_set(&err, STATUS_CHAIN, "tx-reverted", "The transaction %s was mined and reverted: it did nothing and cost its gas.", text);
		error_next(&err, "look at it in the block explorer, then start again");
		fate(rollout, FATE_REVERTED, hash, &err);
		return;
	}
	error_set(&err, STATUS_CHAIN, "tx-replaced", "Another transaction used the nonce, so %s can never be mined.", text);
	error_next(&err, "see what else uses this key; cvmdeck resume %s goes on with a new card where one is still needed", rollout->id);
	fate(rollout, FATE_REPLACED, hash, &err);
}

/* ---- the other endpoints ---- */

static void look_up(struct rollout *rollout);

static void wait_for_others(struct rollout *rollout, const char *why)
{
	rollout->look_rpc = 0;
	run_note(rollout, "mined; %s", why);
	look_later(rollout);
}

static void judge_other(struct rollout *rollout, const struct tx_verdict *verdict, const struct receipt *receipt, const struct bytes32 *hash)
{
	struct error err;
	if (verdict->state == TX_REVERTED) {
		run_disagree(rollout, "whether the transaction succeeded", &err);
		run_fail(rollout, &err, true);
	} else if (verdict->state != TX_CONFIRMED) {
		wait_for_others(rollout, "another endpoint does not show it yet");
	} else if (!bytes32_equal(&receipt->block_hash, &rollout->look_block)) {
		wait_for_others(rollout, "another endpoint shows it in another block");
	} else if (++rollout->look_rpc < rollout->rpc_count) {
		look_up(rollout);
	} else {
		rollout->look_rpc = 0;
		mined(rollout, hash, receipt);
	}
}

/* Confirmed at the first one: the others are asked about the same version. */
static void ask_others(struct rollout *rollout, const struct receipt *receipt, const struct bytes32 *hash)
{
	rollout->look_block = receipt->block_hash;
	if (rollout->rpc_count == 1) {
		mined(rollout, hash, receipt);
		return;
	}
	rollout->look_rpc = 1;
	look_up(rollout);
}

static void on_searched(struct rollout *rollout, const struct bytes32 *hash)
{
	char text[BYTES32_TEXT_SIZE];
	struct bytes32 ours;
	if (!hash) {
		memcpy(ours.bytes, looked_at(rollout)->hash, sizeof(ours.bytes));
		ended_badly(rollout, TX_REPLACED, &ours);
		return;
	}
	rollout->has_standin = true;
	rollout->standin = *hash;
	memset(&rollout->standin_past, 0, sizeof(rollout->standin_past));
	run_note(rollout, "another transaction with its nonce makes the same call: %s", bytes32_format(text, hash));
	look_later(rollout);
}

/* Out of the chain again: ours may be mined after all. */
static void judge_standin(struct rollout *rollout, enum tx_state state, const struct receipt *receipt, const struct bytes32 *hash)
{
	if (state == TX_CONFIRMED) {
		ask_others(rollout, receipt, hash);
		return;
	}
	rollout->has_standin = state == TX_MINED || state == TX_PENDING || state == TX_UNKNOWN;
	look_later(rollout);
}

static void judge(struct rollout *rollout, const struct tx_verdict *verdict, const struct receipt *receipt, const struct bytes32 *hash)
{
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	bool last = rollout->look_at + 1 == tx->try_count;
	say_confirmations(rollout, hash, verdict);
	if (rollout->has_standin) {
		judge_standin(rollout, verdict->state, receipt, hash);
		return;
	}
	switch (verdict->state) {
	case TX_CONFIRMED: ask_others(rollout, receipt, hash); return;
	case TX_REVERTED: ended_badly(rollout, TX_REVERTED, hash); return;
	case TX_REPLACED:
		/* with several versions only the look at the last one of a round may say that all are out */
		if (last && ++rollout->lost_versions >= tx->try_count) {
			run_find_replacement(rollout, on_searched);
			return;
		}
		if (!last)
			rollout->lost_versions++;
		break;
	case TX_DROPPED: fate(rollout, FATE_DROPPED, hash, NULL); return;
	case TX_REORGANISED: fate(rollout, FATE_REORGED, hash, NULL); return;
	case TX_UNKNOWN:
	case TX_PENDING:
	case TX_MINED: break;
	}
	if (verdict->rebroadcast && last && ++rollout->unseen >= AGAIN_AFTER_LOOKS && !rollout->tx.out) {
		rollout->unseen = 0;
		fate(rollout, FATE_DROPPED, hash, NULL);
		return;
	}
	look_later(rollout);
}

static void on_looked(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err)
{
	struct rollout *rollout = ctx;
	struct bytes32 hash;
	rollout->calls.lookup = NULL;
	hash_now(rollout, &hash);
	if (verdict && rollout->look_rpc) {
		rollout->tx.fails = 0;
		judge_other(rollout, verdict, receipt, &hash);
	} else if (verdict) {
		rollout->tx.fails = rollout->rpc_count == 1 ? 0 : rollout->tx.fails;
		judge(rollout, verdict, receipt, &hash);
	} else if (++rollout->tx.fails < LOOK_FAILS_MAX) {
		rollout->look_rpc = 0;
		run_note(rollout, "the chain cannot be read: %.120s", err->message);
		look_later(rollout);
	} else {
		run_fail(rollout, err, true);
	}
}

static void look_up(struct rollout *rollout)
{
	struct tx_query query = { .from = rollout->tx.from, .nonce = rollout->tx.nonce, .confirmations = rollout->plan.confirmations };
	/* What the first one was seen with says nothing about another. */
	memset(&rollout->other_past, 0, sizeof(rollout->other_past));
	query.past = rollout->look_rpc ? &rollout->other_past : rollout->has_standin ? &rollout->standin_past : &rollout->past[rollout->look_at];
	query.confirmations = query.confirmations ? query.confirmations : 1;
	hash_now(rollout, &query.hash);
	rollout->calls.lookup = chain_lookup(rollout->rpcs[rollout->look_rpc], &query, on_looked, rollout);
}

static void look(void *ctx)
{
	struct rollout *rollout = ctx;
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	if (rollout->has_standin) {
		look_up(rollout);
		return;
	}
	rollout->look_at = (rollout->look_at + 1) % tx->try_count;
	if (rollout->look_at == 0)
		rollout->lost_versions = 0;
	if (looked_at(rollout)->is_signed)
		look_up(rollout);
	else /* a version that was never signed is not out */
		look_later(rollout);
}

void run_track(struct rollout *rollout, const struct effect *effect)
{
	struct error err;
	if (!rollout->tx.raw.len && !run_tx_restore_signed(rollout, effect->digest, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	if (!rollout->rpc_count && !run_find_chain(rollout, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	memset(rollout->past, 0, sizeof(rollout->past));
	rollout->look_ms = 0;
	rollout->unseen = 0;
	rollout->look_rpc = 0;
	rollout->has_standin = false;
	rollout->look_at = rollout->machine.txs[rollout->machine.tx_index].try_count - 1;
	loop_timer_set(rollout->loop, &rollout->poll_timer, 0, look, rollout);
}

void run_stop_track(struct rollout *rollout, const struct effect *effect)
{
	(void)effect;
	chain_lookup_cancel(rollout->calls.lookup);
	rollout->calls.lookup = NULL;
	rpc_cancel(rollout->calls.search);
	rollout->calls.search = NULL;
	loop_timer_cancel(&rollout->poll_timer);
}
