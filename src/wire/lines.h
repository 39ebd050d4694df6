/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts bytes into lines at LF (a CR before it goes too). A line longer than
 * the ceiling is given in parts; the parts after the first say `continued`.
 * A cut never splits a UTF-8 character.
 */
#ifndef CVMDECK_WIRE_LINES_H
#define CVMDECK_WIRE_LINES_H

#include "base/buf.h"

/* One line without its end, borrowed; returns false to stop reading for now. */
typedef bool lines_fn(void *ctx, const char *line, size_t len, bool continued);

struct lines {
	lines_fn *fn;
	void *ctx;
	size_t max;
	struct buf rest;
	bool continued;
};

void lines_init(struct lines *lines, size_t max, lines_fn *fn, void *ctx);
void lines_clear(struct lines *lines);
/* Returns how many bytes were taken: all, or fewer when fn returned false. */
size_t lines_feed(struct lines *lines, const char *bytes, size_t len);
/* Gives out what stands without a line end; false when fn said so. */
bool lines_finish(struct lines *lines);
/* Forgets an unfinished line. */
void lines_reset(struct lines *lines);

#endif
