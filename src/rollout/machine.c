/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transition function: the two tables (what entering a state asks for,
 * which function takes a state's events) and the first half of the way, up to
 * the checks. Pure; see machine.h.
 */
#include "rollout/machine.h"

#include <string.h>

#include "rollout/machine_parts.h"

enum { WAITING_GAP_MS = 5000, ROLLING_LIMIT_MS = 20 * 60 * 1000 };

struct effect *machine_emit(struct effects *out, enum effect_kind kind)
{
	struct effect *effect = &out->list[out->count < MACHINE_EFFECTS ? out->count++ : MACHINE_EFFECTS - 1];
	memset(effect, 0, sizeof(*effect));
	effect->kind = kind;
	return effect;
}

static void emit_timer(struct machine *machine, int64_t until_ms, struct effects *out)
{
	machine->until_ms = until_ms;
	machine_emit(out, EFFECT_TIMER)->until_ms = until_ms;
}

/* An effect about the current version of the current transaction. */
static void emit_try(struct machine *machine, enum effect_kind kind, struct effects *out)
{
	struct effect *effect = machine_emit(out, kind);
	const struct machine_try *try = machine_try_now(machine);
	effect->index = machine->tx_index;
	memcpy(effect->digest, try->digest, sizeof(effect->digest));
	memcpy(effect->hash, try->hash, sizeof(effect->hash));
}

static void enter_patching(struct machine *machine, struct effects *out)
{
	machine_emit(out, EFFECT_PATCH)->prepare_only = machine->kind == ROLLOUT_PREPARE || machine->facts.contract_owner;
}

static void enter_building(struct machine *machine, struct effects *out)
{
	struct effect *effect = machine_emit(out, EFFECT_BUILD);
	effect->index = machine->tx_index;
	effect->as = machine->building_as;
}

static void enter_confirming(struct machine *machine, struct effects *out)
{
	struct effect *effect = machine_emit(out, EFFECT_CONFIRM);
	effect->by_state = machine->by_state;
	machine_hash_tx(machine, ALLOW_ADD_HASH, effect->hash);
}

static void enter_rolling(struct machine *machine, int64_t now_ms, struct effects *out)
{
	if (!machine->wait) {
		machine_finish(machine, out);
		return;
	}
	machine->rolling_since_ms = now_ms;
	machine_emit(out, EFFECT_WATCH);
	emit_timer(machine, now_ms + ROLLING_LIMIT_MS, out);
	machine->until_ms = 0; /* a limit, no countdown to show */
}

void machine_enter(struct machine *machine, enum machine_state state, int64_t now_ms, struct effects *out)
{
	machine->state = state;
	machine->until_ms = 0;
	switch (state) {
	case M_PATCHING: enter_patching(machine, out); break;
	case M_CHECKING: machine_emit(out, EFFECT_CHECK); break;
	case M_BUILDING: enter_building(machine, out); break;
	case M_SIGNING: emit_try(machine, EFFECT_SIGN, out); break;
	case M_SENDING: emit_try(machine, EFFECT_BROADCAST, out); break;
	case M_MINING:
		if (machine_tx_now(machine)->mined)
			machine_next_tx(machine, now_ms, out);
		else
			emit_try(machine, EFFECT_TRACK, out);
		break;
	case M_WAITING: emit_timer(machine, now_ms + WAITING_GAP_MS, out); break;
	case M_CONFIRMING: enter_confirming(machine, out); break;
	case M_RESOLVING: machine_emit(out, EFFECT_RESOLVE); break;
	case M_PREPARING: machine_emit(out, EFFECT_PREPARE); break;
	case M_ROLLING: enter_rolling(machine, now_ms, out); break;
	case M_VERIFYING: machine_emit(out, EFFECT_VERIFY); break;
	default: break;
	}
}

void machine_write_then(struct machine *machine, enum machine_write write, enum machine_state after, struct effects *out)
{
	struct effect *effect = machine_emit(out, EFFECT_JOURNAL);
	effect->write = write;
	effect->index = machine->tx_index;
	const struct machine_try *try = machine->tx_index < machine->tx_count ? machine_try_now(machine) : NULL;
	if (try) {
		memcpy(effect->digest, try->digest, sizeof(effect->digest));
		memcpy(effect->hash, try->hash, sizeof(effect->hash));
	}
	if (write == WRITE_RECEIPT)
		memcpy(effect->hash, machine_tx_now(machine)->mined_hash, sizeof(effect->hash));
	machine->writing = write;
	machine->after = after;
}

void machine_end(struct machine *machine, const struct error *error, bool resumable, struct effects *out)
{
	if (machine->state == M_MINING)
		machine_emit(out, EFFECT_STOP_TRACK);
	if (machine->state == M_ROLLING)
		machine_emit(out, EFFECT_STOP_WATCH);
	machine->error = *error;
	machine->success = false;
	machine->resumable = resumable && machine->journaled;
	machine->failed_in = machine->state;
	machine->declined = error->status == STATUS_DECLINED;
	if (machine->journaled)
		machine_write_then(machine, WRITE_OUTCOME, M_FAILED, out);
	else
		machine->state = M_FAILED;
}

void machine_finish(struct machine *machine, struct effects *out)
{
	machine->success = true;
	machine_write_then(machine, WRITE_OUTCOME, M_DONE, out);
}

static void on_journal(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind == EVENT_JOURNALED) {
		machine->writing = WRITE_NONE;
		machine->journaled = true;
		machine_enter(machine, machine->after, event->now_ms, out);
	} else if (event->kind == EVENT_JOURNAL_FAILED) {
		machine->resumable = machine->journaled;
		machine->failed_in = machine->state;
		machine->writing = WRITE_NONE;
		machine->success = false;
		machine->error = event->error;
		machine->state = M_FAILED;
	}
}

