/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EFFECT_READ: the CVM, its present document, the chain's view of it, and the
 * key for env values with who vouches for it. One request after another; the
 * first that fails ends the reading. Nothing is changed anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/contract.h"
#include "chain/env_key.h"
#include "compose/env_encrypt.h"
#include "rollout/run.h"

static void next_step(struct rollout *rollout);

/* After a restart or a failure the plan stands: only the CVM itself is read again. */
static bool goes_on(const struct rollout *rollout)
{
	return rollout->resumed || rollout->machine.resuming;
}

static void failed(struct rollout *rollout, const struct error *err, bool resumable)
{
	run_fail(rollout, err, resumable);
}

/* ---- the CVM ---- */

static void take_target(struct rollout *rollout)
{
	struct plan *plan = &rollout->plan;
	const struct cvm_detail *detail = rollout->detail;
	const struct cvm *cvm = &detail->cvm;
	plan->onchain = cvm_is_onchain(cvm);
	text_copy(plan->cvm_uuid, sizeof(plan->cvm_uuid), cvm->vm_uuid);
	text_copy(plan->cvm_name, sizeof(plan->cvm_name), cvm->name);
	text_copy(plan->app_id, sizeof(plan->app_id), cvm->app_id);
	text_copy(plan->kms, sizeof(plan->kms), cvm->kms_address);
	if (cvm->app_address[0])
		text_copy(plan->contract, sizeof(plan->contract), cvm->app_address);
	else
		run_hex(plan->contract, sizeof(plan->contract), cvm->app_id);
	text_copy(plan->node_name, sizeof(plan->node_name), cvm->node_name);
	text_copy(plan->device, sizeof(plan->device), cvm->device_id);
	text_copy(plan->ppid, sizeof(plan->ppid), cvm->ppid);
	text_copy(plan->os_image, sizeof(plan->os_image), cvm->os_image_hash);
	text_copy(plan->reported, sizeof(plan->reported), cvm->compose_hash);
	plan->chain_id = cvm->chain_id;
	text_copy(plan->kms_slug, sizeof(plan->kms_slug), detail->kms_slug ? detail->kms_slug : detail->kms_id ? detail->kms_id : "");
}

static void got_cvm(struct rollout *rollout, const struct cvm_detail *detail)
{
	struct error err;
	cvm_detail_free(rollout->detail);
	rollout->detail = cvm_detail_copy(detail);
	rollout->review.detail = rollout->detail;
	if (!goes_on(rollout))
		take_target(rollout);
	run_touch(rollout);
	if (rollout->applied && !run_plan_holds(rollout->applied, &rollout->plan, &err)) { /* before the chain is asked about another target */
		failed(rollout, &err, false);
		return;
	}
	if (!rollout->request.review_only && !run_lock(rollout, &err))
		failed(rollout, &err, false);
	else if (!rollout->request.review_only && !rollout->plan.onchain && !run_require_still_onchain(rollout, &err))
		failed(rollout, &err, false);
	else
		next_step(rollout);
}

static void on_resolved(void *ctx, const struct cvm_detail *detail, const struct error *err)
{
	struct rollout *rollout = ctx;
	rollout->calls.resolve = NULL;
	if (!detail)
		failed(rollout, err, true);
	else
		got_cvm(rollout, detail);
}

static void on_cvm_again(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (!detail)
		failed(rollout, &reply->error, true);
	else
		got_cvm(rollout, detail);
}

static void read_cvm(struct rollout *rollout)
{
	struct api *api = session_api(rollout->session);
	if (rollout->plan.cvm_uuid[0])
		rollout->calls.api = api_get_cvm(api, rollout->plan.cvm_uuid, API_VERSION_NEWER, on_cvm_again, rollout);
	else
		rollout->calls.resolve = resolve_start(api, rollout->plan.cvm_ref, API_VERSION_NEWER, on_resolved, rollout);
}

/* The older shape alone names the KMS as the key's path wants it. */
static void on_older(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (!detail) {
		failed(rollout, &reply->error, true);
		return;
	}
	cvm_detail_merge(rollout->detail, detail);
	take_target(rollout);
	next_step(rollout);
}

