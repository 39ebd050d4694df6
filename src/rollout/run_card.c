/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EFFECT_BUILD: the next transaction, simulated and priced, as a card. What is
 * prepared here is what is signed: the card's digest is of these bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/chains.h"
#include "chain/contract.h"
#include "rollout/run.h"

/* ---- the words on it ---- */

static void say_gas(struct card *card, const struct tx_prepared *prepared)
{
	char gas[TEXT_SHORT_SIZE + 8], amount[U256_UNITS_SIZE];
	snprintf(card->gas, sizeof(card->gas), "%s (+%d %%)", text_grouped(gas, prepared->tx.gas), PREPARE_GAS_MARGIN);
	snprintf(card->max_fee, sizeof(card->max_fee), "%.20s gwei%s", u256_format_gwei(amount, &prepared->tx.max_fee), prepared->capped ? ", --max-fee" : "");
	snprintf(card->tip, sizeof(card->tip), "%.40s gwei", u256_format_gwei(amount, &prepared->tx.max_priority_fee));
	snprintf(card->cost, sizeof(card->cost), "≤ %.36s ETH%s", u256_format_ether_up(amount, &prepared->cost.total),
		 prepared->has_l1_fee ? ", L1 fee included" : "");
}

/* Whose device it is: the CVM's own node has a name here, any other only its id. */
static void say_device(const struct plan *plan, struct card *card, const struct machine_tx *tx)
{
	uint8_t own[HASH_SIZE];
	const char *node = plan->node_name[0] ? plan->node_name : "of unknown name";
	if (!plan->device[0] || !hex_decode(own, sizeof(own), plan->device))
		return;
	if (memcmp(own, tx->value, sizeof(own)) != 0)
		snprintf(card->argument_note, sizeof(card->argument_note), "another device than that of this CVM's node %s", node);
	else if (tx->verb == ALLOW_REMOVE_DEVICE)
		snprintf(card->argument_note, sizeof(card->argument_note), "node %s, on which this CVM runs: it could not start there again", node);
	else
		snprintf(card->argument_note, sizeof(card->argument_note), "node %s", node);
}

static void say_argument(struct rollout *rollout, struct card *card, const struct machine_tx *tx)
{
	if (tx->verb == ALLOW_ANY_DEVICE_ON || tx->verb == ALLOW_ANY_DEVICE_OFF)
		text_copy(card->argument, sizeof(card->argument), tx->verb == ALLOW_ANY_DEVICE_ON ? "true" : "false");
	else
		hex_encode_0x(card->argument, tx->value, sizeof(tx->value));
	if (tx->verb == ALLOW_ADD_DEVICE || tx->verb == ALLOW_REMOVE_DEVICE)
		say_device(&rollout->plan, card, tx);
	if (tx->verb == ALLOW_ANY_DEVICE_ON)
		text_copy(card->argument_note, sizeof(card->argument_note), "any machine could then run this app");
	if (tx->verb == ALLOW_REMOVE_HASH)
		text_copy(card->argument_note, sizeof(card->argument_note), "the old compose can then not boot any more: no way back to it");
}

static void add_line(struct rollout *rollout, enum check_id id)
{
	const struct check *row = checks_find(&rollout->checks, id);
	struct card *card = &rollout->card;
	if (!row || card->check_count == RUN_CARD_CHECKS)
		return;
	rollout->card_checks[card->check_count++] = *row;
	card->checks = rollout->card_checks;
}

static void add_lines(struct rollout *rollout, enum allow_verb verb)
{
	if (verb == ALLOW_ADD_HASH) {
		add_line(rollout, CHECK_HASH_NEW);
		add_line(rollout, CHECK_HASH_BACKEND);
	}
	if (verb == ALLOW_ADD_DEVICE)
		add_line(rollout, CHECK_DEVICE);
	add_line(rollout, CHECK_SIMULATION);
	add_line(rollout, CHECK_BALANCE);
}

/* The card that waits must not offer what the key cannot do any more. */
static void key_locked(void *ctx)
{
	struct rollout *rollout = ctx;
	run_look_at_key(rollout);
	run_touch(rollout);
}

bool run_only_watches(const struct rollout *rollout)
{
	const struct signer *signer = session_signer(rollout->session);
	return signer ? signer_kind(signer) == SIGNER_WATCH : rollout->machine.watch_only;
}

void run_look_at_key(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct card *card = &rollout->card;
	card->unlocking = signer && signer_state(signer) == SIGNER_UNLOCKING;
	card->needs_unlock = !run_only_watches(rollout) && (!signer || card->unlocking || signer_state(signer) == SIGNER_LOCKED);
}