/* Where a state goes on after a restart of the process: what may have happened is looked at, not done again. */
static enum machine_state state_after_restart(const struct machine *machine)
{
	switch (machine->state) {
	case M_PATCHING: return machine->facts.onchain && machine->facts.hash_changes ? M_PATCHING : M_RESOLVING;
	case M_STOPPED: return machine->accepted ? M_VERIFYING : M_CHECKING;
	case M_CARD:
	case M_BUILDING: return M_CHECKING; /* what was checked then may be otherwise now */
	case M_CONFIRMING:
	case M_CONFIRM_GAP: return M_RESOLVING;
	default: return machine->state;
	}
}

static void on_reading(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind != EVENT_READ)
		return;
	if (machine->resuming) {
		machine->resuming = false;
		machine_enter(machine, state_after_restart(machine), event->now_ms, out);
		return;
	}
	machine->facts = event->facts;
	if (machine->kind == ROLLOUT_ALLOW || machine->kind == ROLLOUT_COMMIT) /* no document to review: the cards, or the owners, decide */
		machine_write_then(machine, WRITE_REVIEW, M_CHECKING, out);
	else
		machine->state = M_REVIEW;
}

static void on_patching(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error differs;
	if (event->kind == EVENT_ACCEPTED) {
		machine->patched = machine->accepted = true;
		memcpy(machine->correlation_id, event->correlation_id, sizeof(machine->correlation_id));
		machine_write_then(machine, WRITE_ACCEPTED, M_ROLLING, out);
	} else if (event->kind == EVENT_LOST) {
		machine_enter(machine, M_RESOLVING, event->now_ms, out);
	} else if (event->kind == EVENT_HASH_NEEDED) {
		machine->patched = true;
		if (event->flag)
			memcpy(machine->facts.new_hash, event->hash, sizeof(event->hash));
		if (memcmp(event->hash, machine->facts.new_hash, sizeof(event->hash)) == 0) {
			machine_write_then(machine, WRITE_PATCHED, M_CHECKING, out);
			return;
		}
		differs = event->error;
		if (differs.status == STATUS_OK)
			error_set(&differs, STATUS_CHECK, "hash-backend", "The backend asks for another compose hash than the one computed here.");
		machine_end(machine, &differs, false, out);
	}
}

static void after_checks(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error missing;
	uint8_t mined[32];
	machine->hash_allowed = event->checked.hash_allowed;
	machine->watch_only = event->checked.watch_only;
	if (machine->kind == ROLLOUT_COMMIT) {
		if (event->checked.hash_allowed) {
			machine_to_confirm(machine, out);
		} else if (machine->watch) {
			machine_enter(machine, M_WAITING, event->now_ms, out);
		} else {
			error_set(&missing, STATUS_CHECK, "hash-not-allowed", "The contract does not allow this compose hash yet, so the update was not committed.");
			error_next(&missing, "let the owners execute the prepared transaction first, or wait for it with --watch");
			machine_end(machine, &missing, true, out);
		}
	} else if (event->checked.contract_owner && !machine->facts.contract_owner && machine->kind == ROLLOUT_UPDATE) {
		machine->facts.contract_owner = true;
		machine_enter(machine, M_PATCHING, event->now_ms, out);
	} else if (machine->kind == ROLLOUT_PREPARE || (machine->kind == ROLLOUT_UPDATE && machine->facts.contract_owner)) {
		machine_enter(machine, M_PREPARING, event->now_ms, out);
	} else if (machine_plan_txs(machine, &event->checked)) {
		machine->building_as = CARD_NEW;
		machine_enter(machine, M_BUILDING, event->now_ms, out);
	} else {
		machine->by_state = !machine_hash_tx(machine, ALLOW_ADD_HASH, mined);
		machine_to_confirm(machine, out);
	}
}

