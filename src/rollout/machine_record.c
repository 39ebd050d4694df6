/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's state as JSON for the journal. What is saved while a write is
 * under way is the state after it, since both land in one transaction; a
 * failure that can be resumed is saved as the state to go on from.
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/machine.h"

static const char *const state_names[M_STATES] = {
	[M_READING] = "reading",	 [M_REVIEW] = "review",	      [M_PATCHING] = "patching",   [M_CHECKING] = "checking",
	[M_STOPPED] = "stopped",	 [M_BUILDING] = "building",   [M_CARD] = "card",	   [M_SIGNING] = "signing",
	[M_SENDING] = "sending",	 [M_MINING] = "mining",	      [M_WAITING] = "waiting",	   [M_CONFIRMING] = "confirming",
	[M_CONFIRM_GAP] = "confirm-gap", [M_RESOLVING] = "resolving", [M_PREPARING] = "preparing", [M_PREPARED] = "prepared",
	[M_ROLLING] = "rolling",	 [M_VERIFYING] = "verifying", [M_DONE] = "done",	   [M_FAILED] = "failed",
};

static const char *const write_names[MACHINE_WRITES] = {
	[WRITE_NONE] = "none",	     [WRITE_REVIEW] = "review",	    [WRITE_PATCHED] = "patched",   [WRITE_APPROVAL] = "approval",
	[WRITE_TX] = "tx",	     [WRITE_RECEIPT] = "receipt",   [WRITE_CONFIRM] = "confirm",   [WRITE_ACCEPTED] = "accepted",
	[WRITE_PREPARED] = "prepared", [WRITE_OVERRIDE] = "override", [WRITE_OUTCOME] = "outcome",
};

static const struct {
	const char *name;
	bool answers;
} effect_kinds[] = {
	[EFFECT_READ] = { "read", true },	  [EFFECT_JOURNAL] = { "journal", true },   [EFFECT_PATCH] = { "patch", true },
	[EFFECT_CHECK] = { "check", true },	  [EFFECT_BUILD] = { "build", true },	    [EFFECT_SIGN] = { "sign", true },
	[EFFECT_BROADCAST] = { "broadcast", true }, [EFFECT_TRACK] = { "track", true },   [EFFECT_STOP_TRACK] = { "stop-track", false },
	[EFFECT_CONFIRM] = { "confirm", true },	  [EFFECT_RESOLVE] = { "resolve", true },   [EFFECT_PREPARE] = { "prepare", true },
	[EFFECT_WATCH] = { "watch", true },	  [EFFECT_STOP_WATCH] = { "stop-watch", false }, [EFFECT_VERIFY] = { "verify", true },
	[EFFECT_TIMER] = { "timer", false },	  [EFFECT_REBUILD] = { "rebuild", false },
};
_Static_assert(sizeof(effect_kinds) / sizeof(*effect_kinds) == MACHINE_EFFECT_KINDS, "every effect has a name");
_Static_assert(sizeof(write_names) / sizeof(*write_names) == MACHINE_WRITES, "every write has a name");

struct flag_field {
	const char *name;
	size_t offset;
};
#define FLAG(member) { #member, offsetof(struct machine, member) }
#define FACT(member) { #member, offsetof(struct machine, facts.member) }

static const struct flag_field flags[] = {
	FLAG(already_registered), FLAG(wait),	       FLAG(watch),	    FLAG(can_override),  FLAG(by_state),	  FLAG(hash_allowed), FLAG(watch_only),
	FLAG(patched),		  FLAG(confirm_sent),  FLAG(accepted),	    FLAG(seen_started),  FLAG(removing_old), FLAG(restartable), FLAG(resent),
	FACT(onchain),	  FACT(hash_changes), FACT(nothing_changes), FACT(contract_owner),
};

const char *machine_state_name(enum machine_state state)
{
	return state_names[state];
}

const char *machine_write_name(enum machine_write write)
{
	return write_names[write];
}

const char *machine_effect_name(enum effect_kind kind)
{
	return effect_kinds[kind].name;
}

bool machine_effect_answers(enum effect_kind kind)
{
	return effect_kinds[kind].answers;
}

static enum machine_state saved_state(const struct machine *machine)
{
	enum machine_state state = machine->writing != WRITE_NONE ? machine->after : machine->state;
	return state == M_FAILED && machine->resumable ? machine->failed_in : state;
}

static void add_hex(json *object, const char *name, const uint8_t bytes[32])
{
	char text[65];
	hex_encode(text, bytes, 32);
	json_add_text(object, name, text);
}

static json *save_try(const struct machine_try *try)
{
	json *object = json_new_object();
	add_hex(object, "digest", try->digest);
	add_hex(object, "hash", try->hash);
	json_add_bool(object, "approved", try->approved);
	json_add_bool(object, "signed", try->is_signed);
	json_add_bool(object, "cancels", try->cancels);
	return object;
}

