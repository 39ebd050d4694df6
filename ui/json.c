/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON events: one object a line, only when something changed; the last is the
 * result, always, with every member there (null where there is nothing to say).
 */
#include <string.h>

#include "base/text.h"
#include "compose/manifest.h"
#include "ui/report.h"
#include "wire/json.h"

static void add_or_null(json *object, const char *name, const char *text)
{
	json_add_text(object, name, text && *text ? text : NULL);
}

static void add_hash(json *object, const char *name, const char *hash)
{
	add_or_null(object, name, text_bare_hex(hash));
}

/* 0 is none: an owner that is no Safe has no threshold. */
static void add_number(json *object, const char *name, int64_t number)
{
	if (number)
		json_add_int(object, name, number);
	else
		json_add_null(object, name);
}

static void say(struct report *report, const char *key, json *event)
{
	struct buf line = BUF_INIT;

	json_print(&line, event);
	if (!key || memo_changed(&report->memo, key, buf_text(&line))) {
		fprintf(report->out, "%s\n", buf_text(&line));
		fflush(report->out);
	}
	buf_clear(&line);
	json_free(event);
}

static json *event(const char *name)
{
	json *object = json_new_object();

	json_add_text(object, "event", name);
	return object;
}

static json *origin_json(const struct review_origin *origin)
{
	json *object = json_new_object(), *left = json_new_array();
	size_t i;

	json_add_text(object, "label", origin->label);
	json_add_bool(object, "same_compose_hash", origin->same_hash);
	for (i = 0; !origin->same_hash && i < origin->manifest->count; i++)
		if (origin->manifest->fields[i].kind != COMPOSE_FIELD_SAME)
			json_append(left, json_new_text(origin->manifest->fields[i].name));
	json_add(object, "not_taken_over", left);
	return object;
}

static void say_review(struct report *report, const struct review *review)
{
	json *object = event("review");
	json *env = json_new_array();
	size_t i;

	add_hash(object, "old_compose_hash", review->old_hash);
	add_hash(object, "compose_hash", review->new_hash);
	add_or_null(object, "form", review->form);
	json_add_bool(object, "verified", review->old_verified);
	json_add_text(object, "old_on_chain", rollout_mark_name(review->old_on_chain));
	json_add_bool(object, "hash_changes", review->hash_changes);
	json_add_bool(object, "env_changes", review->env_changes);
	json_add_bool(object, "applies_at_once", review->applies_at_once);
	add_hash(object, "compose_sha256", review->sub_compose);
	add_hash(object, "script_sha256", review->sub_script);
	add_hash(object, "rest_sha256", review->sub_rest);
	for (i = 0; i < review->env_count; i++) {
		char change[2] = { review->env[i].change, '\0' };
		json *name = json_append(env, json_new_object());

		json_add_text(name, "name", review->env[i].name);
		json_add_text(name, "change", change);
	}
	json_add(object, "env", env);
	if (review->origin)
		json_add(object, "again", origin_json(review->origin));
	else
		json_add_null(object, "again");
	say(report, "review", object);
}

static void say_check(struct report *report, const struct check *check)
{
	json *object = event("check");
	char key[64];

	snprintf(key, sizeof(key), "check %s", check->id);
	json_add_text(object, "id", check->id);
	json_add_text(object, "title", check->title);
	json_add_text(object, "mark", rollout_mark_name(check->mark));
	json_add_text(object, "source", rollout_source_name(check->source));
	json_add_text(object, "value", check->value);
	add_or_null(object, "note", check->note);
	json_add_bool(object, "overridden", check->overridden);
	say(report, key, object);
}

static void say_allowlist(struct report *report, const struct allowlist_view *list)
{
	json *object = event("allowlist");
	json *calls = json_new_array();
	size_t i;

	json_add_text(object, "contract", list->contract);
	json_add_int(object, "chain_id", (int64_t)list->chain_id);
	json_add_int(object, "block", (int64_t)list->block);
	json_add_bool(object, "multicall", list->multicall);
	json_add_int(object, "round_trips", (int64_t)list->calls);
	for (i = 0; i < list->row_count; i++) {
		json *row = json_append(calls, json_new_object());

		json_add_text(row, "call", list->rows[i].call);
		json_add_text(row, "value", list->rows[i].value);
		add_or_null(row, "note", list->rows[i].note);
		json_add_text(row, "mark", rollout_mark_name(list->rows[i].mark));
	}
	json_add(object, "reads", calls);
	say(report, "allowlist", object);
}

