/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading: page 1 says how many there are; the others come PARALLEL at a time.
 * The first load fills the table that is shown; a refresh fills a second one,
 * which takes the first one's place when it is whole, so that rows do not
 * vanish and come back. A page that failed is asked for again later; what the
 * API says about waiting holds for all pages and for the polling.
 */
#include "cloud/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/cvm_table.h"
#include "wire/http.h"

enum { PAGE_SIZE = 100, PARALLEL = 6, MOST_TRIES = 4, BACK_OFF_MS = 1000, POLL_MS = 5000, POLL_CHANGING_MS = 3000, POLL_MOST = 100 };

struct fetch {
	struct workspace *workspace;
	struct api_call *call;
	size_t page; /* 0: nothing to do; set without a call: waits to be asked for again */
	unsigned tries;
};

struct workspace {
	struct loop *loop;
	struct api *api;
	workspace_fn *changed;
	void *ctx;
	bool told; /* a notice is on its way */
	struct cvm_table table, fresh;
	bool refreshing; /* pages go to `fresh` */
	struct workspace_state state;
	struct fetch fetches[PARALLEL];
	size_t next_page, pages;
	struct loop_timer wait, poll;
	struct api_call *polling, *renewing;
	size_t watch_first, watch_count;
	char **followed;
	size_t followed_count, followed_cap;
	char selected[48];
	size_t selected_row;
};

static void fetch_more(struct workspace *workspace);
static void plan_poll(struct workspace *workspace, int64_t after_ms);

static void tell_now(void *ctx)
{
	struct workspace *workspace = ctx;

	workspace->told = false;
	if (workspace->changed)
		workspace->changed(workspace->ctx);
}

static void tell(struct workspace *workspace)
{
	if (workspace->told)
		return;
	workspace->told = true;
	loop_defer(workspace->loop, tell_now, workspace);
}

/* ---- loading ---- */

static void end_load(struct workspace *workspace)
{
	size_t i;

	for (i = 0; i < PARALLEL; i++) {
		api_cancel(workspace->fetches[i].call);
		workspace->fetches[i] = (struct fetch){ .workspace = workspace };
	}
	if (workspace->refreshing && workspace->state.error.status != STATUS_OK)
		cvm_table_reset(&workspace->fresh);
	workspace->refreshing = false;
	workspace->state.loading = false;
	workspace->state.waits_until_ms = 0;
	loop_timer_cancel(&workspace->wait);
	tell(workspace);
}

static void finish_load(struct workspace *workspace)
{
	if (workspace->refreshing) {
		struct cvm_table old = workspace->table;

		workspace->table = workspace->fresh;
		workspace->fresh = old;
		cvm_table_reset(&workspace->fresh);
		cvm_table_sort(&workspace->table, old.column, old.descending);
		cvm_table_filter(&workspace->table, workspace->fresh.filter);
	}
	workspace->state.loaded_ms = clock_wall_ms();
	error_clear(&workspace->state.error);
	error_clear(&workspace->state.load_error);
	workspace->state.missing = 0;
	end_load(workspace);
	plan_poll(workspace, 0);
}

static void on_wait_over(void *ctx)
{
	struct workspace *workspace = ctx;

	workspace->state.waits_until_ms = 0;
	fetch_more(workspace);
	tell(workspace);
}

/* Nothing is asked for until the time is over; what is under way may come. */
static void wait_a_little(struct workspace *workspace, int64_t ms)
{
	workspace->state.waits_until_ms = clock_wall_ms() + ms;
	loop_timer_set(workspace->loop, &workspace->wait, ms, on_wait_over, workspace);
}

static void fetch_failed(struct fetch *fetch, const struct api_reply *reply)
{
	struct workspace *workspace = fetch->workspace;
	bool passing = reply->status == 429 || reply->status >= 500 || (reply->status == 0 && http_may_pass(&reply->error));

	if (reply->status == 429 && fetch->tries > 1)
		fetch->tries--; /* obeying the API's own limit is no failure */
	workspace->state.error = reply->error;
	if (!passing || fetch->tries >= MOST_TRIES) {
		workspace->state.load_error = reply->error;
		workspace->state.missing = !workspace->refreshing && workspace->state.total > workspace->table.count ? workspace->state.total - workspace->table.count : 0;
		end_load(workspace);
		return;
	}
	wait_a_little(workspace, reply->retry_after_ms >= 0 ? reply->retry_after_ms : (int64_t)BACK_OFF_MS << (fetch->tries - 1));
	tell(workspace);
}

