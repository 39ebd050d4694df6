/* SPDX-License-Identifier: Apache-2.0 */
/* Which command of the operator fits which state, and the states that wait for one. */
#include <string.h>

#include "rollout/machine_parts.h"

#define STATE(s) (1u << (s))

struct op_rule {
	uint32_t states;
	const char *refusal; /* what to say in any other state */
};

static const struct op_rule rules[] = {
	[ROLLOUT_APPROVE_REVIEW] = { STATE(M_REVIEW), "There is no review to approve now." },
	[ROLLOUT_DECLINE] = { STATE(M_REVIEW) | STATE(M_CARD) | STATE(M_STOPPED), "There is nothing to decline now." },
	[ROLLOUT_SIGN] = { STATE(M_CARD), "There is no card to sign now." },
	[ROLLOUT_USE_REGISTERED] = { STATE(M_CARD), "A confirm by state can be chosen on the card of addComposeHash only." },
	[ROLLOUT_RETRY_NOW] = { STATE(M_CONFIRM_GAP) | STATE(M_WAITING) | STATE(M_VERIFYING) | STATE(M_FAILED), "There is nothing to retry now." },
	[ROLLOUT_BUMP] = { STATE(M_MINING), "There is no transaction on its way." },
	[ROLLOUT_CANCEL_TX] = { STATE(M_MINING), "There is no transaction on its way." },
	[ROLLOUT_OVERRIDE] = { STATE(M_STOPPED), "No check waits for an override." },
	[ROLLOUT_RESTART] = { STATE(M_FAILED), "This rollout has no reason to begin again." },
	[ROLLOUT_REMOVE_OLD_HASH] = { STATE(M_DONE), "The old hash can be removed once the new one runs." },
	[ROLLOUT_UNLOCK] = { STATE(M_CARD), "The signer is asked for with a card." },
};

static bool fits(const struct machine *machine, enum rollout_op op)
{
	const struct machine_tx *tx = &machine->txs[machine->tx_index < MACHINE_TXS ? machine->tx_index : 0];
	switch (op) {
	case ROLLOUT_USE_REGISTERED:
		return machine->hash_allowed && tx->verb == ALLOW_ADD_HASH && machine->building_as == CARD_NEW && machine->kind == ROLLOUT_UPDATE;
	case ROLLOUT_RETRY_NOW:
		return machine->state == M_FAILED ? machine->resumable : machine->state != M_VERIFYING || machine->until_ms;
	case ROLLOUT_BUMP:
	case ROLLOUT_CANCEL_TX: return tx->try_count < MACHINE_TRIES;
	case ROLLOUT_RESTART: return machine->restartable;
	case ROLLOUT_REMOVE_OLD_HASH:
		return machine->kind == ROLLOUT_UPDATE && machine->facts.onchain && machine->facts.hash_changes && !machine->removing_old;
	default: return true;
	}
}

bool machine_allows(const struct machine *machine, enum rollout_op op, struct error *err)
{
	if (machine->writing != WRITE_NONE || machine->resuming)
		return error_set(err, STATUS_USAGE, "busy", "One moment: the last step is still being recorded.");
	if ((rules[op].states & STATE(machine->state)) && fits(machine, op))
		return true;
	return error_set(err, STATUS_USAGE, "not-now", "%s", rules[op].refusal);
}

void machine_on_review(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error declined;
	if (event->kind != EVENT_OP)
		return;
	if (event->op == ROLLOUT_DECLINE) {
		error_set(&declined, STATUS_DECLINED, "declined", "The review was not approved; nothing was sent.");
		machine_end(machine, &declined, false, out);
		return;
	}
	machine_write_then(machine, WRITE_REVIEW, M_PATCHING, out);
}

void machine_on_stopped(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error red = machine->error;
	if (event->kind != EVENT_OP)
		return;
	if (event->op == ROLLOUT_OVERRIDE)
		machine_enter(machine, machine->accepted ? M_VERIFYING : M_CHECKING, event->now_ms, out);
	else
		machine_end(machine, &red, machine->accepted, out);
}

void machine_on_waiting(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind == EVENT_TIMER || event->kind == EVENT_OP)
		machine_enter(machine, M_CHECKING, event->now_ms, out);
}

void machine_on_done(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind != EVENT_OP)
		return;
	machine->removing_old = true;
	machine->tx_index = machine->tx_count;
	machine->building_as = CARD_NEW;
	machine_add_tx(machine, ALLOW_REMOVE_HASH, machine->facts.old_hash);
	machine_enter(machine, M_BUILDING, event->now_ms, out);
}

void machine_on_failed(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind != EVENT_OP)
		return;
	if (event->op == ROLLOUT_RETRY_NOW) {
		machine->state = machine->failed_in;
		machine->resumable = false;
		machine->attempts = 0;
		machine_resume(machine, out);
	} else {
		machine_emit(out, EFFECT_REBUILD);
	}
}

static const enum rollout_phase phases[M_STATES] = {
	[M_READING] = PHASE_READING,	     [M_REVIEW] = PHASE_REVIEW,		[M_PATCHING] = PHASE_PATCHING,
	[M_CHECKING] = PHASE_CHECKING,	     [M_STOPPED] = PHASE_CHECKING,	[M_BUILDING] = PHASE_CHECKING,
	[M_CARD] = PHASE_CARD,		     [M_SIGNING] = PHASE_SIGNING,	[M_SENDING] = PHASE_MINING,
	[M_MINING] = PHASE_MINING,	     [M_WAITING] = PHASE_CHECKING,	[M_CONFIRMING] = PHASE_CONFIRMING,
	[M_CONFIRM_GAP] = PHASE_CONFIRMING, [M_RESOLVING] = PHASE_CONFIRMING, [M_PREPARING] = PHASE_CHECKING,
	[M_PREPARED] = PHASE_PREPARED,	     [M_ROLLING] = PHASE_ROLLING,	[M_VERIFYING] = PHASE_VERIFYING,
	[M_DONE] = PHASE_DONE,		     [M_FAILED] = PHASE_FAILED,
};

enum rollout_phase machine_phase(const struct machine *machine)
{
	if (machine->resuming)
		return PHASE_READING;
	return phases[machine->state];
}

bool machine_waits_for_operator(const struct machine *machine)
{
	return machine->writing == WRITE_NONE && !machine->resuming &&
	       (machine->state == M_REVIEW || machine->state == M_CARD || machine->state == M_STOPPED);
}
