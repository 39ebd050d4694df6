/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current compose in $EDITOR. From the list it is read first, by a rollout
 * that changes nothing; what the editor leaves behind begins the real review.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/edit.h"
#include "ui/flow.h"
#include "ui/request.h"
#include "ui/term.h"

enum { EDITOR_NOT_FOUND = 127 }; /* as the shell says it */

struct edit {
	struct ui *ui;
	char path[256];
	char ref[CVM_REF_SIZE];
	char *before;
	size_t before_len;
};

static void edit_free(struct edit *edit)
{
	unlink(edit->path);
	free(edit->before);
	free(edit);
}

static const char *editor_name(void)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	return visual && *visual ? visual : editor && *editor ? editor : "vi";
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static bool write_draft(struct edit *edit, struct error *err)
{
	const char *folder = getenv("TMPDIR");
	int fd;
	bool good;

	snprintf(edit->path, sizeof(edit->path), "%s/docker-compose-XXXXXX.yml", folder && *folder ? folder : "/tmp");
	fd = mkostemps(edit->path, 4, O_CLOEXEC);
	good = fd >= 0 && write_all(fd, edit->before, edit->before_len);
	if (fd >= 0)
		close(fd);
	if (!good)
		error_set(err, STATUS_INPUT, "draft-unwritable", "the draft %s could not be written: %s", edit->path, strerror(errno));
	return good;
}

/* The list's e reads the CVM only to edit it: without a change nothing is left to look at. */
static void leave_empty_review(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	if (!view || view->phase != PHASE_REVIEW || !view->review || !view->review->nothing_changes)
		return;
	ui_back_to(ui, CTX_WORKSPACE);
	flow_end(ui);
}

static void say_failed(const struct edit *edit, int code)
{
	if (code == EDITOR_NOT_FOUND)
		ui_say(edit->ui, ROLE_WARN, "the editor “%s” was not found; EDITOR or VISUAL names another", editor_name());
	else
		ui_say(edit->ui, ROLE_WARN, "the editor ended with an error (%d); nothing was changed", code);
}

static bool is_unchanged(const struct edit *edit, const struct rollout_request *request)
{
	return request->compose_len == edit->before_len && memcmp(request->compose_text, edit->before, edit->before_len) == 0;
}

static void take_back(struct edit *edit, int code)
{
	struct rollout_request *request = NULL;
	struct error err = { 0 };

	if (code == 0)
		request = request_from_file(edit->ref, edit->path, &err);
	if (request && !is_unchanged(edit, request)) {
		free(request->compose_path);
		request->compose_path = mem_strdup("(edited here)");
		flow_start(edit->ui, request);
		return;
	}
	leave_empty_review(edit->ui);
	if (code != 0)
		say_failed(edit, code);
	else if (request)
		ui_say(edit->ui, ROLE_DIM, "nothing was changed");
	else
		ui_say_error(edit->ui, &err);
	if (request)
		request_free(request);
}

static void editor_ended(void *ctx, int code)
{
	struct edit *edit = ctx;

	take_back(edit, code);
	edit_free(edit);
}

static void open_editor(struct ui *ui, const struct rollout_view *view)
{
	const struct review *review = view->review;
	struct edit *edit = mem_new(1, sizeof(*edit));
	struct error err = { 0 };

	edit->ui = ui;
	cvm_ref(edit->ref, &view->cvm);
	edit->before = mem_copy(review->new_compose ? review->new_compose : review->old_compose, review->new_compose ? review->new_compose_len : review->old_compose_len);
	edit->before_len = review->new_compose ? review->new_compose_len : review->old_compose_len;
	if (write_draft(edit, &err) && term_run(editor_name(), edit->path, editor_ended, edit, &err))
		return;
	ui_say_error(ui, &err);
	edit_free(edit);
}

void edit_when_ready(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	if (!ui->edit_wanted || !view)
		return;
	if (view->phase == PHASE_REVIEW && view->review) {
		ui->edit_wanted = false;
		open_editor(ui, view);
	} else if (view->phase != PHASE_READING) {
		ui->edit_wanted = false;
	}
}

const char *why_no_edit(struct ui *ui)
{
	if (flow_is_under_way(ui))
		return "a rollout is under way; r shows it";
	/* The draft is the compose alone: what else the command line brought would be lost on the way back. */
	if (ui_context(ui) == CTX_REVIEW && ui->more_than_compose)
		return "this update brings more than a compose file: change the file itself and start again";
	return ui_context(ui) == CTX_WORKSPACE ? why_workspace_no_cvm(ui) : why_review_not_ready(ui);
}

void do_edit_compose(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);
	char ref[CVM_REF_SIZE];

	(void)argument;
	(void)param;
	ui->edit_wanted = true;
	if (ui_context(ui) == CTX_REVIEW)
		edit_when_ready(ui);
	else
		flow_start(ui, request_new(cvm_ref(ref, workspace_row(workspace, workspace_selected(workspace))), NULL, 0));
}
