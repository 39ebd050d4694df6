/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes to the backend: the patch, the confirm (or commit), and reading
 * the CVM's state where an answer was lost. A change is sent once for each
 * effect; whether it is sent again is the machine's decision.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/explain.h"
#include "rollout/run.h"

/* No answer, or one that does not say whether it was taken: 429 and 5xx of a proxy or the backend. */
static bool is_lost(const struct api_reply *reply)
{
	return reply->status == 0 || reply->status == 408 || reply->status == 429 || reply->status >= 500;
}

static void keep_answer(struct rollout *rollout, const struct api_reply *reply, const char *text)
{
	rollout->answer_status = reply->status;
	text_copy(rollout->answer, sizeof(rollout->answer), text[0] ? text : reply->error.message);
}

static void lost(struct rollout *rollout, const struct api_reply *reply, const char *why)
{
	struct event event = run_new_event(EVENT_LOST);
	event.error = reply->error;
	run_note(rollout, "%s; reading the CVM's state", why);
	run_event(rollout, &event);
}

/* An answer of success that names no operation is no answer: the CVM's state tells. */
static void accepted(struct rollout *rollout, const struct api_reply *reply, const struct api_update_result *result)
{
	struct event event = run_new_event(EVENT_ACCEPTED);
	if (!result->correlation_id[0]) {
		lost(rollout, reply, "the answer says nothing");
		return;
	}
	keep_answer(rollout, reply, result->correlation_id);
	/* The reasons of the tries before are no news any more. */
	if (rollout->machine.attempts)
		run_note(rollout, "at try %u", rollout->machine.attempts + 1);
	text_copy(event.correlation_id, sizeof(event.correlation_id), result->correlation_id);
	run_event(rollout, &event);
}

/* ---- the patch ---- */

struct explain_job {
	struct rollout *rollout; /* NULL: it went away meanwhile */
	struct compose_document *present, *next;
	struct compose_calibration calibration;
	char reported[65];
	struct compose_explanation found;
	struct event event;
};

static void explain_work(void *ctx)
{
	struct explain_job *job = ctx;
	const struct compose_question question = { .present = job->present, .next = job->next, .calibration = &job->calibration, .reported = job->reported };
	compose_explain(&question, &job->found);
}

static void explain_text(const struct explain_job *job, struct error *err)
{
	char ours[24], theirs[24];
	const struct plan *plan = &job->rollout->plan;
	error_set(err, STATUS_CHECK, "hash-backend", "The backend asks for the compose hash %s; computed here is %s. Nothing was signed.",
		  text_short_hex(theirs, job->reported), text_short_hex(ours, plan->new_hash));
	if (!job->found.found)
		error_detail(err, "backend %s, here %s; none of the known causes explains it", job->reported, plan->new_hash);
	else if (!job->found.count)
		error_detail(err, "it is the same document in the form \"%s\"", compose_form_name(job->found.form));
	else
		error_detail(err, "%s: %s%s%s", job->found.causes[0].field, job->found.causes[0].text, job->found.count > 1 ? "; " : "",
			     job->found.count > 1 ? job->found.causes[1].text : "");
	error_next(err, "do not sign; compare the document with whoever else changed it, then start again");
}

static void explain_done(void *ctx)
{
	struct explain_job *job = ctx;
	struct rollout *rollout = job->rollout;
	if (rollout) {
		rollout->explaining = NULL;
		explain_text(job, &job->event.error);
		checks_set(&rollout->checks, CHECK_HASH_BACKEND, MARK_BAD, job->reported, job->event.error.detail);
		run_event(rollout, &job->event);
	}
	compose_document_free(job->present);
	compose_document_free(job->next);
	compose_explanation_clear(&job->found);
	free(job);
}

static void explain(struct rollout *rollout, const struct event *event, const char *reported)
{
	struct explain_job *job = mem_new(1, sizeof(*job));
	job->rollout = rollout;
	job->present = compose_document_copy(rollout->docs.old);
	job->next = compose_document_copy(rollout->docs.fresh);
	job->calibration = rollout->docs.calibration;
	job->event = *event;
	text_copy(job->reported, sizeof(job->reported), reported);
	rollout->explaining = &job->rollout;
	loop_work(rollout->loop, explain_work, explain_done, job);
}

