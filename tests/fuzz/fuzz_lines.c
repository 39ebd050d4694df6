/* SPDX-License-Identifier: Apache-2.0 */
/* Lines with a small ceiling: no part is longer, and the pieces the bytes come in must not matter. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/lines.h"

enum { CEILING = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_line(void *ctx, const char *line, size_t len, bool continued)
{
	struct buf *out = ctx;

	if (len > CEILING)
		abort();
	if (!continued)
		buf_add_byte(out, '\n');
	buf_add(out, line, len);
	return true;
}

static void cut(struct buf *out, const char *bytes, size_t len, size_t step)
{
	struct lines lines;
	size_t at;

	lines_init(&lines, CEILING, on_line, out);
	for (at = 0; at < len; at += step)
		if (lines_feed(&lines, bytes + at, len - at < step ? len - at : step) != (len - at < step ? len - at : step))
			abort();
	lines_finish(&lines);
	lines_clear(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, parts = BUF_INIT;

	cut(&whole, (const char *)data, size, size ? size : 1);
	cut(&parts, (const char *)data, size, size % 5 + 1);
	if (whole.len != parts.len || memcmp(buf_text(&whole), buf_text(&parts), whole.len) != 0)
		abort();
	buf_clear(&whole);
	buf_clear(&parts);
	return 0;
}
