/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens at the store's ceiling: the oldest sealed chunk in memory goes
 * to the spill, one at a time, beginning a little below the ceiling so that
 * the disk has time; the chunks on disk are always the oldest. Without a
 * spill, or when it has failed, the oldest are dropped, several together.
 */
#include "logs/store_private.h"

#include <stdint.h>
#include <stdlib.h>

uint64_t logs_store_disk_bytes(const struct logs_store *store)
{
	return store->disk_bytes;
}

void logs_store_spill(struct logs_store *store, struct logs_spill *spill, logs_changed_fn *changed, void *ctx)
{
	store->spill = spill;
	store->changed = changed;
	store->changed_ctx = ctx;
}

static bool takes_more(const struct logs_store *store)
{
	return store->spill && logs_spill_ceiling(store->spill) > 0;
}

bool logs_store_is_behind(const struct logs_store *store)
{
	return store->writing && logs_store_bytes(store) > store->ceiling;
}

bool logs_store_problem(struct logs_store *store, struct error *out)
{
	*out = store->problem;
	error_clear(&store->problem);
	return out->status != STATUS_OK;
}

/* ---- dropping ---- */

/* A part of the ceiling goes together, so that it is not done for each new chunk. */
static void drop_from_memory(struct logs_store *store)
{
	size_t target = store->ceiling - store->ceiling / 16, chunks = 0, freed = 0, has = logs_store_bytes(store);

	while (chunks + 1 < store->chunk_count && has - freed + LOGS_CHUNK > target) {
		const struct chunk *chunk = &store->chunks[chunks++];

		freed += chunk->count * sizeof(uint32_t);
		freed += chunk->region.len ? 0 : chunk->room + chunk->cap * sizeof(*chunk->records);
	}
	store_drop(store, chunks);
}

static void drop_from_disk(struct logs_store *store, uint64_t bytes)
{
	size_t chunks = 0;
	uint64_t freed = 0;

	while (chunks < store->on_disk && (freed < bytes || !chunks))
		freed += store->chunks[chunks++].region.len;
	store_drop(store, chunks);
}

/* ---- the disk ---- */

static struct spill_pieces pieces_of(const struct chunk *chunk)
{
	return (struct spill_pieces){ { chunk->text, chunk->records }, { chunk->used, chunk->count * sizeof(*chunk->records) } };
}

static void written(void *ctx, const struct spill_pieces *pieces, const struct error *err)
{
	struct logs_store *store = ctx;
	struct chunk *chunk = &store->chunks[store->on_disk];

	store->writing = false;
	if (err->status == STATUS_OK) {
		store->bytes -= chunk->room + chunk->cap * sizeof(*chunk->records);
		store->disk_bytes += chunk->region.len;
		chunk->text = logs_spill_at(store->spill, &chunk->region, pieces->len, 0);
		chunk->records = logs_spill_at(store->spill, &chunk->region, pieces->len, 1);
		store->on_disk++;
	} else {
		chunk->region = (struct spill_region){ 0 };
		store->problem = *err;
	}
	store_relieve(store);
	store->changed(store->changed_ctx);
}

static bool has_sealed(const struct logs_store *store)
{
	return store->on_disk + 1 < store->chunk_count;
}

/* False when the disk has no room for it, whatever is given back. */
static bool write_oldest(struct logs_store *store)
{
	struct spill_pieces pieces = pieces_of(&store->chunks[store->on_disk]);
	uint64_t size = logs_spill_size(&pieces);
	struct spill_region region;

	while (!logs_spill_reserve(store->spill, size, &region)) {
		if (!store->on_disk)
			return false;
		drop_from_disk(store, logs_spill_ceiling(store->spill) / 16);
	}
	store->chunks[store->on_disk].region = region;
	store->writing = true;
	logs_spill_write(store->spill, &region, &pieces, written, store);
	return true;
}

/* The order stays in memory; it may take half of it. */
static bool order_is_too_long(const struct logs_store *store)
{
	enum { ROOM_FOR_A_CHUNK = 2 * LOGS_CHUNK };

	return logs_order_bytes(store->order) > store->ceiling / 2 || store->next - store->base > UINT32_MAX - ROOM_FOR_A_CHUNK;
}

void store_relieve(struct logs_store *store)
{
	size_t has = logs_store_bytes(store) + LOGS_CHUNK;

	if (store->writing)
		return;
	if (takes_more(store)) {
		if (store->on_disk && order_is_too_long(store))
			drop_from_disk(store, store->disk_bytes / 16);
		if (has <= store->ceiling - store->ceiling / 8 || !has_sealed(store) || write_oldest(store))
			return;
	}
	if (has > store->ceiling && has_sealed(store))
		drop_from_memory(store);
}

/* Zeros in the place of lines help nobody: what is on disk is given up as a whole, and so is the disk. */
void logs_store_tend(struct logs_store *store)
{
	if (!store->spill || store->writing || !logs_spill_lost(store->spill))
		return;
	store_drop(store, store->on_disk);
	logs_spill_free(store->spill);
	store->spill = NULL;
	error_set(&store->problem, STATUS_INPUT, "log-disk", "the disk gave log lines back no more; those on it are lost, and no more go there");
	error_next(&store->problem, "look after the disk; the newest lines are in memory");
	store->changed(store->changed_ctx);
}
