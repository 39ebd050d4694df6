/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

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
	uint64_t first; /* number of its first line */
};

struct logs_store {
	struct chunk *chunks; /* oldest first */
	size_t chunk_count, chunk_cap;
	uint32_t *order; /* number - base, in merged order */
	size_t count, order_cap;
	uint64_t base;   /* number that order's 0 means: that of the first chunk */
	uint64_t next, dropped, markers;
	size_t bytes, ceiling;
	int64_t *last_time; /* by source */
	size_t sources;
};

struct logs_store *logs_store_new(size_t ceiling)
{
	struct logs_store *store = mem_new(1, sizeof(*store));

	store->ceiling = ceiling < 2 * LOGS_CHUNK ? 2 * LOGS_CHUNK : ceiling;
	return store;
}

void logs_store_free(struct logs_store *store)
{
	size_t i;

	if (!store)
		return;
	for (i = 0; i < store->chunk_count; i++) {
		free(store->chunks[i].text);
		free(store->chunks[i].records);
	}
	free(store->chunks);
	free(store->order);
	free(store->last_time);
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

static size_t line_end(const struct chunk *chunk, size_t at)
{
	return (at + 1 < chunk->count ? chunk->records[at + 1].offset : chunk->used) - 1;
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
		.len = line_end(chunk, at) - record->offset,
		.time_us = record->time_us,
		.source = record->source,
		.flags = record->flags,
		.level = record->level,
	};
}

/* Only the record is touched, not the text. */
static int64_t time_at(const struct logs_store *store, size_t place)
{
	uint64_t number = store->base + store->order[place];
	const struct chunk *chunk = chunk_of(store, number);

	return chunk->records[number - chunk->first].time_us;
}

uint64_t logs_store_number(const struct logs_store *store, size_t place)
{
	return store->base + store->order[place];
}

struct logs_line logs_store_at(const struct logs_store *store, size_t place)
{
	return logs_store_line(store, logs_store_number(store, place));
}

/* The first place whose line is not earlier (or, with `after`, is later) than time_us. */
static size_t place_of_time(const struct logs_store *store, int64_t time_us, bool after)
{
	size_t low = 0, high = store->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int64_t there = time_at(store, middle);

		if (there < time_us || (after && there == time_us))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Mostly where it arrived; else among the lines of its time. */
size_t logs_store_place(const struct logs_store *store, uint64_t number)
{
	uint32_t wanted = (uint32_t)(number - store->base);
	size_t place;

	if (number < store->base || number >= store->next || !store->count)
		return SIZE_MAX;
	if (wanted < store->count && store->order[wanted] == wanted)
		return wanted;
	for (place = place_of_time(store, logs_store_line(store, number).time_us, false); place < store->count; place++)
		if (store->order[place] == wanted)
			return place;
	return SIZE_MAX;
}

size_t logs_store_count(const struct logs_store *store)
{
	return store->count;
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
	return store->bytes + store->order_cap * sizeof(*store->order);
}

bool logs_store_run(const struct logs_store *store, uint64_t number, const char **text, size_t *len, size_t *lines)
{
	const struct chunk *chunk;
	size_t at;

	if (number < store->base || number >= store->next)
		return false;
	chunk = chunk_of(store, number);
	at = (size_t)(number - chunk->first);
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
	store->bytes -= chunk_bytes(chunk);
	free(chunk->text);
	free(chunk->records);
}

/*
 * Makes room below the ceiling. The merged order is gone through once, however
 * many chunks go, so a part of the ceiling goes together.
 */
static void drop_oldest(struct logs_store *store)
{
	size_t target = store->ceiling - store->ceiling / 16, chunks = 0, i, kept = 0;
	uint32_t gone = 0;

	while (chunks + 1 < store->chunk_count && logs_store_bytes(store) + LOGS_CHUNK > target) {
		gone += (uint32_t)store->chunks[chunks].count;
		free_chunk(store, &store->chunks[chunks++]);
	}
	for (i = 0; i < store->count; i++)
		if (store->order[i] >= gone)
			store->order[kept++] = store->order[i] - gone;
	store->count = kept;
	store->base += gone;
	store->dropped += gone;
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
	if (chunk)
		seal(store, chunk);
	if (store->chunk_count > 1 && logs_store_bytes(store) + LOGS_CHUNK > store->ceiling)
		drop_oldest(store);
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
	size_t at = store->count;

	store->order = mem_grow(store->order, store->count, &store->order_cap, sizeof(*store->order));
	if (at && time_at(store, at - 1) > record->time_us)
		at = place_of_time(store, record->time_us, true);
	memmove(store->order + at + 1, store->order + at, (store->count - at) * sizeof(*store->order));
	store->order[at] = (uint32_t)(store->next - store->base);
	store->count++;
}

/* A time that is missing or earlier than the source's last counts as that one, and *flags says so. */
static int64_t time_of(struct logs_store *store, uint16_t source, int64_t time_us, int64_t now_us, uint8_t *flags)
{
	if (source >= store->sources) {
		size_t sources = (size_t)source + 8;

		store->last_time = mem_resize(store->last_time, sources, sizeof(*store->last_time));
		memset(store->last_time + store->sources, 0, (sources - store->sources) * sizeof(*store->last_time));
		store->sources = sources;
	}
	if (!time_us || time_us < store->last_time[source])
		*flags |= LOGS_NO_TIME;
	if (!time_us && !store->last_time[source])
		time_us = now_us;
	if (time_us < store->last_time[source])
		time_us = store->last_time[source];
	store->last_time[source] = time_us;
	return time_us;
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
