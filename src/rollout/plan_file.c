/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan files: the plan's JSON with a digest over it, so that a slip of the
 * hand is found; and the comparison of a plan with what is there now.
 */
#include "rollout/plan_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/run.h"

#define PLAN_FORMAT "cvmdeck-plan-1"

static void digest_of(const json *plan, char out[HASH_HEX_SIZE])
{
	uint8_t digest[HASH_SIZE];
	struct buf text = BUF_INIT;
	json_print(&text, plan);
	hash_sha256(digest, text.data, text.len);
	hex_encode(out, digest, sizeof(digest));
	buf_clear(&text);
}

bool rollout_write_plan(const struct rollout *rollout, const char *path, struct error *err)
{
	char digest[HASH_HEX_SIZE];
	struct buf text = BUF_INIT;
	if (machine_phase(&rollout->machine) != PHASE_REVIEW)
		return error_set(err, STATUS_USAGE, "not-now", "A plan is written from a review, and there is none now.");
	if (!run_changes_something(rollout, err)) /* applying it could only fail */
		return false;
	json *out = json_new_object();
	json_add_text(out, "format", PLAN_FORMAT);
	const json *plan = json_add(out, "plan", plan_save(&rollout->plan));
	digest_of(plan, digest);
	json_add_text(out, "sha256", digest);
	json_print_pretty(&text, out);
	json_free(out);
	bool ok = file_write(path, text.data, text.len, 0600, err);
	buf_clear(&text);
	return ok;
}

static bool broken(const char *path, struct error *err)
{
	error_set(err, STATUS_INPUT, "plan-broken", "%s is no plan of cvmdeck, or it was changed after it was written.", path);
	return error_next(err, "make it again with cvmdeck plan");
}

static bool parse(struct plan *plan, const char *path, const struct buf *text, struct error *err)
{
	char digest[HASH_HEX_SIZE];
	struct error ignored;
	json *tree = json_parse(buf_text(text), text->len, &ignored);
	const json *saved = json_member(tree, "plan");
	bool ok = saved && strcmp(json_text(tree, "format"), PLAN_FORMAT) == 0;
	if (ok) {
		digest_of(saved, digest);
		ok = strcmp(json_text(tree, "sha256"), digest) == 0 && plan_load(plan, saved, &ignored);
		if (ok && plan->has_env && !plan->encrypted_env) { /* nothing to send, and empty values are not what was meant */
			plan_clear(plan);
			ok = false;
		}
	}
	json_free(tree);
	return ok || broken(path, err);
}

static bool read_plan(struct plan *plan, const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	bool ok = file_read(path, "plan", 8 * (size_t)LIMIT_CONFIG_FILE, &text, err);
	if (!ok && err)
		snprintf(err->code, sizeof(err->code), "plan-%s", strcmp(err->code, "file-missing") == 0 ? "missing" : "broken");
	ok = ok && parse(plan, path, &text, err);
	buf_clear(&text);
	return ok;
}

/* ---- what must still be so ---- */

struct rest {
	const char *what;
	size_t offset;
};
#define REST(what, member) { what, offsetof(struct plan, member) }

static const struct rest rests[] = {
	REST("CVM", cvm_uuid),		  REST("app id", app_id),
	REST("app contract", contract),	  REST("KMS contract", kms),
	REST("device", device),		  REST("compose hash in force", reported),
	REST("form of the document", form), REST("new compose hash", new_hash),
};

bool run_plan_holds(const struct plan *plan, const struct plan *now, struct error *err)
{
	for (size_t i = 0; i < sizeof(rests) / sizeof(*rests); i++) {
		const char *was = (const char *)plan + rests[i].offset, *is = (const char *)now + rests[i].offset;
		if (text_equal_nocase(was, is) || (!is[0] && !now->new_hash[0])) /* not read yet */
			continue;
		error_set(err, STATUS_CHECK, "plan-changed", "The plan rests on another %s: it was %s, it is %s now. Nothing was sent.", rests[i].what,
			  was[0] ? was : "none", is[0] ? is : "none");
		return error_next(err, "review it again and make a new plan with cvmdeck plan");
	}
	if (plan->chain_id == now->chain_id && plan->onchain == now->onchain)
		return true;
	error_set(err, STATUS_CHECK, "plan-changed", "The plan rests on another chain. Nothing was sent.");
	return error_next(err, "review it again and make a new plan with cvmdeck plan");
}

/* The plan holds the text; a file that says something else now means that the plan is older than what is wanted. */
static bool file_holds(const char *what, const char *path, const char *digest, struct error *err)
{
	char now[HASH_HEX_SIZE];
	uint8_t hash[HASH_SIZE];
	struct buf text = BUF_INIT;
	struct error absent;
	bool same = true;
	if (path && file_read(path, what, LIMIT_COMPOSE, &text, &absent)) {
		hash_sha256(hash, buf_text(&text), text.len);
		hex_encode(now, hash, sizeof(hash));
		same = strcmp(now, digest) == 0;
	}
	buf_clear(&text);
	if (same)
		return true;
	error_set(err, STATUS_CHECK, "plan-changed", "The %s %s was changed since the plan was made. Nothing was sent.", what, path);
	error_detail(err, "its SHA-256 was %s, it is %s now", digest, now);
	return error_next(err, "review it again and make a new plan with cvmdeck plan");
}

static bool files_hold(const struct plan *plan, struct error *err)
{
	return file_holds("compose file", plan->compose_path, plan->compose_sha256, err) &&
	       file_holds("pre-launch script", plan->script_path, plan->script_sha256, err);
}

/* ---- doing it ---- */

static char *copy_or_null(const char *text, size_t len)
{
	return text ? mem_copy(text, len) : NULL;
}

/* The plan's change as a request; env values stay ciphertext. */
static void fill_request(struct rollout_request *request, const struct plan *plan)
{
	request->kind = plan->kind;
	request->cvm_ref = mem_strdup(plan->cvm_uuid);
	request->compose_text = copy_or_null(plan->compose_text, plan->compose_len);
	request->compose_len = plan->compose_len;
	request->script_text = copy_or_null(plan->script_text, plan->script_len);
	request->script_len = plan->script_len;
	request->public_logs = plan->public_logs;
	request->public_sysinfo = plan->public_sysinfo;
	request->public_tcbinfo = plan->public_tcbinfo;
	request->has_env = plan->has_env;
	for (size_t i = 0; plan->has_env && i < plan->env_count; i++)
		compose_env_add(&request->env, plan->env_names[i], strlen(plan->env_names[i]), "", 0);
}

struct rollout *rollout_apply(struct session *session, const char *path, struct rollout_request *options, rollout_changed_fn *changed, void *ctx,
			      struct error *err)
{
	struct plan *plan = mem_new(1, sizeof(*plan));
	struct rollout_request request = *options;
	memset(options, 0, sizeof(*options));
	if (!read_plan(plan, path, err) || !files_hold(plan, err)) {
		rollout_request_clear(&request);
		plan_clear(plan);
		free(plan);
		return NULL;
	}
	fill_request(&request, plan);
	struct rollout *rollout = rollout_start(session, &request, changed, ctx, err);
	if (!rollout) {
		plan_clear(plan);
		free(plan);
		return NULL;
	}
	rollout->plan.encrypted_env = mem_strdup(plan->encrypted_env);
	text_copy(rollout->plan.env_key, sizeof(rollout->plan.env_key), plan->env_key);
	compose_env_clear(&rollout->request.env);
	rollout->applied = plan;
	return rollout;
}
