/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of one screen, out of the table that dispatches them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/commands.h"
#include "ui/screens.h"
#include "ui/widget_list.h"

struct help {
	struct screen screen;
	unsigned context;
	struct list list;
};

static void add_keys(struct buf *out, const char *keys)
{
	while (*keys) {
		char first[KEY_NAME_SIZE], label[KEY_NAME_SIZE];
		size_t n = strcspn(keys, " ");

		if (out->len)
			buf_add_text(out, "  ");
		buf_add_text(out, key_label(label, key_first(first, keys)));
		keys += n + strspn(keys + n, " ");
	}
}

static size_t count_rows(const struct help *help)
{
	const struct command *command;
	size_t count = 0;

	for (command = commands_table(); command->id; command++)
		count += (command->contexts & help->context) != 0;
	return count;
}

static void draw_command(struct ui *ui, struct area area, int row, const struct command *command)
{
	const char *why = command->why_not ? command->why_not(ui) : NULL;
	struct buf keys = BUF_INIT;

	add_keys(&keys, command->keys);
	area_field(area, row, 2, 22, why ? ROLE_DIM : ROLE_ACCENT, buf_text(&keys));
	area_field(area, row, 25, 19, why ? ROLE_DIM : ROLE_STRONG, command->id);
	area_field(area, row, 45, area.width - 46, why ? ROLE_DIM : ROLE_TEXT, command->help);
	buf_clear(&keys);
}

static void help_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct help *help = (struct help *)screen;
	const struct command *command;
	size_t seen = 0;
	int row = 0;

	area_putf(body, 0, 2, ROLE_STRONG, "Keys of the %s screen", context_name(help->context));
	area_put(body, 0, 45, ROLE_DIM, "the names can be typed after :");
	body = area_cut(body, 2, 0, body.height - 2, body.width);
	scroll_fit(&help->list, count_rows(help), body.height);
	for (command = commands_table(); command->id; command++)
		if ((command->contexts & help->context) && seen++ >= help->list.top && row < body.height)
			draw_command(ui, body, row++, command);
}

static void help_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	(void)screen;
	(void)ui;
	buf_add_text(out, "help");
}

static void help_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	scroll_move(&((struct help *)screen)->list, move);
}

static const struct screen_ops help_ops = {
	.name = "help",
	.context = CTX_HELP,
	.draw = help_draw,
	.title = help_title,
	.move = help_move,
};

struct screen *screen_help_new(unsigned context)
{
	struct help *help = mem_new(1, sizeof(*help));

	help->screen.ops = &help_ops;
	help->context = context;
	return &help->screen;
}
