/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the machine between the checks and the receipt: which
 * transactions are needed, the card, the signature, the broadcast, and what
 * the chain then does with it. A transaction may have several versions with
 * one nonce (bumped, cancelled); whichever is mined counts.
 */
#include <string.h>

#include "rollout/machine_parts.h"

struct machine_tx *machine_tx_now(struct machine *machine)
{
	return &machine->txs[machine->tx_index];
}

struct machine_try *machine_try_now(struct machine *machine)
{
	struct machine_tx *tx = machine_tx_now(machine);
	return &tx->tries[tx->try_count ? tx->try_count - 1 : 0];
}

void machine_add_tx(struct machine *machine, enum allow_verb verb, const uint8_t value[32])
{
	if (machine->tx_count == MACHINE_TXS)
		return;
	struct machine_tx *tx = &machine->txs[machine->tx_count++];
	memset(tx, 0, sizeof(*tx));
	tx->verb = verb;
	memcpy(tx->value, value, sizeof(tx->value));
}

static bool is_mined(const struct machine *machine, enum allow_verb verb, const uint8_t value[32])
{
	for (unsigned i = 0; i < machine->tx_count; i++)
		if (machine->txs[i].mined && machine->txs[i].verb == verb && memcmp(machine->txs[i].value, value, 32) == 0)
			return true;
	return false;
}

/* What was mined stays on the list: it is never sent twice. */
static void keep_mined(struct machine *machine)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < machine->tx_count; i++)
		if (machine->txs[i].mined)
			machine->txs[kept++] = machine->txs[i];
	machine->tx_count = kept;
	machine->tx_index = kept;
}

/* Whoever only watches has no transaction of its own to show: what it waited for is that the hash is allowed. */
static bool needs_hash_tx(const struct machine *machine, const struct machine_checked *checked)
{
	if (checked->hash_allowed && (machine->already_registered || checked->watch_only))
		return false;
	return !is_mined(machine, ALLOW_ADD_HASH, machine->facts.new_hash);
}

/* The transactions still to be made; false when none is. */
bool machine_plan_txs(struct machine *machine, const struct machine_checked *checked)
{
	if (machine->kind == ROLLOUT_ALLOW || machine->removing_old)
		return machine->tx_index < machine->tx_count;
	keep_mined(machine);
	if (!checked->device_allowed && !is_mined(machine, ALLOW_ADD_DEVICE, checked->device))
		machine_add_tx(machine, ALLOW_ADD_DEVICE, checked->device);
	if (needs_hash_tx(machine, checked))
		machine_add_tx(machine, ALLOW_ADD_HASH, machine->facts.new_hash);
	return machine->tx_index < machine->tx_count;
}

/* Of an update only what allowed its own hash: after a new beginning there may be one of another document. */
static bool is_of_this(const struct machine *machine, const struct machine_tx *tx)
{
	return machine->kind != ROLLOUT_UPDATE || tx->verb != ALLOW_ADD_HASH || memcmp(tx->value, machine->facts.new_hash, 32) == 0;
}

bool machine_hash_tx(const struct machine *machine, enum allow_verb verb, uint8_t hash[32])
{
	for (unsigned i = machine->tx_count; i-- > 0;) {
		if (!machine->txs[i].mined || machine->txs[i].verb != verb || !is_of_this(machine, &machine->txs[i]))
			continue;
		memcpy(hash, machine->txs[i].mined_hash, 32);
		return true;
	}
	return false;
}

static bool was_cancelled(const struct machine_tx *tx)
{
	for (unsigned i = 0; i < tx->try_count; i++)
		if (tx->tries[i].cancels && memcmp(tx->tries[i].hash, tx->mined_hash, 32) == 0)
			return true;
	return false;
}

