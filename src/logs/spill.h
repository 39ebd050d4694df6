/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file for what memory has no room for. It has no name and is readable by
 * nobody else: it is gone when the program ends, however it ends. Regions are
 * given out like a ring's, the oldest is to be given back first. A worker
 * writes; reading is by address, the file is mapped as a whole. Used from the
 * loop's thread only.
 *
 * When the disk is full, or nearly so, the ring stays as large as it is: others
 * need the rest more, the journal first. A page that the disk gives back no
 * more reads as zeros (spill_guard.h) and is told by logs_spill_lost.
 */
#ifndef CVMDECK_LOGS_SPILL_H
#define CVMDECK_LOGS_SPILL_H

#include "loop/loop.h"

struct logs_spill;

struct spill_region {
	uint64_t offset;
	uint64_t len;
};

/* What is written: two pieces of memory, each taken over and given back or freed. */
struct spill_pieces {
	void *at[2];
	size_t len[2];
};

/*
 * ceiling: bytes the file may take. The folder is made when it is missing.
 * Errors: STATUS_INPUT "log-disk": no file can be made there, or the folder is
 * in memory itself (tmpfs), where the file would save nothing.
 */
struct logs_spill *logs_spill_new(struct loop *loop, const char *folder, uint64_t ceiling, struct error *err) MUST_CHECK;
/* Tells early whether that could be done. */
bool logs_spill_try(const char *folder, struct error *err) MUST_CHECK;
/* The same on an open file, which is taken over also on failure; keep_free: bytes of its disk that stay free. */
struct logs_spill *logs_spill_on(struct loop *loop, int fd, uint64_t ceiling, uint64_t keep_free, struct error *err) MUST_CHECK;
/* What is being written is freed when the worker gives it back, without a call. NULL is fine. */
void logs_spill_free(struct logs_spill *spill);

uint64_t logs_spill_ceiling(const struct logs_spill *spill);
/* A region for len bytes; false: there is no room until the oldest is given back. */
bool logs_spill_reserve(struct logs_spill *spill, uint64_t len, struct spill_region *out);
/* Gives the oldest region back. */
void logs_spill_release(struct logs_spill *spill);
/* What the pieces take in a region, the second one aligned for any type. */
uint64_t logs_spill_size(const struct spill_pieces *pieces);

/*
 * Writes the pieces to a region. done: on the loop; err->status STATUS_OK:
 * they are freed and read from where logs_spill_at says; else they are the
 * caller's again and the region is given back. One at a time.
 */
typedef void spill_done_fn(void *ctx, const struct spill_pieces *pieces, const struct error *err);
void logs_spill_write(struct logs_spill *spill, const struct spill_region *region, const struct spill_pieces *pieces, spill_done_fn *done, void *ctx);
/* Where piece i of a written region is. */
void *logs_spill_at(const struct logs_spill *spill, const struct spill_region *region, const size_t len[2], int i);
/* A region is about to be read from its begin to its end. */
void logs_spill_will_read(const struct logs_spill *spill, const struct spill_region *region);
/* True when what was written could not be read: zeros stand there. */
bool logs_spill_lost(const struct logs_spill *spill);

#endif