static void on_checking(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind != EVENT_CHECKED)
		return;
	if (event->checked.unrecorded) { /* an override counts once it is on disk: then everything is looked at again */
		machine_write_then(machine, WRITE_OVERRIDE, M_CHECKING, out);
	} else if (!event->checked.red) {
		after_checks(machine, event, out);
	} else if (event->checked.overridable && machine->can_override) {
		machine->error = event->error;
		machine->state = M_STOPPED;
	} else {
		machine_end(machine, &event->error, event->resumable, out);
	}
}

static void on_preparing(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind != EVENT_PREPARED)
		return;
	machine->success = true;
	machine_write_then(machine, WRITE_PREPARED, M_PREPARED, out);
}

static machine_handler *const handlers[M_STATES] = {
	[M_READING] = on_reading,
	[M_REVIEW] = machine_on_review,
	[M_PATCHING] = on_patching,
	[M_CHECKING] = on_checking,
	[M_STOPPED] = machine_on_stopped,
	[M_BUILDING] = machine_on_card_built,
	[M_CARD] = machine_on_card,
	[M_SIGNING] = machine_on_signing,
	[M_SENDING] = machine_on_sending,
	[M_MINING] = machine_on_mining,
	[M_WAITING] = machine_on_waiting,
	[M_CONFIRMING] = machine_on_confirming,
	[M_CONFIRM_GAP] = machine_on_confirm_gap,
	[M_RESOLVING] = machine_on_resolving,
	[M_PREPARING] = on_preparing,
	[M_ROLLING] = machine_on_rolling,
	[M_VERIFYING] = machine_on_verifying,
	[M_DONE] = machine_on_done,
	[M_FAILED] = machine_on_failed,
};

/* The state on disk is where it goes on from, and it may be another console's by now: nothing is written. */
static void resume_failed(struct machine *machine, const struct error *error)
{
	machine->resuming = false;
	machine->resumable = true;
	machine->failed_in = machine->state;
	machine->success = false;
	machine->error = *error;
	machine->state = M_FAILED;
}

void machine_step(struct machine *machine, const struct event *event, struct effects *out)
{
	out->count = 0;
	struct error ignored;
	if (machine->writing != WRITE_NONE) {
		on_journal(machine, event, out);
	} else if (event->kind == EVENT_OP && !machine_allows(machine, event->op, &ignored)) {
		return;
	} else if (machine->resuming) {
		if (event->kind == EVENT_FAILED)
			resume_failed(machine, &event->error);
		else
			on_reading(machine, event, out);
	} else if (event->kind == EVENT_FAILED && machine->state < M_DONE && machine->state != M_PREPARED &&
		   !(machine->state == M_BUILDING && machine->building_as != CARD_NEW)) {
		machine_end(machine, &event->error, event->resumable, out);
	} else if (handlers[machine->state]) {
		handlers[machine->state](machine, event, out);
	}
}

void machine_start(struct machine *machine, const struct rollout_request *request, struct effects *out)
{
	memset(machine, 0, sizeof(*machine));
	out->count = 0;
	machine->kind = request->kind;
	machine->already_registered = request->already_registered;
	machine->wait = request->wait;
	machine->watch = request->watch;
	machine->can_override = request->can_override;
	for (size_t i = 0; i < request->call_count; i++)
		machine_add_tx(machine, request->calls[i].verb, request->calls[i].value);
	machine_emit(out, EFFECT_READ);
}

void machine_restart(struct machine *machine, const struct rollout_request *request, struct effects *out)
{
	struct machine before = *machine;
	machine_start(machine, request, out);
	for (unsigned i = 0; i < before.tx_count; i++)
		if (before.txs[i].mined && (before.txs[i].verb == ALLOW_ADD_HASH || before.txs[i].verb == ALLOW_ADD_DEVICE))
			machine->txs[machine->tx_count++] = before.txs[i];
	machine->tx_index = machine->tx_count;
}

void machine_resume(struct machine *machine, struct effects *out)
{
	out->count = 0;
	machine->writing = WRITE_NONE;
	machine->resuming = true;
	machine->attempts = 0;
	machine->asked = 0;
	machine->success = machine->state == M_DONE || machine->state == M_PREPARED;
	error_clear(&machine->error);
	machine_emit(out, EFFECT_READ);
}