static void say_signer(struct rollout *rollout, struct card *card)
{
	struct signer *signer = session_signer(rollout->session);
	address_format(card->from, &rollout->tx.from);
	text_copy(card->signer, sizeof(card->signer), signer ? signer_name(signer) : run_only_watches(rollout) ? "watch-only" : "no key yet");
	if (signer)
		signer_on_idle_lock(signer, key_locked, rollout);
	run_look_at_key(rollout);
}

/* Who only watches signs it elsewhere: the line for that. */
static void keep_cast_line(struct rollout *rollout)
{
	struct buf line = BUF_INIT;
	free(rollout->card_cast);
	rollout->card_cast = NULL;
	if (run_only_watches(rollout)) {
		signer_cast_line(&line, &rollout->tx.prepared.tx, &rollout->tx.from);
		rollout->card_cast = mem_strdup(buf_text(&line));
	}
	buf_clear(&line);
	rollout->card.cast = rollout->card_cast;
}

static void keep_bytes(struct rollout *rollout)
{
	struct run_tx *tx = &rollout->tx;
	struct bytes32 digest;
	buf_reset(&tx->unsigned_bytes);
	tx_add_unsigned(&tx->unsigned_bytes, &tx->prepared.tx);
	hash_keccak256(digest.bytes, tx->unsigned_bytes.data, tx->unsigned_bytes.len);
	memcpy(rollout->card.digest, digest.bytes, sizeof(digest.bytes));
	free(rollout->card_raw);
	free(rollout->card_data);
	rollout->card_raw = mem_new(tx->unsigned_bytes.len + 2, 2);
	hex_encode_0x(rollout->card_raw, (const uint8_t *)tx->unsigned_bytes.data, tx->unsigned_bytes.len);
	rollout->card_data = mem_new(tx->prepared.tx.data_len + 2, 2);
	hex_encode_0x(rollout->card_data, tx->prepared.tx.data, tx->prepared.tx.data_len);
	rollout->card.raw = rollout->card_raw;
	rollout->card.calldata = rollout->card_data;
}

static bool is_value(const struct machine_tx *tx, const char *digits)
{
	uint8_t value[HASH_SIZE];
	return digits[0] && hex_decode(value, sizeof(value), digits) && memcmp(value, tx->value, sizeof(value)) == 0;
}

/* What the contract answered before about what this changes; READ_NOT_ASKED where that was not read. */
static enum read_state state_before(const struct rollout *rollout, const struct machine_tx *tx)
{
	const struct plan *plan = &rollout->plan;
	const struct allowlist *list = &rollout->list;
	const char *device = plan->asked_device[0] ? plan->asked_device : plan->device;
	if (!rollout->has_list)
		return READ_NOT_ASKED;
	switch (tx->verb) {
	case ALLOW_ANY_DEVICE_ON:
	case ALLOW_ANY_DEVICE_OFF: return list->any_device.state;
	case ALLOW_ADD_DEVICE:
	case ALLOW_REMOVE_DEVICE: return is_value(tx, device) ? list->device.state : READ_NOT_ASKED;
	default: return is_value(tx, plan->new_hash) ? list->new_hash.state : is_value(tx, plan->reported) ? list->old_hash.state : READ_NOT_ASKED;
	}
}

/* "succeeds, emits ComposeHashAdded, allowed no → yes" */
static void say_simulation(struct rollout *rollout, const struct machine_tx *tx, int as)
{
	char *out = rollout->card.simulation;
	const size_t size = sizeof(rollout->card.simulation);
	enum read_state before = as == CARD_CANCEL ? READ_NOT_ASKED : state_before(rollout, tx);
	const char *event = as == CARD_CANCEL ? "nothing" : contract_event_name(contract_emits(run_verb_call(tx->verb)));
	bool adds = tx->verb == ALLOW_ADD_HASH || tx->verb == ALLOW_ADD_DEVICE || tx->verb == ALLOW_ANY_DEVICE_ON;
	if (!rollout->tx.prepared.simulated)
		snprintf(out, size, "%.190s", rollout->tx.prepared.simulation.message);
	else if (before == READ_YES || before == READ_NO)
		snprintf(out, size, "succeeds, emits %s, allowed %s → %s", event, before == READ_YES ? "yes" : "no", adds ? "yes" : "no");
	else
		snprintf(out, size, "succeeds, emits %s", event);
}

