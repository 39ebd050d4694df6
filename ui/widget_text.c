/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/widget_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

size_t wrap_line(const char *text, size_t len, size_t width, size_t *next)
{
	const char *feed = memchr(text, '\n', len);
	size_t whole = feed ? (size_t)(feed - text) : len;
	size_t fit = text_fit(text, whole, width), at = fit;

	if (fit == whole) {
		*next = feed ? whole + 1 : whole;
		return whole;
	}
	while (at && text[at] != ' ')
		at--;
	if (!at)
		at = fit ? fit : 1;
	*next = at;
	while (*next < whole && text[*next] == ' ')
		(*next)++;
	return at;
}

int draw_wrapped(struct area area, int row, int col, int width, text_style style, const char *text)
{
	size_t len = strlen(text), next;
	int rows = 0;

	while (len && width > 0) {
		size_t n = wrap_line(text, len, (size_t)width, &next);

		area_put_n(area, row + rows++, col, style, text, n);
		text += next;
		len -= next;
	}
	return rows;
}

void page_clear(struct page *page)
{
	buf_clear(&page->text);
	free(page->pieces);
	*page = (struct page){ 0 };
}

void page_reset(struct page *page)
{
	buf_reset(&page->text);
	page->count = page->lines = 0;
}

static int line_end(const struct page *page)
{
	const struct page_piece *last = page->count ? &page->pieces[page->count - 1] : NULL;

	if (!last || last->line != page->lines)
		return 0;
	return last->col + (int)text_width(page->text.data + last->at, last->len);
}

void page_add(struct page *page, int col, text_style style, const char *text)
{
	int end = line_end(page);
	struct page_piece piece = { .line = page->lines, .col = col > end ? col : end, .style = style, .at = page->text.len };

	/* Safe from here on, so that widths are what is drawn. */
	text_safe(&page->text, text, strlen(text), TEXT_ONE_LINE);
	piece.len = page->text.len - piece.at;
	if (!piece.len)
		return;
	page->pieces = mem_grow(page->pieces, page->count, &page->cap, sizeof(*page->pieces));
	page->pieces[page->count++] = piece;
}

void page_addf(struct page *page, int col, text_style style, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	page_add(page, col, style, text);
}

void page_end_line(struct page *page)
{
	page->lines++;
}

void page_add_wrapped(struct page *page, int col, int width, text_style style, const char *text)
{
	size_t len = strlen(text), next;

	while (len && width > 0) {
		size_t n = wrap_line(text, len, (size_t)width, &next);
		char *line = mem_copy(text, n);

		page_add(page, col, style, line);
		page_end_line(page);
		free(line);
		text += next;
		len -= next;
	}
}

void page_draw(struct page *page, struct area area)
{
	size_t i;

	scroll_fit(&page->scroll, page->lines, area.height);
	for (i = 0; i < page->count; i++) {
		const struct page_piece *piece = &page->pieces[i];
		const char *text = page->text.data + piece->at;
		int col = piece->col - page->scroll.offset;

		if (piece->line < page->scroll.top || piece->line >= page->scroll.top + page->scroll.height)
			continue;
		draw_scrolled(area, (int)(piece->line - page->scroll.top), col < 0 ? 0 : col, col < 0 ? -col : 0, piece->style, text, piece->len);
	}
}
