/* SPDX-License-Identifier: Apache-2.0 */
/* The target on the chain: endpoints, the contract, the signer, and the allowlist as rows for people. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "chain/chains.h"
#include "chain/contract.h"
#include "rollout/run.h"

bool run_find_chain(struct rollout *rollout, struct error *err)
{
	struct plan *plan = &rollout->plan;
	rollout->has_contract = address_parse(&rollout->contract, plan->contract);
	if (!rollout->has_contract)
		return error_set(err, STATUS_CHECK, "target-pin", "The API names no valid app contract for this CVM.");
	rollout->rpc_count = session_rpcs(rollout->session, plan->chain_id, rollout->detail ? rollout->detail->rpc_endpoint : NULL, rollout->rpcs, err);
	return rollout->rpc_count > 0;
}

static void set_hash(bool *has, struct bytes32 *out, const char *digits)
{
	*has = bytes32_parse(out, digits);
}

void run_ask_list(struct rollout *rollout, size_t endpoint, allowlist_fn *fn)
{
	const struct plan *plan = &rollout->plan;
	struct signer *signer = session_signer(rollout->session);
	struct allowlist_question question = { .chain_id = plan->chain_id, .contract = rollout->contract };
	set_hash(&question.has_new_hash, &question.new_hash, plan->new_hash);
	set_hash(&question.has_old_hash, &question.old_hash, plan->reported);
	set_hash(&question.has_device, &question.device, plan->asked_device[0] ? plan->asked_device : plan->device);
	rollout->has_signer = signer && signer_address(signer, &rollout->signer);
	question.has_signer = rollout->has_signer;
	question.signer = rollout->signer;
	question.block = endpoint ? rollout->list.block : 0;
	rollout->calls.read = chain_read_allowlist(rollout->rpcs[endpoint], &question, fn, rollout);
}

bool run_reads_failed(struct rollout *rollout, struct error *err)
{
	const char *name;
	const struct error *failure = allowlist_first_failure(&rollout->list, &name);
	if (!failure)
		return false;
	*err = *failure;
	error_set(err, failure->status == STATUS_OK ? STATUS_CHAIN : failure->status, failure->code[0] ? failure->code : "read-failed",
		  "The chain read %s failed: %.300s", name, failure->message);
	error_next(err, "a failed read is no answer; try again, or give another --rpc-url");
	return true;
}

/* ---- for people ---- */

static struct allow_row *add_row(struct rollout *rollout, const char *call)
{
	struct allowlist_view *view = &rollout->list_view;
	struct allow_row *row = &rollout->rows[view->row_count < RUN_ROWS ? view->row_count++ : RUN_ROWS - 1];
	memset(row, 0, sizeof(*row));
	text_copy(row->call, sizeof(row->call), call);
	return row;
}

static void say_answer(struct allow_row *row, const struct read_answer *answer)
{
	char address[ADDRESS_TEXT_SIZE], number[U256_UNITS_SIZE];
	switch (answer->state) {
	case READ_YES:
		text_copy(row->value, sizeof(row->value), "yes");
		row->mark = MARK_GOOD;
		break;
	case READ_NO: text_copy(row->value, sizeof(row->value), "no"); break;
	case READ_ABSENT: text_copy(row->value, sizeof(row->value), "not there"); break;
	case READ_NOT_ASKED: text_copy(row->value, sizeof(row->value), "not asked"); break;
	case READ_FAILED:
		text_copy(row->value, sizeof(row->value), "read failed");
		text_safe_copy(row->note, sizeof(row->note), answer->error.message, strlen(answer->error.message));
		row->mark = MARK_BAD;
		break;
	case READ_VALUE:
		text_copy(row->value, sizeof(row->value),
			  address_is_zero(&answer->address) ? u256_format_decimal(number, &answer->number) : address_format(address, &answer->address));
		break;
	}
}

static void hash_row(struct rollout *rollout, const char *call, const struct read_answer *answer, const char *note)
{
	if (answer->state == READ_NOT_ASKED)
		return;
	struct allow_row *row = add_row(rollout, call);
	say_answer(row, answer);
	if (answer->state == READ_NO)
		text_copy(row->note, sizeof(row->note), note);
}

static void owner_row(struct rollout *rollout)
{
	const struct allowlist *list = &rollout->list;
	struct allow_row *row = add_row(rollout, "owner()");
	say_answer(row, &list->owner);
	if (list->owner.state != READ_VALUE)
		return;
	if (list->owner_code.state != READ_VALUE) {
		text_copy(row->note, sizeof(row->note), "its code could not be read");
		row->mark = MARK_BAD;
	} else if (list->owner_account.kind == ACCOUNT_SAFE) {
		snprintf(row->note, sizeof(row->note), "Safe, %llu of %zu owners: prepare and commit", (unsigned long long)list->owner_account.threshold,
			 list->owner_account.owner_count);
	} else if (!account_is_person(&list->owner_account)) {
		text_copy(row->note, sizeof(row->note), "a contract: prepare and commit");
	} else if (rollout->has_signer) {
		bool same = address_equal(&rollout->signer, &list->owner.address);
		text_copy(row->note, sizeof(row->note), same ? "EOA = signing key" : "EOA, not the signing key");
		row->mark = same ? MARK_GOOD : MARK_BAD;
	} else {
		text_copy(row->note, sizeof(row->note), "EOA; no signing key yet");
	}
}

