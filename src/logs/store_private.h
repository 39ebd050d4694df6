/* SPDX-License-Identifier: Apache-2.0 */
/* What the files store*.c share; others include logs/store.h. */
#ifndef CVMDECK_LOGS_STORE_PRIVATE_H
#define CVMDECK_LOGS_STORE_PRIVATE_H

#include "logs/order.h"
#include "logs/spill.h"
#include "logs/store.h"

struct record {
	uint32_t offset;
	uint16_t source;
	uint8_t flags, level;
	int64_t time_us;
};

struct chunk {
	char *text;
	size_t used, room;
	struct record *records;
	size_t count, cap;
	uint64_t first;             /* number of its first line */
	struct spill_region region; /* on disk: text and records are in it; else len 0 */
};

struct source_time {
	int64_t last_us;
	bool stamped; /* has ever given a time */
};

struct logs_store {
	struct chunk *chunks; /* oldest first; those on disk are the oldest */
	size_t chunk_count, chunk_cap, on_disk;
	struct logs_order *order; /* numbers in merged order, which is that of time and number */
	uint64_t base;            /* number of the first line of the first chunk */
	uint64_t next, dropped, markers;
	size_t bytes, ceiling;    /* of the chunks in memory */
	struct source_time *times; /* by source */
	size_t sources;
	struct logs_spill *spill; /* NULL: the disk takes nothing */
	bool writing;             /* the oldest chunk in memory, which the spill has meanwhile */
	uint64_t disk_bytes;
	struct error problem;
	logs_changed_fn *changed;
	void *changed_ctx;
};

/* Drops the oldest `chunks` chunks. */
void store_drop(struct logs_store *store, size_t chunks);
/* Moves what passes the ceiling to disk, or drops it. The newest chunk stays. */
void store_relieve(struct logs_store *store);

#endif
