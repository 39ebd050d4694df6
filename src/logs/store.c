/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/store_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

struct logs_store *logs_store_new(size_t ceiling)
{
	struct logs_store *store = mem_new(1, sizeof(*store));

	store->ceiling = ceiling < 2 * LOGS_CHUNK ? 2 * LOGS_CHUNK : ceiling;
	store->order = logs_order_new();
	return store;
}

/* What the spill has meanwhile is its own. */
static bool is_ours(const struct logs_store *store, size_t i)
{
	return i >= store->on_disk && !(store->writing && i == store->on_disk);
}

void logs_store_free(struct logs_store *store)
{
	size_t i;

	if (!store)
		return;
	for (i = 0; i < store->chunk_count; i++) {
		if (!is_ours(store, i))
			continue;
		free(store->chunks[i].text);
		free(store->chunks[i].records);
	}
	logs_spill_free(store->spill);
	logs_order_free(store->order);
	free(store->chunks);
	free(store->times);
	free(store);
}

/* ---- finding ---- */

/* The chunk that holds a number that is there. */
static struct chunk *chunk_of(const struct logs_store *store, uint64_t number)
{
	size_t low = 0, high = store->chunk_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (store->chunks[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	return &store->chunks[low];
}

/* Without the line feed. What the disk gave back as zeros may lie outside, or before its own begin: it is empty. */
static size_t line_len(const struct chunk *chunk, size_t at)
{
	size_t begin = chunk->records[at].offset, end = at + 1 < chunk->count ? chunk->records[at + 1].offset : chunk->used;

	return begin < end && end <= chunk->used ? end - begin - 1 : 0;
}

struct logs_line logs_store_line(const struct logs_store *store, uint64_t number)
{
	const struct chunk *chunk;
	const struct record *record;
	size_t at;

	if (number < store->base || number >= store->next || !store->chunk_count)
		return (struct logs_line){ .number = number };
	chunk = chunk_of(store, number);
	at = (size_t)(number - chunk->first);
	record = &chunk->records[at];
	return (struct logs_line){
		.number = number,
		.text = chunk->text + record->offset,
		.len = line_len(chunk, at),
		.time_us = record->time_us,
		.source = record->source,
		.flags = record->flags,
		.level = record->level,
	};
}

uint64_t logs_store_number(const struct logs_store *store, size_t place)
{
	uint32_t low = logs_order_at(store->order, place);

	return store->base + (uint32_t)(low - (uint32_t)store->base);
}

struct logs_line logs_store_at(const struct logs_store *store, size_t place)
{
	return logs_store_line(store, logs_store_number(store, place));
}

/* Only the record is touched, not the text. */
static int64_t time_of_number(const struct logs_store *store, uint64_t number)
{
	const struct chunk *chunk = chunk_of(store, number);

	return chunk->records[number - chunk->first].time_us;
}

size_t logs_store_place_after(const struct logs_store *store, int64_t time_us, uint64_t number)
{
	size_t low = 0, high = logs_store_count(store);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t there = logs_store_number(store, middle);
		int64_t time = time_of_number(store, there);

		if (time < time_us || (time == time_us && there <= number))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Mostly where it arrived; else by time and number. */
size_t logs_store_place(const struct logs_store *store, uint64_t number)
{
	size_t count = logs_store_count(store), place;

	if (number < store->base || number >= store->next || !count)
		return SIZE_MAX;
	place = (size_t)(number - store->base);
	if (place < count && logs_store_number(store, place) == number)
		return place;
	place = logs_store_place_after(store, time_of_number(store, number), number);
	return place && logs_store_number(store, place - 1) == number ? place - 1 : SIZE_MAX;
}

size_t logs_store_count(const struct logs_store *store)
{
	return logs_order_count(store->order);
}

uint64_t logs_store_end(const struct logs_store *store)
{
	return store->next;
}

uint64_t logs_store_begin(const struct logs_store *store)
{
	return store->base;
}

uint64_t logs_store_markers(const struct logs_store *store)
{
	return store->markers;
}

uint64_t logs_store_dropped(const struct logs_store *store)
{
	return store->dropped;
}

size_t logs_store_bytes(const struct logs_store *store)
{
	return store->bytes + logs_order_bytes(store->order);
}

bool logs_store_run(const struct logs_store *store, uint64_t number, const char **text, size_t *len, size_t *lines)
{
	const struct chunk *chunk;
	size_t at;

	if (number < store->base || number >= store->next)
		return false;
	chunk = chunk_of(store, number);
	at = (size_t)(number - chunk->first);
	if (!at && chunk->region.len)
		logs_spill_will_read(store->spill, &chunk->region);
	*text = chunk->text + chunk->records[at].offset;
	*len = chunk->used - chunk->records[at].offset;
	*lines = chunk->count - at;
	return true;
}

size_t logs_store_offset(const struct logs_store *store, uint64_t first, uint64_t number)
{
	const struct chunk *chunk = chunk_of(store, first);

	return chunk->records[number - chunk->first].offset - chunk->records[first - chunk->first].offset;
}

/* ---- adding and dropping ---- */

static size_t chunk_bytes(const struct chunk *chunk)
{
	return chunk->room + chunk->cap * sizeof(*chunk->records);
}

static void free_chunk(struct logs_store *store, struct chunk *chunk)
{
	if (chunk->region.len) {
		store->disk_bytes -= chunk->region.len;
		logs_spill_release(store->spill);
		return;
	}
	store->bytes -= chunk_bytes(chunk);
	free(chunk->text);
	free(chunk->records);
}

void store_drop(struct logs_store *store, size_t chunks)
{
	uint32_t gone = 0;
	size_t i;

	for (i = 0; i < chunks; i++) {
		gone += (uint32_t)store->chunks[i].count;
		free_chunk(store, &store->chunks[i]);
	}
	logs_order_remove(store->order, (uint32_t)store->base, gone);
	store->base += gone;
	store->dropped += gone;
	store->on_disk -= chunks < store->on_disk ? chunks : store->on_disk;
	store->chunk_count -= chunks;
	memmove(store->chunks, store->chunks + chunks, store->chunk_count * sizeof(*store->chunks));
}

/* A full chunk keeps no more room than it uses. */
static void seal(struct logs_store *store, struct chunk *chunk)
{
	store->bytes -= chunk_bytes(chunk);
	chunk->room = chunk->used;
	chunk->cap = chunk->count;
	chunk->text = mem_resize(chunk->text, chunk->room, 1);
	chunk->records = mem_resize(chunk->records, chunk->cap, sizeof(*chunk->records));
	store->bytes += chunk_bytes(chunk);
}

static struct chunk *chunk_with_room(struct logs_store *store, size_t len)
{
	struct chunk *chunk = store->chunk_count ? &store->chunks[store->chunk_count - 1] : NULL;

	if (chunk && chunk->used + len + 1 <= LOGS_CHUNK)
		return chunk;
	if (chunk) {
		seal(store, chunk);
		store_relieve(store);
	}
	store->chunks = mem_grow(store->chunks, store->chunk_count, &store->chunk_cap, sizeof(*store->chunks));
	chunk = &store->chunks[store->chunk_count++];
	*chunk = (struct chunk){ .first = store->next };
	if (store->chunk_count == 1)
		store->base = store->next;
	return chunk;
}

/* Chunks grow as they fill, so that a short log takes little. */
static void make_room(struct logs_store *store, struct chunk *chunk, size_t len)
{
	store->bytes -= chunk_bytes(chunk);
	while (chunk->used + len + 1 > chunk->room) {
		chunk->room = chunk->room ? chunk->room * 2 : 4096;
		chunk->text = mem_resize(chunk->text, chunk->room, 1);
	}
	chunk->records = mem_grow(chunk->records, chunk->count, &chunk->cap, sizeof(*chunk->records));
	store->bytes += chunk_bytes(chunk);
}

/* Places the newest line behind every line that is not later. Times within a source never fall (time_of), so its order stays. */
static void place(struct logs_store *store, const struct record *record)
{
	size_t at = logs_store_count(store);

	if (at && time_of_number(store, logs_store_number(store, at - 1)) > record->time_us)
		at = logs_store_place_after(store, record->time_us, store->next);
	logs_order_insert(store->order, at, (uint32_t)store->next);
}

static struct source_time *times_of(struct logs_store *store, uint16_t source)
{
	if (source >= store->sources) {
		size_t sources = (size_t)source + 8;

		store->times = mem_resize(store->times, sources, sizeof(*store->times));
		memset(store->times + store->sources, 0, (sources - store->sources) * sizeof(*store->times));
		store->sources = sources;
	}
	return &store->times[source];
}

/*
 * A line without a time goes with the one before it, or, where its source
 * never gives any, with those that arrive now. A time earlier than the
 * source's last counts as that one. *flags says so.
 */
static int64_t time_of(struct logs_store *store, uint16_t source, int64_t time_us, int64_t now_us, uint8_t *flags)
{
	struct source_time *its = times_of(store, source);

	if (!time_us || time_us < its->last_us)
		*flags |= LOGS_NO_TIME;
	its->stamped = its->stamped || time_us;
	if (!time_us)
		time_us = its->stamped ? its->last_us : now_us;
	if (time_us > its->last_us)
		its->last_us = time_us;
	return its->last_us;
}

static void add_piece(struct logs_store *store, const struct record *like, const char *text, size_t len)
{
	struct chunk *chunk = chunk_with_room(store, len);
	struct record *record;
	char *to, *feed;

	make_room(store, chunk, len);
	to = chunk->text + chunk->used;
	if (len)
		memcpy(to, text, len);
	for (feed = to; (feed = memchr(feed, '\n', (size_t)(to + len - feed)));)
		*feed++ = ' ';
	to[len] = '\n';
	record = &chunk->records[chunk->count];
	*record = *like;
	record->offset = (uint32_t)chunk->used;
	place(store, record);
	chunk->used += len + 1;
	chunk->count++;
	store->next++;
}

void logs_store_add(struct logs_store *store, uint16_t source, int64_t time_us, int64_t now_us, unsigned flags, const char *text, size_t len)
{
	struct record record = { .source = source, .flags = (uint8_t)flags };

	record.time_us = time_of(store, source, time_us, now_us, &record.flags);
	store->markers += (flags & LOGS_MARKER) != 0;
	record.level = (uint8_t)logs_level_guess(text, len);
	do {
		size_t piece = len < LIMIT_LOG_LINE ? len : LIMIT_LOG_LINE;

		add_piece(store, &record, text, piece);
		text += piece;
		len -= piece;
		record.flags |= LOGS_CONTINUED;
	} while (len);
}