static void read_older(struct rollout *rollout)
{
	char ref[CVM_REF_SIZE];
	if (!rollout->plan.has_env || !rollout->plan.onchain || rollout->plan.kms_slug[0])
		next_step(rollout);
	else
		rollout->calls.api = api_get_cvm(session_api(rollout->session), cvm_ref(ref, &rollout->detail->cvm), API_VERSION_OLDER, on_older, rollout);
}

/* ---- the document ---- */

static void read_document(struct rollout *rollout, bool raw);

static void on_document(void *ctx, const struct api_reply *reply, const char *bytes, size_t len)
{
	struct rollout *rollout = ctx;
	struct error err;
	rollout->calls.api = NULL;
	if (!bytes && rollout->plan.old_exact && reply->status >= 400 && reply->status < 500) {
		read_document(rollout, false);
		return;
	}
	if (!bytes) {
		failed(rollout, &reply->error, true);
		return;
	}
	free(rollout->plan.old_text);
	rollout->plan.old_text = mem_copy(bytes, len);
	rollout->plan.old_len = len;
	if (run_make_documents(rollout, &err))
		next_step(rollout);
	else
		failed(rollout, &err, false);
}

static void read_document(struct rollout *rollout, bool raw)
{
	char ref[CVM_REF_SIZE];
	rollout->plan.old_exact = raw;
	rollout->calls.api = api_get_compose(session_api(rollout->session), cvm_ref(ref, &rollout->detail->cvm), raw, on_document, rollout);
}

/* ---- the chain ---- */

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct rollout *rollout = ctx;
	struct error failure;
	rollout->calls.read = NULL;
	if (list) {
		allowlist_clear(&rollout->list);
		allowlist_take(&rollout->list, list);
		rollout->has_list = true;
		rollout->contract_owner = rollout->list.owner_code.state == READ_VALUE && !account_is_person(&rollout->list.owner_account);
		run_show_list(rollout);
		if (!rollout->request.review_only && (!run_check_contract(rollout, &failure) || run_reads_failed(rollout, &failure))) {
			failed(rollout, &failure, true);
			return;
		}
	} else if (!rollout->request.review_only) {
		if (strcmp(err->code, "chain-id") == 0)
			checks_set(&rollout->checks, CHECK_CHAIN_ID, MARK_BAD, "another chain", err->message);
		failed(rollout, err, true);
		return;
	}
	next_step(rollout);
}

static void read_chain(struct rollout *rollout)
{
	struct error err;
	if (!rollout->plan.onchain)
		next_step(rollout);
	else if (run_find_chain(rollout, &err))
		run_ask_list(rollout, 0, on_list);
	else if (rollout->request.review_only)
		next_step(rollout);
	else
		failed(rollout, &err, true);
}

/* ---- the key for env values ---- */

/* Values of a plan are encrypted already: to this key, or nobody could read them. */
static void keep_encrypted(struct rollout *rollout, const char *key)
{
	struct error err;
	if (text_equal_nocase(rollout->plan.env_key, key)) {
		next_step(rollout);
		return;
	}
	error_set(&err, STATUS_CHECK, "plan-changed", "The plan rests on another env key: it was %s, it is %s now. Nothing was sent.",
		  rollout->plan.env_key[0] ? rollout->plan.env_key : "none", key[0] ? key : "none");
	error_next(&err, "the CVM could not read the values; give them again, in a new plan or update");
	failed(rollout, &err, false);
}

static void encrypt(struct rollout *rollout, const char *key)
{
	struct error err;
	if (rollout->plan.encrypted_env) {
		keep_encrypted(rollout, key);
		return;
	}
	text_copy(rollout->plan.env_key, sizeof(rollout->plan.env_key), key);
	rollout->plan.encrypted_env = compose_env_encrypt(&rollout->request.env, key, &err);
	compose_env_clear(&rollout->request.env);
	if (rollout->plan.encrypted_env)
		next_step(rollout);
	else
		failed(rollout, &err, false);
}

static void red_key(struct rollout *rollout, const struct error *err)
{
	struct error red = *err;
	red.status = STATUS_CHECK; /* also where the contract that is named is none, or has no such function */
	checks_set(&rollout->checks, CHECK_ENV_KEY, MARK_BAD, "not the KMS's key", err->message);
	if (!red.next[0])
		error_next(&red, "no value was encrypted or sent; ask support why the API gives another key than the KMS signed");
	failed(rollout, &red, false);
}

