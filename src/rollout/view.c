/* SPDX-License-Identifier: Apache-2.0 */
/* What front ends see, filled from the rollout's data after each event. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/run.h"

static const char *const state_messages[M_STATES] = {
	[M_READING] = "reading the CVM and its present compose",
	[M_REVIEW] = "review: nothing was sent yet",
	[M_PATCHING] = "telling the backend",
	[M_CHECKING] = "checking the chain",
	[M_STOPPED] = "a check is red: stop here, or type an override",
	[M_BUILDING] = "simulating the transaction",
	[M_CARD] = "a signature is asked for",
	[M_SIGNING] = "signing",
	[M_SENDING] = "broadcasting",
	[M_MINING] = "waiting for the chain",
	[M_WAITING] = "waiting for the allowlist to show the hash",
	[M_CONFIRMING] = "confirming with the backend",
	[M_CONFIRM_GAP] = "trying again",
	[M_RESOLVING] = "reading the CVM's state",
	[M_PREPARING] = "preparing what the owners must do",
	[M_PREPARED] = "prepared: its owners execute it, then commit",
	[M_ROLLING] = "the CVM restarts",
	[M_VERIFYING] = "running; verifying what runs",
	[M_DONE] = "done",
	[M_FAILED] = "failed",
};

static const char *state_words(const struct machine *machine)
{
	if (machine->resuming)
		return "reading where it stood";
	/* On a slow disk this takes its time, and nothing goes on before it is done. */
	if (machine->writing != WRITE_NONE && (machine->state == M_REVIEW || machine->state == M_CARD))
		return "writing the approval to the journal";
	return state_messages[machine->state];
}

static void fill_message(struct rollout *rollout)
{
	struct rollout_view *view = &rollout->view;
	const struct machine *machine = &rollout->machine;
	const struct check *red = machine->state == M_STOPPED ? checks_red(&rollout->checks) : NULL;
	if (machine->state == M_FAILED && !machine->resuming)
		text_copy(view->message, sizeof(view->message), machine->error.message);
	else if (red)
		snprintf(view->message, sizeof(view->message), "stopped: “%s” is red", red->title);
	else
		snprintf(view->message, sizeof(view->message), "%s%s%s", state_words(machine), rollout->note[0] ? ": " : "", rollout->note);
}

static bool is_over(const struct machine *machine)
{
	return machine->writing == WRITE_NONE && !machine->resuming &&
	       (machine->state == M_DONE || machine->state == M_FAILED || machine->state == M_PREPARED);
}

/* The newest signed version, mined or not: after a failure it is still worth knowing. */
static void hash_of(const struct machine *machine, enum allow_verb verb, char out[67])
{
	uint8_t hash[32];
	if (machine_hash_tx(machine, verb, hash)) {
		hex_encode_0x(out, hash, sizeof(hash));
		return;
	}
	for (unsigned i = machine->tx_count; i-- > 0;)
		for (unsigned j = machine->txs[i].try_count; machine->txs[i].verb == verb && j-- > 0;)
			if (machine->txs[i].tries[j].is_signed) {
				hex_encode_0x(out, machine->txs[i].tries[j].hash, 32);
				return;
			}
}

static bool is_mined(const struct machine *machine, enum allow_verb verb)
{
	uint8_t hash[32];
	return machine_hash_tx(machine, verb, hash);
}

/* What was asked for and not answered yet, by whoever stops in between; NULL where nothing is under way. */
static const char *under_way_words(const struct machine *machine)
{
	switch (machine->state) {
	case M_PATCHING: return "The backend may have been told already; nothing was signed.";
	case M_SIGNING: return "The approved transaction may have been signed already; the chain is asked before it is signed again.";
	case M_CONFIRMING:
	case M_RESOLVING: return "The backend may have been told already; its state is read before it is told again.";
	default: return NULL;
	}
}

/* What an operator can rely on after a failure: never less than was signed, never more than the chain has. */
static const char *safe_words(const struct machine *machine, const struct outcome *outcome)
{
	bool reverted = text_equal(outcome->error.code, "tx-reverted");
	if (under_way_words(machine))
		return under_way_words(machine);
	if (machine->removing_old)
		return reverted ? "The update itself is done; the old hash is still on the allowlist, and the gas is spent."
				: "The update itself is done; the old hash is still on the allowlist.";
	if (machine->accepted)
		return "The update was accepted; the hash stays on the allowlist and nothing needs to be signed again.";
	if (reverted)
		return machine->patched ? "The contract is as it was, only the gas is spent; the CVM keeps its present compose."
					: "The contract is as it was; only the gas is spent.";
	if (outcome->transaction_hash[0])
		return "The transaction hash stays valid; nothing needs to be signed again.";
	if (is_mined(machine, ALLOW_ADD_DEVICE))
		return "The device stays allowed; the CVM keeps its present compose.";
	if (outcome->device_transaction_hash[0])
		return "The device transaction was signed and may still be mined; the CVM keeps its present compose.";
	if (machine->patched)
		return "Nothing was signed; the CVM keeps its present compose.";
	return machine->journaled ? "Nothing was signed." : "Nothing was sent or signed.";
}