/* Who the backend says it is about must be who the review was about. */
static bool check_target(struct rollout *rollout, const struct api_update_result *result, struct error *err)
{
	const struct plan *plan = &rollout->plan;
	const char *what = NULL, *is = "";
	if (result->app_id[0] && !text_equal_nocase(result->app_id, plan->app_id))
		what = "app", is = result->app_id;
	else if (result->kms.chain_id && result->kms.chain_id != plan->chain_id)
		what = "chain", is = "another chain id";
	else if (result->kms.contract[0] && plan->kms[0] && !text_equal_nocase(result->kms.contract, plan->kms))
		what = "KMS contract", is = result->kms.contract;
	if (!what)
		return true;
	char note[160];
	snprintf(note, sizeof(note), "the answer to the patch names another %s than the CVM had at the review", what);
	checks_set(&rollout->checks, CHECK_TARGET_PIN, MARK_BAD, is, note);
	error_set(err, STATUS_CHECK, "target-pin", "The backend's answer is about another %s (%s) than the one reviewed. Nothing was signed.", what, is);
	return error_next(err, "do not sign; find out who changed it");
}

static void hash_needed(struct rollout *rollout, const struct api_reply *reply, const struct api_update_result *result)
{
	struct event event = run_new_event(EVENT_HASH_NEEDED);
	struct plan *plan = &rollout->plan;
	struct error err;
	keep_answer(rollout, reply, result->compose_hash);
	plan->documented = result->documented;
	text_copy(plan->asked_device, sizeof(plan->asked_device), result->device_id);
	if (result->commit_token[0])
		text_copy(plan->commit_token, sizeof(plan->commit_token), result->commit_token);
	if (!check_target(rollout, result, &err)) {
		run_fail(rollout, &err, false);
	} else if (!hex_decode(event.hash, 32, result->compose_hash)) {
		error_set(&err, STATUS_API, "bad-shape", "The backend wants a compose hash registered and does not say which.");
		run_fail(rollout, &err, true);
	} else if (!run_is_our_document(rollout, result->compose_hash)) {
		explain(rollout, &event, result->compose_hash);
	} else {
		event.flag = !compose_hash_equal(result->compose_hash, plan->new_hash);
		text_copy(plan->new_hash, sizeof(plan->new_hash), result->compose_hash);
		checks_set(&rollout->checks, CHECK_HASH_BACKEND, MARK_GOOD, result->compose_hash, "equals the hash computed here");
		run_event(rollout, &event);
	}
}

/*
 * Applied at once, without asking for the hash on the contract: right where the
 * hash stays or nothing of this is on a chain. A document in no known form gives
 * no preview, so there it means that the hash stayed.
 */
static void applied(struct rollout *rollout, const struct api_reply *reply, const struct api_update_result *result)
{
	struct plan *plan = &rollout->plan;
	struct machine_facts *facts = &rollout->machine.facts;
	struct error err;
	if (facts->onchain && facts->hash_changes && result->correlation_id[0] && plan->form[0]) {
		keep_answer(rollout, reply, result->correlation_id);
		checks_set(&rollout->checks, CHECK_HASH_BACKEND, MARK_BAD, "none asked for", "the backend applied the update at once");
		error_set(&err, STATUS_CHECK, "hash-backend",
			  "The hash changes, and the backend applied the update (correlation id %s) without asking for the new hash on the contract. Nothing was signed.",
			  result->correlation_id);
		error_next(&err, "look at what the CVM runs now: cvmdeck show %s", plan->cvm_name);
		run_fail(rollout, &err, false);
		return;
	}
	if (facts->onchain && !plan->form[0] && result->correlation_id[0]) {
		facts->hash_changes = false;
		text_copy(plan->new_hash, sizeof(plan->new_hash), plan->reported);
	}
	accepted(rollout, reply, result);
}

static void on_patched(void *ctx, const struct api_reply *reply, const struct api_update_result *result)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (result && result->kind == API_UPDATE_APPLIED) {
		applied(rollout, reply, result);
	} else if (result && result->kind == API_UPDATE_NEEDS_ONCHAIN) {
		hash_needed(rollout, reply, result);
	} else if (is_lost(reply)) {
		lost(rollout, reply, "the answer was lost");
	} else {
		keep_answer(rollout, reply, "");
		run_fail(rollout, &reply->error, reply->status == 409);
	}
}

static enum cvm_flag flag_of(enum tri tri)
{
	return tri == TRI_ON ? CVM_YES : tri == TRI_OFF ? CVM_NO : CVM_UNKNOWN;
}

