/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines of many sources, held compactly and in one merged order.
 *
 * Lines lie in large chunks in the order they arrived, each with a record of
 * 16 bytes; a second, 4-byte entry a line gives the merged order: by time, then
 * by arrival, but never changing the order within a source. At the ceiling the
 * oldest chunks go to a file, where there is one (logs_store_spill), and are
 * read from there as if they were in memory; else they are dropped and the
 * loss is counted. A line is named by its number (`uint64_t`, from 0, in order
 * of arrival), which stays valid until the line is dropped; a place is an
 * index into the merged order and moves when lines come or go.
 *
 * Bytes are kept raw; whoever shows them makes them safe.
 */
#ifndef CVMDECK_LOGS_STORE_H
#define CVMDECK_LOGS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum logs_flag {
	LOGS_STDERR = 1,
	LOGS_MARKER = 2,    /* a rollout's mark, not from the CVM */
	LOGS_CONTINUED = 4, /* the rest of a line that was too long for one */
	LOGS_NO_TIME = 8,   /* none given, or one before the source's last: the time is that of the line before, or of arrival where the source gives none */
};

enum logs_level { LOGS_NONE, LOGS_DEBUG, LOGS_INFO, LOGS_WARN, LOGS_ERROR };

struct logs_line {
	uint64_t number;
	const char *text; /* borrowed until the store changes; a line feed stands behind it */
	size_t len;
	int64_t time_us;  /* since 1970 */
	uint16_t source;
	uint8_t flags;
	uint8_t level;
};

struct logs_store;

enum { LOGS_CHUNK = 1024 * 1024 };

/* ceiling: bytes for text and records together (at least two chunks). */
struct logs_store *logs_store_new(size_t ceiling);
void logs_store_free(struct logs_store *store);

/*
 * From now on the oldest chunks go to this spill (logs/spill.h), which is taken
 * over. changed: called on the loop whenever one has been written or could not
 * be: look at logs_store_is_behind and logs_store_problem.
 */
struct logs_spill;
typedef void logs_changed_fn(void *ctx);
void logs_store_spill(struct logs_store *store, struct logs_spill *spill, logs_changed_fn *changed, void *ctx);
/* The disk is slower than the lines: memory is past the ceiling. Who can should stop adding until `changed`. */
bool logs_store_is_behind(const struct logs_store *store);
/* Why the disk takes less or nothing more, once; false when there is nothing (new) to say. */
bool logs_store_problem(struct logs_store *store, struct error *out);
/* Looks after the disk when nothing is added: what could not be read from it is dropped. */
void logs_store_tend(struct logs_store *store);

/*
 * Adds one line (a line feed inside becomes a blank). A line longer than
 * LIMIT_LOG_LINE is kept as several, the later ones LOGS_CONTINUED.
 * time_us 0: none given; now_us is the time of arrival.
 */
void logs_store_add(struct logs_store *store, uint16_t source, int64_t time_us, int64_t now_us, unsigned flags, const char *text, size_t len);

/* Lines held; places run from 0 to count - 1. */
size_t logs_store_count(const struct logs_store *store);
/* The line at a place of the merged order. */
struct logs_line logs_store_at(const struct logs_store *store, size_t place);
/* The line with this number; len 0 and text NULL when it was dropped. */
struct logs_line logs_store_line(const struct logs_store *store, uint64_t number);
/* The place of a number, or SIZE_MAX when it was dropped. */
size_t logs_store_place(const struct logs_store *store, uint64_t number);
/* The first place behind the line with this time and number, whether it is there or not: the merged order is by these two. */
size_t logs_store_place_after(const struct logs_store *store, int64_t time_us, uint64_t number);
/* The number at a place, without touching the line. */
uint64_t logs_store_number(const struct logs_store *store, size_t place);

/* The next number to be given, and the lowest still held. */
uint64_t logs_store_end(const struct logs_store *store);
uint64_t logs_store_begin(const struct logs_store *store);
/* How many lines were added as LOGS_MARKER since the beginning. */
uint64_t logs_store_markers(const struct logs_store *store);
/* Lines dropped so far, and bytes held in memory (text, records and order) and on disk. */
uint64_t logs_store_dropped(const struct logs_store *store);
size_t logs_store_bytes(const struct logs_store *store);
uint64_t logs_store_disk_bytes(const struct logs_store *store);

/*
 * Raw access for scanning: the text of the chunk that holds `number` from that
 * line on, lines separated by line feeds. Out: *text, *len, *first (number of
 * the first line in it), *lines. Returns false past the end.
 */
bool logs_store_run(const struct logs_store *store, uint64_t number, const char **text, size_t *len, size_t *lines);
/* Offset of a line's text within the run that begins at line `first`. */
size_t logs_store_offset(const struct logs_store *store, uint64_t first, uint64_t number);

/* What a line's level is, guessed from its words ("ERROR", "level=warn", "E0102"). */
enum logs_level logs_level_guess(const char *text, size_t len);

#endif
