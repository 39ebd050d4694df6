/* SPDX-License-Identifier: Apache-2.0 */
/* What the contract answered, in one batched read at one block, and every check with where its value comes from. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/flow.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

struct allowlist {
	struct screen screen;
	struct page page;
	const char *led_to; /* the red check that was scrolled to */
};

enum { SOURCE_WIDTH = 14, SHORT_VALUE = 16 }; /* columns; a short hash or address, or a word or two */

static const char *source_word(enum source source)
{
	static const char *const words[] = { "computed here", "you", "chain", "TEE", "Phala" };

	return (size_t)source < sizeof(words) / sizeof(words[0]) ? words[source] : "";
}

static void add_head(struct page *page, const struct allowlist_view *list, int width)
{
	char block[TEXT_SHORT_SIZE + 8], took[TEXT_SHORT_SIZE], right[120];
	int end;

	page_add(page, 1, ROLE_STRONG, "DstackApp ");
	page_add(page, -1, ROLE_STRONG, list->contract);
	page_addf(page, -1, ROLE_TEXT, "  on %s (%" PRIu64 ")", list->chain_name, list->chain_id);
	snprintf(right, sizeof(right), "read at block %s in %u call%s, %s", text_grouped(block, list->block), list->calls, list->calls == 1 ? "" : "s",
	         text_duration(took, list->took_ms));
	end = width - 1 - (int)strlen(right);
	if (end < 70) {
		page_end_line(page);
		end = 1;
	}
	page_add(page, end, ROLE_DIM, right);
	page_end_line(page);
}

static void add_row(struct ui *ui, struct page *page, const struct allow_row *row, int width)
{
	int value = width < 100 ? 31 : 38, note = width < 100 ? 45 : 55;
	char brief[TEXT_SHORT_SIZE];

	page_add(page, 3, ROLE_TEXT, row->call);
	page_add(page, value, row->mark == MARK_BAD ? ROLE_BAD : ROLE_STRONG, short_value(brief, row->value));
	page_add(page, -1, ROLE_TEXT, " ");
	if (row->mark != MARK_NONE) {
		page_add(page, note - 2, mark_style(row->mark), mark_text(ui, row->mark));
		page_add(page, -1, ROLE_TEXT, " ");
	}
	if (!row->note[0])
		page_end_line(page);
	page_add_wrapped(page, note, width - note - 1, ROLE_DIM, row->note);
}

/* Where the title has ended, and the gap behind it. */
static int title_end(const struct check *check)
{
	return 5 + (int)text_width(check->title, strlen(check->title)) + 2;
}

/* The column of the values: behind the longest title that leaves a short value room. */
static int value_column(const struct rollout_view *view, int width)
{
	int column = 38, most = width - SOURCE_WIDTH - SHORT_VALUE;
	size_t i;

	for (i = 0; i < view->check_count; i++)
		if (view->checks[i].value[0] && title_end(&view->checks[i]) > column && title_end(&view->checks[i]) <= most)
			column = title_end(&view->checks[i]);
	return column;
}

/* With the gap behind it. */
static int value_width(const struct check *check)
{
	char brief[TEXT_SHORT_SIZE];
	const char *value = short_value(brief, check->value);

	return (int)text_width(value, strlen(value)) + 2;
}

/* The sources stand close to what they are about, also where the window is wide: behind the longest value that has room. */
static int source_column(const struct rollout_view *view, int values, int width)
{
	int longest = 16, room = width - SOURCE_WIDTH - values;
	size_t i;

	for (i = 0; i < view->check_count; i++)
		if (value_width(&view->checks[i]) > longest && value_width(&view->checks[i]) <= room)
			longest = value_width(&view->checks[i]);
	return values + (longest < room ? longest : room);
}