static void take_size(struct workspace *workspace, const struct api_page *page)
{
	struct cvm_table *table = workspace->refreshing ? &workspace->fresh : &workspace->table;
	size_t most = LIMIT_CVMS / PAGE_SIZE;

	workspace->state.total = page->total;
	workspace->pages = page->pages ? page->pages : (page->total + PAGE_SIZE - 1) / PAGE_SIZE;
	workspace->state.capped = workspace->pages > most;
	if (workspace->state.capped)
		workspace->pages = most;
	cvm_table_reserve(table, page->total > LIMIT_CVMS ? LIMIT_CVMS : page->total);
}

static void on_page(void *ctx, const struct api_reply *reply, const struct api_page *page)
{
	struct fetch *fetch = ctx;
	struct workspace *workspace = fetch->workspace;
	struct cvm_table *table = workspace->refreshing ? &workspace->fresh : &workspace->table;

	fetch->call = NULL;
	if (!page) {
		fetch_failed(fetch, reply);
		return;
	}
	if (fetch->page == 1)
		take_size(workspace, page);
	if (page->count)
		cvm_table_add(table, page->cvms, page->count);
	workspace->state.loaded = table->count;
	error_clear(&workspace->state.error);
	fetch->page = 0;
	fetch->tries = 0;
	fetch_more(workspace);
	tell(workspace);
}

static void fetch_more(struct workspace *workspace)
{
	size_t i, busy = 0;

	if (!workspace->state.loading)
		return;
	for (i = 0; i < PARALLEL; i++) {
		struct fetch *fetch = &workspace->fetches[i];

		if (!fetch->page && workspace->next_page <= workspace->pages)
			fetch->page = workspace->next_page++;
		busy += fetch->page != 0;
		if (fetch->call || !fetch->page || workspace->state.waits_until_ms)
			continue;
		fetch->tries++;
		fetch->call = api_get_page(workspace->api, fetch->page, PAGE_SIZE, on_page, fetch);
	}
	if (!busy)
		finish_load(workspace);
}

void workspace_refresh(struct workspace *workspace)
{
	if (workspace->state.loading)
		return;
	workspace->refreshing = workspace->table.count > 0;
	workspace->state.loading = true;
	workspace->next_page = 1;
	workspace->pages = 1; /* until page 1 has said more */
	fetch_more(workspace);
	tell(workspace);
}

/* ---- one anew ---- */

/* What only the list tells stays; what passes by, such as an operation under way, does not. */
static void on_renewed(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct workspace *workspace = ctx;
	const struct cvm *old = detail ? cvm_table_find(&workspace->table, cvm_table_identity(&detail->cvm)) : NULL;
	struct cvm fresh;

	workspace->renewing = NULL;
	if (reply->error.status != STATUS_OK || !old)
		return;
	fresh = detail->cvm;
	cvm_merge(&fresh, old);
	memcpy(fresh.operation, detail->cvm.operation, sizeof(fresh.operation));
	memcpy(fresh.boot_error, detail->cvm.boot_error, sizeof(fresh.boot_error));
	memcpy(fresh.boot_progress, detail->cvm.boot_progress, sizeof(fresh.boot_progress));
	cvm_table_add(&workspace->table, &fresh, 1);
	tell(workspace);
}

void workspace_renew(struct workspace *workspace, const struct cvm *cvm)
{
	char ref[CVM_REF_SIZE];

	api_cancel(workspace->renewing);
	workspace->renewing = api_get_cvm(workspace->api, cvm_ref(ref, cvm), NULL, on_renewed, workspace);
}

struct workspace *workspace_new(struct loop *loop, struct api *api, workspace_fn *changed, void *ctx)
{
	struct workspace *workspace = mem_new(1, sizeof(*workspace));
	size_t i;