static void on_pubkey(void *ctx, const struct api_reply *reply, const struct api_pubkey *pubkey)
{
	struct rollout *rollout = ctx;
	struct env_key key;
	struct address app;
	struct error err;
	rollout->calls.api = NULL;
	if (!pubkey) {
		failed(rollout, &reply->error, true);
		return;
	}
	const struct env_key_answer answer = { pubkey->public_key, pubkey->signature, pubkey->signature_v1, (uint64_t)pubkey->timestamp };
	if (!address_parse(&app, rollout->plan.contract))
		error_set(&err, STATUS_CHECK, "env-key", "The app's address is malformed, so its key cannot be checked.");
	else if (env_key_verify(&key, &answer, &app, rollout->kms_root, clock_wall_ms() / 1000, &err)) {
		char hex[2 * ENV_KEY_SIZE + 1];
		hex_encode(hex, key.key, sizeof(key.key));
		checks_set(&rollout->checks, CHECK_ENV_KEY, MARK_GOOD, hex,
			   key.timestamped ? "signed by the KMS root key on chain, with a fresh timestamp" : "signed by the KMS root key on chain");
		if (run_require_target(rollout, true, &err))
			encrypt(rollout, hex);
		else
			failed(rollout, &err, true);
		return;
	}
	red_key(rollout, &err);
}

static void ask_pubkey(struct rollout *rollout)
{
	struct error err;
	if (rollout->plan.kms_slug[0]) {
		rollout->calls.api = api_get_pubkey(session_api(rollout->session), rollout->plan.kms_slug, rollout->plan.app_id, on_pubkey, rollout);
		return;
	}
	error_set(&err, STATUS_API, "kms-unknown", "The API does not say which KMS this CVM uses, so the key for env values cannot be had.");
	failed(rollout, &err, true);
}

static void on_kms_info(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct abi_values values = { 0 };
	struct error err;
	rollout->calls.call = NULL;
	if (!data && strcmp(failure->code, "reverted") == 0) {
		red_key(rollout, failure);
		return;
	}
	if (!data) {
		failed(rollout, failure, true);
		return;
	}
	bool ok = contract_decode(CALL_KMS_INFO, data, len, &values, &err);
	if (ok && (values.count < 1 || values.items[0].len != ECDSA_COMPRESSED_SIZE))
		ok = error_set(&err, STATUS_CHECK, "env-key", "The KMS contract names no root key of 33 bytes.");
	if (ok)
		memcpy(rollout->kms_root, values.items[0].bytes, ECDSA_COMPRESSED_SIZE);
	abi_values_clear(&values);
	if (ok)
		ask_pubkey(rollout);
	else
		red_key(rollout, &err);
}

/* The KMS contract that is asked is the pinned one; another named by the API is refused, and another chain too. */
static bool kms_contract(struct rollout *rollout, struct address *out, struct error *err)
{
	if (!address_parse(out, rollout->plan.kms))
		return error_set(err, STATUS_CHECK, "env-key", "The API names no KMS contract, so the key for env values cannot be checked.");
	return run_require_target(rollout, false, err);
}

static void read_key(struct rollout *rollout)
{
	struct address kms;
	struct error err;
	struct buf data = BUF_INIT;
	const char *own = rollout->detail->encrypted_env_pubkey;
	if (!rollout->plan.has_env || rollout->request.review_only) {
		next_step(rollout);
	} else if (!rollout->plan.onchain) {
		checks_set(&rollout->checks, CHECK_ENV_KEY, MARK_UNKNOWN, own ? own : "none", "no KMS on a chain vouches for it; it is what Phala says");
		encrypt(rollout, own ? own : "");
	} else if (!kms_contract(rollout, &kms, &err)) {
		if (err.status == STATUS_CHECK)
			red_key(rollout, &err);
		else
			failed(rollout, &err, true);
	} else {
		contract_encode_plain(CALL_KMS_INFO, &data);
		struct call_request call = { .to = &kms, .data = (const uint8_t *)data.data, .len = data.len };
		run_ask_all(rollout, &call, "latest", on_kms_info);
		buf_clear(&data);
	}
}

/* ---- what a commit token stands for ---- */

