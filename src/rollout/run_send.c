/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing and broadcasting one transaction. The bytes that are signed are
 * those of the approval; after a restart both come from the journal, so
 * nothing is prepared or asked for anew.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/run.h"
#include "rollout/run_tx.h"

enum { SEND_AGAIN_MS = 2000, SENDS_MAX = 5, NONCE_LOOKS = 60 };

/* ---- a signer that sends by itself ---- */

/*
 * Its answer may be lost while what it sent is not: asked again after that, it
 * says that the nonce is used. Then the approved transaction, or another of
 * this account, has been mined, and the checks tell what is still needed; or it
 * is on its way, and the chain is waited for.
 */
static void ask_nonces(void *ctx);

static void nonce_is_used(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_TX);
	event.fate = FATE_REPLACED;
	event.error = rollout->refusal;
	run_event(rollout, &event);
}

static void on_nonces(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct rollout *rollout = ctx;
	uint64_t nonce = rollout->tx.prepared.tx.nonce, mined = 0, pending = 0;
	struct error ignored, why = rollout->refusal;
	(void)count;
	rollout->calls.nonces = NULL;
	bool known = call_read_u64(&answers[0], &mined, &ignored) && call_read_u64(&answers[1], &pending, &ignored);
	if (known && mined > nonce) {
		nonce_is_used(rollout);
	} else if (known && pending > nonce && ++rollout->tx.sends < NONCE_LOOKS) {
		run_note(rollout, "the signer may have sent it: waiting for the chain");
		loop_timer_set(rollout->loop, &rollout->poll_timer, SEND_AGAIN_MS, ask_nonces, rollout);
	} else {
		run_fail(rollout, &why, true);
	}
}

static void ask_nonces(void *ctx)
{
	struct rollout *rollout = ctx;
	const struct address *from = &rollout->tx.from;
	const struct rpc_request asked[] = { { "eth_getTransactionCount", call_address_params(from, "latest") },
					     { "eth_getTransactionCount", call_address_params(from, "pending") } };
	rollout->calls.nonces = rpc_send(rollout->rpcs[0], asked, 2, 0, on_nonces, rollout);
}

/* An answer that is not what was approved is never explained away. */
static void not_signed(struct rollout *rollout, const struct error *err)
{
	bool may_be_out = signer_kind(session_signer(rollout->session)) == SIGNER_RPC && err->status != STATUS_DECLINED && err->status != STATUS_CHECK;
	if (!may_be_out) {
		run_fail(rollout, err, true);
		return;
	}
	rollout->refusal = *err;
	rollout->tx.sends = 0;
	ask_nonces(rollout);
}

/* ---- signing ---- */

static void on_signed(void *ctx, const struct signer_result *result)
{
	struct rollout *rollout = ctx;
	struct event event = run_new_event(EVENT_SIGNED);
	rollout->calls.sign = NULL;
	if (result->error) {
		not_signed(rollout, result->error);
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

/* The card named the account; after a restart the key may be another one. */
static bool is_the_approved_account(const struct rollout *rollout, const struct signer *signer, struct error *err)
{
	char approved[ADDRESS_TEXT_SIZE], is[ADDRESS_TEXT_SIZE];
	struct address address;
	if (!signer_address(signer, &address) || address_equal(&address, &rollout->tx.from))
		return true;
	error_set(err, STATUS_CHECK, "signer-other-key", "The transaction was approved for %s, and this key is %s's. Nothing was signed.",
		  address_format(approved, &rollout->tx.from), address_format(is, &address));
	return error_next(err, "give that account's key and go on with cvmdeck resume %s", rollout->id);
}

static void ask_signer(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct bytes32 approved;
	struct error err;
	if (!is_the_approved_account(rollout, signer, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	memcpy(approved.bytes, rollout->signing, sizeof(approved.bytes));
	run_note(rollout, "%s", signer_name(signer));
	/* What a signer sent itself is looked up on our own endpoint, not on its word. */
	signer_set_chain(signer, rollout->rpcs[0]);
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

static void ask_with_card(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_LOCKED);
	run_event(rollout, &event);
}

/* After a restart the approval is there, and the key is locked again or the external signer was not asked who it is. */
static bool unlock_first(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct secret password = SECRET_INIT;
	struct address known;
	if (signer_kind(signer) == SIGNER_RPC && !signer_address(signer, &known)) {
		signer_find_address(signer, on_unlocked, rollout);
		return true;
	}
	if (signer_state(signer) != SIGNER_LOCKED)
		return false;
	if (!session_password(rollout->session, &password)) {
		ask_with_card(rollout);
		return true;
	}
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
	if ((!rollout->rpc_count && !run_find_chain(rollout, &err)) || (!rollout->tx.ready && !run_tx_restore(rollout, effect->digest, &err))) {
		run_fail(rollout, &err, true);
		return;
	}
	memcpy(rollout->signing, effect->digest, sizeof(rollout->signing));
	if (run_only_watches(rollout)) /* a key had it approved; now the card says what to sign elsewhere */
		ask_with_card(rollout);
	else if (!unlock_first(rollout))
		ask_signer(rollout);
}

/* ---- broadcasting ---- */

static void sent(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_SENT);
	rollout->tx.rounds++;
	run_tx_remember(rollout);
	run_event(rollout, &event);
}

static void send_bytes(void *ctx);

static void on_broadcast(void *ctx, enum broadcast result, const struct error *err)
{
	struct rollout *rollout = ctx;
	rollout->calls.broadcast = NULL;
	if (result == BROADCAST_UNSURE && ++rollout->tx.sends < SENDS_MAX)
		loop_timer_set(rollout->loop, &rollout->poll_timer, SEND_AGAIN_MS, send_bytes, rollout);
	else if (broadcast_may_be_out(result))
		sent(rollout);
	else
		run_fail(rollout, err, true);
}

/* An endpoint that does not answer, or says yes and passes nothing on, gives way to the next one. */
static void send_bytes(void *ctx)
{
	struct rollout *rollout = ctx;
	const struct run_tx *tx = &rollout->tx;
	size_t at = (tx->rounds + tx->sends) % rollout->rpc_count;
	rollout->calls.broadcast = chain_broadcast(rollout->rpcs[at], tx->raw.data, tx->raw.len, on_broadcast, rollout);
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
	send_bytes(rollout);
}
