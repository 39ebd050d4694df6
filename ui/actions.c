/* SPDX-License-Identifier: Apache-2.0 */
/* What every screen can do. */
#include "ui/actions.h"

#include <string.h>

#include "base/text.h"
#include "ui/commands.h"
#include "ui/prompt.h"
#include "ui/screens.h"
#include "ui/term.h"

void do_move(struct ui *ui, const char *argument, int param)
{
	struct screen *top = ui_top(ui);

	(void)argument;
	if (top && top->ops->move)
		top->ops->move(top, ui, (enum move)param);
}

void do_help(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (!ui_find(ui, CTX_HELP))
		ui_push(ui, screen_help_new(ui_context(ui)));
	else
		ui_pop(ui); /* the same key that opened it */
}

/* ---- the command line ---- */

static void complete_command(struct ui *ui, void *ctx, const char *text, struct buf *out)
{
	struct screen *below = ui->depth > 1 ? ui->stack[ui->depth - 2] : NULL;
	const struct command *command;

	(void)ctx;
	for (command = commands_table(); below && command->id; command++)
		if ((command->contexts & below->ops->context) && text_starts(command->id, text))
			buf_add_format(out, "%s\n", command->id);
}

static void command_typed(struct ui *ui, void *ctx, const char *text)
{
	(void)ctx;
	if (text)
		command_line(ui, text);
}

void do_line(struct ui *ui, const char *argument, int param)
{
	static const struct prompt_options options = { .label = ":", .done = command_typed, .complete = complete_command };

	(void)argument;
	(void)param;
	prompt_open(ui, &options);
}

/* ---- leaving ---- */

void do_back(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (ui->depth > 1)
		ui_pop(ui);
	else
		do_quit(ui, NULL, 0);
}

static void leave(struct ui *ui, void *ctx, bool yes)
{
	(void)ctx;
	if (yes)
		ui->quit = true;
}

void do_quit(struct ui *ui, const char *argument, int param)
{
	const struct rollout_view *view = ui->rollout ? rollout_view(ui->rollout) : NULL;

	(void)argument;
	(void)param;
	if (!view || view->phase == PHASE_DONE || view->phase == PHASE_FAILED || view->phase <= PHASE_REVIEW)
		ui->quit = true;
	else
		confirm_open(ui, "Leave now?", "A rollout is under way. It is in the journal: the next start offers to go on where it stands.", leave, NULL);
}

void do_repaint(struct ui *ui, const char *argument, int param)
{
	(void)ui;
	(void)argument;
	(void)param;
	term_repaint();
}

void do_suspend(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (!term_stop_job())
		ui_say(ui, ROLE_WARN, "not stopped: there is no shell here that could bring the console back");
}
