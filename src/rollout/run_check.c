/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EFFECT_CHECK: the allowlist from every endpoint at one block, then each
 * check as a row: chain id, code, pins, agreement, owner, device, would-boot.
 * A read that failed is a failure of the checks, never a "no".
 */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "chain/boot.h"
#include "rollout/device_id.h"
#include "rollout/run.h"

enum { RPC_WAITS = 6, RPC_WAIT_MS = 1000 };

static void on_list(void *ctx, struct allowlist *list, const struct error *err);

/* ---- rows ---- */

bool run_check_contract(struct rollout *rollout, struct error *err)
{
	const struct allowlist *list = &rollout->list;
	char chain[32], text[ADDRESS_TEXT_SIZE];
	snprintf(chain, sizeof(chain), "%llu", (unsigned long long)list->chain_id);
	checks_set(&rollout->checks, CHECK_CHAIN_ID, MARK_GOOD, chain, "eth_chainId of the endpoint");
	address_format(text, &rollout->contract);
	if (list->code.state == READ_NO)
		checks_set(&rollout->checks, CHECK_CONTRACT_CODE, MARK_BAD, text, "there is no contract at this address");
	else
		checks_set(&rollout->checks, CHECK_CONTRACT_CODE, MARK_GOOD, text, "there is code");
	if (list->code.state == READ_NO)
		checks_error(checks_find(&rollout->checks, CHECK_CONTRACT_CODE), err);
	return list->code.state != READ_NO;
}

static void see_target(const struct rollout *rollout, struct pin *seen)
{
	const struct plan *plan = &rollout->plan;
	const struct allowlist *list = &rollout->list;
	struct address kms;
	memset(seen, 0, sizeof(*seen));
	text_copy(seen->key, sizeof(seen->key), plan->cvm_uuid);
	text_copy(seen->app_id, sizeof(seen->app_id), plan->app_id);
	seen->chain_id = list->chain_id;
	address_format(seen->contract, &rollout->contract);
	if (address_parse(&kms, plan->kms))
		address_format(seen->kms, &kms);
	if (list->implementation.state == READ_VALUE)
		address_format(seen->implementation, &list->implementation.address);
	if (list->implementation_code.state == READ_VALUE)
		bytes32_format(seen->code_hash, &list->implementation_hash);
	else
		bytes32_format(seen->code_hash, &list->code_hash);
}

/* The app id is the contract's address; any other contract is somebody else's. */
static bool is_own_contract(const struct rollout *rollout)
{
	struct address app;
	char text[43];
	run_hex(text, sizeof(text), rollout->plan.app_id);
	return address_parse(&app, text) && address_equal(&app, &rollout->contract);
}

static void say_difference(char note[240], const char *field, const char *was, const char *is)
{
	snprintf(note, 240, "%s was %s and is %s now", field, was[0] ? was : "none", is[0] ? is : "none");
}

static void check_target(struct rollout *rollout, const struct pin *known, bool found)
{
	const struct pin *seen = &rollout->pin;
	char was[67], is[67], note[240] = "seen for the first time; pinned from now on";
	const char *field = found ? pins_difference(known, seen, PIN_TARGET, was, is) : NULL;
	if (field)
		say_difference(note, field, was, is);
	else if (found)
		text_copy(note, sizeof(note), strcmp(known->key, seen->key) == 0 ? "as at the last rollout" : "as with another CVM of this app");
	if (!is_own_contract(rollout)) {
		text_copy(note, sizeof(note), "the API names a contract that is not the app id");
		field = "contract";
	}
	checks_set(&rollout->checks, CHECK_TARGET_PIN, field ? MARK_BAD : MARK_GOOD, seen->contract, note);
}

static void check_implementation(struct rollout *rollout, const struct pin *known, bool found)
{
	const struct pin *seen = &rollout->pin;
	char was[67], is[67], note[240];
	const char *field = found ? pins_difference(known, seen, PIN_CODE, was, is) : NULL;
	if (field)
		say_difference(note, field, was, is);
	checks_set(&rollout->checks, CHECK_IMPLEMENTATION, field ? MARK_BAD : MARK_GOOD, seen->implementation[0] ? seen->implementation : "no proxy",
		   field ? note : seen->code_hash);
}

