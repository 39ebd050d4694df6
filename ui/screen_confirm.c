/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Yes or no. Like the signature card it takes no key that was typed before it
 * was seen, and a burst of keys (a paste the terminal did not mark) says no
 * more than nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/prompt.h"
#include "ui/widget_text.h"

struct confirm {
	struct screen screen;
	char *question, *explanation;
	confirm_fn *done;
	void *ctx;
	bool painted;
};

static void finish(struct confirm *confirm, struct ui *ui, bool yes)
{
	confirm_fn *done = confirm->done;
	void *ctx = confirm->ctx;

	ui_remove(ui, &confirm->screen);
	done(ui, ctx, yes);
}

static bool confirm_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct confirm *confirm = (struct confirm *)screen;

	if (!confirm->painted || key->paste)
		return true;
	if (key_is(key, "y") && key->alone)
		finish(confirm, ui, true);
	else if (key_in(key, "n N <Enter> <Esc> q <C-c>"))
		finish(confirm, ui, false);
	return true;
}

static int count_lines(const char *text, int width)
{
	size_t len = strlen(text), next;
	int count = 0;

	for (; len && width > 0; text += next, len -= next, count++)
		wrap_line(text, len, (size_t)width, &next);
	return count;
}

static void confirm_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct confirm *confirm = (struct confirm *)screen;
	struct area line = { &ui->frame, ui->frame.height - 1, 0, 1, ui->frame.width };
	struct area above = area_bottom(&body, count_lines(confirm->explanation, body.width - 2) + 1);
	int col;

	area_wipe(above, ROLE_TEXT);
	area_rule(above, 0);
	draw_wrapped(above, 1, 1, above.width - 2, ROLE_TEXT, confirm->explanation);
	area_wipe(line, ROLE_TEXT);
	col = area_put(line, 0, 1, ROLE_STRONG, confirm->question);
	col = area_put(line, 0, col + 3, ROLE_ACCENT, "y");
	col = area_put(line, 0, col + 1, ROLE_FOOTER, "yes");
	col = area_put(line, 0, col + 3, ROLE_ACCENT | ATTR_BOLD, "N");
	area_put(line, 0, col + 1, ROLE_STRONG, "no");
}

static void confirm_painted(struct screen *screen, struct ui *ui)
{
	(void)ui;
	((struct confirm *)screen)->painted = true;
}

static void confirm_free(struct screen *screen)
{
	struct confirm *confirm = (struct confirm *)screen;

	free(confirm->question);
	free(confirm->explanation);
	free(confirm);
}

static const struct screen_ops confirm_ops = {
	.name = "confirm",
	.context = CTX_CONFIRM,
	.overlay = true,
	.draw = confirm_draw,
	.key = confirm_key,
	.painted = confirm_painted,
	.free = confirm_free,
};

void confirm_open(struct ui *ui, const char *question, const char *explanation, confirm_fn *done, void *ctx)
{
	struct confirm *confirm = mem_new(1, sizeof(*confirm));

	confirm->screen.ops = &confirm_ops;
	confirm->question = mem_strdup(question);
	confirm->explanation = mem_strdup(explanation ? explanation : "");
	confirm->done = done;
	confirm->ctx = ctx;
	ui->forget_keys = true;
	ui_push(ui, &confirm->screen);
}
