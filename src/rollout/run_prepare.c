/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EFFECT_PREPARE: what the owners of a contract must do. For a Safe: a
 * Transaction Builder file and the three hashes its owners compare on their
 * devices, asked back from the Safe itself before anybody is shown them. For
 * any other contract: target and calldata. Nothing is signed here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/safe.h"
#include "chain/safe_batch.h"
#include "rollout/run.h"

enum { CALLS_MAX = 2, TOKEN_LIFE_MS = 14 * 24 * 3600 };

struct owners_job {
	struct address owner;
	struct buf data[CALLS_MAX];
	struct safe_call calls[CALLS_MAX];
	size_t count;
	/* a Safe */
	enum safe_read at;
	struct buf answers[SAFE_READS];
	struct safe_tx tx;
	struct buf batch_data;
	struct safe_hashes hashes;
};

static void clear_job(struct rollout *rollout)
{
	struct owners_job *job = rollout->owners;
	if (!job)
		return;
	for (size_t i = 0; i < CALLS_MAX; i++)
		buf_clear(&job->data[i]);
	for (size_t i = 0; i < SAFE_READS; i++)
		buf_clear(&job->answers[i]);
	buf_clear(&job->batch_data);
	free(job);
	rollout->owners = NULL;
}

void run_drop_prepare(struct rollout *rollout)
{
	clear_job(rollout);
}

static void failed(struct rollout *rollout, const struct error *err)
{
	clear_job(rollout);
	run_fail(rollout, err, true);
}

/* ---- what is to be called ---- */

static void add_call(struct owners_job *job, const struct address *to, enum allow_verb verb, const uint8_t value[32])
{
	struct buf *data = &job->data[job->count];
	run_add_calldata(data, verb, value);
	job->calls[job->count++] = (struct safe_call){ .to = *to, .data = (const uint8_t *)data->data, .data_len = data->len };
}

static bool plan_calls(struct rollout *rollout, struct error *err)
{
	struct owners_job *job = rollout->owners;
	const char *device = rollout->plan.asked_device[0] ? rollout->plan.asked_device : rollout->plan.device;
	uint8_t id[32], hash[32];
	if (allowlist_device_state(&rollout->list) != READ_YES && hex_decode(id, sizeof(id), device))
		add_call(job, &rollout->contract, ALLOW_ADD_DEVICE, id);
	if (!hex_decode(hash, sizeof(hash), rollout->plan.new_hash))
		return error_set(err, STATUS_API, "bad-shape", "The new compose hash is malformed.");
	add_call(job, &rollout->contract, ALLOW_ADD_HASH, hash);
	return true;
}

/* ---- what is given to the owners ---- */

static void say_calls(struct rollout *rollout)
{
	const struct owners_job *job = rollout->owners;
	char to[ADDRESS_TEXT_SIZE];
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < job->count; i++) {
		char *hex = mem_new(2 * job->calls[i].data_len + 3, 1);
		hex_encode_0x(hex, job->calls[i].data, job->calls[i].data_len);
		buf_add_format(&text, "%s%s %s", i ? "\n" : "", address_format(to, &job->calls[i].to), hex);
		free(hex);
	}
	free(rollout->prepared_calls);
	rollout->prepared_calls = buf_take(&text);
	rollout->prepared.calls_text = rollout->prepared_calls;
}

static bool write_batch(struct rollout *rollout, struct error *err)
{
	const struct owners_job *job = rollout->owners;
	struct prepared *prepared = &rollout->prepared;
	struct safe_batch_call calls[CALLS_MAX] = { 0 };
	char *arguments[CALLS_MAX] = { NULL }, name[128];
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < job->count; i++) {
		calls[i] = (struct safe_batch_call){ .to = job->calls[i].to, .data = job->calls[i].data, .data_len = job->calls[i].data_len };
		if (!safe_batch_name_call(&calls[i], &arguments[i]))
			arguments[i] = NULL;
	}
	snprintf(name, sizeof(name), "Update of %.60s", rollout->plan.cvm_name);
	const struct safe_batch batch = { .chain_id = rollout->plan.chain_id, .created_at_ms = clock_wall_ms(), .name = name,
					  .description = "Allows the new compose hash; made by cvmdeck.", .builder_version = "1.18.0",
					  .safe = job->owner, .calls = calls, .count = job->count };
	char *folder = mem_printf("%s/prepared", session_state_dir(rollout->session));
	snprintf(prepared->batch_path, sizeof(prepared->batch_path), "%s/%s-safe-batch.json", folder, rollout->id);
	bool ok = safe_batch_build(&batch, &text, err) && file_make_dirs(folder, err) &&
		  file_write(prepared->batch_path, text.data, text.len, 0600, err);
	free(folder);
	for (size_t i = 0; i < job->count; i++)
		free(arguments[i]);
	buf_clear(&text);
	return ok;
}