void machine_next_tx(struct machine *machine, int64_t now_ms, struct effects *out)
{
	struct error cancelled;
	if (was_cancelled(machine_tx_now(machine))) {
		error_set(&cancelled, STATUS_DECLINED, "tx-cancelled", "The transaction was cancelled: the one that replaces it by nothing was mined.");
		machine_end(machine, &cancelled, false, out);
		return;
	}
	machine->tx_index++;
	machine->building_as = CARD_NEW;
	if (machine->tx_index < machine->tx_count)
		machine_enter(machine, M_BUILDING, now_ms, out);
	else if (machine->kind == ROLLOUT_ALLOW || machine->removing_old)
		machine_finish(machine, out);
	else if (machine->accepted) /* sent again: there is nothing to confirm */
		machine_enter(machine, M_VERIFYING, now_ms, out);
	else
		machine_to_confirm(machine, out);
}

/* The version that was mined becomes the one to be sent: none of another version must take its place. */
static void make_last(struct machine_tx *tx)
{
	for (unsigned i = 0; i < tx->try_count; i++)
		if (memcmp(tx->tries[i].hash, tx->mined_hash, 32) == 0)
			tx->try_count = i + 1;
}

bool machine_send_again(struct machine *machine, int64_t now_ms, struct effects *out)
{
	for (unsigned i = machine->tx_count; !machine->resent && i-- > 0;) {
		struct machine_tx *tx = &machine->txs[i];
		if (!tx->mined || tx->verb != ALLOW_ADD_HASH)
			continue;
		make_last(tx);
		tx->mined = false;
		machine->resent = true;
		machine->tx_index = i;
		machine_enter(machine, M_SENDING, now_ms, out);
		return true;
	}
	return false;
}

void machine_on_card_built(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_tx *tx = machine_tx_now(machine);
	bool refused = event->kind == EVENT_FAILED || (event->kind == EVENT_CARD && !event->offered);
	if (refused && machine->building_as != CARD_NEW) { /* the one on its way goes on */
		machine->building_as = CARD_NEW;
		machine_enter(machine, M_MINING, event->now_ms, out);
		return;
	}
	if (event->kind != EVENT_CARD)
		return;
	if (!event->offered) {
		machine_end(machine, &event->error, event->resumable, out);
		return;
	}
	if ((!tx->try_count || machine_try_now(machine)->approved) && tx->try_count < MACHINE_TRIES)
		tx->try_count++;
	struct machine_try *try = machine_try_now(machine);
	memset(try, 0, sizeof(*try));
	memcpy(try->digest, event->digest, sizeof(try->digest));
	try->cancels = machine->building_as == CARD_CANCEL;
	machine->state = M_CARD;
}

static void decline_card(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error declined;
	struct machine_tx *tx = machine_tx_now(machine);
	tx->try_count--;
	if (machine->building_as != CARD_NEW) {
		machine->building_as = CARD_NEW;
		machine_enter(machine, M_MINING, event->now_ms, out);
		return;
	}
	if (machine->removing_old) { /* the update is done as it was; the old hash may stay */
		machine->removing_old = false;
		machine->tx_count = machine->tx_index;
		machine->state = M_DONE;
		return;
	}
	error_set(&declined, STATUS_DECLINED, "declined", "The transaction was not approved, so it was not signed.");
	machine_end(machine, &declined, false, out);
}

void machine_on_card(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_try *try = machine_try_now(machine);
	if (event->kind != EVENT_OP)
		return;
	if (event->op == ROLLOUT_DECLINE) {
		decline_card(machine, event, out);
	} else if (event->op == ROLLOUT_UNLOCK) { /* sender and nonce may be others now */
		machine_enter(machine, M_BUILDING, event->now_ms, out);
	} else if (event->op == ROLLOUT_USE_REGISTERED) {
		machine->tx_count = machine->tx_index;
		machine->by_state = machine->already_registered = true;
		machine_to_confirm(machine, out);
	} else if (event->op == ROLLOUT_SIGN && memcmp(event->digest, try->digest, sizeof(try->digest)) == 0) {
		try->approved = true;
		machine_write_then(machine, WRITE_APPROVAL, M_SIGNING, out);
	}
}