static void say_card(struct report *report, const struct card *card)
{
	json *object = event("card");

	json_add_int(object, "index", (int64_t)card->index);
	json_add_int(object, "count", (int64_t)card->count);
	json_add_text(object, "function", card->function);
	json_add_text(object, "argument", card->argument);
	json_add_text(object, "contract", card->contract);
	json_add_int(object, "chain_id", (int64_t)card->chain_id);
	json_add_text(object, "from", card->from);
	json_add_int(object, "nonce", (int64_t)card->nonce);
	json_add_int(object, "gas_limit", (int64_t)card->gas_limit);
	json_add_text(object, "max_fee", card->max_fee);
	json_add_text(object, "cost", card->cost);
	json_add_text(object, "simulation", card->simulation);
	json_add_bool(object, "offered", card->offered);
	add_or_null(object, "calldata", card->calldata);
	add_or_null(object, "unsigned", card->raw);
	add_or_null(object, "cast_send", card->cast);
	say(report, "card", object);
}

static void say_prepared(struct report *report, const struct prepared *prepared)
{
	json *object = event("prepared");

	json_add_text(object, "owner", prepared->owner);
	json_add_text(object, "owner_kind", prepared->kind);
	add_number(object, "threshold", prepared->threshold);
	add_number(object, "owners", prepared->owners);
	add_or_null(object, "calls", prepared->calls_text);
	add_or_null(object, "batch_file", prepared->batch_path);
	add_or_null(object, "safe_domain_hash", prepared->safe_domain_hash);
	add_or_null(object, "safe_message_hash", prepared->safe_message_hash);
	add_or_null(object, "safe_tx_hash", prepared->safe_tx_hash);
	add_or_null(object, "commit_token", prepared->token);
	add_number(object, "expires_ms", prepared->token_expires_ms);
	add_or_null(object, "commit_command", prepared->commit_command);
	say(report, "prepared", object);
}

static void say_step(struct report *report, const struct rollout_view *view, const struct step *step)
{
	static const char *const states[] = { "waiting", "running", "done", "skipped", "failed" };
	json *object;
	char key[64];

	if (step->state == STEP_WAITING)
		return;
	object = event("step");
	snprintf(key, sizeof(key), "step %s", step->id);
	json_add_text(object, "id", step->id);
	json_add_text(object, "state", states[step->state]);
	add_or_null(object, "note", step->until_ms && !*step->note ? view->message : step->note);
	json_add_int(object, "attempt", (int64_t)step->attempt);
	say(report, key, object);
}

static void json_view(struct report *report, const struct rollout_view *view)
{
	json *phase = event("phase");
	size_t i;

	json_add_text(phase, "phase", rollout_phase_name(view->phase));
	add_or_null(phase, "rollout", view->id);
	say(report, "phase", phase);
	if (view->review)
		say_review(report, view->review);
	for (i = 0; i < view->check_count; i++)
		say_check(report, &view->checks[i]);
	if (view->allowlist)
		say_allowlist(report, view->allowlist);
	if (view->card)
		say_card(report, view->card);
	for (i = 0; i < view->step_count; i++)
		say_step(report, view, &view->steps[i]);
	if (view->prepared)
		say_prepared(report, view->prepared);
}

static void json_result(struct report *report, const struct rollout_view *view, const struct outcome *outcome)
{
	json *object = event("result");
	const struct error *err = &outcome->error;

	json_add_bool(object, "success", outcome->success);
	add_hash(object, "compose_hash", outcome->compose_hash);
	add_or_null(object, "transaction_hash", outcome->transaction_hash);
	add_or_null(object, "device_transaction_hash", outcome->device_transaction_hash);
	add_or_null(object, "correlation_id", outcome->correlation_id);
	add_or_null(object, "vm_uuid", outcome->vm_uuid);
	add_hash(object, "app_id", outcome->app_id);
	add_or_null(object, "rollout", view ? view->id : NULL);
	if (view && view->phase == PHASE_PREPARED) /* a success that has not reached the CVM: it waits for its commit */
		add_or_null(object, "prepared", view->prepared->token);
	if (!outcome->success) {
		json_add_text(object, "error_code", err->code);
		json_add_text(object, "message", err->message);
		json_add_text(object, "next", *err->next ? err->next : status_next(err->status));
		add_or_null(object, "detail", err->detail);
		add_or_null(object, "safe", outcome->safe);
		add_or_null(object, "resume", outcome->resume);
		json_add_int(object, "exit_status", (int64_t)err->status);
	}
	say(report, NULL, object);
}

void report_init_json(struct report *report)
{
	*report = (struct report){ .view = json_view, .result = json_result, .out = stdout, .people = stderr };
}