static json *save_tx(const struct machine_tx *tx)
{
	json *object = json_new_object();
	json_add_int(object, "verb", tx->verb);
	add_hex(object, "value", tx->value);
	json_add_bool(object, "mined", tx->mined);
	add_hex(object, "mined_hash", tx->mined_hash);
	json *tries = json_add(object, "tries", json_new_array());
	for (unsigned i = 0; i < tx->try_count; i++)
		json_append(tries, save_try(&tx->tries[i]));
	return object;
}

json *machine_save(const struct machine *machine)
{
	json *object = json_new_object();
	json_add_int(object, "kind", machine->kind);
	json_add_text(object, "state", state_names[saved_state(machine)]);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		json_add_bool(object, flags[i].name, *(const bool *)((const char *)machine + flags[i].offset));
	add_hex(object, "new_hash", machine->facts.new_hash);
	add_hex(object, "old_hash", machine->facts.old_hash);
	json_add_int(object, "tx_index", machine->tx_index);
	json_add_int(object, "attempts", machine->attempts);
	json_add_text(object, "correlation_id", machine->correlation_id);
	json *txs = json_add(object, "txs", json_new_array());
	for (unsigned i = 0; i < machine->tx_count; i++)
		json_append(txs, save_tx(&machine->txs[i]));
	return object;
}

static bool load_try(struct machine_try *try, const json *saved)
{
	try->approved = json_flag(saved, "approved", false);
	try->is_signed = json_flag(saved, "signed", false);
	try->cancels = json_flag(saved, "cancels", false);
	return hex_decode(try->digest, 32, json_text(saved, "digest")) && hex_decode(try->hash, 32, json_text(saved, "hash"));
}

static bool load_tx(struct machine_tx *tx, const json *saved)
{
	int64_t verb = json_int(saved, "verb", -1);
	const json *tries = json_member(saved, "tries");
	tx->mined = json_flag(saved, "mined", false);
	if (verb < 0 || verb > ALLOW_REMOVE_HASH || json_count(tries) > MACHINE_TRIES)
		return false;
	tx->verb = (enum allow_verb)verb;
	for (const json *try = json_first(tries); try; try = json_next(try))
		if (!load_try(&tx->tries[tx->try_count++], try))
			return false;
	return hex_decode(tx->value, 32, json_text(saved, "value")) && hex_decode(tx->mined_hash, 32, json_text(saved, "mined_hash"));
}

static bool load_state(struct machine *machine, const char *name)
{
	for (int i = 0; i < M_STATES; i++)
		if (strcmp(name, state_names[i]) == 0) {
			machine->state = (enum machine_state)i;
			return true;
		}
	return false;
}

/* States that are about a version of the current transaction need one. */
static bool is_coherent(const struct machine *machine)
{
	bool about_try = machine->state == M_SIGNING || machine->state == M_SENDING || machine->state == M_MINING;
	bool about_tx = about_try || machine->state == M_BUILDING || machine->state == M_CARD;
	if (machine->tx_index > machine->tx_count || (about_tx && machine->tx_index == machine->tx_count))
		return false;
	return !about_try || machine->txs[machine->tx_index].try_count > 0;
}

static bool load_all(struct machine *machine, const json *saved)
{
	int64_t kind = json_int(saved, "kind", -1), index = json_int(saved, "tx_index", -1);
	const json *txs = json_member(saved, "txs");
	if (kind < 0 || kind > ROLLOUT_ALLOW || index < 0 || index > MACHINE_TXS || json_count(txs) > MACHINE_TXS)
		return false;
	machine->kind = (enum rollout_kind)kind;
	machine->tx_index = (unsigned)index;
	machine->attempts = (unsigned)json_int(saved, "attempts", 0);
	if (machine->attempts > MACHINE_RETRIES)
		return false;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		*(bool *)((char *)machine + flags[i].offset) = json_flag(saved, flags[i].name, false);
	text_safe_copy(machine->correlation_id, sizeof(machine->correlation_id), json_text(saved, "correlation_id"),
		       strlen(json_text(saved, "correlation_id")));
	for (const json *tx = json_first(txs); tx; tx = json_next(tx))
		if (!load_tx(&machine->txs[machine->tx_count++], tx))
			return false;
	return load_state(machine, json_text(saved, "state")) && hex_decode(machine->facts.new_hash, 32, json_text(saved, "new_hash")) &&
	       hex_decode(machine->facts.old_hash, 32, json_text(saved, "old_hash")) && is_coherent(machine);
}

bool machine_load(struct machine *machine, const json *saved, struct error *err)
{
	memset(machine, 0, sizeof(*machine));
	if (load_all(machine, saved)) {
		machine->journaled = true;
		return true;
	}
	error_set(err, STATUS_INPUT, "journal-damaged", "The journal's record of this rollout cannot be read; nothing was sent or signed.");
	return error_next(err, "cvmdeck history shows what was sent before");
}