/* Compares with what was pinned: the rows target-pin and implementation. */
static bool check_pins(struct rollout *rollout, struct error *err)
{
	struct pin known;
	char was[67], is[67];
	bool found;
	see_target(rollout, &rollout->pin);
	if (!pins_find(session_state_dir(rollout->session), &rollout->pin, &known, &found, err))
		return false;
	check_target(rollout, &known, found);
	check_implementation(rollout, &known, found);
	rollout->pin_known = found && strcmp(known.key, rollout->pin.key) == 0 && !pins_difference(&known, &rollout->pin, PIN_TARGET, was, is) &&
			     !pins_difference(&known, &rollout->pin, PIN_CODE, was, is);
	return true;
}

/* What a first use was seen with; a pin that cannot be kept is said, since the next time would be a first time again. */
static void keep_pin(struct rollout *rollout)
{
	struct error err;
	rollout->pin_known = rollout->pin_known || pins_store(session_state_dir(rollout->session), &rollout->pin, &err);
	if (!rollout->pin_known)
		run_note(rollout, "the target could not be pinned: %.120s", err.message);
}

bool run_require_target(struct rollout *rollout, bool keep, struct error *err)
{
	struct pin known;
	bool found;
	see_target(rollout, &rollout->pin);
	if (!pins_find(session_state_dir(rollout->session), &rollout->pin, &known, &found, err))
		return false;
	check_target(rollout, &known, found);
	const struct check *row = checks_find(&rollout->checks, CHECK_TARGET_PIN);
	if (row->mark != MARK_BAD) {
		if (keep && !found)
			keep_pin(rollout);
		return true;
	}
	checks_error(row, err);
	return false;
}

/* An answer without the KMS contract must not turn an update that is signed and checked into one that is neither. */
bool run_require_still_onchain(struct rollout *rollout, struct error *err)
{
	struct pin known;
	char note[200];
	bool found;
	see_target(rollout, &rollout->pin);
	if (!pins_find(session_state_dir(rollout->session), &rollout->pin, &known, &found, err))
		return false;
	if (!found)
		return true;
	snprintf(note, sizeof(note), "pinned with the KMS contract %s on chain %llu, and the API says now that it has no on-chain KMS",
		 known.kms[0] ? known.kms : "(none)", (unsigned long long)known.chain_id);
	checks_set(&rollout->checks, CHECK_TARGET_PIN, MARK_BAD, rollout->plan.cvm_name, note);
	checks_error(checks_find(&rollout->checks, CHECK_TARGET_PIN), err);
	return error_next(err, "nothing was sent; ask who moved it. Only if it was really moved, take its entry out of pins.json");
}

static void check_owner(struct rollout *rollout)
{
	const struct allowlist *list = &rollout->list;
	char text[ADDRESS_TEXT_SIZE], signer[ADDRESS_TEXT_SIZE], note[200];
	address_format(text, &list->owner.address);
	rollout->contract_owner = !account_is_person(&list->owner_account);
	if (rollout->contract_owner) {
		checks_set(&rollout->checks, CHECK_OWNER, rollout->plan.kind == ROLLOUT_ALLOW ? MARK_BAD : MARK_GOOD, text,
			   "a contract: its owners sign (prepare and commit)");
	} else if (!rollout->has_signer || rollout->plan.kind == ROLLOUT_PREPARE || rollout->plan.kind == ROLLOUT_COMMIT) {
		checks_set(&rollout->checks, CHECK_OWNER, MARK_UNKNOWN, text, "the signing key is not known yet");
	} else if (address_equal(&rollout->signer, &list->owner.address)) {
		checks_set(&rollout->checks, CHECK_OWNER, MARK_GOOD, text, "the signing key's address");
	} else {
		snprintf(note, sizeof(note), "the signing key is %s, so the contract would refuse it", address_format(signer, &rollout->signer));
		checks_set(&rollout->checks, CHECK_OWNER, MARK_BAD, text, note);
	}
}

