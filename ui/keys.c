/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static const struct { const char *name, *label, *spelled; } labels[] = {
	{ "<Enter>", "⏎", "Enter" },  { "<Esc>", "Esc", NULL },     { "<Tab>", "Tab", NULL },       { "<S-Tab>", "S-Tab", NULL },
	{ "<BS>", "Bksp", NULL },     { "<Space>", "Space", NULL }, { "<Up>", "↑", "Up" },          { "<Down>", "↓", "Down" },
	{ "<Left>", "←", "Left" },    { "<Right>", "→", "Right" },  { "<PageUp>", "PgUp", NULL },   { "<PageDown>", "PgDn", NULL },
	{ "<Home>", "Home", NULL },   { "<End>", "End", NULL },     { "<Del>", "Del", NULL },
};

static bool spelled_out;

void keys_spell_out(bool on)
{
	spelled_out = on;
}

static const char *control_name(uint32_t cp)
{
	switch (cp) {
	case '\r':
	case '\n':
		return "<Enter>";
	case '\t':
		return "<Tab>";
	case 0x1B:
		return "<Esc>";
	case 0x08:
	case 0x7F:
		return "<BS>";
	case ' ':
		return "<Space>";
	default:
		return NULL;
	}
}

void key_from_char(struct key *key, uint32_t cp)
{
	const char *known = control_name(cp);
	struct buf text = BUF_INIT;

	*key = (struct key){ .alone = true };
	if (known) {
		snprintf(key->name, sizeof(key->name), "%s", known);
	} else if (cp < 0x20) {
		snprintf(key->name, sizeof(key->name), "<C-%c>", (char)(cp < 27 ? cp + 0x60 : cp + 0x40));
	} else {
		text_encode(&text, cp);
		snprintf(key->name, sizeof(key->name), "%s", buf_text(&text));
		buf_clear(&text);
	}
}

bool key_is(const struct key *key, const char *name)
{
	return strcmp(key->name, name) == 0;
}

bool key_in(const struct key *key, const char *list)
{
	size_t len = strlen(key->name);
	const char *at = list;

	while (at && *at) {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, key->name, n) == 0)
			return true;
		at += n + strspn(at + n, " ");
	}
	return false;
}

bool key_is_text(const struct key *key)
{
	return key->name[0] && (key->name[0] != '<' || !key->name[1] || key_is(key, "<Space>"));
}

const char *key_label(char out[KEY_NAME_SIZE], const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i].name, name) == 0)
			return spelled_out && labels[i].spelled ? labels[i].spelled : labels[i].label;
	if (name[0] == '<' && name[1] == 'F')
		snprintf(out, KEY_NAME_SIZE, "%.*s", (int)strcspn(name + 1, ">"), name + 1);
	else if (strncmp(name, "<C-", 3) == 0 && name[3])
		snprintf(out, KEY_NAME_SIZE, "^%c", name[3] >= 'a' && name[3] <= 'z' ? name[3] - 32 : name[3]);
	else
		snprintf(out, KEY_NAME_SIZE, "%.15s", name);
	return out;
}

const char *key_first(char out[KEY_NAME_SIZE], const char *list)
{
	size_t n = strcspn(list, " ");

	snprintf(out, KEY_NAME_SIZE, "%.*s", (int)(n < KEY_NAME_SIZE ? n : KEY_NAME_SIZE - 1), list);
	return out;
}
