/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events: the pieces the bytes come in must not matter. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_event(void *ctx, const char *type, const char *bytes, size_t len)
{
	struct buf *out = ctx;

	buf_add_text(out, type);
	buf_add_byte(out, 0);
	buf_add(out, bytes, len);
	buf_add_byte(out, 1);
	return true;
}

static void parse(struct buf *out, const char *bytes, size_t len, size_t step)
{
	struct sse sse;
	size_t at;

	sse_init(&sse, on_event, out);
	for (at = 0; at < len; at += step)
		sse_feed(&sse, bytes + at, len - at < step ? len - at : step);
	sse_clear(&sse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, parts = BUF_INIT;

	parse(&whole, (const char *)data, size, size ? size : 1);
	parse(&parts, (const char *)data, size, size % 5 + 1);
	if (whole.len != parts.len || memcmp(buf_text(&whole), buf_text(&parts), whole.len) != 0)
		abort();
	buf_clear(&whole);
	buf_clear(&parts);
	return 0;
}