static void add_check(struct ui *ui, struct page *page, const struct check *check, int values, int sources, int width)
{
	char brief[TEXT_SHORT_SIZE];
	const char *value = short_value(brief, check->value);
	text_style look = check->mark == MARK_BAD ? ROLE_BAD : ROLE_STRONG;
	/* A value without room in its column stands below, whole: it may be the reason. */
	bool beside = title_end(check) <= values && value_width(check) <= sources - values;

	page_add(page, 3, mark_style(check->mark), mark_text(ui, check->mark));
	page_add(page, 5, check->mark == MARK_BAD ? ROLE_BAD | ATTR_BOLD : ROLE_TEXT, check->title);
	page_add(page, -1, ROLE_TEXT, " ");
	page_add(page, values, look, beside ? value : "");
	page_addf(page, sources - 1, ROLE_DIM, " %s", source_word(check->source));
	page_end_line(page);
	if (!beside)
		page_add_wrapped(page, 5, width - 6, look, value);
	if (check->overridden)
		page_add_wrapped(page, 5, width - 6, ROLE_WARN, "overridden by you, and kept so in the journal");
	if (check->note[0] && check->mark != MARK_GOOD)
		page_add_wrapped(page, 5, width - 6, check->mark == MARK_BAD ? ROLE_TEXT : ROLE_DIM, check->note);
}

/* What stops must be in sight, once; from there the operator scrolls. */
static void lead_to_red(struct allowlist *self, const struct rollout_view *view, size_t red_line, int height)
{
	struct list *scroll = &self->page.scroll;
	const char *red = NULL;
	size_t i;

	for (i = 0; view->waits_for_operator && !red && i < view->check_count; i++)
		if (view->checks[i].mark == MARK_BAD && view->checks[i].stops && !view->checks[i].overridden)
			red = view->checks[i].id;
	if (red && red != self->led_to && red_line + 4 > scroll->top + (size_t)height)
		scroll->top = red_line + 4 - (size_t)height;
	self->led_to = red;
}

/* Returns the line of the first check that stops. */
static size_t compose(struct ui *ui, struct page *page, const struct rollout_view *view, int width)
{
	int values = value_column(view, width), sources = source_column(view, values, width);
	size_t i, red = 0;

	page_reset(page);
	if (view->allowlist) {
		add_head(page, view->allowlist, width);
		for (i = 0; i < view->allowlist->row_count; i++)
			add_row(ui, page, &view->allowlist->rows[i], width);
		page_end_line(page);
	}
	if (view->check_count) {
		page_add(page, 1, ROLE_STRONG, "Checks");
		page_add(page, sources, ROLE_DIM, "source");
		page_end_line(page);
	}
	for (i = 0; i < view->check_count; i++) {
		if (!red && view->checks[i].mark == MARK_BAD && !view->checks[i].overridden)
			red = page->lines;
		add_check(ui, page, &view->checks[i], values, sources, width);
	}
	return red;
}

static void allowlist_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct allowlist *self = (struct allowlist *)screen;
	const struct rollout_view *view = flow_view(ui);
	struct area line;

	if (!view || (!view->allowlist && !view->check_count)) {
		draw_empty(body, "The contract is being asked.", view ? view->message : NULL);
		return;
	}
	line = area_bottom(&body, 1);
	lead_to_red(self, view, compose(ui, &self->page, view, body.width), body.height - 1);
	page_draw(&self->page, area_cut(body, 1, 0, body.height - 1, body.width));
	if (self->page.scroll.top + self->page.scroll.height < self->page.lines)
		area_put_before(line, 0, line.width - 1, ROLE_DIM, "↓ more below");
	if (view->waits_for_operator && view->phase == PHASE_CHECKING)
		area_field(line, 0, 1, line.width - 16, ROLE_BAD, view->message);
	else if (!view->outcome && view->phase != PHASE_CARD)
		area_putf(line, 0, 1, ROLE_TEXT, "%s %s", ui_spinner(ui), view->message);
}

static void allowlist_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	const struct rollout_view *view = flow_view(ui);

	(void)screen;
	buf_add_format(out, "%s › allowlist", view ? view->cvm.name : "");
}

static void allowlist_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	scroll_move(&((struct allowlist *)screen)->page.scroll, move);
}

static void allowlist_free(struct screen *screen)
{
	page_clear(&((struct allowlist *)screen)->page);
	free(screen);
}

static const struct screen_ops allowlist_ops = {
	.name = "allowlist",
	.context = CTX_ALLOWLIST,
	.draw = allowlist_draw,
	.title = allowlist_title,
	.move = allowlist_move,
	.free = allowlist_free,
};

struct screen *screen_allowlist_new(void)
{
	struct allowlist *self = mem_new(1, sizeof(*self));

	self->screen.ops = &allowlist_ops;
	return &self->screen;
}
