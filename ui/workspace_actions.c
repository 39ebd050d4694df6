/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done from the list of CVMs. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/request.h"
#include "ui/term.h"
#include "ui/workspace_columns.h"

static const struct cvm *chosen(struct ui *ui)
{
	struct workspace *workspace = session_workspace(ui->session);

	return workspace ? workspace_row(workspace, workspace_selected(workspace)) : NULL;
}

const char *why_workspace_no_cvm(struct ui *ui)
{
	return chosen(ui) ? NULL : "there is no CVM under the cursor";
}

const char *why_workspace_empty(struct ui *ui)
{
	struct workspace *workspace = session_workspace(ui->session);

	return workspace && workspace_count(workspace) ? NULL : "there is no list yet";
}

const char *why_logs_no_cvm(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	if (ui_context(ui) == CTX_WORKSPACE)
		return why_workspace_no_cvm(ui);
	return view && view->cvm.vm_uuid[0] ? NULL : "the CVM is not known yet";
}

/* ---- filter and order ---- */

static void filter_changed(struct ui *ui, void *ctx, const char *text)
{
	(void)ctx;
	workspace_filter(session_workspace(ui->session), text);
}

static void filter_done(struct ui *ui, void *ctx, const char *text)
{
	(void)ctx;
	workspace_filter(session_workspace(ui->session), text ? text : "");
}

void do_workspace_filter(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);
	struct prompt_options options = { .label = "/", .changed = filter_changed, .done = filter_done };

	(void)param;
	if (!workspace)
		return;
	if (argument) {
		workspace_filter(workspace, argument);
		return;
	}
	options.initial = workspace_filter_text(workspace);
	prompt_open(ui, &options);
}

/* ":sort uptime" */
static void sort_by_name(struct ui *ui, struct workspace *workspace, const char *name)
{
	enum workspace_column column;
	struct buf names = BUF_INIT;

	if (workspace_column_by_name(name, &column)) {
		workspace_sort(workspace, column, false);
		return;
	}
	workspace_add_column_names(&names, ", ");
	ui_say(ui, ROLE_WARN, "there is no column “%s”: %s", name, buf_text(&names));
	buf_clear(&names);
}

void do_workspace_sort(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);
	enum workspace_column column;

	if (!workspace)
		return;
	column = workspace_sort_column(workspace);
	if (argument && *argument)
		sort_by_name(ui, workspace, argument);
	else if (param < 0)
		workspace_sort(workspace, column, !workspace_sort_descending(workspace));
	else
		workspace_sort(workspace, column == WORKSPACE_UPTIME ? WORKSPACE_NAME : column + 1, false);
}

void do_workspace_refresh(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (session_workspace(ui->session))
		workspace_refresh(session_workspace(ui->session));
}

void do_workspace_copy(struct ui *ui, const char *argument, int param)
{
	const struct cvm *cvm = chosen(ui);
	char *text;

	(void)argument;
	(void)param;
	if (!cvm)
		return;
	text = mem_printf("0x%s", cvm->app_id);
	term_copy(text, strlen(text));
	ui_say(ui, ROLE_TEXT, "copied %s", text);
	free(text);
}

/* ---- an update ---- */

static void path_given(struct ui *ui, void *ctx, const char *text)
{
	struct rollout_request *request;
	struct error err = { 0 };

	(void)ctx;
	if (!text || !*text)
		return;
	request = request_from_file(ui->asked_for, text, &err);
	if (request)
		flow_start(ui, request);
	else
		ui_say_error(ui, &err);
}

void do_workspace_update(struct ui *ui, const char *argument, int param)
{
	const struct cvm *cvm = chosen(ui);
	struct prompt_options options = { .label = "compose file:", .done = path_given, .complete = prompt_complete_path };

	(void)param;
	if (!cvm)
		return;
	if (flow_is_under_way(ui)) {
		ui_say(ui, ROLE_WARN, "a rollout is under way; r shows it");
		return;
	}
	cvm_ref(ui->asked_for, cvm);
	if (argument) {
		path_given(ui, NULL, argument);
		return;
	}
	prompt_open(ui, &options);
	ui_say(ui, ROLE_DIM, "the new compose file of %s; Tab completes a path, Esc leaves", cvm->name);
}