void run_patch(struct rollout *rollout, const struct effect *effect)
{
	const struct plan *plan = &rollout->plan;
	char ref[CVM_REF_SIZE];
	struct api_update update = {
		.compose = plan->compose_text,
		.compose_len = plan->compose_len,
		.script = plan->script_text,
		.script_len = plan->script_len,
		.has_allowed_envs = plan->sets_names,
		.allowed_envs = (const char *const *)plan->env_names,
		.env_count = plan->env_count,
		.public_logs = flag_of(plan->public_logs),
		.public_sysinfo = flag_of(plan->public_sysinfo),
		.public_tcbinfo = flag_of(plan->public_tcbinfo),
		.encrypted_env = plan->encrypted_env,
		.prepare_only = effect->prepare_only,
	};
	rollout->calls.api = api_send_update(session_api(rollout->session), cvm_ref(ref, &rollout->detail->cvm), &update, on_patched, rollout);
}

/* ---- the confirm ---- */

/* Why the same is asked again in a moment, or not any more, in the room a timeline has. */
static void say_refusal(struct rollout *rollout, int status)
{
	static const struct { int status; const char *words; } reasons[] = {
		{ 465, "no approval seen on the chain yet" }, { 467, "transaction not verified yet" }, { 468, "hash not on the allowlist yet" },
	};
	if (rollout->machine.state == M_FAILED)
		run_note(rollout, "refused with HTTP %d", status);
	if (rollout->machine.state != M_CONFIRM_GAP)
		return;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			run_note(rollout, "%d: %s", status, reasons[i].words);
}

static void refuse(struct rollout *rollout, const struct error *err, int status, bool allowed_now)
{
	struct event event = run_new_event(EVENT_REFUSED);
	event.error = *err;
	if (status == 466 && rollout->plan.kind == ROLLOUT_UPDATE)
		error_next(&event.error, "cvmdeck resume %s begins again from the saved plan, with a review; what was mined counts", rollout->id);
	event.number = status;
	event.flag = allowed_now;
	event.resumable = status != 466;
	run_event(rollout, &event);
	say_refusal(rollout, status);
}

/* 468: what the contract says to us decides whether it is a delay or the wrong contract. */
static void on_asked_chain(void *ctx, struct allowlist *list, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct error err = rollout->refusal;
	char contract[ADDRESS_TEXT_SIZE];
	rollout->calls.read = NULL;
	bool allowed = list && list->new_hash.state == READ_YES;
	const char *says = !list ? failure->message : allowed ? "yes" : list->new_hash.state == READ_NO ? "no" : "nothing that could be read";
	error_detail(&err, "asked was allowedComposeHashes of %s on chain %llu; it says now: %s", address_format(contract, &rollout->contract),
		     (unsigned long long)rollout->plan.chain_id, says);
	if (allowed)
		error_next(&err, "the chain says yes, so the backend's own node is behind or asks another contract; cvmdeck resume %s confirms again", rollout->id);
	refuse(rollout, &err, 468, allowed);
}

static void on_confirmed(void *ctx, const struct api_reply *reply, const struct api_update_result *result)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (result && result->kind == API_UPDATE_APPLIED) {
		accepted(rollout, reply, result);
	} else if (result && result->kind == API_UPDATE_NEEDS_ONCHAIN) {
		struct error err = reply->error;
		if (err.status == STATUS_OK)
			error_set(&err, STATUS_API, "ERR-01-005", "The backend does not see the compose hash on the allowlist yet.");
		refuse(rollout, &err, 465, false);
	} else if (is_lost(reply)) {
		lost(rollout, reply, "the answer was lost");
	} else if (reply->status == 468 && rollout->rpc_count) {
		rollout->refusal = reply->error;
		run_ask_list(rollout, 0, on_asked_chain);
	} else {
		keep_answer(rollout, reply, "");
		refuse(rollout, &reply->error, reply->status, false);
	}
}

void run_confirm(struct rollout *rollout, const struct effect *effect)
{
	struct api *api = session_api(rollout->session);
	const struct plan *plan = &rollout->plan;
	char ref[CVM_REF_SIZE], hash[67] = "already-registered";
	if (plan->kind == ROLLOUT_COMMIT && plan->commit_tx[0])
		text_copy(hash, sizeof(hash), plan->commit_tx);
	else if (plan->kind != ROLLOUT_COMMIT && !effect->by_state)
		hex_encode_0x(hash, effect->hash, 32);
	cvm_ref(ref, &rollout->detail->cvm);
	if (plan->commit_token[0] && plan->kind == ROLLOUT_COMMIT)
		rollout->calls.api = api_send_commit(api, ref, plan->commit_token, plan->new_hash, hash, on_confirmed, rollout);
	else
		rollout->calls.api = api_send_confirm(api, ref, plan->new_hash, hash, plan->documented, on_confirmed, rollout);
}
