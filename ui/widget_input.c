/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/widget_input.h"

#include <string.h>

#include "base/text.h"
#include "ui/widget_list.h"

void input_set(struct input *input, const char *text)
{
	size_t len = strlen(text);

	if (len >= INPUT_SIZE)
		len = text_fit(text, INPUT_SIZE - 1, INPUT_SIZE);
	memcpy(input->text, text, len);
	input->text[len] = '\0';
	input->len = input->cursor = len;
}

static void insert(struct input *input, const char *bytes, size_t len)
{
	if (input->len + len >= INPUT_SIZE)
		return;
	memmove(input->text + input->cursor + len, input->text + input->cursor, input->len - input->cursor + 1);
	memcpy(input->text + input->cursor, bytes, len);
	input->len += len;
	input->cursor += len;
}

static void erase(struct input *input, size_t from, size_t to)
{
	memmove(input->text + from, input->text + to, input->len - to + 1);
	input->len -= to - from;
	input->cursor = from;
}

static size_t before(const struct input *input)
{
	size_t at = input->cursor;

	while (at && ((unsigned char)input->text[--at] & 0xC0) == 0x80)
		continue;
	return at;
}

static size_t behind(const struct input *input)
{
	uint32_t cp;

	return input->cursor + text_decode(input->text + input->cursor, input->len - input->cursor, &cp);
}

static size_t word_start(const struct input *input)
{
	size_t at = input->cursor;

	while (at && (input->text[at - 1] == ' ' || input->text[at - 1] == '/'))
		at--;
	while (at && input->text[at - 1] != ' ' && input->text[at - 1] != '/')
		at--;
	return at;
}

static bool edit_key(struct input *input, const struct key *key)
{
	if (key_is(key, "<BS>"))
		erase(input, before(input), input->cursor);
	else if (key_is(key, "<Del>") || key_is(key, "<C-d>"))
		erase(input, input->cursor, behind(input));
	else if (key_is(key, "<C-u>"))
		erase(input, 0, input->cursor);
	else if (key_is(key, "<C-k>"))
		erase(input, input->cursor, input->len);
	else if (key_is(key, "<C-w>"))
		erase(input, word_start(input), input->cursor);
	else if (key_is(key, "<Left>") || key_is(key, "<C-b>"))
		input->cursor = before(input);
	else if (key_is(key, "<Right>") || key_is(key, "<C-f>"))
		input->cursor = behind(input);
	else if (key_is(key, "<Home>") || key_is(key, "<C-a>"))
		input->cursor = 0;
	else if (key_is(key, "<End>") || key_is(key, "<C-e>"))
		input->cursor = input->len;
	else
		return false;
	return true;
}

bool input_key(struct input *input, const struct key *key)
{
	if (key->paste) {
		insert(input, key->paste, strcspn(key->paste, "\n"));
		return true;
	}
	if (key_is(key, "<Space>")) {
		insert(input, " ", 1);
		return true;
	}
	if (!key_is_text(key))
		return edit_key(input, key);
	insert(input, key->name, strlen(key->name));
	return true;
}

void input_draw(const struct input *input, struct area area, int row, int col, bool hidden)
{
	int room = area.width - col - 1;
	int at = (int)text_width(input->text, input->cursor);
	int offset = at > room ? at - room : 0;

	if (hidden)
		area_fill(area, row, col, (int)text_width(input->text, input->len) - offset, ROLE_TEXT, 0x2022);
	else
		draw_scrolled(area, row, col, offset, ROLE_TEXT, input->text, input->len);
	area_cursor(area, row, col + at - offset);
}
