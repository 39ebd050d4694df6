/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-sent events, as the WHATWG HTML standard reads them: lines end at LF,
 * CR or CRLF; a byte order mark is dropped; data lines join with LF; one space
 * after the colon goes; an event without data is none.
 */
#ifndef CVMDECK_WIRE_SSE_H
#define CVMDECK_WIRE_SSE_H

#include "base/buf.h"

/* type is "message" where none was given; borrowed; data is well-formed UTF-8. Returns false to hear no more. */
typedef bool sse_fn(void *ctx, const char *type, const char *data, size_t len);

struct sse {
	sse_fn *fn;
	void *ctx;
	struct buf line, type, data, text;
	bool has_data, after_cr, begun, stopped;
	bool overflow; /* an event passed LIMIT_SSE_EVENT and was dropped */
};

void sse_init(struct sse *sse, sse_fn *fn, void *ctx);
void sse_clear(struct sse *sse);
/* False once fn said stop or an event was too long. */
bool sse_feed(struct sse *sse, const char *bytes, size_t len);

#endif
