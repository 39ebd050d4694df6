/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The review: from the plan's present document and change to hashes, diff,
 * manifest, summary and env names. Needs no network, so a resumed rollout
 * shows exactly what was approved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/run.h"

void run_hex(char *out, size_t size, const char *digits)
{
	snprintf(out, size, "%s%s", digits[0] ? "0x" : "", digits);
}

void run_clear_documents(struct run_documents *docs)
{
	compose_document_free(docs->old);
	compose_document_free(docs->fresh);
	compose_diff_free(docs->diff);
	compose_manifest_free(docs->manifest);
	compose_summary_free(docs->summary);
	free(docs->env);
	memset(docs, 0, sizeof(*docs));
}

static void note_hashes(struct rollout *rollout, bool calibrated)
{
	struct plan *plan = &rollout->plan;
	struct run_documents *docs = &rollout->docs;
	enum compose_form form = calibrated ? docs->calibration.form : COMPOSE_COMPACT_NORMALIZED;
	struct compose_hashes old;
	compose_document_hashes(docs->old, &old);
	compose_document_hashes(docs->fresh, &docs->fresh_hashes);
	text_copy(plan->old_hash, sizeof(plan->old_hash), calibrated ? plan->reported : old.hex[form]);
	text_copy(plan->new_hash, sizeof(plan->new_hash), docs->fresh_hashes.hex[form]);
	if (!calibrated && strcmp(old.hex[form], plan->new_hash) == 0) /* the document stays as it is, whatever its form */
		text_copy(plan->new_hash, sizeof(plan->new_hash), plan->reported);
	text_copy(plan->form, sizeof(plan->form), calibrated ? compose_form_name(form) : "");
	char note[160];
	snprintf(note, sizeof(note), "the present document gives the hash the CVM reports, in the form \"%s\"", plan->form);
	if (calibrated)
		checks_set(&rollout->checks, CHECK_HASH_CURRENT, MARK_GOOD, plan->reported, note);
	else
		checks_set(&rollout->checks, CHECK_HASH_CURRENT, plan->onchain ? MARK_BAD : MARK_UNKNOWN, plan->reported,
			   "no known form of the present document gives the hash the CVM reports, so the preview cannot be verified");
	checks_set(&rollout->checks, CHECK_HASH_NEW, MARK_GOOD, plan->new_hash, "computed here from the document you see");
}

static const char *text_member(const struct compose_document *document, const char *name, size_t *len)
{
	const char *text = compose_document_string(document, name, len);
	if (!text)
		*len = 0;
	return text ? text : "";
}

static void add_env(struct run_documents *docs, const char *name, char change)
{
	struct review_env_name *env = &docs->env[docs->env_count++];
	text_safe_copy(env->name, sizeof(env->name), name, strlen(name));
	env->change = change;
}

static void list_env(struct run_documents *docs, bool given_anew)
{
	static const char changes[] = { [COMPOSE_FIELD_SAME] = '=', [COMPOSE_FIELD_CHANGED] = '=', [COMPOSE_FIELD_ADDED] = '+', [COMPOSE_FIELD_REMOVED] = '-' };
	docs->env = mem_new(docs->manifest->env_count + 1, sizeof(*docs->env));
	for (size_t i = 0; i < docs->manifest->env_count; i++) {
		char change = changes[docs->manifest->envs[i].kind];
		add_env(docs, docs->manifest->envs[i].name, change == '=' && given_anew ? '~' : change);
	}
}

/* The present document is the API's: when it is broken, nothing of the operator's is. */
static bool present_broken(struct error *err)
{
	struct error why = *err;
	error_set(err, STATUS_API, "document-broken", "The CVM's present app-compose document, as the API gives it, cannot be read: %.380s", why.message);
	return error_next(err, "try again; if it stays so, ask support about this CVM");
}

bool run_make_documents(struct rollout *rollout, struct error *err)
{
	struct run_documents *docs = &rollout->docs;
	size_t old_len, new_len;
	run_clear_documents(docs);
	docs->old = plan_old_document(&rollout->plan, err);
	if (!docs->old)
		return present_broken(err);
	docs->fresh = plan_new_document(&rollout->plan, docs->old, err);
	if (!docs->fresh)
		return false;
	note_hashes(rollout, compose_calibrate(docs->old, rollout->plan.reported, &docs->calibration));
	const char *old = text_member(docs->old, "docker_compose_file", &old_len), *fresh = text_member(docs->fresh, "docker_compose_file", &new_len);
	docs->diff = compose_diff_new(old, old_len, fresh, new_len);
	docs->manifest = compose_manifest_new(docs->old, docs->fresh);
	list_env(docs, rollout->plan.has_env);
	docs->summary = compose_summary_new(old, old_len, fresh, new_len, err);
	return docs->summary || !rollout->plan.compose_text; /* what runs already is not refused for its YAML */
}

static enum mark mark_of(enum read_state state)
{
	switch (state) {
	case READ_YES: return MARK_GOOD;
	case READ_NO: return MARK_BAD;
	default: return MARK_UNKNOWN;
	}
}

void run_make_review(struct rollout *rollout)
{
	const struct plan *plan = &rollout->plan;
	const struct run_documents *docs = &rollout->docs;
	struct review *review = &rollout->review;
	struct compose_parts parts;
	if (!docs->fresh)
		return;
	memset(review, 0, sizeof(*review));
	review->detail = rollout->detail;
	run_hex(review->old_hash, sizeof(review->old_hash), plan->reported);
	run_hex(review->new_hash, sizeof(review->new_hash), plan->new_hash);
	text_copy(review->form, sizeof(review->form), plan->form);
	review->old_verified = plan->form[0] != '\0';
	review->old_on_chain = rollout->has_list ? mark_of(rollout->list.old_hash.state) : MARK_NONE;
	review->hash_changes = !compose_hash_equal(plan->new_hash, plan->reported);
	review->env_changes = plan->has_env;
	review->applies_at_once = !plan->onchain;
	review->nothing_changes = !review->hash_changes && !plan->has_env;
	compose_document_parts(docs->fresh, &parts);
	run_hex(review->sub_compose, sizeof(review->sub_compose), parts.compose);
	run_hex(review->sub_script, sizeof(review->sub_script), parts.script);
	run_hex(review->sub_rest, sizeof(review->sub_rest), parts.rest);
	review->old_compose = text_member(docs->old, "docker_compose_file", &review->old_compose_len);
	review->new_compose = text_member(docs->fresh, "docker_compose_file", &review->new_compose_len);
	review->diff = docs->diff;
	review->manifest = docs->manifest;
	review->summary = docs->summary;
	review->env = docs->env;
	review->env_count = docs->env_count;
	review->names_replace = plan->has_env && docs->manifest->env_changes > 0;
	rollout->has_review = true;
}
