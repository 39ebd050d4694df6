/* SPDX-License-Identifier: Apache-2.0 */
/* The input, cut in two at its first 0xFF, as two texts: the rows must give both texts back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compose/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_side(struct buf *out, const struct compose_diff_side *side)
{
	size_t i, last = 0;

	if (!side->line)
		return;
	buf_add(out, side->text, side->len);
	if (!side->no_newline)
		buf_add_byte(out, '\n');
	for (i = 0; i < side->span_count; i++) {
		if (side->spans[i].from < last || side->spans[i].to <= side->spans[i].from || side->spans[i].to > side->len)
			abort();
		last = side->spans[i].to;
	}
}

static void need(const struct buf *have, const char *want, size_t len)
{
	if (have->len != len || memcmp(buf_text(have), want, len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0xFF, size) : NULL;
	const char *before = (const char *)data, *after = cut ? (const char *)cut + 1 : (const char *)data + size;
	size_t before_len = cut ? (size_t)(cut - data) : size, after_len = size - (size_t)(after - before), i;
	struct compose_diff *diff = compose_diff_new(before, before_len, after, after_len);
	struct buf left = BUF_INIT, right = BUF_INIT, text = BUF_INIT;

	for (i = 0; i < diff->row_count; i++) {
		const struct compose_diff_row *row = &diff->rows[i];

		add_side(&left, &row->before);
		add_side(&right, &row->after);
		if (row->kind == COMPOSE_DIFF_SAME && (row->before.len != row->after.len ||
				memcmp(row->before.text, row->after.text, row->before.len) != 0))
			abort();
	}
	need(&left, before, before_len);
	need(&right, after, after_len);
	compose_diff_print(&text, diff, "a", "b", 3);
	buf_clear(&left);
	buf_clear(&right);
	buf_clear(&text);
	compose_diff_free(diff);
	return 0;
}