static const char *wanted_device(const struct rollout *rollout)
{
	return rollout->plan.asked_device[0] ? rollout->plan.asked_device : rollout->plan.device;
}

static void check_device(struct rollout *rollout)
{
	const struct plan *plan = &rollout->plan;
	uint8_t id[HASH_SIZE], own[HASH_SIZE];
	struct error err;
	char note[200];
	if (!device_id_parse(id, wanted_device(rollout), &err)) {
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_BAD, wanted_device(rollout), "no valid device id was given");
		return;
	}
	if (device_id_meaning(id) != DEVICE_OK) {
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_BAD, wanted_device(rollout),
			   device_id_meaning(id) == DEVICE_ZERO ? "it is all zero: no device" : "it is the hash of nothing: the node's report was not verified");
		return;
	}
	if (plan->asked_device[0] && plan->device[0] && !text_equal_nocase(plan->asked_device, plan->device)) {
		snprintf(note, sizeof(note), "the backend asks for another device than the CVM's node %s has (%s)", plan->node_name, plan->device);
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_BAD, plan->asked_device, note);
	} else if (!plan->ppid[0] || !device_id_from_ppid(own, plan->ppid, &err)) {
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_UNKNOWN, wanted_device(rollout), "the API gives no PPID to compute it from");
	} else if (memcmp(own, id, sizeof(id)) == 0) {
		snprintf(note, sizeof(note), "node %s, sha256(PPID)", plan->node_name);
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_GOOD, wanted_device(rollout), note);
	} else { /* images before the end of 2025 report another derivation: one node can have two ids */
		snprintf(note, sizeof(note), "node %s; not sha256(PPID), perhaps an older image's id", plan->node_name);
		checks_set(&rollout->checks, CHECK_DEVICE, MARK_UNKNOWN, wanted_device(rollout), note);
	}
}

/* ---- the end ---- */

static void finish(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_CHECKED);
	struct machine_checked *checked = &event.checked;
	const struct check *red = checks_red(&rollout->checks);
	if (red) {
		checked->red = true;
		checked->overridable = checks_overridable(red);
		checks_error(red, &event.error);
		event.resumable = true;
	}
	checked->unrecorded = !red && checks_unrecorded(&rollout->checks);
	checked->device_allowed = allowlist_device_state(&rollout->list) == READ_YES || !wanted_device(rollout)[0];
	checked->hash_allowed = rollout->list.new_hash.state == READ_YES;
	checked->contract_owner = rollout->contract_owner;
	checked->watch_only = run_only_watches(rollout);
	if (!hex_decode(checked->device, 32, wanted_device(rollout)))
		memset(checked->device, 0, sizeof(checked->device));
	if (!red && !checked->unrecorded)
		keep_pin(rollout);
	run_event(rollout, &event);
}

/* ---- would it boot ---- */

/* What our own transactions are about to change is no reason to stop. */
static bool is_about_to_change(const struct rollout *rollout, const char *reason)
{
	bool hash = strcmp(reason, "Compose hash not allowed") == 0 && rollout->list.new_hash.state == READ_NO;
	return hash || (strcmp(reason, "Device not allowed") == 0 && allowlist_device_state(&rollout->list) == READ_NO);
}

static void judge_boot(struct rollout *rollout, const struct boot_answer *answer)
{
	char reason[160], note[280];
	text_safe_copy(reason, sizeof(reason), answer->reason.text ? answer->reason.text : "", answer->reason.len);
	const char *assumed = rollout->plan.os_image[0] ? "assumed: TCB up to date" : "assumed: TCB up to date, OS image unknown";
	if (answer->allowed) {
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, MARK_GOOD, "yes", assumed);
	} else if (is_about_to_change(rollout, reason)) {
		snprintf(note, sizeof(note), "now: %s, which is what is about to change; %s", reason, assumed);
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, MARK_GOOD, "after signing", note);
	} else {
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, rollout->plan.os_image[0] ? MARK_BAD : MARK_UNKNOWN, reason, assumed);
	}
}

