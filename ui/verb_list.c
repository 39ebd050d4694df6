/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvmdeck list: all CVMs, or those that the options leave. Which ones is
 * decided before their live status is asked for, where the status is not what
 * decides.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/verb_print.h"
#include "ui/verb_status.h"
#include "ui/verb_table.h"
#include "ui/verbs.h"

struct list {
	const struct verb_list_options *options;
	struct cvm *rows;
	size_t count;
};

static void stop_when_loaded(void *ctx)
{
	struct session *session = ctx;

	if (!workspace_state(session_workspace(session))->loading)
		loop_stop(session_loop(session));
}

static void add_row(struct verb_table *table, const struct cvm *cvm)
{
	char app[TEXT_SHORT_SIZE], hash[TEXT_SHORT_SIZE], uptime[TEXT_SHORT_SIZE], full[48];

	snprintf(full, sizeof(full), "%s%s", *cvm->app_id ? "0x" : "", cvm->app_id);
	verb_table_add(table, cvm->name);
	verb_table_add(table, cvm->status);
	verb_table_add(table, text_short_hex(app, full));
	verb_table_add(table, cvm->node_name);
	verb_table_add(table, cvm->kms_type);
	verb_table_add(table, text_short_hex(hash, cvm->compose_hash));
	verb_table_add(table, cvm->uptime_s >= 0 ? text_duration(uptime, cvm->uptime_s * 1000) : cvm->uptime);
}

/* ---- which ones ---- */

static bool is_wanted(const char *value, const char *wish)
{
	return !wish || text_equal_nocase(value, wish);
}

static bool has_status(const struct cvm *cvm, const struct verb_list_options *options)
{
	size_t i;

	for (i = 0; i < options->status_count; i++)
		if (text_equal_nocase(cvm->status, options->statuses[i]))
			return true;
	return !options->status_count;
}

static void take_rows(struct list *list, const struct workspace *workspace)
{
	const struct verb_list_options *options = list->options;
	size_t i, rows = workspace_rows(workspace);

	list->rows = mem_new(rows + 1, sizeof(*list->rows));
	for (i = 0; i < rows; i++) {
		const struct cvm *cvm = workspace_row(workspace, i);

		if (is_wanted(cvm->kms_type, options->kms_type) && is_wanted(cvm->node_name, options->node) && is_wanted(cvm->node_region, options->region))
			list->rows[list->count++] = *cvm;
	}
}

static void keep_statuses(struct list *list)
{
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (has_status(&list->rows[i], list->options))
			list->rows[kept++] = list->rows[i];
	list->count = kept;
}

static void keep_page(struct list *list)
{
	size_t size = (size_t)list->options->page_size, from = ((size_t)list->options->page - 1) * size, i;

	if (!size)
		return;
	for (i = 0; i < size && from + i < list->count; i++)
		list->rows[i] = list->rows[from + i];
	list->count = i;
}

static void print_table(const struct list *list, size_t in_workspace)
{
	static const char *const heads[] = { "NAME", "STATUS", "APP ID", "NODE", "KMS", "COMPOSE", "UPTIME", NULL };
	struct verb_table table = { .heads = heads };
	size_t i;

	for (i = 0; i < list->count; i++)
		add_row(&table, &list->rows[i]);
	if (list->count)
		verb_table_print(&table);
	else
		puts(in_workspace ? "no CVM is like that" : "no CVMs in this workspace");
}

static void print(const struct list *list, size_t in_workspace)
{
	size_t i;

	if (!list->options->json)
		print_table(list, in_workspace);
	for (i = 0; list->options->json && i < list->count; i++)
		verb_print_json(verb_cvm_json(&list->rows[i]));
}

bool verb_list(struct session *session, const struct verb_list_options *options, struct error *err)
{
	struct workspace *workspace = session_workspace(session);
	struct list list = { .options = options };
	size_t in_workspace;

	workspace_on_change(workspace, stop_when_loaded, session);
	if (workspace_state(workspace)->loading)
		loop_run(session_loop(session));
	if (workspace_state(workspace)->error.status != STATUS_OK) {
		*err = workspace_state(workspace)->error;
		return false;
	}
	workspace_on_change(workspace, NULL, NULL);
	in_workspace = workspace_rows(workspace);
	workspace_filter(workspace, options->search ? options->search : "");
	take_rows(&list, workspace);
	if (!options->status_count)
		keep_page(&list);
	verb_read_statuses(session, list.rows, list.count);
	if (options->status_count) {
		keep_statuses(&list);
		keep_page(&list);
	}
	print(&list, in_workspace);
	free(list.rows);
	return true;
}
