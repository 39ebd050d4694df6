/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the machine from the confirm to the end. An answer that was
 * lost is never answered by doing the same blindly: the CVM's state is read
 * first. Confirms that may succeed a moment later are repeated with the same
 * transaction hash.
 */
#include <string.h>

#include "rollout/machine_parts.h"

enum { ROLLING_UNSEEN_MS = 15000, REPORT_GAP_MS = 1000, REPORT_GAP_DOUBLINGS = 4 };

static const int64_t gaps_ms[MACHINE_RETRIES] = { 2000, 4000, 8000, 16000, 30000 };

void machine_to_confirm(struct machine *machine, struct effects *out)
{
	machine->attempts = 0;
	machine->confirm_sent = true; /* on disk before it is: after a crash it counts as sent until the state says otherwise */
	machine_write_then(machine, WRITE_CONFIRM, M_CONFIRMING, out);
}

static void accept(struct machine *machine, const struct event *event, struct effects *out)
{
	machine->accepted = true;
	if (event->correlation_id[0])
		memcpy(machine->correlation_id, event->correlation_id, sizeof(machine->correlation_id));
	machine_write_then(machine, WRITE_ACCEPTED, M_ROLLING, out);
}

static void confirm_later(struct machine *machine, const struct event *event, struct effects *out)
{
	if (machine->attempts >= MACHINE_RETRIES) {
		machine_end(machine, &event->error, true, out);
		return;
	}
	machine->state = M_CONFIRM_GAP;
	machine->error = event->error;
	machine->until_ms = event->now_ms + gaps_ms[machine->attempts++];
	machine_emit(out, EFFECT_TIMER)->until_ms = machine->until_ms;
}

/* The backend wants a transaction although the hash is allowed already: back to the card. */
static void send_after_all(struct machine *machine, const struct event *event, struct effects *out)
{
	machine->by_state = machine->already_registered = false;
	machine->building_as = CARD_NEW;
	machine_add_tx(machine, ALLOW_ADD_HASH, machine->facts.new_hash);
	machine_enter(machine, M_BUILDING, event->now_ms, out);
}

static void refused(struct machine *machine, const struct event *event, struct effects *out)
{
	bool transient = event->number == 465 || event->number == 467 || (event->number == 468 && event->flag);
	if (transient && machine->by_state && machine->kind != ROLLOUT_COMMIT && !machine->watch_only) {
		send_after_all(machine, event, out);
	} else if (transient) {
		confirm_later(machine, event, out);
	} else if (event->number == 409) {
		machine_enter(machine, M_RESOLVING, event->now_ms, out);
	} else {
		machine->restartable = event->number == 466;
		machine_end(machine, &event->error, event->resumable, out);
	}
}

void machine_on_confirming(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->kind == EVENT_ACCEPTED)
		accept(machine, event, out);
	else if (event->kind == EVENT_REFUSED)
		refused(machine, event, out);
	else if (event->kind == EVENT_LOST)
		machine_enter(machine, M_RESOLVING, event->now_ms, out);
}

void machine_on_confirm_gap(struct machine *machine, const struct event *event, struct effects *out)
{
	bool now = event->kind == EVENT_OP && event->op == ROLLOUT_RETRY_NOW;
	/* No look at the time: the timer runs by another clock, and the wall clock may have been set back meanwhile. */
	if (now || event->kind == EVENT_TIMER)
		machine_enter(machine, machine->confirm_sent ? M_CONFIRMING : M_PATCHING, event->now_ms, out);
}

void machine_on_resolving(struct machine *machine, const struct event *event, struct effects *out)
{
	struct event again = *event;
	if (event->kind != EVENT_STATE)
		return;
	if (event->live.busy || (machine->facts.hash_changes && event->live.has_new)) {
		accept(machine, event, out);
		return;
	}
	error_set(&again.error, STATUS_API, "answer-lost", "The backend's answer was lost, and the CVM shows no sign that the update was taken.");
	error_next(&again.error, "go on later with cvmdeck resume");
	confirm_later(machine, &again, out);
}

