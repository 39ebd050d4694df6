/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All CVMs of the workspace, as the front ends see them: records by number,
 * and an index of those that pass the filter, sorted.
 *
 * Pages of 100 come a few at a time; the first is there as soon as it
 * arrived. A refresh keeps the order of what is on screen until it is whole.
 * Live status is asked only for the rows named by workspace_watch and for the
 * one marked by workspace_follow. Everything on the loop's thread.
 */
#ifndef CVMDECK_CLOUD_WORKSPACE_H
#define CVMDECK_CLOUD_WORKSPACE_H

#include "cloud/api.h"

struct workspace;

typedef void workspace_fn(void *ctx);

/* changed runs at most once a turn. Starts to load. */
struct workspace *workspace_new(struct loop *loop, struct api *api, workspace_fn *changed, void *ctx);
void workspace_free(struct workspace *workspace);
/* Replaces who is told. */
void workspace_on_change(struct workspace *workspace, workspace_fn *changed, void *ctx);

/* Reads all pages anew; does nothing while that is under way. */
void workspace_refresh(struct workspace *workspace);

/* Reads one CVM anew and takes its record over: something was done to it. */
void workspace_renew(struct workspace *workspace, const struct cvm *cvm);

struct workspace_state {
	bool loading;
	size_t loaded, total;    /* CVMs so far and in all, as the API counts them */
	bool capped;             /* there are more than LIMIT_CVMS */
	int64_t loaded_ms;       /* wall clock of the last whole load; 0: never */
	int64_t waits_until_ms;  /* wall clock; the API asked to wait (429); 0: no */
	struct error error;      /* of the last load or poll; status STATUS_OK when fine */
	struct error load_error; /* why the last load ended before its last page; status STATUS_OK when it did not */
	size_t missing;          /* CVMs that are not here because of it */
};
const struct workspace_state *workspace_state(const struct workspace *workspace);

/* ---- rows: the filtered, sorted view ---- */

enum workspace_column {
	WORKSPACE_NAME, WORKSPACE_STATUS, WORKSPACE_APP_ID, WORKSPACE_NODE,
	WORKSPACE_KMS, WORKSPACE_COMPOSE, WORKSPACE_CHAIN, WORKSPACE_UPTIME,
};

size_t workspace_rows(const struct workspace *workspace);
/* Borrowed until the next turn of the loop; NULL past the end. */
const struct cvm *workspace_row(const struct workspace *workspace, size_t row);
/* All CVMs, before the filter. */
size_t workspace_count(const struct workspace *workspace);

/* Words, all of which must be found (no regard to case) in name, ids, node or status; "" shows all. */
void workspace_filter(struct workspace *workspace, const char *text);
const char *workspace_filter_text(const struct workspace *workspace);
void workspace_sort(struct workspace *workspace, enum workspace_column column, bool descending);
enum workspace_column workspace_sort_column(const struct workspace *workspace);
bool workspace_sort_descending(const struct workspace *workspace);

/* The selection is a CVM, not a row: it stays through refresh, sort and filter. */
void workspace_select(struct workspace *workspace, size_t row);
/* The row of the selection, or the nearest there is; 0 when there are no rows. */
size_t workspace_selected(const struct workspace *workspace);

/* ---- finding ---- */

enum workspace_match { WORKSPACE_NONE, WORKSPACE_ONE, WORKSPACE_SEVERAL };
/* By name, uuid, app id, instance id or id. Out: the first `max` that fit, borrowed. */
enum workspace_match workspace_find(const struct workspace *workspace, const char *text, const struct cvm **out, size_t max, size_t *count);

/* ---- live status ---- */

/* The rows on screen; asked about every few seconds while there are any. */
void workspace_watch(struct workspace *workspace, size_t first, size_t count);
/* Also ask about this one, wherever it is; on false no longer. */
void workspace_follow(struct workspace *workspace, const char *vm_uuid, bool on);

#endif
