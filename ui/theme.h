/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a piece of text means, and in one table how that looks. Screens speak
 * in roles; colours, 16 or 256 of them or none, are decided here alone.
 * Colour never carries meaning alone: the table's mono column must do.
 */
#ifndef CVMDECK_UI_THEME_H
#define CVMDECK_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum role {
	ROLE_TEXT,
	ROLE_DIM,     /* secondary */
	ROLE_STRONG,  /* what matters */
	ROLE_ACCENT,  /* focus, keys */
	ROLE_GOOD,    /* checked and good, running */
	ROLE_WARN,    /* waiting, risky */
	ROLE_BAD,     /* checked and bad, failed */
	ROLE_HEADER,
	ROLE_FOOTER,
	ROLE_RULE,
	ROLE_BADGE,   /* SANDBOX */
	ROLE_CARD,    /* frame of the signature card */
	ROLE_ADDED,
	ROLE_REMOVED,
	ROLE_ADDED_PART,   /* the changed piece inside a line */
	ROLE_REMOVED_PART,
	ROLE_MATCH,
	ROLE_MATCH_NOW,
	ROLE_SOURCE_1, /* labels of log sources: no state colours */
	ROLE_SOURCE_2,
	ROLE_SOURCE_3,
	ROLE_SOURCE_4,
	ROLE_SOURCE_5,
	ROLE_SOURCE_6,
	ROLE_ANSI_0, /* the sixteen colours a log line may bring along */
	ROLE_ANSI_15 = ROLE_ANSI_0 + 15,
	ROLE_COUNT,
};

/* A role with attributes or-ed to it. */
typedef uint32_t text_style;
enum {
	ATTR_BOLD = 0x100,
	ATTR_DIM = 0x200,
	ATTR_UNDERLINE = 0x400,
	ATTR_REVERSE = 0x800,
	ATTR_SELECTED = 0x1000, /* the selected row */
	STYLE_ROLE = 0xFF,
};
/* A colour of the palette that a log line brings along, over the role's own. */
#define STYLE_HAS_FOREGROUND 0x2000u
#define STYLE_HAS_BACKGROUND 0x4000u
#define STYLE_FOREGROUND(index) (STYLE_HAS_FOREGROUND | ((text_style)(index) & 0xFFu) << 16)
#define STYLE_BACKGROUND(index) (STYLE_HAS_BACKGROUND | ((text_style)(index) & 0xFFu) << 24)

struct look {
	int fg, bg; /* palette index, -1: the terminal's own */
	text_style attributes;
};

/* colours: 0 (none), 16 or 256. */
struct look theme_look(text_style style, int colours);

/* What stands for one of the console's own signs where the terminal has no glyph for it; 0: cp is none of them. */
uint32_t theme_stand_in(uint32_t cp);
/* What stands for any character on a terminal that knows only ASCII; '?' for the unknown. */
uint32_t theme_ascii(uint32_t cp);

#endif
