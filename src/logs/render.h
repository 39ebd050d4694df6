/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A raw log line as harmless text with its colours: SGR sequences (ECMA-48,
 * CSI … m) become styles, every other control character, sequence, invalid
 * byte and hidden format character is made visible as base/text.h does it.
 *
 * The result is a list of pieces. Inside a `plain` piece raw and safe bytes
 * stand one to one, so that a match found in the raw line can be shown in the
 * safe one; any other piece is shown and highlighted as a whole.
 */
#ifndef CVMDECK_LOGS_RENDER_H
#define CVMDECK_LOGS_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum logs_attribute { LOGS_BOLD = 1, LOGS_DIM = 2, LOGS_ITALIC = 4, LOGS_UNDERLINE = 8, LOGS_REVERSE = 16 };

struct logs_style {
	int16_t fg, bg; /* -1: the terminal's own; 0 to 255 of the palette */
	uint8_t attributes;
};

#define LOGS_STYLE_PLAIN ((struct logs_style){ -1, -1, 0 })

struct logs_piece {
	size_t raw, raw_len;   /* in the line as given */
	size_t safe, safe_len; /* in the text made of it */
	struct logs_style style;
	bool plain;
};

struct logs_rendered {
	struct buf text;
	struct logs_piece *pieces;
	size_t count, cap;
	size_t column, measured; /* while rendering: columns of the first `measured` bytes */
};

/* Replaces what was rendered before; zeroed memory is an empty one. Tabs become blanks up to the next multiple of 8 columns. */
void logs_render(struct logs_rendered *out, const char *line, size_t len);
void logs_rendered_clear(struct logs_rendered *out);
/* Where a byte of the raw line is in the safe text; the end for a byte past the last. */
size_t logs_rendered_place(const struct logs_rendered *rendered, size_t raw);

#endif
