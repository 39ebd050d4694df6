/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a log, as a function of place: line i of a run of a source has
 * always the same time and text. So a stream can be cut anywhere and read again
 * from any time, and nothing has to be kept.
 */
#ifndef CVMDECK_SANDBOX_LINES_H
#define CVMDECK_SANDBOX_LINES_H

#include "sandbox/faults.h"
#include "sandbox/world.h"

struct sb_lines {
	const struct sb_world *world;
	const struct sb_cvm *cvm;
	const struct sb_log_lies *lies;
	char source[64];
	bool container; /* one run: the newest; else every run of the machine */
	size_t epoch;   /* container: which */
};

struct sb_line {
	int64_t at_ns;
	bool to_stderr;
	struct buf text; /* without line feed */
};

/* False when the CVM has no such source now. */
bool sb_lines_open(struct sb_lines *lines, const struct sb_world *world, const struct sb_cvm *cvm, const struct sb_log_lies *lies,
	const char *source, bool container) MUST_CHECK;
/* How many lines there are at that time. */
uint64_t sb_lines_count(const struct sb_lines *lines, int64_t now_ns);
/* Line i: its time, and its text where line->text is wanted. */
int64_t sb_lines_time(const struct sb_lines *lines, uint64_t i);
void sb_lines_read(const struct sb_lines *lines, uint64_t i, struct sb_line *line);
/* True when no line will follow. */
bool sb_lines_ended(const struct sb_lines *lines, int64_t now_ns);

#endif