static void draw_card(struct rollout *rollout, const struct machine_tx *tx, int as)
{
	struct card *card = &rollout->card;
	const struct tx_prepared *prepared = &rollout->tx.prepared;
	char chain[32];
	memset(card, 0, sizeof(*card));
	card->index = rollout->machine.removing_old ? 1 : rollout->machine.tx_index + 1;
	card->count = rollout->machine.removing_old ? 1 : rollout->machine.tx_count;
	card->replaces = (enum card_kind)as;
	text_copy(card->function, sizeof(card->function), as == CARD_CANCEL ? "cancel" : run_verb_name(tx->verb));
	if (as != CARD_CANCEL)
		say_argument(rollout, card, tx);
	address_format(card->contract, &prepared->tx.to);
	card->chain_id = prepared->tx.chain_id;
	snprintf(card->chain, sizeof(card->chain), "%s %llu", chain_name(chain, card->chain_id), (unsigned long long)card->chain_id);
	card->nonce = prepared->tx.nonce;
	card->gas_limit = prepared->tx.gas;
	say_gas(card, prepared);
	say_signer(rollout, card);
	card->simulated = prepared->simulated ? MARK_GOOD : MARK_BAD;
	say_simulation(rollout, tx, as);
	if (as == CARD_NEW)
		add_lines(rollout, tx->verb);
	card->can_skip = tx->verb == ALLOW_ADD_HASH && as == CARD_NEW && rollout->machine.hash_allowed && rollout->plan.kind == ROLLOUT_UPDATE;
	if (card->can_skip)
		snprintf(card->skip_note, sizeof(card->skip_note), "the hash is allowed already; confirming by state saves %.60s", card->cost);
	keep_bytes(rollout);
	keep_cast_line(rollout);
	rollout->has_card = true;
}

/* ---- may it be offered ---- */

static void check_simulation(struct rollout *rollout)
{
	const struct tx_prepared *prepared = &rollout->tx.prepared;
	char gas[64], number[TEXT_SHORT_SIZE + 8];
	snprintf(gas, sizeof(gas), "with %s gas", text_grouped(number, prepared->gas_estimate));
	if (prepared->simulated)
		checks_set(&rollout->checks, CHECK_SIMULATION, MARK_GOOD, gas, "eth_call and eth_estimateGas at the pending block");
	else
		checks_set(&rollout->checks, CHECK_SIMULATION, MARK_BAD, "reverts", prepared->simulation.message);
}

static void check_cost(struct rollout *rollout)
{
	const struct tx_prepared *prepared = &rollout->tx.prepared;
	char balance[U256_UNITS_SIZE], cost[U256_UNITS_SIZE], value[200], note[200];
	struct u256 ceiling;
	bool dear = rollout->plan.max_cost_wei[0] && u256_parse_decimal(&ceiling, rollout->plan.max_cost_wei) &&
		    u256_cmp(&prepared->cost.total, &ceiling) > 0;
	u256_format_ether_up(cost, &prepared->cost.total);
	snprintf(value, sizeof(value), "%.40s ETH, needed at most %.40s ETH", run_ether_text(balance, &prepared->balance), cost);
	if (dear)
		snprintf(note, sizeof(note), "it may cost more than --max-cost allows (%.80s ETH)", u256_format_ether(balance, &ceiling));
	else
		text_copy(note, sizeof(note), prepared->affordable ? "gas limit × fee cap, with the L1 fee where there is one" : "the balance does not cover it");
	checks_set(&rollout->checks, CHECK_BALANCE, dear || !prepared->affordable ? MARK_BAD : MARK_GOOD, value, note);
}

/* A nonce that leaves a gap would wait for ever; one that is used can never be mined. */
static bool nonce_fits(const struct tx_prepared *prepared, struct error *err)
{
	if (prepared->gap) {
		error_set(err, STATUS_CHAIN, "nonce-gap", "The nonce %llu leaves a gap below it, so the transaction would wait for ever.",
			  (unsigned long long)prepared->tx.nonce);
		return error_next(err, "send or cancel what is missing from this account first");
	}
	if (prepared->used)
		return error_set(err, STATUS_CHAIN, "nonce-used", "The nonce %llu is used already.", (unsigned long long)prepared->tx.nonce);
	return true;
}

static void give_card(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_CARD);
	const struct check *red = checks_red(&rollout->checks);
	struct error err;
	memcpy(event.digest, rollout->card.digest, sizeof(event.digest));
	event.offered = true;
	event.resumable = true;
	if (!nonce_fits(&rollout->tx.prepared, &err)) {
		event.offered = false;
		event.error = err;
	} else if (red) {
		event.offered = false;
		checks_error(red, &event.error);
	}
	rollout->card.offered = event.offered;
	if (rollout->tx.prepared.waits)
		run_note(rollout, "the fee cap is below the chain's next base fee; it is mined once fees fall");
	/* What a replacement stands in for is our own. */
	if (rollout->tx.prepared.foreign_pending && rollout->machine.building_as == CARD_NEW)
		run_note(rollout, "other transactions of this account are pending; this one waits behind them");
	run_event(rollout, &event);
}

