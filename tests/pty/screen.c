/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated screen of a terminal, read as text, cells and properties. */
#include "pty/terminal_private.h"

#include <string.h>

#include "base/text.h"

static int set_property(VTermProp property, VTermValue *value, void *user)
{
	struct terminal *terminal = user;

	if (property == VTERM_PROP_ALTSCREEN)
		terminal->alternate = value->boolean != 0;
	if (property == VTERM_PROP_CURSORVISIBLE)
		terminal->cursor_visible = value->boolean != 0;
	return 1;
}

/* Titles reach the parser as whole OSC 0 or 2; the property's own form changed between versions of the library. */
static void note_title(struct terminal *terminal, const char *bytes, size_t len)
{
	buf_reset(&terminal->title);
	buf_add(&terminal->title, bytes, len);
}

const char *terminal_title(struct terminal *terminal)
{
	const char *output = buf_text(&terminal->output), *at;
	static const char *const starts[] = { "\033]0;", "\033]2;" };
	const char *last = NULL;

	for (size_t i = 0; i < 2; i++)
		for (at = output; (at = memmem(at, terminal->output.len - (size_t)(at - output), starts[i], 4)); at += 4)
			if (!last || at > last)
				last = at;
	if (last)
		note_title(terminal, last + 4, strcspn(last + 4, "\033\a"));
	return buf_text(&terminal->title);
}

void terminal_open_screen(struct terminal *terminal)
{
	static const VTermScreenCallbacks callbacks = { .settermprop = set_property };

	terminal->vterm = vterm_new(terminal->rows, terminal->columns);
	vterm_set_utf8(terminal->vterm, 1);
	terminal->screen = vterm_obtain_screen(terminal->vterm);
	terminal->cursor_visible = true;
	vterm_screen_enable_altscreen(terminal->screen, 1);
	vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
	vterm_screen_set_damage_merge(terminal->screen, VTERM_DAMAGE_SCREEN);
	vterm_screen_reset(terminal->screen, 1);
}

void terminal_close_screen(struct terminal *terminal)
{
	vterm_free(terminal->vterm);
}

static void add_cell(struct buf *out, const VTermScreenCell *cell)
{
	if (!cell->chars[0])
		buf_add_byte(out, ' ');
	for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
		text_encode(out, cell->chars[i]);
}

static void add_row(struct terminal *terminal, struct buf *out, int row)
{
	size_t start = out->len;
	VTermScreenCell cell;

	for (int column = 0; column < terminal->columns; column += cell.width > 1 ? cell.width : 1) {
		VTermPos at = { .row = row, .col = column };

		if (!vterm_screen_get_cell(terminal->screen, at, &cell))
			break;
		add_cell(out, &cell);
	}
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

const char *terminal_line(struct terminal *terminal, int row)
{
	buf_reset(&terminal->line);
	if (row >= 0 && row < terminal->rows)
		add_row(terminal, &terminal->line, row);
	return buf_text(&terminal->line);
}

const char *terminal_screen(struct terminal *terminal)
{
	buf_reset(&terminal->text);
	for (int row = 0; row < terminal->rows; row++) {
		add_row(terminal, &terminal->text, row);
		buf_add_byte(&terminal->text, '\n');
	}
	return buf_text(&terminal->text);
}

/* The cell in which byte `offset` of the row's text lies. */
static int column_of(struct terminal *terminal, int row, size_t offset)
{
	struct buf text = BUF_INIT;
	VTermScreenCell cell;
	int column = 0;

	while (column < terminal->columns) {
		VTermPos at = { .row = row, .col = column };

		if (!vterm_screen_get_cell(terminal->screen, at, &cell))
			break;
		add_cell(&text, &cell);
		if (text.len > offset)
			break;
		column += cell.width > 1 ? cell.width : 1;
	}
	buf_clear(&text);
	return column;
}

int terminal_find(struct terminal *terminal, const char *text, int *column)
{
	for (int row = 0; row < terminal->rows; row++) {
		const char *line = terminal_line(terminal, row);
		const char *found = strstr(line, text);

		if (!found)
			continue;
		if (column)
			*column = column_of(terminal, row, (size_t)(found - line));
		return row;
	}
	return -1;
}

static int colour(const VTermColor *colour, bool is_default)
{
	if (is_default)
		return -1;
	if (VTERM_COLOR_IS_INDEXED(colour))
		return colour->indexed.idx;
	return 0x1000000 | colour->rgb.red << 16 | colour->rgb.green << 8 | colour->rgb.blue;
}

struct terminal_cell terminal_cell_at(struct terminal *terminal, int row, int column)
{
	struct terminal_cell out = { .foreground = -1, .background = -1 };
	VTermPos at = { .row = row, .col = column };
	VTermScreenCell cell;
	struct buf text = BUF_INIT;

	if (!vterm_screen_get_cell(terminal->screen, at, &cell))
		return out;
	if (cell.chars[0] != (uint32_t)-1)
		add_cell(&text, &cell);
	if (text.len < sizeof(out.text))
		memcpy(out.text, buf_text(&text), text.len);
	buf_clear(&text);
	out.width = cell.width;
	out.bold = cell.attrs.bold;
	out.underline = cell.attrs.underline != 0;
	out.italic = cell.attrs.italic;
	out.reverse = cell.attrs.reverse;
	out.blink = cell.attrs.blink;
	out.foreground = colour(&cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
	out.background = colour(&cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
	return out;
}

void terminal_cursor(struct terminal *terminal, int *row, int *column, bool *visible)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &at);
	*row = at.row;
	*column = at.col;
	*visible = terminal->cursor_visible;
}

bool terminal_alternate(struct terminal *terminal)
{
	return terminal->alternate;
}