static void on_commit_info(void *ctx, const struct api_reply *reply, const struct api_commit_info *info)
{
	struct rollout *rollout = ctx;
	struct plan *plan = &rollout->plan;
	struct error err;
	const char *given = rollout->request.commit_hash;
	rollout->calls.api = NULL;
	if (!info) {
		failed(rollout, &reply->error, true);
		return;
	}
	if (given && info->compose_hash[0] && !compose_hash_equal(given, info->compose_hash)) {
		error_set(&err, STATUS_CHECK, "commit-hash", "The token is bound to another compose hash (%s) than the one given.", info->compose_hash);
		failed(rollout, &err, false);
		return;
	}
	text_copy(plan->new_hash, sizeof(plan->new_hash), info->compose_hash);
	if (!info->compose_hash[0] && given)
		text_copy(plan->new_hash, sizeof(plan->new_hash), text_bare_hex(given));
	next_step(rollout);
}

static void read_commit(struct rollout *rollout)
{
	char ref[CVM_REF_SIZE];
	if (rollout->plan.kind != ROLLOUT_COMMIT) {
		next_step(rollout);
	} else if (!rollout->plan.commit_token[0]) { /* an update prepared elsewhere is taken over by its hash */
		const char *given = rollout->request.commit_hash ? rollout->request.commit_hash : "";
		struct bytes32 hash;
		struct error err;
		text_copy(rollout->plan.new_hash, sizeof(rollout->plan.new_hash), text_bare_hex(given));
		if (bytes32_parse(&hash, rollout->plan.new_hash)) {
			next_step(rollout);
		} else {
			error_set(&err, STATUS_INPUT, "commit-hash", "What is to be committed is named by its compose hash: 64 hex digits.");
			failed(rollout, &err, false);
		}
	} else {
		rollout->calls.api = api_get_commit(session_api(rollout->session), cvm_ref(ref, &rollout->detail->cvm), rollout->plan.commit_token,
						    on_commit_info, rollout);
	}
}

/* ---- in order ---- */

static void finish(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_READ);
	struct error err;
	if (rollout->applied && !run_plan_holds(rollout->applied, &rollout->plan, &err)) {
		failed(rollout, &err, false);
		return;
	}
	struct machine_facts *facts = &event.facts;
	facts->onchain = rollout->plan.onchain;
	facts->hash_changes = !compose_hash_equal(rollout->plan.new_hash, rollout->plan.reported);
	facts->nothing_changes = !facts->hash_changes && !rollout->plan.has_env;
	facts->contract_owner = rollout->contract_owner;
	if (rollout->plan.new_hash[0] && !hex_decode(facts->new_hash, 32, rollout->plan.new_hash))
		memset(facts->new_hash, 0, sizeof(facts->new_hash));
	if (!hex_decode(facts->old_hash, 32, rollout->plan.reported))
		memset(facts->old_hash, 0, sizeof(facts->old_hash));
	run_make_review(rollout);
	run_event(rollout, &event);
}

static bool has_document(const struct rollout *rollout)
{
	return rollout->plan.kind == ROLLOUT_UPDATE || rollout->plan.kind == ROLLOUT_PREPARE;
}

static void make_again(struct rollout *rollout)
{
	struct error err;
	rollout->has_review = false;
	if (has_document(rollout) && (!run_make_documents(rollout, &err) || !run_require_approved(rollout, &err)))
		failed(rollout, &err, false);
	else if (rollout->plan.onchain && !run_find_chain(rollout, &err))
		failed(rollout, &err, true);
	else
		finish(rollout);
}

static void next_step(struct rollout *rollout)
{
	switch (rollout->read_step++) {
	case 0: read_cvm(rollout); break;
	case 1:
		if (goes_on(rollout))
			make_again(rollout);
		else
			read_older(rollout);
		break;
	case 2: read_commit(rollout); break;
	case 3:
		if (has_document(rollout))
			read_document(rollout, true);
		else
			next_step(rollout);
		break;
	case 4: read_chain(rollout); break;
	case 5: read_key(rollout); break;
	default: finish(rollout); break;
	}
}

void run_read(struct rollout *rollout, const struct effect *effect)
{
	(void)effect;
	rollout->read_step = 0;
	next_step(rollout);
}
