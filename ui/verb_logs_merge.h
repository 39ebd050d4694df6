/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts the lines of several followed sources into one order by time: they are
 * held for a moment, at the start until their history is there, so that what
 * comes first but happened later waits for the others. A line that comes still
 * later is given at once. The order within a source never changes.
 */
#ifndef CVMDECK_UI_VERB_LOGS_MERGE_H
#define CVMDECK_UI_VERB_LOGS_MERGE_H

#include "logs/store.h"
#include "loop/loop.h"

struct log_merge;

/* resume: more can be added again, after log_merge_add said false. */
struct log_merge_handler {
	void (*line)(void *ctx, const struct logs_line *line);
	void (*resume)(void *ctx);
	void *ctx;
};

struct log_merge *log_merge_new(struct loop *loop, const struct log_merge_handler *handler);
void log_merge_free(struct log_merge *merge);
/* stamp_ns -1: none. False: no more until `resume` (the line was taken). */
bool log_merge_add(struct log_merge *merge, uint16_t source, int64_t stamp_ns, unsigned flags, const char *text, size_t len);
/* Gives all that is held, in order. */
void log_merge_flush(struct log_merge *merge);

#endif
