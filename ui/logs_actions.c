/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys do to log lines, on the logs screen and below a rollout's timeline. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/log_panel.h"
#include "ui/prompt.h"
#include "ui/screens.h"
#include "ui/term.h"

enum { COPY_MOST = 70 * 1024 }; /* what terminals take in one OSC 52 */

/* A prompt lies over the screen it is about, so the topmost of the two is meant. */
static struct log_pane *pane_of(struct ui *ui)
{
	struct screen *screen = ui_find(ui, CTX_LOGS | CTX_ROLLOUT);

	if (!screen)
		return NULL;
	if (screen->ops->context == CTX_LOGS)
		return screen_logs_pane(screen);
	/* Keys for lines that are not on the screen would do nothing that is seen. */
	return screen_rollout_shows_logs(screen) ? screen_rollout_pane(screen) : NULL;
}

const char *why_logs_none(struct ui *ui)
{
	return pane_of(ui) ? NULL : "no logs are shown here; l opens them";
}

/* ---- opening ---- */

static const struct cvm *wanted_cvm(struct ui *ui)
{
	struct workspace *workspace = session_workspace(ui->session);
	const struct rollout_view *view = flow_view(ui);

	if (ui_context(ui) != CTX_WORKSPACE && view)
		return &view->cvm;
	return workspace ? workspace_row(workspace, workspace_selected(workspace)) : NULL;
}

void do_logs_open(struct ui *ui, const char *argument, int param)
{
	const struct cvm *cvm = wanted_cvm(ui);
	struct screen *rollout = ui_find(ui, CTX_ROLLOUT);
	struct log_pane *pane = rollout ? screen_rollout_pane(rollout) : NULL;

	(void)argument;
	(void)param;
	if (cvm)
		ui_push(ui, screen_logs_new(ui, cvm, pane && log_pane_is_of(pane, cvm) ? pane : NULL));
}

static void complete_cvm(struct ui *ui, void *ctx, const char *text, struct buf *out)
{
	struct workspace *workspace = session_workspace(ui->session);
	size_t i, count = workspace ? workspace_rows(workspace) : 0;

	(void)ctx;
	for (i = 0; i < count; i++) {
		const struct cvm *cvm = workspace_row(workspace, i);

		if (text_starts(cvm->name, text))
			buf_add_format(out, "%s\n", cvm->name);
	}
}

static void cvm_typed(struct ui *ui, void *ctx, const char *text)
{
	struct workspace *workspace = session_workspace(ui->session);
	struct log_pane *pane = pane_of(ui);
	const struct cvm *found;
	size_t count;

	(void)ctx;
	if (!text || !*text || !pane || !workspace)
		return;
	switch (workspace_find(workspace, text, &found, 1, &count)) {
	case WORKSPACE_ONE:
		if (!log_pane_add_cvm(pane, found))
			ui_say(ui, ROLE_DIM, "its logs are shown already");
		break;
	case WORKSPACE_SEVERAL:
		ui_say(ui, ROLE_WARN, "%zu CVMs are called so; give the uuid or the app id", count);
		break;
	case WORKSPACE_NONE:
		ui_say(ui, ROLE_WARN, "no CVM is called so");
		break;
	}
}

void do_logs_add_cvm(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = "logs of this CVM too:", .done = cvm_typed, .complete = complete_cvm };

	(void)param;
	if (argument)
		cvm_typed(ui, NULL, argument);
	else
		prompt_open(ui, &options);
}

/* ---- sources ---- */

void do_logs_focus_source(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	screen_logs_toggle_list(ui_find(ui, CTX_LOGS));
}

/* param 0: on or off; 1: only this one, or all again */
void do_logs_toggle_source(struct ui *ui, const char *argument, int param)
{
	struct screen *screen = ui_find(ui, CTX_LOGS);
	struct log_pane *pane = screen_logs_pane(screen);
	size_t i;

	(void)argument;
	if (!screen_logs_chosen(screen, &i)) {
		if (!param)
			log_pane_move(pane, ui, MOVE_PAGE_DOWN);
		else
			screen_logs_toggle_list(screen);
	} else if (param) {
		log_pane_only_source(pane, i);
	} else {
		log_pane_show_source(pane, i, !log_pane_source_shown(pane, i));
	}
}

/* ---- reading ---- */

void do_logs_follow(struct ui *ui, const char *argument, int param)
{
	struct log_pane *pane = pane_of(ui);

	(void)argument;
	log_pane_follow(pane, param ? true : !log_pane_follows(pane));
}

void do_logs_wrap(struct ui *ui, const char *argument, int param)
{
	struct log_pane *pane = pane_of(ui);

	(void)argument;
	(void)param;
	log_pane_wrap(pane, !log_pane_wraps(pane));
	ui_say(ui, ROLE_DIM, "%s", log_pane_wraps(pane) ? "long lines are wrapped" : "long lines scroll sideways");
}

void do_logs_timestamps(struct ui *ui, const char *argument, int param)
{
	static const char *const words[] = { "no times", "times as the server gives them (UTC)", "local times", "times as ages", "times since the line before" };
	struct log_pane *pane = pane_of(ui);
	enum log_times next = (log_pane_times(pane) + 1) % LOG_TIMES_COUNT;

	(void)argument;
	(void)param;
	log_pane_set_times(pane, next);
	ui_say(ui, ROLE_DIM, "%s", words[next]);
}

