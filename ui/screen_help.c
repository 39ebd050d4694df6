/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of one screen, out of the table that dispatches them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/commands.h"
#include "ui/screens.h"
#include "ui/widget_text.h"

struct help {
	struct screen screen;
	unsigned context;
	struct page page;
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

/* Both columns are as wide as this screen's own keys and names, so that the words have the rest. */
static void measure(const struct help *help, int *names, int *words)
{
	const struct command *command;
	struct buf keys = BUF_INIT;

	*names = *words = 0;
	for (command = commands_table(); command->id; command++) {
		if (!(command->contexts & help->context))
			continue;
		buf_reset(&keys);
		add_keys(&keys, command->keys);
		if ((int)text_width(buf_text(&keys), keys.len) > *names)
			*names = (int)text_width(buf_text(&keys), keys.len);
		if ((int)strlen(command->id) > *words)
			*words = (int)strlen(command->id);
	}
	*names += 4;
	*words += *names + 2;
	buf_clear(&keys);
}

static void add_command(struct ui *ui, struct page *page, const struct command *command, int names, int words, int width)
{
	bool now = !command->why_not || !command->why_not(ui);
	struct buf keys = BUF_INIT;

	add_keys(&keys, command->keys);
	page_add(page, 2, now ? ROLE_ACCENT : ROLE_DIM, buf_text(&keys));
	page_add(page, names, now ? ROLE_STRONG : ROLE_DIM, command->id);
	page_add_wrapped(page, words, width - words - 1, now ? ROLE_TEXT : ROLE_DIM, command->help);
	buf_clear(&keys);
}

static void help_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct help *help = (struct help *)screen;
	const struct command *command;
	char place[8];
	int names, words;

	measure(help, &names, &words);
	page_reset(&help->page);
	for (command = commands_table(); command->id; command++)
		if (command->contexts & help->context)
			add_command(ui, &help->page, command, names, words, body.width);
	page_draw(&help->page, area_cut(body, 2, 0, body.height - 2, body.width));
	area_putf(body, 0, 2, ROLE_STRONG, "Keys of the %s screen", context_name(help->context));
	area_put(body, 0, words, ROLE_DIM, "names: typed after :   dim: not now");
	area_put_before(body, 0, body.width - 1, ROLE_DIM, list_place(place, &help->page.scroll));
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
	scroll_move(&((struct help *)screen)->page.scroll, move);
}

static void help_free(struct screen *screen)
{
	page_clear(&((struct help *)screen)->page);
	free(screen);
}

static const struct screen_ops help_ops = {
	.name = "help",
	.context = CTX_HELP,
	.draw = help_draw,
	.title = help_title,
	.move = help_move,
	.free = help_free,
};

struct screen *screen_help_new(unsigned context)
{
	struct help *help = mem_new(1, sizeof(*help));

	help->screen.ops = &help_ops;
	help->context = context;
	return &help->screen;
}
