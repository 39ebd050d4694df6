/* SPDX-License-Identifier: Apache-2.0 */
/* The list: the journal's rows come from the worker, the revisions page by page; both are merged by time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/history.h"

enum { HISTORY_MAX = 500 };

/* Belongs to the worker until rows_read; outlives the list if that goes meanwhile. */
struct rows {
	struct history_list *list; /* NULL: it went */
	struct journal *journal;
	char uuid[64];
	struct journal_rollout *rollouts;
	size_t count;
	bool good;
	struct error err;
};

struct history_list {
	struct ui *ui;
	void (*changed)(void *ctx);
	void *ctx;
	struct cvm cvm;
	bool has_cvm;
	struct history_item *items;
	size_t count, cap;
	struct rows *rows;      /* while they are read */
	struct api_call *call;  /* likewise */
	size_t revisions;
	struct error errors[2]; /* by source */
};

static int newer_first(const void *a, const void *b)
{
	const struct history_item *x = a, *y = b;

	/* Phala tells whole seconds. Within one, its revision stands above the rollout from here that made it. */
	if (x->at_ms / 1000 != y->at_ms / 1000)
		return x->at_ms > y->at_ms ? -1 : 1;
	if (x->source != y->source)
		return x->source == HISTORY_HERE ? 1 : -1;
	return (y->at_ms > x->at_ms) - (y->at_ms < x->at_ms);
}

static struct history_item *add_item(struct history_list *list, enum history_source source, int64_t at_ms, const char *id, const char *what)
{
	struct history_item *item;

	list->items = mem_grow(list->items, list->count, &list->cap, sizeof(*list->items));
	item = &list->items[list->count++];
	*item = (struct history_item){ .source = source, .at_ms = at_ms };
	text_copy(item->id, sizeof(item->id), id);
	text_safe_copy(item->what, sizeof(item->what), what, strlen(what));
	return item;
}

static void take_hash(struct history_item *item, const char *hash)
{
	const char *digits = text_bare_hex(hash);

	snprintf(item->hash, sizeof(item->hash), "%s%.64s", *digits ? "0x" : "", digits);
}

static void updated(struct history_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), newer_first);
	list->changed(list->ctx);
}

/* ---- the journal ---- */

static void take_rollout(struct history_list *list, const struct journal_rollout *rollout)
{
	struct history_item *item = add_item(list, HISTORY_HERE, rollout->began_ms, rollout->id, rollout->kind);

	take_hash(item, rollout->new_hash);
	text_copy(item->ref, sizeof(item->ref), rollout->cvm_uuid);
	text_safe_copy(item->name, sizeof(item->name), rollout->cvm_name, strlen(rollout->cvm_name));
	item->open = !rollout->outcome[0];
	journal_end_words(rollout, item->end, sizeof(item->end));
}

static void read_rows(void *ctx)
{
	struct rows *rows = ctx;

	rows->good = journal_list(rows->journal, rows->uuid[0] ? rows->uuid : NULL, false, HISTORY_MAX, &rows->rollouts, &rows->count, &rows->err);
}

static void rows_read(void *ctx)
{
	struct rows *rows = ctx;
	struct history_list *list = rows->list;
	size_t i;

	if (list) {
		list->rows = NULL;
		if (!rows->good)
			list->errors[HISTORY_HERE] = rows->err;
		for (i = 0; rows->good && i < rows->count; i++)
			take_rollout(list, &rows->rollouts[i]);
		updated(list);
	}
	if (rows->good)
		free(rows->rollouts);
	free(rows);
}

static void ask_journal(struct history_list *list)
{
	struct journal *journal = session_journal(list->ui->session, &list->errors[HISTORY_HERE]);
	struct rows *rows;

	if (!journal)
		return;
	rows = mem_new(1, sizeof(*rows));
	rows->list = list;
	rows->journal = journal;
	if (list->has_cvm)
		text_copy(rows->uuid, sizeof(rows->uuid), list->cvm.vm_uuid);
	list->rows = rows;
	loop_work(list->ui->loop, read_rows, rows_read, rows);
}

/* ---- the revisions ---- */

static void take_revision(struct history_list *list, const struct api_revision *revision)
{
	struct history_item *item;
	char ref[CVM_REF_SIZE];

	/* An app may have several instances, each with revisions of its own. */
	if (list->cvm.vm_uuid[0] && revision->vm_uuid[0] && !text_equal_nocase(revision->vm_uuid, list->cvm.vm_uuid))
		return;
	item = add_item(list, HISTORY_PHALA, revision->created_ms, revision->id, revision->operation);
	take_hash(item, revision->compose_hash);
	text_copy(item->ref, sizeof(item->ref), cvm_ref(ref, &list->cvm));
	text_copy(item->name, sizeof(item->name), list->cvm.name);
	if (revision->by[0])
		snprintf(item->end, sizeof(item->end), "by %s", revision->by);
}

static void ask_revisions(struct history_list *list, size_t page);

static void got_revisions(void *ctx, const struct api_reply *reply, const struct api_revisions *answer)
{
	struct history_list *list = ctx;
	size_t i;

	list->call = NULL;
	if (reply->error.status != STATUS_OK || !answer) {
		list->errors[HISTORY_PHALA] = reply->error;
		updated(list);
		return;
	}
	for (i = 0; i < answer->count; i++)
		take_revision(list, &answer->items[i]);
	list->revisions += answer->count;
	if (answer->count && answer->page < answer->pages && list->revisions < HISTORY_MAX)
		ask_revisions(list, answer->page + 1);
	updated(list);
}

static void ask_revisions(struct history_list *list, size_t page)
{
	struct api *api = session_api(list->ui->session);

	if (api)
		list->call = api_get_revisions(api, list->cvm.app_id, page, got_revisions, list);
}

/* ---- the list ---- */

struct history_list *history_list_new(struct ui *ui, const struct cvm *cvm, void (*changed)(void *ctx), void *ctx)
{
	struct history_list *list = mem_new(1, sizeof(*list));

	list->ui = ui;
	list->changed = changed;
	list->ctx = ctx;
	list->has_cvm = cvm != NULL;
	if (cvm)
		list->cvm = *cvm;
	ask_journal(list);
	if (cvm && cvm->app_id[0])
		ask_revisions(list, 1);
	return list;
}

void history_list_free(struct history_list *list)
{
	if (!list)
		return;
	if (list->rows)
		list->rows->list = NULL;
	if (list->call)
		api_cancel(list->call);
	free(list->items);
	free(list);
}

const struct history_item *history_items(const struct history_list *list, size_t *count)
{
	*count = list->count;
	return list->items;
}

bool history_is_reading(const struct history_list *list)
{
	return list->rows || list->call;
}

const struct error *history_error(const struct history_list *list, enum history_source source)
{
	return list->errors[source].status != STATUS_OK ? &list->errors[source] : NULL;
}
