/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/render.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { SGR_PARAMETERS = 16, SGR_LONGEST = 64 };

static void add_piece(struct logs_rendered *out, size_t raw, size_t raw_len, size_t safe, struct logs_style style, bool plain)
{
	out->pieces = mem_grow(out->pieces, out->count, &out->cap, sizeof(*out->pieces));
	out->pieces[out->count++] = (struct logs_piece){ raw, raw_len, safe, out->text.len - safe, style, plain };
}

/* ---- SGR ---- */

/* 38;5;n, 48;5;n and 38;2;r;g;b. Returns how many parameters it took. */
static size_t extended_colour(const unsigned *p, size_t left, int16_t *colour)
{
	if (left >= 3 && p[1] == 5) {
		*colour = p[2] < 256 ? (int16_t)p[2] : -1;
		return 3;
	}
	if (left >= 5 && p[1] == 2) {
		unsigned r = p[2] & 255, g = p[3] & 255, b = p[4] & 255;

		*colour = (int16_t)(16 + 36 * (r * 5 / 255) + 6 * (g * 5 / 255) + b * 5 / 255);
		return 5;
	}
	return left;
}

static void apply_one(struct logs_style *style, unsigned code)
{
	static const struct { unsigned on, off; uint8_t attribute; } attributes[] = {
		{ 1, 22, LOGS_BOLD }, { 2, 22, LOGS_DIM }, { 3, 23, LOGS_ITALIC }, { 4, 24, LOGS_UNDERLINE }, { 7, 27, LOGS_REVERSE },
	};
	size_t i;

	if (code == 0)
		*style = LOGS_STYLE_PLAIN;
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (code == attributes[i].on)
			style->attributes |= attributes[i].attribute;
		else if (code == attributes[i].off)
			style->attributes &= (uint8_t)~attributes[i].attribute;
	}
	if (code >= 30 && code <= 37)
		style->fg = (int16_t)(code - 30);
	else if (code >= 90 && code <= 97)
		style->fg = (int16_t)(code - 90 + 8);
	else if (code >= 40 && code <= 47)
		style->bg = (int16_t)(code - 40);
	else if (code >= 100 && code <= 107)
		style->bg = (int16_t)(code - 100 + 8);
	else if (code == 39)
		style->fg = -1;
	else if (code == 49)
		style->bg = -1;
}

static void apply_sgr(struct logs_style *style, const unsigned *p, size_t count)
{
	size_t i = 0;

	while (i < count) {
		if (p[i] == 38)
			i += extended_colour(p + i, count - i, &style->fg);
		else if (p[i] == 48)
			i += extended_colour(p + i, count - i, &style->bg);
		else
			apply_one(style, p[i++]);
	}
}

/* The length of an SGR sequence at s (ESC [ digits and ; or : m), applied to *style; 0 when it is none. */
static size_t take_sgr(const char *s, size_t len, struct logs_style *style)
{
	unsigned parameters[SGR_PARAMETERS] = { 0 };
	size_t count = 1, i;

	if (len < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	for (i = 2; i < len && i < SGR_LONGEST; i++) {
		if (s[i] == 'm') {
			apply_sgr(style, parameters, count);
			return i + 1;
		}
		if (s[i] >= '0' && s[i] <= '9')
			parameters[count - 1] = parameters[count - 1] % 100000 * 10 + (unsigned)(s[i] - '0');
		else if ((s[i] != ';' && s[i] != ':') || count == SGR_PARAMETERS)
			return 0;
		else
			count++;
	}
	return 0;
}

/* ---- text ---- */

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F;
}

/* Takes a run of bytes that are shown as they are; returns its length. */
static size_t take_plain(struct logs_rendered *out, const char *line, size_t at, size_t len, struct logs_style style)
{
	size_t end = at, safe = out->text.len;

	while (end < len && is_plain((unsigned char)line[end]))
		end++;
	buf_add(&out->text, line + at, end - at);
	add_piece(out, at, end - at, safe, style, true);
	return end - at;
}

static size_t take_tab(struct logs_rendered *out, size_t at, struct logs_style style)
{
	size_t safe = out->text.len;

	/* Only what came since the last tab is measured. */
	out->column += text_width(buf_text(&out->text) + out->measured, safe - out->measured);
	do {
		buf_add_byte(&out->text, ' ');
	} while (++out->column % 8);
	out->measured = out->text.len;
	add_piece(out, at, 1, safe, style, false);
	return 1;
}

/* One character that is not ASCII, or one that must be made visible. */
static size_t take_other(struct logs_rendered *out, const char *line, size_t at, size_t len, struct logs_style style)
{
	size_t safe = out->text.len;
	uint32_t cp;
	size_t n = text_decode(line + at, len - at, &cp);

	text_safe(&out->text, line + at, n, TEXT_ONE_LINE);
	add_piece(out, at, n, safe, style, false);
	return n;
}

void logs_render(struct logs_rendered *out, const char *line, size_t len)
{
	struct logs_style style = LOGS_STYLE_PLAIN;
	size_t at = 0;

	buf_reset(&out->text);
	out->count = 0;
	out->column = out->measured = 0;
	while (at < len) {
		size_t sgr = line[at] == '\033' ? take_sgr(line + at, len - at, &style) : 0;

		if (sgr)
			at += sgr;
		else if (is_plain((unsigned char)line[at]))
			at += take_plain(out, line, at, len, style);
		else if (line[at] == '\t')
			at += take_tab(out, at, style);
		else
			at += take_other(out, line, at, len, style);
	}
}

void logs_rendered_clear(struct logs_rendered *out)
{
	buf_clear(&out->text);
	free(out->pieces);
	*out = (struct logs_rendered){ 0 };
}

size_t logs_rendered_place(const struct logs_rendered *rendered, size_t raw)
{
	size_t i;

	for (i = 0; i < rendered->count; i++) {
		const struct logs_piece *piece = &rendered->pieces[i];

		if (raw < piece->raw)
			return piece->safe;
		if (raw < piece->raw + piece->raw_len)
			return piece->safe + (piece->plain ? raw - piece->raw : 0);
	}
	return rendered->text.len;
}