	workspace->loop = loop;
	workspace->api = api;
	workspace->changed = changed;
	workspace->ctx = ctx;
	cvm_table_init(&workspace->table);
	cvm_table_init(&workspace->fresh);
	for (i = 0; i < PARALLEL; i++)
		workspace->fetches[i].workspace = workspace;
	workspace_refresh(workspace);
	return workspace;
}

void workspace_free(struct workspace *workspace)
{
	size_t i;

	if (!workspace)
		return;
	end_load(workspace);
	api_cancel(workspace->polling);
	api_cancel(workspace->renewing);
	loop_timer_cancel(&workspace->poll);
	loop_undefer(workspace->loop, workspace);
	cvm_table_clear(&workspace->table);
	cvm_table_clear(&workspace->fresh);
	for (i = 0; i < workspace->followed_count; i++)
		free(workspace->followed[i]);
	free(workspace->followed);
	free(workspace);
}

void workspace_on_change(struct workspace *workspace, workspace_fn *changed, void *ctx)
{
	workspace->changed = changed;
	workspace->ctx = ctx;
}

const struct workspace_state *workspace_state(const struct workspace *workspace)
{
	return &workspace->state;
}

/* ---- rows ---- */

size_t workspace_rows(const struct workspace *workspace)
{
	return workspace->table.row_count;
}

const struct cvm *workspace_row(const struct workspace *workspace, size_t row)
{
	return row < workspace->table.row_count ? &workspace->table.cvms[workspace->table.rows[row]] : NULL;
}

size_t workspace_count(const struct workspace *workspace)
{
	return workspace->table.count;
}

void workspace_filter(struct workspace *workspace, const char *text)
{
	cvm_table_filter(&workspace->table, text);
	tell(workspace);
}

const char *workspace_filter_text(const struct workspace *workspace)
{
	return workspace->table.filter;
}

void workspace_sort(struct workspace *workspace, enum workspace_column column, bool descending)
{
	cvm_table_sort(&workspace->table, column, descending);
	tell(workspace);
}

enum workspace_column workspace_sort_column(const struct workspace *workspace)
{
	return workspace->table.column;
}

bool workspace_sort_descending(const struct workspace *workspace)
{
	return workspace->table.descending;
}

void workspace_select(struct workspace *workspace, size_t row)
{
	const struct cvm *cvm = workspace_row(workspace, row);

	workspace->selected_row = row;
	if (cvm)
		text_copy(workspace->selected, sizeof(workspace->selected), cvm_table_identity(cvm));
}

size_t workspace_selected(const struct workspace *workspace)
{
	const struct cvm_table *table = &workspace->table;
	const struct cvm *cvm = workspace->selected[0] ? cvm_table_find(table, workspace->selected) : NULL;
	size_t row;

	for (row = 0; cvm && row < table->row_count; row++)
		if (&table->cvms[table->rows[row]] == cvm)
			return row;
	row = workspace->selected_row;
	return row < table->row_count ? row : table->row_count ? table->row_count - 1 : 0;
}

/* ---- finding ---- */

static bool same_uuid(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-')
			a++;
		while (*b == '-')
			b++;
		if (!*a || (*a | 32) != (*b | 32))
			return *a == *b && *a == '\0';
	}
}

static bool is_meant(const struct cvm *cvm, const char *text)
{
	const char *hex = text_starts(text, "app_") ? text + 4 : text_starts(text, "0x") ? text + 2 : text_starts(text, "instance_") ? text + 9 : text;

	return text_equal(cvm->name, text) || text_equal(cvm->id, text) || (cvm->vm_uuid[0] && same_uuid(cvm->vm_uuid, text)) ||
		(cvm->app_id[0] && text_equal_nocase(cvm->app_id, hex)) || (cvm->instance_id[0] && text_equal_nocase(cvm->instance_id, hex));
}

enum workspace_match workspace_find(const struct workspace *workspace, const char *text, const struct cvm **out, size_t max, size_t *count)
{
	size_t i;

	*count = 0;
	for (i = 0; i < workspace->table.count; i++) {
		const struct cvm *cvm = &workspace->table.cvms[workspace->table.order[i].slot];

		if (!is_meant(cvm, text))
			continue;
		if (*count < max)
			out[*count] = cvm;
		++*count;
	}
	return *count == 0 ? WORKSPACE_NONE : *count == 1 ? WORKSPACE_ONE : WORKSPACE_SEVERAL;
}

