/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's life: terminal and loop in, screens up, one frame before each
 * sleep, and everything put back. Nothing slow comes before the first frame.
 */
#include "ui/console.h"

#include <signal.h>
#include <stdlib.h>

#include "cloud/workspace.h"
#include "ui/flow.h"
#include "ui/resume.h"
#include "ui/screens.h"
#include "ui/term.h"
#include "ui/ui.h"

static struct ui *shown; /* the loop's hook stays when the console has gone */

static void on_key(void *ctx, const struct key *key)
{
	ui_key(ctx, key);
}

static void on_resized(void *ctx)
{
	ui_dirty(ctx);
}

static void on_wake(void *ctx)
{
	ui_dirty(ctx);
}

static void tell_painted(struct ui *ui)
{
	struct screen *top = ui_top(ui);

	if (top && top->ops->painted && term_height() >= UI_MIN_HEIGHT && term_width() >= UI_MIN_WIDTH)
		top->ops->painted(top, ui);
}

static void draw(struct ui *ui)
{
	ui->dirty = false;
	ui_compose(ui, term_height(), term_width());
	/* What was typed before a card or a question can be seen is thrown away. */
	if (ui->forget_keys)
		term_forget_keys();
	ui->forget_keys = false;
	term_present(&ui->frame);
	tell_painted(ui);
	if (ui->wake_ms >= 0)
		loop_timer_set(ui->loop, &ui->wake, ui->wake_ms, on_wake, ui);
	else
		loop_timer_cancel(&ui->wake);
}

static void before_sleep(void *ctx)
{
	struct ui *ui = shown;

	(void)ctx;
	if (!ui)
		return;
	if (ui->quit || !ui->depth)
		loop_stop(ui->loop);
	else if (ui->dirty)
		draw(ui);
}

static void on_end_signal(void *ctx, int signo)
{
	struct ui *ui = shown;

	(void)ctx;
	/* While an editor has the terminal, its Ctrl-C is not ours. */
	if (!ui || (signo == SIGINT && term_is_lent()))
		return;
	ui->quit = ui->interrupted = true;
}

static void watch_signals(struct ui *ui)
{
	loop_signal(ui->loop, SIGINT, on_end_signal, NULL);
	loop_signal(ui->loop, SIGTERM, on_end_signal, NULL);
	loop_signal(ui->loop, SIGHUP, on_end_signal, NULL);
}

static void on_model_change(void *ctx)
{
	(void)ctx;
	if (shown)
		ui_changed(shown);
}

static void watch_workspace(struct ui *ui, workspace_fn *changed)
{
	struct workspace *workspace = session_workspace(ui->session);

	if (workspace)
		workspace_on_change(workspace, changed, NULL);
}

static void watch_loop(struct ui *ui)
{
	static struct loop *watched;

	if (watched != ui->loop)
		loop_before_sleep(ui->loop, before_sleep, NULL);
	watched = ui->loop;
}

static void close_screens(struct ui *ui)
{
	while (ui->depth)
		ui_pop(ui);
	flow_end(ui);
	loop_timer_cancel(&ui->wake);
	cells_clear(&ui->frame);
}

bool console_run(struct session *session, const struct console_options *options, struct error *err)
{
	struct ui ui = { .session = session, .loop = session_loop(session), .options = options, .wake_ms = -1 };
	const struct term_handler handler = { .key = on_key, .resized = on_resized, .ctx = &ui };
	bool good;

	if (!term_start(ui.loop, &handler, err))
		return false;
	shown = &ui;
	watch_loop(&ui);
	watch_signals(&ui);
	session_on_change(session, on_model_change, NULL);
	ui_push(&ui, screen_workspace_new(&ui));
	draw(&ui);
	session_watch_health(session);
	watch_workspace(&ui, on_model_change);
	flow_begin(&ui);
	loop_run(ui.loop);
	good = flow_result(&ui, err);
	shown = NULL;
	resume_forget();
	session_on_change(session, NULL, NULL);
	watch_workspace(&ui, NULL);
	close_screens(&ui);
	term_stop();
	return good;
}