static void on_boot(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct boot_answer answer;
	struct error err;
	rollout->calls.call = NULL;
	if (!data && strcmp(failure->code, "reverted") != 0) {
		run_fail(rollout, failure, true);
		return;
	}
	if (!data)
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, MARK_BAD, "the KMS contract refuses the question", failure->message);
	else if (!boot_decode(data, len, &answer, &err))
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, MARK_BAD, "the KMS contract gives no answer", err.message);
	else
		judge_boot(rollout, &answer);
	finish(rollout);
}

static void ask_boot(struct rollout *rollout)
{
	const struct plan *plan = &rollout->plan;
	struct boot_info info = { .app_id = rollout->contract, .tcb_status = { "UpToDate", 8 } };
	struct address kms;
	struct buf data = BUF_INIT;
	struct error err;
	char tag[U256_QUANTITY_SIZE];
	bool known = address_parse(&kms, plan->kms) && bytes32_parse(&info.compose_hash, plan->new_hash) &&
		     bytes32_parse(&info.device_id, wanted_device(rollout));
	if (!bytes32_parse(&info.os_image_hash, plan->os_image))
		memset(&info.os_image_hash, 0, sizeof(info.os_image_hash));
	if (plan->kind == ROLLOUT_ALLOW) {
		finish(rollout);
	} else if (!known || !boot_encode(CALL_IS_APP_ALLOWED, &info, &data, &err)) {
		checks_set(&rollout->checks, CHECK_WOULD_BOOT, MARK_UNKNOWN, "not checkable", "the KMS contract or the device is not known");
		finish(rollout);
	} else {
		struct call_request call = { .to = &kms, .data = (const uint8_t *)data.data, .len = data.len };
		run_ask_all(rollout, &call, call_block_tag(tag, rollout->list.block), on_boot);
	}
	buf_clear(&data);
}

/* ---- the reads ---- */

static void all_read(struct rollout *rollout)
{
	struct error err;
	run_show_list(rollout);
	if (!run_check_contract(rollout, &err) || run_reads_failed(rollout, &err) || !check_pins(rollout, &err)) {
		run_fail(rollout, &err, true);
		return;
	}
	check_owner(rollout);
	if (rollout->plan.kind == ROLLOUT_UPDATE || rollout->plan.kind == ROLLOUT_PREPARE)
		check_device(rollout);
	if (rollout->rpc_count > 1)
		checks_set(&rollout->checks, CHECK_RPC_AGREEMENT, MARK_GOOD, "all the same", "read at one block");
	run_check_receipt(rollout, ask_boot);
}

static void next_list(struct rollout *rollout)
{
	if (rollout->rpc_at < rollout->rpc_count)
		run_ask_list(rollout, rollout->rpc_at, on_list);
	else
		all_read(rollout);
}

static void ask_again(void *ctx)
{
	struct rollout *rollout = ctx;
	run_ask_list(rollout, rollout->rpc_at, on_list);
}

/* What the node could not answer; what the contract does not answer there is a difference, and told as one. */
static const struct error *node_failure(const struct allowlist *list, const char **name)
{
	const struct error *failure = allowlist_first_failure(list, name);
	bool contract = failure && (strcmp(failure->code, "no-answer") == 0 || strcmp(failure->code, "reverted") == 0);
	return contract ? NULL : failure;
}

/* Another endpoint may be a block behind the first: a read that failed there is no other answer, and soon it is one. */
static bool is_behind(struct rollout *rollout, const struct allowlist *list)
{
	const char *name;
	if (rollout->rpc_at == 0 || rollout->rpc_waits >= RPC_WAITS || !node_failure(list, &name))
		return false;
	rollout->rpc_waits++;
	run_note(rollout, "endpoint %zu does not have block %llu yet", rollout->rpc_at + 1, (unsigned long long)rollout->list.block);
	loop_timer_set(rollout->loop, &rollout->poll_timer, RPC_WAIT_MS, ask_again, rollout);
	return true;
}

