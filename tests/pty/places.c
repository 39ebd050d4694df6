/* SPDX-License-Identifier: Apache-2.0 */
/* See places.h. */
#include "pty/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#include "base/mem.h"
#include "base/text.h"
#include "child.h"

/* ---- the table ---- */

static void take_field(char *out, size_t size, const char **at)
{
	size_t len = strcspn(*at, "\t\n");

	assert_in_range(len, 1, size - 1);
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + ((*at)[len] == '\t');
}

void places_read_keys(struct key_table *table)
{
	char *program = child_build_path("cvmdeck");
	const char *const argv[] = { program, "--dump-keys", NULL };
	struct child *child = child_start(argv, NULL);
	const char *at;

	assert_int_equal(child_wait(child, child_deadline_ms()), 0);
	table->count = 0;
	for (at = child_output(child); *at && table->count < KEY_ROWS; table->count++) {
		struct key_row *row = &table->rows[table->count];

		take_field(row->context, sizeof(row->context), &at);
		take_field(row->keys, sizeof(row->keys), &at);
		take_field(row->id, sizeof(row->id), &at);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	assert_in_range(table->count, 100, KEY_ROWS - 1);
	child_free(child);
	free(program);
}

bool places_next_key(const char **at, char name[16])
{
	size_t len = strcspn(*at, " ");

	if (!len)
		return false;
	assert_in_range(len, 1, 15);
	memcpy(name, *at, len);
	name[len] = '\0';
	*at += len + strspn(*at + len, " ");
	return true;
}

void places_type(struct terminal *terminal, const char *name)
{
	static const struct { const char *name, *key; } named[] = {
		{ "<Enter>", "enter" }, { "<Esc>", "esc" },       { "<Tab>", "tab" },        { "<S-Tab>", "backtab" }, { "<Space>", "space" },
		{ "<Up>", "up" },       { "<Down>", "down" },     { "<Left>", "left" },      { "<Right>", "right" },   { "<Home>", "home" },
		{ "<End>", "end" },     { "<PageUp>", "pgup" },   { "<PageDown>", "pgdn" },  { "<BS>", "bs" },         { "<F1>", "f1" },
	};
	char control[8];
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].name, name)) {
			terminal_key(terminal, named[i].key);
			return;
		}
	if (text_starts(name, "<C-")) {
		snprintf(control, sizeof(control), "ctrl-%c", name[3]);
		terminal_key(terminal, control);
	} else {
		terminal_type(terminal, name);
	}
}

/* ---- the screen ---- */

static bool is_prompt(struct terminal *terminal)
{
	int row, column;
	bool visible;

	terminal_cursor(terminal, &row, &column, &visible);
	return visible;
}

/* Cuts the words off that every header ends with. */
static void cut_help(char *header)
{
	size_t len = strlen(header);

	if (len > 6 && (!strcmp(header + len - 6, "? help") || (len > 7 && !strcmp(header + len - 7, "F1 help"))))
		header[len - 7] = '\0';
}

const char *places_now(struct terminal *terminal)
{
	static const struct { const char *title, *context; } titles[] = {
		{ "› review", "review" },   { "› allowlist", "allowlist" },    { "› rollout", "rollout" },       { "› logs", "logs" },
		{ "› devices", "devices" }, { "› pending updates", "pending updates" }, { "› pending update", "difference" },
		{ "› difference", "difference" }, { "history", "history" },    { "CVMs", "workspace" },          { " help", "help" }, { "details", "help" },
	};
	char *header;
	size_t i;

	if (is_prompt(terminal))
		return "prompt";
	if (terminal_find(terminal, "y yes   N no", NULL) >= 0)
		return "confirm";
	if (terminal_find(terminal, "┌ Signature ", NULL) >= 0)
		return "card";
	header = mem_strdup(terminal_line(terminal, 0));
	cut_help(header);
	for (i = 0; i < sizeof(titles) / sizeof(titles[0]) && !strstr(header, titles[i].title); i++)
		continue;
	free(header);
	return i < sizeof(titles) / sizeof(titles[0]) ? titles[i].context : "";
}

/* From the title on: before it stands how the network is. */
static const char *title_of(const char *header)
{
	const char *at = header, *gap;

	while ((gap = strstr(at, "   ")))
		at = gap + 3;
	return at;
}

static size_t skip_moving(const char *at)
{
	size_t digits = strspn(at, "0123456789");

	if (digits)
		return digits;
	return text_starts(at, "⠀") || ((unsigned char)at[0] == 0xE2 && ((unsigned char)at[1] & 0xFC) == 0xA0) ? 3 : 0;
}

void places_picture(struct terminal *terminal, struct buf *out)
{
	int row;

	buf_reset(out);
	for (row = 0; row < 24; row++) {
		const char *line = terminal_line(terminal, row);

		for (line = row ? line : title_of(line); *line;) {
			size_t moving = skip_moving(line);

			if (!moving)
				buf_add_byte(out, *line++);
			else if (*line >= '0' && *line <= '9')
				buf_add_byte(out, '0');
			line += moving;
		}
		buf_add_byte(out, '\n');
	}
}
