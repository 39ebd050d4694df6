/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/verb_print.h"
#include "ui/verbs.h"

static void stop_when_loaded(void *ctx)
{
	struct session *session = ctx;

	if (!workspace_state(session_workspace(session))->loading)
		loop_stop(session_loop(session));
}

static void print_row(const struct cvm *cvm)
{
	char app[TEXT_SHORT_SIZE], hash[TEXT_SHORT_SIZE], full[48];

	snprintf(full, sizeof(full), "%s%s", *cvm->app_id ? "0x" : "", cvm->app_id);
	verb_print_column(cvm->name, 28);
	verb_print_column(cvm->status, 12);
	verb_print_column(text_short_hex(app, full), 13);
	verb_print_column(cvm->node_name, 12);
	verb_print_column(cvm->kms_type, 9);
	verb_print_column(text_short_hex(hash, cvm->compose_hash), 11);
	printf("%s\n", cvm->uptime);
}

static void print_head(void)
{
	static const struct { const char *name; size_t width; } heads[] = { { "NAME", 28 }, { "STATUS", 12 }, { "APP ID", 13 }, { "NODE", 12 }, { "KMS", 9 }, { "COMPOSE", 11 } };
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		verb_print_column(heads[i].name, heads[i].width);
	puts("UPTIME");
}

bool verb_list(struct session *session, bool as_json, struct error *err)
{
	struct workspace *workspace = session_workspace(session);
	size_t i;

	workspace_on_change(workspace, stop_when_loaded, session);
	if (workspace_state(workspace)->loading)
		loop_run(session_loop(session));
	if (workspace_state(workspace)->error.status != STATUS_OK) {
		*err = workspace_state(workspace)->error;
		return false;
	}
	if (!as_json)
		print_head();
	for (i = 0; i < workspace_rows(workspace); i++) {
		const struct cvm *cvm = workspace_row(workspace, i);

		if (as_json)
			verb_print_json(verb_cvm_json(cvm));
		else
			print_row(cvm);
	}
	return true;
}