/* A balance to the millionth: what is below decides nothing and only takes room. */
const char *run_ether_text(char out[U256_UNITS_SIZE], const struct u256 *wei)
{
	u256_format_ether(out, wei);
	char *point = strchr(out, '.');
	if (point && strlen(point) > 7) {
		point[7] = '\0';
		while (point[strlen(point) - 1] == '0')
			point[strlen(point) - 1] = '\0';
		if (!point[1])
			*point = '\0';
	}
	return out;
}

static void balance_row(struct rollout *rollout)
{
	char ether[U256_UNITS_SIZE];
	if (rollout->list.balance.state != READ_VALUE)
		return;
	struct allow_row *row = add_row(rollout, "balance");
	snprintf(row->value, sizeof(row->value), "%.60s ETH", run_ether_text(ether, &rollout->list.balance.number));
}

/* The first card's cost tells what all of them will take: the calls are of one kind. */
void run_show_cost(struct rollout *rollout)
{
	const struct tx_prepared *prepared = &rollout->tx.prepared;
	const struct machine *machine = &rollout->machine;
	struct u256 count = u256_from_u64(machine->tx_count - machine->tx_index), total;
	char ether[U256_UNITS_SIZE];
	if (machine->building_as != CARD_NEW || !u256_mul(&total, &prepared->cost.total, &count))
		return;
	for (size_t i = 0; i < rollout->list_view.row_count; i++) {
		struct allow_row *row = &rollout->rows[i];
		if (strcmp(row->call, "balance") != 0)
			continue;
		row->mark = u256_cmp(&total, &prepared->balance) <= 0 ? MARK_GOOD : MARK_BAD;
		snprintf(row->note, sizeof(row->note), "estimated total ≤ %.40s ETH", u256_format_ether_up(ether, &total));
	}
}

/* Who makes the change an answer asks for: which signature of how many, or the owners of a contract. */
static void say_change(const struct rollout *rollout, char out[64], const char *call, unsigned place, unsigned count)
{
	out[0] = '\0';
	if (rollout->plan.kind == ROLLOUT_ALLOW)
		return;
	if (rollout->plan.kind == ROLLOUT_COMMIT)
		text_copy(out, 64, "waits for its owners");
	else if (rollout->plan.kind == ROLLOUT_PREPARE || !account_is_person(&rollout->list.owner_account))
		snprintf(out, 64, "→ %s, by the owners", call);
	else
		snprintf(out, 64, "→ %s, signature %u of %u", call, place, count);
}

static void change_rows(struct rollout *rollout)
{
	const struct allowlist *list = &rollout->list;
	bool allowed = list->new_hash.state == READ_YES, by_state = allowed && rollout->plan.already_registered;
	unsigned device = allowlist_device_state(list) == READ_NO, count = device + !by_state;
	char row[64], digits[TEXT_SHORT_SIZE], note[64];

	say_change(rollout, note, "addComposeHash", count, count);
	hash_row(rollout, "allowedComposeHashes(new)", &list->new_hash, note);
	hash_row(rollout, "allowedComposeHashes(old)", &list->old_hash, "");
	hash_row(rollout, "allowAnyDevice()", &list->any_device, "");
	text_short_hex(digits, rollout->plan.asked_device[0] ? rollout->plan.asked_device : rollout->plan.device);
	snprintf(row, sizeof(row), "allowedDeviceIds(%s)", digits);
	say_change(rollout, note, "addDevice", 1, count);
	hash_row(rollout, row, &list->device, device ? note : "any device is allowed");
}

void run_show_list(struct rollout *rollout)
{
	const struct allowlist *list = &rollout->list;
	struct allowlist_view *view = &rollout->list_view;
	memset(view, 0, sizeof(*view));
	address_format(view->contract, &rollout->contract);
	view->chain_id = list->chain_id;
	chain_name(view->chain_name, list->chain_id);
	view->block = list->block;
	session_saw_block(rollout->session, list->chain_id, list->block);
	view->calls = list->calls;
	view->multicall = list->multicall;
	view->took_ms = list->took_ms;
	view->rows = rollout->rows;
	owner_row(rollout);
	if (list->pending_owner.state == READ_VALUE && !address_is_zero(&list->pending_owner.address))
		say_answer(add_row(rollout, "pendingOwner()"), &list->pending_owner);
	change_rows(rollout);
	balance_row(rollout);
	run_touch(rollout);
}

/* ---- what is sent ---- */

static const enum contract_call verb_calls[] = {
	[ALLOW_ADD_DEVICE] = CALL_ADD_DEVICE,
	[ALLOW_REMOVE_DEVICE] = CALL_REMOVE_DEVICE,
	[ALLOW_ANY_DEVICE_ON] = CALL_SET_ALLOW_ANY_DEVICE,
	[ALLOW_ANY_DEVICE_OFF] = CALL_SET_ALLOW_ANY_DEVICE,
	[ALLOW_ADD_HASH] = CALL_ADD_COMPOSE_HASH,
	[ALLOW_REMOVE_HASH] = CALL_REMOVE_COMPOSE_HASH,
};

enum contract_call run_verb_call(enum allow_verb verb)
{
	return verb_calls[verb];
}

const char *run_verb_name(enum allow_verb verb)
{
	return contract_name(verb_calls[verb]);
}

void run_add_calldata(struct buf *out, enum allow_verb verb, const uint8_t value[32])
{
	struct bytes32 word;
	if (verb == ALLOW_ANY_DEVICE_ON || verb == ALLOW_ANY_DEVICE_OFF) {
		contract_encode_flag(CALL_SET_ALLOW_ANY_DEVICE, verb == ALLOW_ANY_DEVICE_ON, out);
		return;
	}
	memcpy(word.bytes, value, sizeof(word.bytes));
	contract_encode_word(verb_calls[verb], &word, out);
}
