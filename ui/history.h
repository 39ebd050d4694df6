/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened to a CVM before: this console's journal and the backend's
 * revisions as one list, and the compose text behind an entry of either kind.
 * Both are read asynchronously on the loop; the journal on the worker.
 */
#ifndef CVMDECK_UI_HISTORY_H
#define CVMDECK_UI_HISTORY_H

#include "cloud/api.h"
#include "rollout/journal.h"
#include "ui/ui.h"

enum history_source { HISTORY_HERE, HISTORY_PHALA };

/* One entry. Texts of HISTORY_PHALA are as the API's client gives them: safe to show. */
struct history_item {
	enum history_source source;
	int64_t at_ms;
	char id[64];             /* of the rollout in the journal, or of the revision */
	char ref[64], name[128]; /* of its CVM */
	char what[40];           /* update, commit, allow, …; compose_update, … */
	char hash[67];           /* the new compose hash with 0x; "" when there is none */
	char end[80];            /* how it ended, or who did it */
	bool open;               /* in the journal: can be gone on with */
};

struct history_list;

/*
 * Reads both for cvm, or the journal alone, of every CVM, when it is NULL.
 * changed is called on the loop whenever something came in.
 */
struct history_list *history_list_new(struct ui *ui, const struct cvm *cvm, void (*changed)(void *ctx), void *ctx);
void history_list_free(struct history_list *list);

/* The newest first; borrowed until the next turn of the loop. */
const struct history_item *history_items(const struct history_list *list, size_t *count);
bool history_is_reading(const struct history_list *list);
/* Why one of the two could not be read; NULL when it could. */
const struct error *history_error(const struct history_list *list, enum history_source source);

/* The texts behind an entry. */
struct history_text {
	char *compose, *script; /* a NUL behind each; script may be NULL */
	char *document;         /* app-compose.json whole, as far as it is known */
	size_t compose_len, script_len, document_len;
	enum mark mark;         /* the document gives the entry's hash: good; unknown when no known form does */
	char note[96];
};
void history_text_clear(struct history_text *text);

struct history_read;
/* text: taken over by the callee, or NULL with the reason. */
typedef void history_text_fn(void *ctx, struct history_text *text, const struct error *err);
typedef void history_entries_fn(void *ctx, const char *text, const struct error *err);

/* Reads the texts behind an entry; item is copied. */
struct history_read *history_read_text(struct ui *ui, const struct history_item *item, const char *app_id, history_text_fn *fn, void *ctx);
/* Reads what the journal has of a rollout, as lines. */
struct history_read *history_read_entries(struct ui *ui, const char *id, history_entries_fn *fn, void *ctx);
/* No call back after this; not needed once there was one. */
void history_read_cancel(struct history_read *read);

#endif
