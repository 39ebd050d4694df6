/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing, broadcasting and following one transaction. The bytes that are
 * signed are those of the approval; after a restart both come from the
 * journal, so nothing is prepared or asked for anew.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/crash.h"
#include "rollout/run.h"
#include "rollout/run_tx.h"

enum { LOOK_FIRST_MS = 150, LOOK_MOST_MS = 2000, LOOK_FAILS_MAX = 30, SEND_AGAIN_MS = 2000, SENDS_MAX = 5, AGAIN_AFTER_LOOKS = 8 };

/* ---- signing ---- */

static void on_signed(void *ctx, const struct signer_result *result)
{
	struct rollout *rollout = ctx;
	struct event event = run_new_event(EVENT_SIGNED);
	rollout->calls.sign = NULL;
	crash_after("sign");
	if (result->error) {
		run_fail(rollout, result->error, true);
		return;
	}
	buf_reset(&rollout->tx.raw);
	buf_add(&rollout->tx.raw, result->raw, result->raw_len);
	rollout->tx.hash = result->hash;
	rollout->tx.out = result->sent;
	memcpy(event.hash, result->hash.bytes, sizeof(event.hash));
	memcpy(event.digest, rollout->signing, sizeof(event.digest));
	run_event(rollout, &event);
}

static void no_signer(struct rollout *rollout)
{
	struct error err;
	error_set(&err, STATUS_CREDENTIALS, "no-key", "There is no key to sign the approved transaction with.");
	error_next(&err, "give the key again and go on with cvmdeck resume %s", rollout->id);
	run_fail(rollout, &err, true);
}

static void ask_signer(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct bytes32 approved;
	memcpy(approved.bytes, rollout->signing, sizeof(approved.bytes));
	crash_before("sign");
	run_note(rollout, "%s", signer_name(signer));
	rollout->calls.sign = signer_sign(signer, &rollout->tx.prepared.tx, &approved, on_signed, rollout);
}

static void on_unlocked(void *ctx, const struct error *err)
{
	struct rollout *rollout = ctx;
	if (err)
		run_fail(rollout, err, true);
	else
		ask_signer(rollout);
}

/* After a restart the approval is there and the key is locked again. */
static bool unlock_first(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct secret password = SECRET_INIT;
	if (signer_state(signer) != SIGNER_LOCKED || !session_password(rollout->session, &password))
		return false;
	run_note(rollout, "unlocking %s", signer_name(signer));
	signer_unlock(signer, &password, on_unlocked, rollout);
	return true;
}

