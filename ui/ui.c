/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ui/commands.h"
#include "ui/widget_frame.h"

/* ---- the stack ---- */

struct screen *ui_top(const struct ui *ui)
{
	return ui->depth ? ui->stack[ui->depth - 1] : NULL;
}

static void end_screen(struct screen *screen)
{
	if (screen->ops->free)
		screen->ops->free(screen);
	else
		free(screen);
}

void ui_push(struct ui *ui, struct screen *screen)
{
	if (ui->depth == UI_DEPTH) {
		end_screen(screen);
		ui_say(ui, ROLE_WARN, "too many screens lie on each other; close some with q");
		return;
	}
	ui->stack[ui->depth++] = screen;
	ui_dirty(ui);
}

void ui_remove(struct ui *ui, struct screen *screen)
{
	size_t i;

	for (i = 0; i < ui->depth && ui->stack[i] != screen; i++)
		continue;
	if (i == ui->depth)
		return;
	memmove(ui->stack + i, ui->stack + i + 1, (ui->depth - i - 1) * sizeof(*ui->stack));
	ui->depth--;
	end_screen(screen);
	ui_dirty(ui);
}

void ui_pop(struct ui *ui)
{
	if (ui->depth)
		ui_remove(ui, ui_top(ui));
}

struct screen *ui_find(const struct ui *ui, unsigned context)
{
	size_t i;

	for (i = ui->depth; i--;)
		if (ui->stack[i]->ops->context & context)
			return ui->stack[i];
	return NULL;
}

void ui_back_to(struct ui *ui, unsigned context)
{
	if (!ui_find(ui, context))
		return;
	while (!(ui_top(ui)->ops->context & context))
		ui_pop(ui);
}

unsigned ui_context(const struct ui *ui)
{
	return ui->depth ? ui_top(ui)->ops->context : 0;
}

void ui_changed(struct ui *ui)
{
	size_t i;

	/* A screen may end itself or others here, so the count is read anew. */
	for (i = 0; i < ui->depth; i++)
		if (ui->stack[i]->ops->changed)
			ui->stack[i]->ops->changed(ui->stack[i], ui);
	ui_dirty(ui);
}

/* ---- time and paint ---- */

void ui_dirty(struct ui *ui)
{
	ui->dirty = true;
}

void ui_wake_in(struct ui *ui, int64_t ms)
{
	if (ui->wake_ms < 0 || ms < ui->wake_ms)
		ui->wake_ms = ms;
}

const char *ui_spinner(struct ui *ui)
{
	static const char *const turns[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };

	ui_wake_in(ui, UI_SPIN_MS);
	return turns[clock_wall_ms() / UI_SPIN_MS % 10];
}

static void draw_stack(struct ui *ui, struct area body)
{
	size_t first = ui->depth;

	while (first && (first == ui->depth || ui->stack[first]->ops->overlay))
		first--;
	for (; first < ui->depth; first++)
		ui->stack[first]->ops->draw(ui->stack[first], ui, body);
}

static void draw_too_small(struct area all)
{
	int row = all.height / 2;

	area_putf(all, row, 1, ROLE_WARN, "This window is %d×%d.", all.width, all.height);
	area_putf(all, row + 1, 1, ROLE_TEXT, "cvmdeck needs %d×%d or more.", UI_MIN_WIDTH, UI_MIN_HEIGHT);
}

void ui_compose(struct ui *ui, int height, int width)
{
	struct area rest, footer;

	cells_begin(&ui->frame, height, width);
	ui->wake_ms = -1;
	rest = area_all(&ui->frame);
	if (height < UI_MIN_HEIGHT || width < UI_MIN_WIDTH) {
		draw_too_small(rest);
		return;
	}
	frame_header(ui, area_top(&rest, 1));
	footer = area_bottom(&rest, 1);
	draw_stack(ui, rest);
	/* A question has the bottom line; what is said meanwhile stands above it. */
	if (ui->message[0])
		frame_message(ui, ui_context(ui) & (CTX_PROMPT | CTX_CONFIRM) ? rest : area_all(&ui->frame));
	else if (!(ui_context(ui) & (CTX_PROMPT | CTX_CONFIRM)))
		frame_footer(ui, footer);
}

/* ---- words ---- */

void ui_say(struct ui *ui, text_style style, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, args);
	va_end(args);
	ui->message_style = style;
	ui_dirty(ui);
}

void ui_say_error(struct ui *ui, const struct error *err)
{
	if (err->next[0])
		ui_say(ui, ROLE_BAD, "%.300s; %.300s", err->message, err->next);
	else
		ui_say(ui, ROLE_BAD, "%s", err->message);
}

/* ---- keys ---- */

void ui_key(struct ui *ui, const struct key *key)
{
	struct screen *top = ui_top(ui);
	const struct command *command;

	ui->message[0] = '\0';
	ui_dirty(ui);
	if (!top || (top->ops->key && top->ops->key(top, ui, key)))
		return;
	command = command_by_key(top->ops->context, key);
	if (command)
		command_run(ui, command, NULL);
}
