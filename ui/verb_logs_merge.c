/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines lie in a store, whose order is that of time; a cursor says how far
 * they were given. A line is ripe when it has been held long enough; those
 * that were given stay until the store needs their room.
 */
#include "ui/verb_logs_merge.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	HOLD_MS = 200,             /* each line */
	HISTORY_QUIET_MS = 300,    /* at the start: so long after the last old line */
	HISTORY_MOST_MS = 2500,    /* and no longer than this in all */
	TICK_MS = 50,
	TICKS = HOLD_MS / TICK_MS,
	MEMORY = 32 * 1024 * 1024,
	HELD_MOST = 8 * 1024 * 1024,
	LINE_COST = 64,            /* of a line besides its text */
};

struct log_merge {
	struct loop *loop;
	struct log_merge_handler handler;
	struct logs_store *store;
	struct loop_timer timer;
	int64_t cursor_us;         /* the line given last */
	uint64_t cursor;
	size_t held;               /* bytes not given yet */
	uint64_t ends[TICKS];      /* the store's end at the last ticks, oldest first */
	int64_t began_ms, began_wall_ms, history_ms;
	bool settled, stopped;
};

struct log_merge *log_merge_new(struct loop *loop, const struct log_merge_handler *handler)
{
	struct log_merge *merge = mem_new(1, sizeof(*merge));

	merge->loop = loop;
	merge->handler = *handler;
	merge->store = logs_store_new(MEMORY);
	merge->cursor_us = INT64_MIN;
	merge->began_ms = merge->history_ms = clock_mono_ms();
	merge->began_wall_ms = clock_wall_ms();
	return merge;
}

void log_merge_free(struct log_merge *merge)
{
	if (!merge)
		return;
	loop_timer_cancel(&merge->timer);
	logs_store_free(merge->store);
	free(merge);
}

/* Gives what stands before the first line that is not below `ripe`. */
static void give(struct log_merge *merge, uint64_t ripe)
{
	size_t place = logs_store_place_after(merge->store, merge->cursor_us, merge->cursor), count = logs_store_count(merge->store);

	for (; place < count; place++) {
		struct logs_line line = logs_store_at(merge->store, place);

		if (line.number >= ripe)
			break;
		merge->cursor_us = line.time_us;
		merge->cursor = line.number;
		merge->held -= line.len + LINE_COST;
		merge->handler.line(merge->handler.ctx, &line);
	}
	if (merge->stopped && merge->held < HELD_MOST / 2) {
		merge->stopped = false;
		merge->handler.resume(merge->handler.ctx);
	}
}

static bool is_settled(const struct log_merge *merge)
{
	int64_t now = clock_mono_ms();

	return merge->settled || merge->stopped || now - merge->began_ms >= HISTORY_MOST_MS || now - merge->history_ms >= HISTORY_QUIET_MS;
}

static void tick(void *ctx)
{
	struct log_merge *merge = ctx;
	size_t i;

	merge->settled = is_settled(merge);
	if (merge->settled)
		give(merge, merge->ends[0]);
	for (i = 0; i + 1 < TICKS; i++)
		merge->ends[i] = merge->ends[i + 1];
	merge->ends[TICKS - 1] = logs_store_end(merge->store);
	if (merge->held)
		loop_timer_set(merge->loop, &merge->timer, TICK_MS, tick, merge);
}

bool log_merge_add(struct log_merge *merge, uint16_t source, int64_t stamp_ns, unsigned flags, const char *text, size_t len)
{
	struct logs_line line;

	logs_store_add(merge->store, source, stamp_ns > 0 ? stamp_ns / 1000 : 0, clock_wall_ms() * 1000, flags, text, len);
	line = logs_store_line(merge->store, logs_store_end(merge->store) - 1);
	if (stamp_ns > 0 && stamp_ns / 1000000 < merge->began_wall_ms)
		merge->history_ms = clock_mono_ms();
	if (line.time_us < merge->cursor_us) {
		merge->handler.line(merge->handler.ctx, &line);
		return !merge->stopped;
	}
	merge->held += line.len + LINE_COST;
	if (!loop_timer_is_set(&merge->timer))
		loop_timer_set(merge->loop, &merge->timer, TICK_MS, tick, merge);
	merge->stopped = merge->stopped || merge->held >= HELD_MOST;
	return !merge->stopped;
}

void log_merge_flush(struct log_merge *merge)
{
	give(merge, UINT64_MAX);
}
