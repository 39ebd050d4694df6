/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies behind one entry: of a revision the document, asked from the
 * backend; of a rollout from here the plan in the journal, or its rows. The
 * document is hashed again, so that an old text is not taken on trust either.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/document.h"
#include "rollout/plan.h"
#include "ui/history.h"

/* With `journal` it belongs to the worker until its end. */
struct history_read {
	bool cancelled;
	struct api_call *call;
	struct journal *journal;
	char id[64], hash[67];
	history_text_fn *text_fn;
	history_entries_fn *entries_fn;
	void *ctx;
	bool good;
	struct history_text text;
	struct buf lines;
	struct error err;
};

void history_text_clear(struct history_text *text)
{
	free(text->compose);
	free(text->script);
	free(text->document);
	*text = (struct history_text){ 0 };
}

static void read_free(struct history_read *read)
{
	history_text_clear(&read->text);
	buf_clear(&read->lines);
	free(read);
}

static void deliver(void *ctx)
{
	struct history_read *read = ctx;

	if (!read->cancelled && read->text_fn)
		read->text_fn(read->ctx, read->good ? &read->text : NULL, &read->err);
	else if (!read->cancelled)
		read->entries_fn(read->ctx, read->good ? buf_text(&read->lines) : NULL, &read->err);
	read_free(read);
}

/* ---- a document ---- */

static char *take_string(const struct compose_document *document, const char *name, size_t *len)
{
	const char *text = compose_document_string(document, name, len);

	return text ? mem_copy(text, *len) : NULL;
}

static bool take_document(struct history_read *read, const struct compose_document *document)
{
	struct history_text *text = &read->text;
	struct compose_calibration found;
	const char *raw;

	text->compose = take_string(document, "docker_compose_file", &text->compose_len);
	text->script = take_string(document, "pre_launch_script", &text->script_len);
	raw = compose_document_raw(document, &text->document_len);
	text->document = mem_copy(raw, text->document_len);
	if (!text->compose)
		return error_set(&read->err, STATUS_INPUT, "no-compose", "This entry has no compose file.");
	text->mark = read->hash[0] && compose_calibrate(document, read->hash, &found) ? MARK_GOOD : MARK_UNKNOWN;
	if (text->mark == MARK_GOOD)
		snprintf(text->note, sizeof(text->note), "recomputed, form “%s”", compose_form_name(found.form));
	else
		text_copy(text->note, sizeof(text->note), "no known form gives this hash");
	return true;
}

static void got_revision(void *ctx, const struct api_reply *reply, const char *bytes, size_t len)
{
	struct history_read *read = ctx;
	struct compose_document *document;

	read->call = NULL;
	read->err = reply->error;
	document = bytes ? compose_document_parse(bytes, len, true, &read->err) : NULL;
	read->good = document && take_document(read, document);
	compose_document_free(document);
	deliver(read);
}

/* ---- the journal ---- */

static bool take_plan(struct history_read *read, const struct plan *plan)
{
	struct compose_document *old, *new = NULL;
	bool good;

	if (!plan->old_text)
		return error_set(&read->err, STATUS_INPUT, "no-compose", "The journal keeps no compose file of this one (it changed only the chain, or finished an update).");
	old = plan_old_document(plan, &read->err);
	if (old)
		new = plan_new_document(plan, old, &read->err);
	good = new && take_document(read, new);
	compose_document_free(new);
	compose_document_free(old);
	return good;
}

static void load_plan(void *ctx)
{
	struct history_read *read = ctx;
	char *state = NULL, *saved = NULL;
	struct plan plan;
	json *tree;

	if (!journal_load(read->journal, read->id, &state, &saved, &read->err))
		return;
	tree = json_parse(saved, strlen(saved), &read->err);
	if (tree && plan_load(&plan, tree, &read->err)) {
		read->good = take_plan(read, &plan);
		plan_clear(&plan);
	}
	json_free(tree);
	free(state);
	free(saved);
}

static void add_entry(void *ctx, const struct journal_entry *entry)
{
	struct buf *lines = ctx;
	char time[CLOCK_TEXT_SIZE];

	buf_add_format(lines, "%s  ", clock_format(time, entry->at_ms));
	journal_describe(lines, entry);
	buf_add_byte(lines, '\n');
}

static void load_entries(void *ctx)
{
	struct history_read *read = ctx;

	read->good = journal_entries(read->journal, read->id, add_entry, &read->lines, &read->err);
}

/* ---- starting ---- */

static struct history_read *begin(const char *id, void *ctx)
{
	struct history_read *read = mem_new(1, sizeof(*read));

	text_copy(read->id, sizeof(read->id), id);
	read->ctx = ctx;
	return read;
}

static void work(struct ui *ui, struct history_read *read, loop_fn *job)
{
	read->journal = session_journal(ui->session, &read->err);
	if (read->journal)
		loop_work(ui->loop, job, deliver, read);
	else
		loop_defer(ui->loop, deliver, read);
}

struct history_read *history_read_text(struct ui *ui, const struct history_item *item, const char *app_id, history_text_fn *fn, void *ctx)
{
	struct history_read *read = begin(item->id, ctx);
	struct api *api = session_api(ui->session);

	read->text_fn = fn;
	text_copy(read->hash, sizeof(read->hash), item->hash);
	if (item->source == HISTORY_PHALA && api)
		read->call = api_get_revision(api, app_id, item->id, got_revision, read);
	else
		work(ui, read, load_plan);
	return read;
}

struct history_read *history_read_entries(struct ui *ui, const char *id, history_entries_fn *fn, void *ctx)
{
	struct history_read *read = begin(id, ctx);

	read->entries_fn = fn;
	work(ui, read, load_entries);
	return read;
}

void history_read_cancel(struct history_read *read)
{
	if (!read)
		return;
	read->cancelled = true;
	if (read->call) {
		api_cancel(read->call);
		read_free(read);
	}
}