static const char *done_words(const struct machine *machine)
{
	if (machine->removing_old)
		return "the CVM runs the compose that was signed; the old hash is off the allowlist";
	if (machine->state == M_PREPARED)
		return "prepared; the owners must execute it";
	if (machine->kind == ROLLOUT_ALLOW)
		return "the contract's allowlist is changed";
	if (!machine->wait)
		return "the backend accepted the update";
	if (machine->kind == ROLLOUT_COMMIT)
		return "the CVM runs the compose that the contract allows";
	if (machine->facts.hash_changes)
		return machine->facts.onchain ? "the CVM runs the compose that was signed" : "the CVM runs the compose that was reviewed";
	return "the CVM runs again, with the env values that were sent";
}

static bool is_unreported(const struct rollout *rollout)
{
	const struct check *report = checks_find(&rollout->checks, CHECK_AFTER_REPORT);
	return report && report->mark == MARK_BAD;
}

static void fill_hashes(const struct rollout *rollout, struct outcome *outcome)
{
	const struct machine *machine = &rollout->machine;
	run_hex(outcome->compose_hash, sizeof(outcome->compose_hash), rollout->plan.new_hash);
	hash_of(machine, ALLOW_ADD_HASH, outcome->transaction_hash);
	hash_of(machine, ALLOW_ADD_DEVICE, outcome->device_transaction_hash);
	if (rollout->plan.kind == ROLLOUT_COMMIT && text_starts(rollout->plan.commit_tx, "0x"))
		text_copy(outcome->transaction_hash, sizeof(outcome->transaction_hash), rollout->plan.commit_tx);
	for (int verb = 0; rollout->plan.kind == ROLLOUT_ALLOW && !outcome->transaction_hash[0] && verb <= ALLOW_REMOVE_HASH; verb++)
		hash_of(machine, (enum allow_verb)verb, outcome->transaction_hash);
	text_safe_copy(outcome->correlation_id, sizeof(outcome->correlation_id), machine->correlation_id, strlen(machine->correlation_id));
	text_copy(outcome->vm_uuid, sizeof(outcome->vm_uuid), rollout->plan.cvm_uuid);
	run_hex(outcome->app_id, sizeof(outcome->app_id), rollout->plan.app_id);
}

void rollout_so_far(const struct rollout *rollout, struct outcome *out)
{
	const struct machine *machine = &rollout->machine;
	memset(out, 0, sizeof(*out));
	fill_hashes(rollout, out);
	text_copy(out->safe, sizeof(out->safe), safe_words(machine, out));
	if (machine->journaled)
		snprintf(out->resume, sizeof(out->resume), "cvmdeck resume %s", rollout->id);
}

void run_fill_outcome(struct rollout *rollout)
{
	const struct machine *machine = &rollout->machine;
	struct outcome *outcome = &rollout->outcome;
	memset(outcome, 0, sizeof(*outcome));
	outcome->success = machine->success;
	if (!machine->success)
		outcome->error = machine->error;
	fill_hashes(rollout, outcome);
	if (machine->success)
		snprintf(outcome->done, sizeof(outcome->done), "%s%s", done_words(machine),
			 is_unreported(rollout) ? "; its TEE said nothing of it, which was overridden" : "");
	else
		text_copy(outcome->safe, sizeof(outcome->safe), safe_words(machine, outcome));
	if (!machine->success && machine->resumable)
		snprintf(outcome->resume, sizeof(outcome->resume), "cvmdeck resume %s", rollout->id);
}

static void newest_hash(const struct machine *machine, char out[67])
{
	out[0] = '\0';
	for (unsigned i = machine->tx_count; !out[0] && i-- > 0;)
		hash_of(machine, machine->txs[i].verb, out);
}

void run_fill_view(struct rollout *rollout)
{
	struct rollout_view *view = &rollout->view;
	const struct machine *machine = &rollout->machine;
	struct error ignored;
	bool over = is_over(machine);
	text_copy(view->id, sizeof(view->id), rollout->id);
	view->kind = rollout->plan.kind;
	view->phase = machine_phase(machine);
	view->waits_for_operator = machine_waits_for_operator(machine);
	view->resumed = rollout->resumed;
	view->can_retry = over && machine_allows(machine, ROLLOUT_RETRY_NOW, &ignored);
	view->can_restart = over && machine_allows(machine, ROLLOUT_RESTART, &ignored);
	view->can_remove_old = over && machine_allows(machine, ROLLOUT_REMOVE_OLD_HASH, &ignored);
	if (rollout->detail)
		view->cvm = rollout->detail->cvm;
	view->review = rollout->has_review ? &rollout->review : NULL;
	view->checks = rollout->checks.rows;
	view->check_count = rollout->checks.count;
	view->allowlist = rollout->has_list ? &rollout->list_view : NULL;
	bool refused = machine->state == M_FAILED && rollout->has_card && !rollout->card.offered;
	view->card = rollout->has_card && (refused || (machine->state == M_CARD && machine->writing == WRITE_NONE)) ? &rollout->card : NULL;
	view->prepared = machine->state == M_PREPARED ? &rollout->prepared : NULL;
	view->steps = rollout->timeline.steps;
	view->step_count = rollout->timeline.count;
	newest_hash(machine, view->transaction_hash);
	fill_message(rollout);
	if (over)
		run_fill_outcome(rollout);
	view->outcome = over ? &rollout->outcome : NULL;
}
