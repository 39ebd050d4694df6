/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/theme.h"

#include <stddef.h>

/* The colours are chosen to be legible on dark and on light backgrounds. */
struct row {
	struct look many; /* 256 colours */
	struct look few;  /* 16 */
	text_style mono;
};

static const struct row table[ROLE_COUNT] = {
	[ROLE_TEXT] = { { -1, -1, 0 }, { -1, -1, 0 }, 0 },
	[ROLE_DIM] = { { 245, -1, 0 }, { -1, -1, ATTR_DIM }, ATTR_DIM },
	[ROLE_STRONG] = { { -1, -1, ATTR_BOLD }, { -1, -1, ATTR_BOLD }, ATTR_BOLD },
	[ROLE_ACCENT] = { { 33, -1, 0 }, { 6, -1, 0 }, ATTR_BOLD },
	[ROLE_GOOD] = { { 71, -1, 0 }, { 2, -1, 0 }, 0 },
	[ROLE_WARN] = { { 172, -1, 0 }, { 3, -1, 0 }, 0 },
	[ROLE_BAD] = { { 167, -1, 0 }, { 1, -1, 0 }, ATTR_BOLD },
	[ROLE_HEADER] = { { -1, -1, ATTR_BOLD }, { -1, -1, ATTR_BOLD }, ATTR_BOLD },
	[ROLE_FOOTER] = { { 245, -1, 0 }, { -1, -1, ATTR_DIM }, 0 },
	[ROLE_RULE] = { { 240, -1, 0 }, { -1, -1, ATTR_DIM }, 0 },
	[ROLE_BADGE] = { { 16, 172, ATTR_BOLD }, { 0, 3, 0 }, ATTR_REVERSE },
	[ROLE_CARD] = { { 172, -1, ATTR_BOLD }, { 3, -1, ATTR_BOLD }, ATTR_BOLD },
	[ROLE_ADDED] = { { 71, -1, 0 }, { 2, -1, 0 }, 0 },
	[ROLE_REMOVED] = { { 167, -1, 0 }, { 1, -1, 0 }, 0 },
	[ROLE_ADDED_PART] = { { 231, 22, 0 }, { 0, 2, 0 }, ATTR_REVERSE },
	[ROLE_REMOVED_PART] = { { 231, 88, 0 }, { 7, 1, 0 }, ATTR_REVERSE },
	[ROLE_MATCH] = { { 16, 222, 0 }, { 0, 3, 0 }, ATTR_UNDERLINE },
	[ROLE_MATCH_NOW] = { { 16, 208, ATTR_BOLD }, { 0, 6, 0 }, ATTR_REVERSE },
	[ROLE_SOURCE_1] = { { 33, -1, 0 }, { 4, -1, 0 }, 0 },
	[ROLE_SOURCE_2] = { { 37, -1, 0 }, { 6, -1, 0 }, 0 },
	[ROLE_SOURCE_3] = { { 134, -1, 0 }, { 5, -1, 0 }, 0 },
	[ROLE_SOURCE_4] = { { 67, -1, 0 }, { 4, -1, ATTR_BOLD }, 0 },
	[ROLE_SOURCE_5] = { { 139, -1, 0 }, { 5, -1, ATTR_BOLD }, 0 },
	[ROLE_SOURCE_6] = { { 73, -1, 0 }, { 6, -1, ATTR_BOLD }, 0 },
};

/* The selected row has a background of its own, so its colours must stand on that. */
static struct look on_selection(struct look look, enum role role, int colours)
{
	if (look.bg >= 0)
		return look;
	if (colours < 256) {
		look.fg = -1; /* one bar, not a patchwork: what the colours say stands there in words and marks too */
		look.attributes |= ATTR_REVERSE;
		look.attributes &= ~(text_style)ATTR_DIM;
		return look;
	}
	look.bg = 24;
	if (role == ROLE_DIM)
		look.fg = 250;
	else if (role == ROLE_GOOD)
		look.fg = 120;
	else if (role == ROLE_WARN)
		look.fg = 222;
	else if (role == ROLE_BAD)
		look.fg = 217;
	else
		look.fg = 231;
	return look;
}

/* Colours a log line brings along; beyond the sixteen only where the terminal has them. */
static void bring_along(struct look *look, text_style style, int colours)
{
	int fg = (int)(style >> 16 & 0xFF), bg = (int)(style >> 24 & 0xFF);

	if ((style & STYLE_HAS_FOREGROUND) && fg < (colours < 16 ? 16 : colours))
		look->fg = fg;
	if ((style & STYLE_HAS_BACKGROUND) && bg < colours)
		look->bg = bg;
}

struct look theme_look(text_style style, int colours)
{
	enum role role = (enum role)(style & STYLE_ROLE);
	const struct row *row = &table[role < ROLE_COUNT ? role : ROLE_TEXT];
	struct look look = colours >= 256 ? row->many : row->few;

	if (role >= ROLE_ANSI_0 && role <= ROLE_ANSI_15)
		look = (struct look){ (int)(role - ROLE_ANSI_0), -1, 0 };
	bring_along(&look, style, colours);
	if (!colours)
		look = (struct look){ -1, -1, row->mono };
	else if (colours < 16 && look.fg >= 8)
		look = (struct look){ look.fg - 8, look.bg, look.attributes | ATTR_BOLD };
	if (style & ATTR_SELECTED)
		look = on_selection(look, role, colours);
	look.attributes |= style & (ATTR_BOLD | ATTR_DIM | ATTR_UNDERLINE | ATTR_REVERSE);
	return look;
}

uint32_t theme_stand_in(uint32_t cp)
{
	static const struct { uint32_t cp; char ascii; } stand_ins[] = {
		{ 0x2713, '+' }, { 0x2717, 'x' }, { 0x2026, '~' }, { 0x25B8, '>' }, { 0x25BE, 'v' }, { 0x25CF, '*' },
		{ 0x25D0, 'o' }, { 0x25D1, 'o' }, { 0x25CB, '.' }, { 0x2013, '-' }, { 0x2014, '-' }, { 0x2500, '-' },
		{ 0x2502, '|' }, { 0x250C, '+' }, { 0x2510, '+' }, { 0x2514, '+' }, { 0x2518, '+' }, { 0x251C, '+' },
		{ 0x2524, '+' }, { 0x2192, '>' }, { 0x2190, '<' }, { 0x2191, '^' }, { 0x2193, 'v' }, { 0x2264, '<' },
		{ 0x00B7, '.' }, { 0x00D7, 'x' }, { 0x23CE, '^' }, { 0x2588, '#' }, { 0x2591, '.' }, { 0x2022, '*' },
		{ 0x00A0, ' ' }, { 0x25B2, '^' }, { 0x25BC, 'v' }, { 0x203A, '>' }, { 0x2039, '<' }, { 0x2248, '~' },
		{ 0x201C, '"' }, { 0x201D, '"' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x2212, '-' }, { 0x2501, '=' },
		{ 0x2503, '|' }, { 0x25C6, '*' }, { 0x2016, '|' },
	};
	size_t i;

	for (i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		if (stand_ins[i].cp == cp)
			return (uint32_t)stand_ins[i].ascii;
	if (cp >= 0x2800 && cp < 0x2900) /* the spinner's braille dots */
		return (uint32_t)"|/-\\"[cp % 4];
	return 0;
}

uint32_t theme_ascii(uint32_t cp)
{
	uint32_t sign = cp < 0x80 ? cp : theme_stand_in(cp);

	return sign ? sign : '?';
}