static void say_commit(struct rollout *rollout)
{
	struct prepared *prepared = &rollout->prepared;
	const struct plan *plan = &rollout->plan;
	text_safe_copy(prepared->token, sizeof(prepared->token), plan->commit_token, strlen(plan->commit_token));
	prepared->token_expires_ms = clock_wall_ms() + (int64_t)TOKEN_LIFE_MS * 1000;
	snprintf(prepared->commit_command, sizeof(prepared->commit_command),
		 "cvmdeck deploy --cvm-id %s --commit --token %s --compose-hash 0x%s --transaction-hash TX_HASH", plan->cvm_uuid, prepared->token,
		 plan->new_hash);
}

/* The same record for the journal, so that a later start can show it again. */
static void keep_text(struct rollout *rollout)
{
	const struct prepared *prepared = &rollout->prepared;
	struct buf text = BUF_INIT;
	json *out = json_new_object();
	json_add_text(out, "owner", prepared->owner);
	json_add_text(out, "kind", prepared->kind);
	json_add_int(out, "threshold", prepared->threshold);
	json_add_int(out, "owners", prepared->owners);
	json_add_text(out, "calls", prepared->calls_text);
	json_add_text(out, "batch_path", prepared->batch_path);
	json_add_text(out, "safe_domain_hash", prepared->safe_domain_hash);
	json_add_text(out, "safe_message_hash", prepared->safe_message_hash);
	json_add_text(out, "safe_tx_hash", prepared->safe_tx_hash);
	json_add_text(out, "token", prepared->token);
	json_add_int(out, "token_expires_ms", prepared->token_expires_ms);
	json_add_text(out, "commit_command", prepared->commit_command);
	json_print(&text, out);
	json_free(out);
	free(rollout->prepared_text);
	rollout->prepared_text = buf_take(&text);
}

static void load_text(char *out, size_t size, const json *saved, const char *name)
{
	const char *text = json_text(saved, name);
	text_safe_copy(out, size, text, strlen(text));
}

void run_load_prepared(struct rollout *rollout, const char *text)
{
	struct prepared *prepared = &rollout->prepared;
	struct error err;
	json *saved = json_parse(text, strlen(text), &err);
	memset(prepared, 0, sizeof(*prepared));
	load_text(prepared->owner, sizeof(prepared->owner), saved, "owner");
	load_text(prepared->kind, sizeof(prepared->kind), saved, "kind");
	prepared->threshold = (unsigned)json_int(saved, "threshold", 0);
	prepared->owners = (unsigned)json_int(saved, "owners", 0);
	free(rollout->prepared_calls);
	rollout->prepared_calls = mem_strdup(json_text(saved, "calls"));
	prepared->calls_text = rollout->prepared_calls;
	load_text(prepared->batch_path, sizeof(prepared->batch_path), saved, "batch_path");
	load_text(prepared->safe_domain_hash, sizeof(prepared->safe_domain_hash), saved, "safe_domain_hash");
	load_text(prepared->safe_message_hash, sizeof(prepared->safe_message_hash), saved, "safe_message_hash");
	load_text(prepared->safe_tx_hash, sizeof(prepared->safe_tx_hash), saved, "safe_tx_hash");
	load_text(prepared->token, sizeof(prepared->token), saved, "token");
	prepared->token_expires_ms = json_int(saved, "token_expires_ms", 0);
	load_text(prepared->commit_command, sizeof(prepared->commit_command), saved, "commit_command");
	json_free(saved);
}

static void finish(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_PREPARED);
	struct error err;
	say_calls(rollout);
	if (!write_batch(rollout, &err)) {
		failed(rollout, &err);
		return;
	}
	say_commit(rollout);
	keep_text(rollout);
	clear_job(rollout);
	run_event(rollout, &event);
}