/*
 * Idle with another document than the new one: the old one again, or a third.
 * Two looks in a row, since the status may be ahead of the hash.
 */
static bool went_back(struct machine *machine, const struct machine_live *live)
{
	bool wrong = machine->facts.hash_changes && machine->seen_started && live->known && !live->busy && !live->has_new &&
		     (live->running || live->has_old);
	if (live->known)
		machine->wrong_looks = wrong ? machine->wrong_looks + 1 : 0;
	return wrong && machine->wrong_looks >= 2;
}

/* The hash tells; where it does not change, a CVM that was accepted and then idle for so long has been through it. */
static bool has_begun(struct machine *machine, const struct event *event)
{
	if (machine->facts.hash_changes)
		return event->live.has_new;
	if (event->now_ms < machine->rolling_since_ms) /* the clock was set back */
		machine->rolling_since_ms = event->now_ms;
	return event->now_ms - machine->rolling_since_ms >= ROLLING_UNSEEN_MS;
}

/* Started: busy, or another hash than before. Ended: running, and the hash (where it was read) the new one. */
void machine_on_rolling(struct machine *machine, const struct event *event, struct effects *out)
{
	struct error stuck = event->error;
	if (event->kind == EVENT_TIMER) {
		error_set(&stuck, STATUS_API, "rollout-stuck", "The CVM did not come to running in 20 minutes (correlation id %s).",
			  machine->correlation_id[0] ? machine->correlation_id : "unknown");
		error_next(&stuck, "look at the logs; image pulls and the workload's own start are the slow paths; cvmdeck resume goes on watching");
		machine_end(machine, &stuck, true, out);
		return;
	}
	if (event->kind != EVENT_STATE)
		return;
	machine->seen_started = machine->seen_started || event->live.busy || has_begun(machine, event);
	if (went_back(machine, &event->live) || event->live.boot_error) {
		machine_end(machine, &event->error, false, out);
	} else if (machine->seen_started && event->live.running && !event->live.busy &&
		   (!machine->facts.hash_changes || event->live.has_new)) {
		machine_emit(out, EFFECT_STOP_WATCH);
		machine->asked = 0;
		machine_enter(machine, M_VERIFYING, event->now_ms, out);
	}
}

/* All is looked at anew then: what was good may not be any more. */
static void verify_later(struct machine *machine, const struct event *event, struct effects *out)
{
	unsigned doublings = machine->asked < REPORT_GAP_DOUBLINGS ? machine->asked : REPORT_GAP_DOUBLINGS;
	machine->asked++;
	machine->until_ms = event->now_ms + ((int64_t)REPORT_GAP_MS << doublings);
	machine_emit(out, EFFECT_TIMER)->until_ms = machine->until_ms;
}

static void not_verified(struct machine *machine, const struct event *event, struct effects *out)
{
	if (event->gone && machine_send_again(machine, event->now_ms, out))
		return;
	if (event->checked.overridable && machine->can_override) {
		machine->error = event->error;
		machine->state = M_STOPPED;
		return;
	}
	machine_end(machine, &event->error, event->resumable, out);
}

void machine_on_verifying(struct machine *machine, const struct event *event, struct effects *out)
{
	bool ask_again = machine->until_ms && (event->kind == EVENT_TIMER || event->kind == EVENT_OP);
	if (ask_again)
		machine_enter(machine, M_VERIFYING, event->now_ms, out);
	if (event->kind != EVENT_VERIFIED)
		return;
	if (event->later)
		verify_later(machine, event, out);
	else if (event->checked.unrecorded) /* an override counts once it is on disk */
		machine_write_then(machine, WRITE_OVERRIDE, M_VERIFYING, out);
	else if (event->flag)
		machine_finish(machine, out);
	else
		not_verified(machine, event, out);
}
