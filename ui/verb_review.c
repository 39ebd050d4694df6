/* SPDX-License-Identifier: Apache-2.0 */
/* diff and hash: a rollout that stops at its review, so they show what deploy would. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "compose/diff.h"
#include "compose/document.h"
#include "compose/manifest.h"
#include "compose/summary.h"
#include "rollout/plan_file.h"
#include "ui/headless.h"
#include "ui/verb_print.h"
#include "ui/verbs.h"

bool verb_diff_plain(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	(void)headless;
	(void)err;
	report_print_review(stdout, view);
	return true;
}

static void add_or_null(json *object, const char *name, const char *text)
{
	json_add_text(object, name, *text ? text : NULL);
}

static void add_note(json *notes, const struct compose_note *note)
{
	static const char *const levels[] = { "risk", "caution", "change" };
	json *object = json_append(notes, json_new_object());

	json_add_text(object, "level", levels[note->level]);
	add_or_null(object, "service", note->service);
	json_add_text(object, "text", note->text);
	json_add_bool(object, "new", note->is_new);
}

static void add_diff(json *object, const char *name, const struct compose_diff *diff)
{
	struct buf text = BUF_INIT;

	if (diff)
		compose_diff_print(&text, diff, "now", "new", 3);
	json_add_text(object, name, buf_text(&text));
	buf_clear(&text);
}

bool verb_diff_json(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	const struct review *review = view->review;
	json *object = json_new_object(), *fields = json_new_array(), *items = json_new_array(), *names = json_new_array();
	size_t i;

	(void)headless;
	(void)err;
	json_add_text(object, "event", "diff");
	add_or_null(object, "old_compose_hash", text_bare_hex(review->old_hash));
	add_or_null(object, "compose_hash", text_bare_hex(review->new_hash));
	json_add_bool(object, "verified", review->old_verified);
	add_or_null(object, "form", review->form);
	json_add_bool(object, "hash_changes", review->hash_changes);
	json_add_bool(object, "applies_at_once", review->applies_at_once);
	for (i = 0; review->summary && i < review->summary->count; i++)
		add_note(items, &review->summary->notes[i]);
	json_add(object, "summary", items);
	for (i = 0; review->manifest && i < review->manifest->count; i++)
		if (review->manifest->fields[i].kind != COMPOSE_FIELD_SAME)
			json_append(fields, json_new_text(review->manifest->fields[i].name));
	json_add(object, "fields", fields);
	for (i = 0; i < review->env_count; i++) {
		json *name = json_append(names, json_new_object());
		char change[2] = { review->env[i].change, '\0' };

		json_add_text(name, "name", review->env[i].name);
		json_add_text(name, "change", change);
	}
	json_add(object, "env", names);
	add_diff(object, "diff", review->diff);
	add_diff(object, "script_diff", review->script_diff);
	verb_print_json(object);
	return true;
}

bool verb_hash_plain(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	const struct review *review = view->review;

	(void)headless;
	(void)err;
	printf("%s  %s\n", text_bare_hex(review->new_hash), review->old_verified ? review->form : "not verified: no known form gives the hash the CVM reports");
	if (review->hash_changes)
		fprintf(stderr, "now %s\n", text_bare_hex(review->old_hash));
	return true;
}

bool verb_hash_json(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	const struct review *review = view->review;
	json *object = json_new_object();

	(void)headless;
	(void)err;
	json_add_text(object, "event", "hash");
	add_or_null(object, "compose_hash", text_bare_hex(review->new_hash));
	add_or_null(object, "form", review->form);
	json_add_bool(object, "verified", review->old_verified);
	add_or_null(object, "old_compose_hash", text_bare_hex(review->old_hash));
	json_add_text(object, "vm_uuid", view->cvm.vm_uuid);
	json_add_text(object, "app_id", view->cvm.app_id);
	verb_print_json(object);
	return true;
}

bool verb_plan(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	const char *path = headless->ctx;

	if (!rollout_write_plan(headless->rollout, path, err))
		return false;
	report_print_review(stderr, view);
	fprintf(stderr, "written to %s; cvmdeck apply %s does exactly this\n", path, path);
	return true;
}

bool verb_plan_json(struct headless *headless, const struct rollout_view *view, struct error *err)
{
	struct outcome outcome = { .success = true };
	json *object;

	if (!rollout_write_plan(headless->rollout, headless->ctx, err))
		return false;
	object = json_new_object();
	json_add_text(object, "event", "plan");
	json_add_text(object, "file", headless->ctx);
	verb_print_json(object);
	text_copy(outcome.compose_hash, sizeof(outcome.compose_hash), view->review->new_hash);
	text_copy(outcome.vm_uuid, sizeof(outcome.vm_uuid), view->cvm.vm_uuid);
	text_copy(outcome.app_id, sizeof(outcome.app_id), view->cvm.app_id);
	headless->report->result(headless->report, view, &outcome);
	return true;
}

static json *forms_json(const struct compose_hashes *hashes)
{
	json *object = json_new_object(), *forms = json_new_object();
	int form;

	json_add_text(object, "event", "hash");
	for (form = 0; form < COMPOSE_FORMS; form++)
		if (*hashes->hex[form])
			json_add_text(forms, compose_form_name((enum compose_form)form), hashes->hex[form]);
	json_add(object, "forms", forms);
	return object;
}

static void print_forms(const struct compose_hashes *hashes)
{
	int form;

	for (form = 0; form < COMPOSE_FORMS; form++)
		if (*hashes->hex[form])
			printf("%s  %s\n", hashes->hex[form], compose_form_name((enum compose_form)form));
}

bool verb_hash_file(const char *path, bool as_json, struct error *err)
{
	struct buf text;
	struct compose_hashes hashes;
	bool ok;

	buf_init(&text, 0);
	ok = file_read(path, "app-compose.json", LIMIT_CONFIG_FILE, &text, err);
	if (ok) {
		/* Else most likely the docker compose file, whose hash no contract has ever seen. */
		if (!compose_text_hashes(buf_text(&text), text.len, &hashes))
			fprintf(stderr, "cvmdeck: %s is no app-compose.json: only its bytes have a hash, and no CVM reports that one\n", path);
		if (as_json)
			verb_print_json(forms_json(&hashes));
		else
			print_forms(&hashes);
	}
	buf_clear(&text);
	return ok;
}