/* The password was given before; the card is made again, since the sender is known only now. */
static void on_unlocked(void *ctx, const struct error *err)
{
	struct rollout *rollout = ctx;
	const struct effect again = { .kind = EFFECT_BUILD, .index = rollout->machine.tx_index, .as = rollout->machine.building_as };
	if (err)
		run_fail(rollout, err, true);
	else
		run_build(rollout, &again);
}

static void offer(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct secret password = SECRET_INIT;
	if (!signer || signer_state(signer) != SIGNER_LOCKED || !session_password(rollout->session, &password)) {
		give_card(rollout);
		return;
	}
	run_note(rollout, "unlocking %s", signer_name(signer));
	signer_unlock(signer, &password, on_unlocked, rollout);
}

static void on_elsewhere(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	bool answered = data || !failure->code[0] || strcmp(failure->code, "reverted") == 0 || failure->status == STATUS_CHECK;
	(void)len;
	if (answered)
		offer(rollout);
	else
		run_fail(rollout, failure, true);
}

/* Every endpoint must agree in whether it would succeed; a difference has its row, and the card is not offered. */
static void simulate_elsewhere(struct rollout *rollout)
{
	const struct tx_prepared *prepared = &rollout->tx.prepared;
	const struct call_request call = { .from = &rollout->tx.from, .to = &prepared->tx.to, .data = prepared->tx.data, .len = prepared->tx.data_len };
	run_simulate_elsewhere(rollout, &call, prepared->simulated, on_elsewhere);
}

static void on_prepared(void *ctx, struct tx_prepared *prepared, const struct error *err)
{
	struct rollout *rollout = ctx;
	const struct machine_tx *tx = &rollout->machine.txs[rollout->machine.tx_index];
	rollout->calls.prepare = NULL;
	if (!prepared) {
		run_fail(rollout, err, true);
		return;
	}
	tx_prepared_clear(&rollout->tx.prepared);
	tx_prepared_take(&rollout->tx.prepared, prepared);
	rollout->tx.ready = true;
	check_simulation(rollout);
	check_cost(rollout);
	draw_card(rollout, tx, rollout->machine.building_as);
	run_show_cost(rollout);
	simulate_elsewhere(rollout);
}

/* ---- what is asked for ---- */

/* The account it will come from: the signer's, or the owner's while no key is there. */
static bool find_sender(struct rollout *rollout, struct address *from, struct error *err)
{
	struct signer *signer = session_signer(rollout->session);
	if (signer && signer_address(signer, from))
		return true;
	if (rollout->has_list && rollout->list.owner.state == READ_VALUE) {
		*from = rollout->list.owner.address;
		return true;
	}
	error_set(err, STATUS_CREDENTIALS, "no-key", "There is no key to sign with.");
	return error_next(err, "give --private-key, PRIVATE_KEY, --keystore or --signer-url");
}

static void forget_tx(struct rollout *rollout)
{
	struct run_tx *tx = &rollout->tx;
	tx_prepared_clear(&tx->prepared);
	buf_clear(&tx->unsigned_bytes);
	buf_clear(&tx->raw);
	receipt_clear(&tx->receipt);
	memset(tx, 0, sizeof(*tx));
}

void run_build(struct rollout *rollout, const struct effect *effect)
{
	const struct machine_tx *want = &rollout->machine.txs[effect->index];
	struct run_tx *tx = &rollout->tx;
	struct tx_intent intent = { .chain_id = rollout->plan.chain_id, .to = rollout->contract };
	struct buf data = BUF_INIT;
	struct error err;
	if (effect->as == CARD_NEW)
		forget_tx(rollout);
	if ((!rollout->rpc_count && !run_find_chain(rollout, &err)) || !find_sender(rollout, &intent.from, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	if (effect->as != CARD_NEW) {
		intent.has_nonce = intent.replaces = true;
		intent.nonce = tx->nonce;
		intent.old_fees = tx->fees;
	}
	if (rollout->plan.max_fee_wei[0] && !u256_parse_decimal(&intent.max_fee_ceiling, rollout->plan.max_fee_wei))
		intent.max_fee_ceiling = u256_from_u64(1); /* a record nobody can read allows nothing */
	tx->from = intent.from;
	if (effect->as == CARD_CANCEL) {
		intent.to = intent.from;
	} else {
		run_add_calldata(&data, want->verb, want->value);
		intent.data = (const uint8_t *)data.data;
		intent.len = data.len;
	}
	rollout->calls.prepare = chain_prepare(rollout->rpcs[0], &intent, on_prepared, rollout);
	buf_clear(&data);
}