/* ---- live status ---- */

/* Takes one status over; returns whether anything shown changed. */
static bool apply(struct workspace *workspace, const char *identity, const json *status)
{
	struct cvm *cvm = cvm_table_find(&workspace->table, identity);

	if (!cvm || !cvm_update_status(cvm, status))
		return false;
	cvm_table_touch(&workspace->table, cvm);
	return true;
}

static void after_apply(struct workspace *workspace)
{
	if (workspace->table.column == WORKSPACE_STATUS)
		cvm_table_sort(&workspace->table, workspace->table.column, workspace->table.descending);
	else
		cvm_table_rebuild(&workspace->table);
	tell(workspace);
}

static size_t collect(const struct workspace *workspace, const char *uuids[POLL_MOST], bool *changing)
{
	size_t count = 0, i;

	*changing = workspace->followed_count > 0;
	for (i = 0; i < workspace->followed_count && count < POLL_MOST; i++)
		uuids[count++] = workspace->followed[i];
	for (i = 0; i < workspace->watch_count && count < POLL_MOST; i++) {
		const struct cvm *cvm = workspace_row(workspace, workspace->watch_first + i);

		if (!cvm || !cvm->vm_uuid[0])
			continue;
		*changing = *changing || cvm->state == CVM_STATE_CHANGING || cvm->in_progress;
		uuids[count++] = cvm->vm_uuid;
	}
	return count;
}

static void on_statuses(void *ctx, const struct api_reply *reply, const json *answer)
{
	struct workspace *workspace = ctx;
	const json *status;
	const char *uuids[POLL_MOST];
	bool any = false, changing;

	workspace->polling = NULL;
	for (status = json_first(answer); status; status = json_next(status))
		any |= apply(workspace, json_name(status), status);
	if (any)
		after_apply(workspace);
	if (reply->error.status != workspace->state.error.status && !workspace->state.loading) {
		workspace->state.error = reply->error;
		tell(workspace);
	}
	collect(workspace, uuids, &changing);
	plan_poll(workspace, reply->retry_after_ms > POLL_MS ? reply->retry_after_ms : changing ? POLL_CHANGING_MS : POLL_MS);
}

static void poll_now(void *ctx)
{
	struct workspace *workspace = ctx;
	const char *uuids[POLL_MOST];
	bool changing;
	size_t count = collect(workspace, uuids, &changing);

	if (count && !workspace->polling)
		workspace->polling = api_get_statuses(workspace->api, uuids, count, on_statuses, workspace);
}

/* Only while somebody looks: without rows on screen nothing wakes up. */
static void plan_poll(struct workspace *workspace, int64_t after_ms)
{
	if (workspace->polling || (!workspace->watch_count && !workspace->followed_count))
		return;
	loop_timer_set(workspace->loop, &workspace->poll, after_ms, poll_now, workspace);
}

void workspace_watch(struct workspace *workspace, size_t first, size_t count)
{
	bool other = first != workspace->watch_first || count > workspace->watch_count;

	workspace->watch_first = first;
	workspace->watch_count = count;
	/* Rows scrolled to are asked about soon, but not one by one while scrolling. */
	if (other || !loop_timer_is_set(&workspace->poll))
		plan_poll(workspace, other ? 150 : POLL_MS);
}

void workspace_follow(struct workspace *workspace, const char *vm_uuid, bool on)
{
	size_t i;

	for (i = 0; i < workspace->followed_count && strcmp(workspace->followed[i], vm_uuid) != 0; i++)
		;
	if (on && i == workspace->followed_count) {
		workspace->followed = mem_grow(workspace->followed, i, &workspace->followed_cap, sizeof(char *));
		workspace->followed[workspace->followed_count++] = mem_strdup(vm_uuid);
		plan_poll(workspace, 0);
	} else if (!on && i < workspace->followed_count) {
		free(workspace->followed[i]);
		workspace->followed[i] = workspace->followed[--workspace->followed_count];
	}
}
