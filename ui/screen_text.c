/* SPDX-License-Identifier: Apache-2.0 */
/* A longer text on a screen of its own. */
#include <stdlib.h>

#include "base/mem.h"
#include "ui/screens.h"
#include "ui/widget_text.h"

struct text_screen {
	struct screen screen;
	char *title, *text;
	struct page page;
	int width; /* for which the page was made */
};

static void text_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct text_screen *self = (struct text_screen *)screen;

	(void)ui;
	if (self->width != body.width) {
		page_reset(&self->page);
		page_add_wrapped(&self->page, 2, body.width - 4, ROLE_TEXT, self->text);
		self->width = body.width;
	}
	area_put(body, 0, 2, ROLE_STRONG, self->title);
	page_draw(&self->page, area_cut(body, 2, 0, body.height - 2, body.width));
}

static void text_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	(void)ui;
	(void)screen;
	buf_add_text(out, "details");
}

static void text_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	scroll_move(&((struct text_screen *)screen)->page.scroll, move);
}

static void text_free(struct screen *screen)
{
	struct text_screen *self = (struct text_screen *)screen;

	page_clear(&self->page);
	free(self->title);
	free(self->text);
	free(self);
}

static const struct screen_ops text_ops = {
	.name = "details",
	.context = CTX_HELP,
	.draw = text_draw,
	.title = text_title,
	.move = text_move,
	.free = text_free,
};

struct screen *screen_text_new(const char *title, const char *text)
{
	struct text_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &text_ops;
	self->title = mem_strdup(title);
	self->text = mem_strdup(text);
	return &self->screen;
}
