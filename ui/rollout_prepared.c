/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes stand in groups of eight, as signing devices show them; calls with
 * their target. What is chosen can be copied whole and is kept in sight.
 */
#include "ui/rollout_prepared.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { ITEMS_MAX = 16, VALUE_COLUMN = 15 };

struct item {
	const char *name, *text;
	size_t len;
	bool grouped; /* hex in groups of eight */
	text_style style;
	char note[96]; /* on the line below */
};

struct items {
	struct item list[ITEMS_MAX];
	size_t count;
};

static struct item *add(struct items *items, const char *name, const char *text, bool grouped)
{
	struct item *item;

	if (!text || !*text || items->count == ITEMS_MAX)
		return NULL;
	item = &items->list[items->count++];
	*item = (struct item){ .name = name, .text = text, .len = strlen(text), .grouped = grouped, .style = ROLE_TEXT };
	return item;
}

/* Each line is a target, a blank, and call data. */
static void add_calls(struct items *items, const char *text)
{
	static const char *const names[] = { "call 1", "call 2", "call 3", "call 4" };
	size_t i;

	for (i = 0; text && *text && i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strcspn(text, "\n"), target = strcspn(text, " ");
		struct item *item = target < len ? add(items, names[i], text + target + 1, true) : NULL;

		if (item) {
			item->len = len - target - 1;
			snprintf(item->note, sizeof(item->note), "to %.*s", (int)target, text);
		}
		text += len + (text[len] == '\n');
	}
}

static void add_token(struct items *items, const struct prepared *prepared)
{
	struct item *item = add(items, "commit token", prepared->token, false);
	char until[CLOCK_TEXT_SIZE], left[TEXT_SHORT_SIZE];
	int64_t ms = prepared->token_expires_ms - clock_wall_ms();

	if (!item || !prepared->token_expires_ms)
		return;
	clock_format(until, prepared->token_expires_ms);
	if (ms > 0)
		snprintf(item->note, sizeof(item->note), "valid until %s, for %s", until, text_duration(left, ms / 60000 * 60000));
	else
		snprintf(item->note, sizeof(item->note), "expired at %s: prepare again", until);
}

static void make_items(struct items *items, const struct prepared *prepared)
{
	struct item *item;

	items->count = 0;
	item = add(items, strcmp(prepared->kind, "safe") == 0 ? "Safe" : prepared->kind, prepared->owner, false);
	if (item && prepared->threshold)
		snprintf(item->note, sizeof(item->note), "%u of %u owners must sign", prepared->threshold, prepared->owners);
	item = add(items, "Safe hash", prepared->safe_tx_hash, true);
	if (item)
		text_copy(item->note, sizeof(item->note), "✓ the Safe computes the same");
	add(items, "domain hash", prepared->safe_domain_hash, true);
	add(items, "message hash", prepared->safe_message_hash, true);
	add_calls(items, prepared->calls_text);
	add_token(items, prepared);
	item = add(items, "batch file", prepared->batch_path, false);
	if (item)
		text_copy(item->note, sizeof(item->note), "for the Safe's Transaction Builder");
	item = add(items, "commit with", prepared->commit_command, false);
	if (item)
		text_copy(item->note, sizeof(item->note), "or with C, here");
}

/* ---- drawing ---- */

static void add_grouped(struct page *page, const struct item *item, int width)
{
	size_t at = item->len > 2 && text_starts(item->text, "0x") ? 2 : 0;
	/* Four or eight groups a line, so that two people count alike. */
	size_t each = width >= VALUE_COLUMN + 74 ? 8 : 4, n;

	for (n = 0; at < item->len; at += 8, n++) {
		if (n && n % each == 0)
			page_end_line(page);
		page_addf(page, n % each == 0 ? VALUE_COLUMN : -1, item->style, "%.*s ", (int)(item->len - at < 8 ? item->len - at : 8), item->text + at);
	}
	page_end_line(page);
}

static void add_item(struct page *page, const struct item *item, bool chosen, int width)
{
	page_add(page, 0, ROLE_ACCENT, chosen ? "▸" : " ");
	page_add(page, 1, chosen ? ROLE_STRONG : ROLE_DIM, item->name);
	if (item->grouped)
		add_grouped(page, item, width);
	else
		page_add_wrapped(page, VALUE_COLUMN, width > VALUE_COLUMN + 11 ? width - VALUE_COLUMN - 1 : 10, item->style, item->text);
	if (item->note[0]) {
		page_add(page, VALUE_COLUMN, ROLE_DIM, item->note);
		page_end_line(page);
	}
}

void prepared_view_draw(struct prepared_view *self, struct ui *ui, struct area area, const struct prepared *prepared)
{
	struct items items;
	struct area rule;
	size_t i, from = 0, to = 0, height;

	make_items(&items, prepared);
	ui_wake_in(ui, 60000);
	rule = area_top(&area, 1);
	area_rule(rule, 0);
	page_reset(&self->page);
	for (i = 0; i < items.count; i++) {
		if (i == self->chosen)
			from = self->page.lines;
		add_item(&self->page, &items.list[i], i == self->chosen, area.width);
		if (i == self->chosen)
			to = self->page.lines;
	}
	height = area.height > 0 ? (size_t)area.height : 0;
	if (to > self->page.scroll.top + height)
		self->page.scroll.top = to - height;
	if (from < self->page.scroll.top)
		self->page.scroll.top = from;
	page_draw(&self->page, area);
	if (self->page.scroll.top + self->page.scroll.height < self->page.lines)
		area_put_before(rule, 0, rule.width - 2, ROLE_WARN, " ↓ more below ");
}

void prepared_view_clear(struct prepared_view *self)
{
	page_clear(&self->page);
}

/* ---- choosing ---- */

void prepared_view_move(struct prepared_view *self, const struct prepared *prepared, enum move move)
{
	struct items items;
	struct list list = { .selected = self->chosen };

	make_items(&items, prepared);
	list_fit(&list, items.count, 4);
	list_move(&list, move);
	self->chosen = list.selected;
}

const char *prepared_view_chosen(const struct prepared_view *self, const struct prepared *prepared, const char **name, size_t *len)
{
	struct items items;
	const struct item *item;

	make_items(&items, prepared);
	if (self->chosen >= items.count)
		return NULL;
	item = &items.list[self->chosen];
	*name = item->name;
	*len = item->len;
	return item->text;
}
