/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The review: from the plan's present document and change to hashes, diff,
 * manifest, summary and env names. Needs no network, so a resumed rollout
 * shows exactly what was approved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
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
	compose_diff_free(docs->script_diff);
	compose_manifest_free(docs->manifest);
	compose_manifest_free(docs->origin_manifest);
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

/* Neither has one, so there is nothing to take away; sent, it would become an empty one. */
static void drop_empty_script(struct plan *plan, const struct compose_document *present)
{
	size_t len = 0;
	if (plan->script_text && !plan->script_len && !compose_document_string(present, "pre_launch_script", &len)) {
		free(plan->script_text);
		plan->script_text = NULL;
	}
}

static bool is_one_of(const struct compose_hashes *hashes, const char *hash)
{
	for (int form = 0; form < COMPOSE_FORMS; form++)
		if (hashes->hex[form][0] && strcmp(hashes->hex[form], hash) == 0)
			return true;
	return false;
}

/* Where more than one form fits the present document, the backend may write any of them: the hash must come back in each. */
static bool gives_hash_of(const struct run_documents *docs, const struct compose_hashes *origin)
{
	bool same = docs->calibration.matches != 0;
	for (int form = 0; form < COMPOSE_FORMS; form++)
		if (docs->calibration.matches & 1u << form)
			same = same && is_one_of(origin, docs->fresh_hashes.hex[form]);
	return same;
}

/* How near the new document comes to the old one that it is made from. */
static bool compare_origin(struct run_documents *docs, const struct plan *plan, struct error *err)
{
	struct compose_hashes hashes;
	if (!plan->origin_text)
		return true;
	struct compose_document *origin = compose_document_parse(plan->origin_text, plan->origin_len, true, err);
	if (!origin)
		return false;
	docs->origin_manifest = compose_manifest_new(origin, docs->fresh);
	compose_document_hashes(origin, &hashes);
	docs->origin = (struct review_origin){ .manifest = docs->origin_manifest, .same_hash = gives_hash_of(docs, &hashes) };
	text_copy(docs->origin.label, sizeof(docs->origin.label), plan->origin_label);
	compose_document_free(origin);
	return true;
}

static void compare_scripts(struct run_documents *docs)
{
	size_t old_len, new_len;
	const char *old = text_member(docs->old, "pre_launch_script", &old_len), *fresh = text_member(docs->fresh, "pre_launch_script", &new_len);
	if (old_len != new_len || memcmp(old, fresh, old_len) != 0)
		docs->script_diff = compose_diff_new(old, old_len, fresh, new_len);
}

bool run_make_documents(struct rollout *rollout, struct error *err)
{
	struct run_documents *docs = &rollout->docs;
	size_t old_len, new_len;
	run_clear_documents(docs);
	docs->old = plan_old_document(&rollout->plan, err);
	if (!docs->old)
		return present_broken(err);
	drop_empty_script(&rollout->plan, docs->old);
	docs->fresh = plan_new_document(&rollout->plan, docs->old, err);
	if (!docs->fresh)
		return false;
	note_hashes(rollout, compose_calibrate(docs->old, rollout->plan.reported, &docs->calibration));
	const char *old = text_member(docs->old, "docker_compose_file", &old_len), *fresh = text_member(docs->fresh, "docker_compose_file", &new_len);
	docs->diff = compose_diff_new(old, old_len, fresh, new_len);
	compare_scripts(docs);
	docs->manifest = compose_manifest_new(docs->old, docs->fresh);
	list_env(docs, rollout->plan.has_env);
	if (!compare_origin(docs, &rollout->plan, err))
		return false;
	docs->summary = compose_summary_new(old, old_len, fresh, new_len, err);
	return docs->summary || !rollout->plan.compose_text; /* what runs already is not refused for its YAML */
}

/* Is this hash the new document's, in a form that fits the present one too? Without a calibrated form, in any known one. */
bool run_is_our_document(const struct rollout *rollout, const char *hash)
{
	const struct run_documents *docs = &rollout->docs;
	if (compose_calibration_accepts(&docs->calibration, &docs->fresh_hashes, hash, NULL))
		return true;
	for (int form = 0; !rollout->plan.form[0] && form < COMPOSE_FORMS; form++)
		if (compose_hash_equal(docs->fresh_hashes.hex[form], hash))
			return true;
	return false;
}

bool run_require_approved(struct rollout *rollout, struct error *err)
{
	struct plan *plan = &rollout->plan;
	char approved[HASH_HEX_SIZE];
	hex_encode(approved, rollout->machine.facts.new_hash, 32);
	bool stays = !rollout->machine.facts.hash_changes && compose_hash_equal(approved, plan->reported);
	if (stays || run_is_our_document(rollout, approved)) {
		text_copy(plan->new_hash, sizeof(plan->new_hash), approved); /* the form the backend asked for may be another than the preview's */
		return true;
	}
	checks_set(&rollout->checks, CHECK_HASH_NEW, MARK_BAD, plan->new_hash, "the document in the journal is not the one whose hash was approved");
	checks_error(checks_find(&rollout->checks, CHECK_HASH_NEW), err);
	text_copy(plan->new_hash, sizeof(plan->new_hash), approved);
	return false;
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
	review->script_diff = docs->script_diff;
	review->manifest = docs->manifest;
	review->summary = docs->summary;
	review->env = docs->env;
	review->env_count = docs->env_count;
	review->names_replace = plan->sets_names && docs->manifest->env_changes > 0;
	review->origin = docs->origin_manifest ? &docs->origin : NULL;
	rollout->has_review = true;
}