/* The key is asked for with a card. Of a replacement nothing is asked again: the one on its way goes on. */
static void ask_anew(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_tx *tx = machine_tx_now(machine);
	tx->try_count--;
	machine->building_as = CARD_NEW;
	machine_enter(machine, tx->try_count ? M_MINING : M_CHECKING, event->now_ms, out);
}

static void replaced(struct machine *machine, const struct event *event, struct effects *out);

/* A signer that sends has sent it and its answer was lost, or the nonce went elsewhere. */
static void nonce_used_behind_us(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_tx *tx = machine_tx_now(machine);
	if (tx->try_count > 1) { /* an earlier version is followed still */
		tx->try_count--;
		machine->building_as = CARD_NEW;
		machine_enter(machine, M_MINING, event->now_ms, out);
	} else if (machine->kind == ROLLOUT_ALLOW || machine->removing_old) {
		replaced(machine, event, out);
	} else { /* the checks tell what is still needed; a hash that is allowed by now is not sent twice */
		machine->tx_count = machine->tx_index;
		machine->already_registered = true;
		machine_enter(machine, M_CHECKING, event->now_ms, out);
	}
}

void machine_on_signing(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_try *try = machine_try_now(machine);
	if (event->kind == EVENT_LOCKED) {
		ask_anew(machine, event, out);
		return;
	}
	if (event->kind == EVENT_TX && event->fate == FATE_REPLACED) {
		nonce_used_behind_us(machine, event, out);
		return;
	}
	if (event->kind != EVENT_SIGNED || memcmp(event->digest, try->digest, sizeof(try->digest)) != 0)
		return;
	try->is_signed = true;
	memcpy(try->hash, event->hash, sizeof(try->hash));
	machine_write_then(machine, WRITE_TX, M_SENDING, out);
}

void machine_on_sending(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind == EVENT_SENT)
		machine_enter(machine, M_MINING, event->now_ms, out);
}

/* The nonce went to a transaction that is none of ours: what is needed is looked at anew. */
static void replaced(struct machine *machine, const struct event *event, struct effects *out)
{
	machine_end(machine, &event->error, true, out);
	machine_tx_now(machine)->try_count = 0;
	if (machine->kind == ROLLOUT_ALLOW || machine->removing_old) {
		machine->failed_in = M_BUILDING;
		return;
	}
	machine->failed_in = M_CHECKING;
	machine->already_registered |= !machine->hash_allowed; /* allowed by then, it was that other one's doing: it is not sent twice */
}

static void fate_known(struct machine *machine, const struct event *event, struct effects *out)
{
	struct machine_tx *tx = machine_tx_now(machine);
	switch (event->fate) {
	case FATE_MINED:
		tx->mined = true;
		memcpy(tx->mined_hash, event->hash, sizeof(tx->mined_hash));
		machine_emit(out, EFFECT_STOP_TRACK);
		machine_write_then(machine, WRITE_RECEIPT, M_MINING, out);
		break;
	case FATE_REVERTED: machine_end(machine, &event->error, false, out); break;
	case FATE_REPLACED: replaced(machine, event, out); break;
	case FATE_DROPPED:
	case FATE_REORGED:
		machine_emit(out, EFFECT_STOP_TRACK);
		machine_enter(machine, M_SENDING, event->now_ms, out);
		break;
	case FATE_PENDING: break;
	}
}

void machine_on_mining(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind == EVENT_TX) {
		fate_known(machine, event, out);
	} else if (event->kind == EVENT_OP && (event->op == ROLLOUT_BUMP || event->op == ROLLOUT_CANCEL_TX)) {
		machine_emit(out, EFFECT_STOP_TRACK);
		machine->building_as = event->op == ROLLOUT_BUMP ? CARD_BUMP : CARD_CANCEL;
		machine_enter(machine, M_BUILDING, event->now_ms, out);
	}
}