static void take_list(struct rollout *rollout, struct allowlist *list)
{
	const char *name;
	const struct error *failure = node_failure(list, &name);
	struct error err;
	if (is_behind(rollout, list))
		return;
	if (rollout->rpc_at > 0 && failure) {
		err = *failure;
		error_next(&err, "endpoint %zu does not answer for %s at the block of the first; leave it out, or try again", rollout->rpc_at + 1, name);
		run_fail(rollout, &err, true);
		return;
	}
	rollout->rpc_waits = 0;
	if (rollout->rpc_at++ == 0) {
		allowlist_clear(&rollout->list);
		allowlist_take(&rollout->list, list);
		rollout->has_list = true;
	} else if (!allowlist_require_same(&rollout->list, list, &err)) {
		checks_set(&rollout->checks, CHECK_RPC_AGREEMENT, MARK_BAD, "they differ", err.message);
		run_fail(rollout, &err, true);
		return;
	}
	next_list(rollout);
}

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct rollout *rollout = ctx;
	rollout->calls.read = NULL;
	if (list) {
		take_list(rollout, list);
		return;
	}
	if (strcmp(err->code, "chain-id") == 0)
		checks_set(&rollout->checks, CHECK_CHAIN_ID, MARK_BAD, "another chain", err->message);
	run_fail(rollout, err, true);
}

static void on_address(void *ctx, const struct error *err)
{
	struct rollout *rollout = ctx;
	if (err)
		run_fail(rollout, err, true);
	else
		next_list(rollout);
}

static void ask_chain(struct rollout *rollout)
{
	struct signer *signer = session_signer(rollout->session);
	struct address known;
	struct error err;
	if (!rollout->rpc_count && !run_find_chain(rollout, &err))
		run_fail(rollout, &err, true);
	else if (signer && !signer_address(signer, &known) && signer_kind(signer) == SIGNER_RPC)
		signer_find_address(signer, on_address, rollout);
	else
		next_list(rollout);
}

/* The document in force must still be the one that was reviewed: no override speaks for a review of another one. */
static void changed_since(struct rollout *rollout, const char *now)
{
	struct error err;
	checks_set(&rollout->checks, CHECK_HASH_CURRENT, MARK_BAD, now, "the document in force was changed since the review");
	checks_error(checks_find(&rollout->checks, CHECK_HASH_CURRENT), &err);
	error_next(&err, "begin again with a review of what is in force now");
	run_fail(rollout, &err, true);
}

static void on_present(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (!detail) {
		run_fail(rollout, &reply->error, true);
		return;
	}
	const char *now = detail->cvm.compose_hash;
	rollout->detail->cvm = detail->cvm;
	if (now[0] && !compose_hash_equal(now, rollout->plan.reported) && !compose_hash_equal(now, rollout->plan.new_hash))
		changed_since(rollout, now);
	else
		ask_chain(rollout);
}

void run_check(struct rollout *rollout, const struct effect *effect)
{
	char ref[CVM_REF_SIZE];
	(void)effect;
	rollout->rpc_at = 0;
	/* What an earlier card was refused for may have been mended since: the next card says so anew. */
	rollout->has_card = false;
	checks_forget(&rollout->checks, CHECK_SIMULATION);
	checks_forget(&rollout->checks, CHECK_BALANCE);
	rollout->rpc_waits = 0;
	if (rollout->plan.kind == ROLLOUT_UPDATE || rollout->plan.kind == ROLLOUT_PREPARE)
		rollout->calls.api =
			api_get_cvm(session_api(rollout->session), cvm_ref(ref, &rollout->detail->cvm), API_VERSION_NEWER, on_present, rollout);
	else
		ask_chain(rollout);
}