/* ---- a Safe ---- */

static void call_safe(struct rollout *rollout, const uint8_t *data, size_t len, chain_call_fn *fn)
{
	struct call_request call = { .to = &rollout->owners->owner, .data = data, .len = len };
	run_ask_all(rollout, &call, "latest", fn);
}

/* The Safe makes the hash itself; another one means that owners would sign something else. */
static void on_hash(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct owners_job *job = rollout->owners;
	struct prepared *prepared = &rollout->prepared;
	struct error err;
	rollout->calls.call = NULL;
	if (!data) {
		failed(rollout, failure);
		return;
	}
	if (len != 32 || memcmp(data, job->hashes.tx.bytes, 32) != 0) {
		error_set(&err, STATUS_CHECK, "safe-hash", "The Safe computes another transaction hash than the one computed here.");
		failed(rollout, &err);
		return;
	}
	bytes32_format(prepared->safe_domain_hash, &job->hashes.domain);
	bytes32_format(prepared->safe_message_hash, &job->hashes.message);
	bytes32_format(prepared->safe_tx_hash, &job->hashes.tx);
	finish(rollout);
}

static void use_safe(struct rollout *rollout, const struct safe_info *info)
{
	struct owners_job *job = rollout->owners;
	struct prepared *prepared = &rollout->prepared;
	struct buf data = BUF_INIT;
	struct error err;
	text_copy(prepared->kind, sizeof(prepared->kind), "safe");
	prepared->threshold = (unsigned)info->threshold;
	prepared->owners = (unsigned)info->owner_count;
	if (!safe_plan(&job->tx, &job->batch_data, info->version, rollout->plan.chain_id, job->calls, job->count, &info->nonce, &err)) {
		failed(rollout, &err);
		return;
	}
	safe_tx_hashes(&job->hashes, rollout->plan.chain_id, &job->owner, &job->tx);
	safe_add_get_hash(&data, &job->tx);
	call_safe(rollout, (const uint8_t *)data.data, data.len, on_hash);
	buf_clear(&data);
}

static void read_next(struct rollout *rollout);

static void all_read(struct rollout *rollout)
{
	struct owners_job *job = rollout->owners;
	struct safe_answer answers[SAFE_READS];
	struct safe_info info;
	struct error err;
	for (int i = 0; i < SAFE_READS; i++)
		answers[i] = (struct safe_answer){ (const uint8_t *)job->answers[i].data, job->answers[i].len };
	if (safe_info_read(&info, answers, &err))
		use_safe(rollout, &info);
	else if (err.status == STATUS_CHECK)
		failed(rollout, &err);
	else
		finish(rollout); /* it only looked like a Safe: target and calldata are all there is to give */
	safe_info_clear(&info);
}

static void on_read(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct owners_job *job = rollout->owners;
	rollout->calls.call = NULL;
	if (!data && strcmp(failure->code, "reverted") != 0) {
		failed(rollout, failure);
		return;
	}
	buf_add(&job->answers[job->at], data ? data : (const uint8_t *)"", len);
	job->at++;
	if (job->at == SAFE_READS)
		all_read(rollout);
	else
		read_next(rollout);
}

static void read_next(struct rollout *rollout)
{
	uint8_t data[4];
	safe_read_calldata(data, rollout->owners->at);
	call_safe(rollout, data, sizeof(data), on_read);
}

void run_prepare(struct rollout *rollout, const struct effect *effect)
{
	struct prepared *prepared = &rollout->prepared;
	struct error err;
	(void)effect;
	clear_job(rollout);
	rollout->owners = mem_new(1, sizeof(*rollout->owners));
	rollout->owners->owner = rollout->list.owner.address;
	memset(prepared, 0, sizeof(*prepared));
	address_format(prepared->owner, &rollout->list.owner.address);
	text_copy(prepared->kind, sizeof(prepared->kind), rollout->contract_owner ? "contract" : "person");
	if (!plan_calls(rollout, &err))
		failed(rollout, &err);
	else if (rollout->list.owner_account.kind == ACCOUNT_SAFE)
		read_next(rollout);
	else
		finish(rollout);
}