void run_sign(struct rollout *rollout, const struct effect *effect)
{
	struct signer *signer = session_signer(rollout->session);
	struct error err;
	if (!signer) {
		no_signer(rollout);
		return;
	}
	if (!rollout->tx.ready && !run_tx_restore(rollout, effect->digest, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	memcpy(rollout->signing, effect->digest, sizeof(rollout->signing));
	if (!unlock_first(rollout))
		ask_signer(rollout);
}

/* ---- broadcasting ---- */

static void sent(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_SENT);
	run_tx_remember(rollout);
	run_event(rollout, &event);
}

static void send_bytes(void *ctx);

static void on_broadcast(void *ctx, enum broadcast result, const struct error *err)
{
	struct rollout *rollout = ctx;
	rollout->calls.broadcast = NULL;
	crash_after("broadcast");
	if (result == BROADCAST_UNSURE && ++rollout->tx.sends < SENDS_MAX)
		loop_timer_set(rollout->loop, &rollout->poll_timer, SEND_AGAIN_MS, send_bytes, rollout);
	else if (broadcast_may_be_out(result))
		sent(rollout);
	else
		run_fail(rollout, err, true);
}

/* An endpoint that does not answer gives way to the next one. */
static void send_bytes(void *ctx)
{
	struct rollout *rollout = ctx;
	const struct run_tx *tx = &rollout->tx;
	rollout->calls.broadcast =
		chain_broadcast(rollout->rpcs[tx->sends % rollout->rpc_count], tx->raw.data, tx->raw.len, on_broadcast, rollout);
}

void run_broadcast(struct rollout *rollout, const struct effect *effect)
{
	struct error err;
	rollout->tx.sends = 0;
	if (!rollout->rpc_count && !run_find_chain(rollout, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	if (!rollout->tx.raw.len && !run_tx_restore_signed(rollout, effect->digest, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	if (rollout->tx.out) {
		sent(rollout);
		return;
	}
	crash_before("broadcast");
	send_bytes(rollout);
}

/* ---- following ---- */

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

/* A success that did not log what was asked is none. */
static bool has_event(const struct rollout *rollout, const struct receipt *receipt)
{
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	const struct machine_try *try = &tx->tries[rollout->look_at];
	struct bytes32 first = { { 0 } };
	if (try->cancels)
		return true;
	memcpy(first.bytes, tx->value, sizeof(first.bytes));
	if (tx->verb == ALLOW_ANY_DEVICE_ON || tx->verb == ALLOW_ANY_DEVICE_OFF)
		memset(first.bytes, 0, sizeof(first.bytes));
	first.bytes[31] |= tx->verb == ALLOW_ANY_DEVICE_ON ? 1 : 0;
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
	else
		run_note(rollout, "%s %s", small, tx_state_name(verdict->state));
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

static void judge(struct rollout *rollout, const struct tx_verdict *verdict, const struct receipt *receipt, const struct bytes32 *hash)
{
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	bool last = rollout->look_at + 1 == tx->try_count;
	say_confirmations(rollout, hash, verdict);
	switch (verdict->state) {
	case TX_CONFIRMED: mined(rollout, hash, receipt); return;
	case TX_REVERTED: ended_badly(rollout, TX_REVERTED, hash); return;
	case TX_REPLACED:
		/* with several versions only the look at the last one of a round may say that all are out */
		if (last && ++rollout->lost_versions >= tx->try_count) {
			ended_badly(rollout, TX_REPLACED, hash);
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

static const struct machine_try *looked_at(const struct rollout *rollout)
{
	return &rollout->machine.txs[rollout->machine.tx_index].tries[rollout->look_at];
}

static void on_looked(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err)
{
	struct rollout *rollout = ctx;
	struct bytes32 hash;
	rollout->calls.lookup = NULL;
	memcpy(hash.bytes, looked_at(rollout)->hash, sizeof(hash.bytes));
	if (verdict) {
		rollout->tx.fails = 0;
		judge(rollout, verdict, receipt, &hash);
	} else if (++rollout->tx.fails < LOOK_FAILS_MAX) {
		run_note(rollout, "the chain cannot be read: %.120s", err->message);
		look_later(rollout);
	} else {
		run_fail(rollout, err, true);
	}
}

static void look(void *ctx)
{
	struct rollout *rollout = ctx;
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	rollout->look_at = (rollout->look_at + 1) % tx->try_count;
	if (rollout->look_at == 0)
		rollout->lost_versions = 0;
	struct tx_query query = { .from = rollout->tx.from, .nonce = rollout->tx.nonce, .past = &rollout->past[rollout->look_at] };
	query.confirmations = rollout->plan.confirmations ? rollout->plan.confirmations : 1;
	memcpy(query.hash.bytes, looked_at(rollout)->hash, sizeof(query.hash.bytes));
	if (!looked_at(rollout)->is_signed) { /* a version that was never signed is not out */
		look_later(rollout);
		return;
	}
	rollout->calls.lookup = chain_lookup(rollout->rpcs[0], &query, on_looked, rollout);
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
	rollout->look_at = rollout->machine.txs[rollout->machine.tx_index].try_count - 1;
	loop_timer_set(rollout->loop, &rollout->poll_timer, 0, look, rollout);
}

void run_stop_track(struct rollout *rollout, const struct effect *effect)
{
	(void)effect;
	chain_lookup_cancel(rollout->calls.lookup);
	rollout->calls.lookup = NULL;
	loop_timer_cancel(&rollout->poll_timer);
}