/* ---- search and filter ---- */

/* What was looked for can be filtered by, and the other way round. */
static struct prompt_history patterns;

static void search_typed(struct ui *ui, void *ctx, const char *text)
{
	struct log_pane *pane = pane_of(ui);
	struct error err = { 0 };

	if (text && pane && !log_pane_search(pane, text, ctx != NULL, &err))
		ui_say_error(ui, &err);
}

void do_logs_search(struct ui *ui, const char *argument, int param)
{
	static char backward;
	struct prompt_options options = { .label = param > 0 ? "/" : "?", .done = search_typed, .history = &patterns, .ctx = param > 0 ? NULL : &backward };

	if (argument)
		search_typed(ui, options.ctx, argument);
	else
		prompt_open(ui, &options);
}

const char *why_logs_no_search(struct ui *ui)
{
	struct log_pane *pane = pane_of(ui);

	return pane && log_pane_has_search(pane) ? NULL : "nothing was looked for; / begins a search";
}

void do_logs_match(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	log_pane_match(pane_of(ui), param < 0);
}

static void filter_typed(struct ui *ui, void *ctx, const char *text)
{
	struct log_pane *pane = pane_of(ui);
	struct error err = { 0 };

	if (text && pane && !log_pane_filter(pane, text, ctx != NULL, &err))
		ui_say_error(ui, &err);
}

void do_logs_filter(struct ui *ui, const char *argument, int param)
{
	static char exclude;
	struct prompt_options options = { .label = param > 0 ? "&" : "!", .done = filter_typed, .history = &patterns, .ctx = param > 0 ? NULL : &exclude };

	if (argument)
		filter_typed(ui, options.ctx, argument);
	else
		prompt_open(ui, &options);
}

const char *why_logs_no_filter(struct ui *ui)
{
	struct log_pane *pane = pane_of(ui);

	return pane && log_pane_has_filter(pane) ? NULL : "there is no filter; & and ! make one";
}

void do_logs_suspend(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	ui_say(ui, ROLE_DIM, log_pane_suspend_filters(pane_of(ui)) ? "filters set aside; x takes them back" : "filters are back");
}

void do_logs_level(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	ui_say(ui, ROLE_DIM, "%s", log_pane_next_level(pane_of(ui)));
}

void do_logs_errors(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	log_pane_error(pane_of(ui), param < 0);
}

/* ---- lines in hand ---- */

void do_logs_mark(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	if (!param)
		log_pane_mark(pane_of(ui));
	else if (!log_pane_next_mark(pane_of(ui)))
		ui_say(ui, ROLE_DIM, "no other line is marked; m marks one");
}

void do_logs_select(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	log_pane_select(pane_of(ui));
}

/* Whether the terminal took it cannot be known; tmux by default does not. */
static const char *copy_hint(void)
{
	return getenv("TMUX") ? "; tmux hands it on with set-clipboard on" : "";
}

void do_logs_copy(struct ui *ui, const char *argument, int param)
{
	struct log_pane *pane = pane_of(ui);
	struct buf text = BUF_INIT;
	size_t wanted = log_pane_selected(pane), count = log_pane_copy(pane, &text, COPY_MOST);

	(void)argument;
	(void)param;
	if (count)
		term_copy(buf_text(&text), text.len);
	if (wanted > count)
		ui_say(ui, ROLE_WARN, "%zu of %zu lines copied: a terminal takes no more at once; s saves them all", count, wanted);
	else
		ui_say(ui, ROLE_DIM, "%zu line%s copied%s", count, count == 1 ? "" : "s", copy_hint());
	buf_clear(&text);
}

/* The present line; in the list of sources what is known of the chosen one. */
void do_logs_whole(struct ui *ui, const char *argument, int param)
{
	struct buf title = BUF_INIT, text = BUF_INIT;
	struct screen *screen = ui_find(ui, CTX_LOGS);
	bool there;
	size_t i;

	(void)argument;
	(void)param;
	if (screen && screen_logs_chosen(screen, &i))
		there = log_panel_words(pane_of(ui), i, &title, &text);
	else
		there = log_pane_whole(pane_of(ui), &title, &text);
	if (there)
		ui_push(ui, screen_text_new(buf_text(&title), buf_text(&text)));
	buf_clear(&title);
	buf_clear(&text);
}

static void save_typed(struct ui *ui, void *ctx, const char *text)
{
	struct log_pane *pane = pane_of(ui);
	struct error err = { 0 };
	char *path;

	if (!text || !*text || !pane)
		return;
	path = file_expand(text);
	if (!log_pane_save(pane, path, ctx ? LOG_EVERYTHING : log_pane_selected(pane) ? LOG_SELECTION : LOG_SHOWN, &err))
		ui_say_error(ui, &err);
	free(path);
}

void do_logs_save(struct ui *ui, const char *argument, int param)
{
	static char everything;
	bool some = log_pane_selected(pane_of(ui)) > 0;
	struct prompt_options options = { .done = save_typed, .complete = prompt_complete_path, .ctx = param ? &everything : NULL };

	options.label = param ? "write all lines to:" : some ? "write the selected lines to:" : "write the shown lines to:";
	if (argument)
		save_typed(ui, options.ctx, argument);
	else
		prompt_open(ui, &options);
}
