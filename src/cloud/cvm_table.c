/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cvm_table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

void cvm_table_init(struct cvm_table *table)
{
	memset(table, 0, sizeof(*table));
	table->filter = mem_new(1, 1);
	table->words = mem_new(1, 1);
}

void cvm_table_reset(struct cvm_table *table)
{
	free(table->cvms);
	free(table->hays);
	free(table->passes);
	free(table->hash);
	free(table->by_name);
	free(table->order);
	free(table->rows);
	table->cvms = NULL;
	table->hays = NULL;
	table->passes = NULL;
	table->hash = NULL;
	table->by_name = NULL;
	table->order = NULL;
	table->rows = NULL;
	table->count = table->cap = table->hash_size = table->row_count = 0;
}

void cvm_table_clear(struct cvm_table *table)
{
	cvm_table_reset(table);
	free(table->filter);
	free(table->words);
	table->filter = table->words = NULL;
}

const char *cvm_table_identity(const struct cvm *cvm)
{
	if (cvm->vm_uuid[0])
		return cvm->vm_uuid;
	if (cvm->id[0])
		return cvm->id;
	return cvm->instance_id[0] ? cvm->instance_id : cvm->app_id;
}

/* ---- by identity ---- */

static size_t hash_of(const char *text)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
	return (size_t)(hash ^ hash >> 29);
}

static size_t hash_place(const struct cvm_table *table, const char *identity)
{
	size_t at = hash_of(identity) & (table->hash_size - 1);

	while (table->hash[at] && strcmp(cvm_table_identity(&table->cvms[table->hash[at] - 1]), identity) != 0)
		at = (at + 1) & (table->hash_size - 1);
	return at;
}

struct cvm *cvm_table_find(const struct cvm_table *table, const char *identity)
{
	size_t at;

	if (!table->hash_size)
		return NULL;
	at = hash_place(table, identity);
	return table->hash[at] ? &table->cvms[table->hash[at] - 1] : NULL;
}

static void rehash(struct cvm_table *table)
{
	size_t size = 64, i;

	while (size < table->cap * 2)
		size *= 2;
	free(table->hash);
	table->hash = mem_new(size, sizeof(*table->hash));
	table->hash_size = size;
	for (i = 0; i < table->count; i++)
		table->hash[hash_place(table, cvm_table_identity(&table->cvms[i]))] = (uint32_t)i + 1;
}

void cvm_table_reserve(struct cvm_table *table, size_t count)
{
	if (count <= table->cap)
		return;
	table->cap = count;
	table->cvms = mem_resize(table->cvms, count, sizeof(*table->cvms));
	table->hays = mem_resize(table->hays, count, sizeof(*table->hays));
	table->passes = mem_resize(table->passes, count, 1);
	table->by_name = mem_resize(table->by_name, count, sizeof(*table->by_name));
	table->order = mem_resize(table->order, count, sizeof(*table->order));
	table->rows = mem_resize(table->rows, count, sizeof(*table->rows));
	rehash(table);
}

/* ---- filter ---- */

static void set_hay(char *out, const struct cvm *cvm)
{
	char *at;

	snprintf(out, CVM_HAY_SIZE, "%s\n%s\n%s\n0x%s\n%s\n%s\n%s", cvm->name, cvm->id, cvm->vm_uuid, cvm->app_id, cvm->instance_id,
		cvm->node_name, cvm->node_region);
	for (at = out; *at; at++)
		*at = (char)tolower((unsigned char)*at);
}

static bool in_status(const struct cvm *cvm, const char *word)
{
	return strcasestr(cvm->status, word) != NULL;
}

static bool passes(const struct cvm_table *table, size_t slot)
{
	const char *word;

	for (word = table->words; *word; word += strlen(word) + 1)
		if (!strstr(table->hays[slot], word) && !in_status(&table->cvms[slot], word))
			return false;
	return true;
}

static void set_filter(struct cvm_table *table, const char *text)
{
	char *at, *to;

	free(table->filter);
	free(table->words);
	table->filter = mem_strdup(text);
	table->words = to = mem_new(strlen(text) + 2, 1);
	for (at = table->filter; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
		if (*at != ' ')
			*to++ = *at;
		else if (to > table->words && to[-1])
			*to++ = '\0';
	}
}

/* What is not known in the column has key 0; it comes last, whichever way round the order is. */
static size_t unknown_count(const struct cvm_table *table)
{
	size_t count = 0;

	while (count < table->count && !table->order[count].key)
		count++;
	return count;
}

void cvm_table_rebuild(struct cvm_table *table)
{
	size_t unknown = unknown_count(table), i;

	table->row_count = 0;
	for (i = 0; i < table->count; i++) {
		uint32_t slot = table->order[table->descending ? table->count - 1 - i : (unknown + i) % table->count].slot;

		if (table->passes[slot])
			table->rows[table->row_count++] = slot;
	}
}

void cvm_table_filter(struct cvm_table *table, const char *text)
{
	size_t i;

	set_filter(table, text);
	for (i = 0; i < table->count; i++)
		table->passes[i] = passes(table, i);
	cvm_table_rebuild(table);
}

void cvm_table_touch(struct cvm_table *table, const struct cvm *cvm)
{
	size_t slot = (size_t)(cvm - table->cvms);

	table->passes[slot] = passes(table, slot);
}

/* ---- order ---- */

static const char *column_text(const struct cvm *cvm, enum workspace_column column)
{
	switch (column) {
	case WORKSPACE_STATUS:
		return cvm->status;
	case WORKSPACE_APP_ID:
		return cvm->app_id;
	case WORKSPACE_NODE:
		return cvm->node_name;
	case WORKSPACE_KMS:
		return cvm->kms_type;
	case WORKSPACE_COMPOSE:
		return cvm->compose_hash;
	default:
		return cvm->name;
	}
}

static uint64_t key_of(const struct cvm *cvm, enum workspace_column column)
{
	const char *text = column_text(cvm, column);
	uint64_t key = 0;
	int i;

	if (column == WORKSPACE_UPTIME)
		return (uint64_t)(cvm->uptime_s + 1);
	if (column == WORKSPACE_CHAIN)
		return cvm->chain_id;
	for (i = 0; i < 8; i++)
		key = key << 8 | (uint64_t)(*text ? tolower((unsigned char)*text++) : 0);
	return key;
}

static bool is_text(enum workspace_column column)
{
	return column != WORKSPACE_UPTIME && column != WORKSPACE_CHAIN;
}

/* Only texts whose first eight characters are the same are looked at whole. */
static int compare_column(const struct cvm_table *table, const struct cvm_place *a, const struct cvm_place *b, enum workspace_column column)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (!is_text(column) || !(a->key & 0xFF))
		return 0;
	return strcasecmp(column_text(&table->cvms[a->slot], column), column_text(&table->cvms[b->slot], column));
}

/* Equal in the column: by name, then by identity, so that the order never wavers. */
static int compare_places(const struct cvm_table *table, const struct cvm_place *a, const struct cvm_place *b, enum workspace_column column)
{
	const struct cvm *left = &table->cvms[a->slot], *right = &table->cvms[b->slot];
	int order = compare_column(table, a, b, column);

	if (!order && column != WORKSPACE_NAME)
		order = strcasecmp(left->name, right->name);
	return order ? order : strcmp(cvm_table_identity(left), cvm_table_identity(right));
}

static int compare_names(const void *a, const void *b, void *ctx)
{
	return compare_places(ctx, a, b, WORKSPACE_NAME);
}

static int compare_rows(const void *a, const void *b, void *ctx)
{
	const struct cvm_table *table = ctx;

	return compare_places(table, a, b, table->column);
}

/* A stable merge sort: what is equal in the column keeps the order by name it came in. */
static void sort_stable(const struct cvm_table *table, struct cvm_place *places, struct cvm_place *spare, size_t count)
{
	size_t half = count / 2, left = 0, right = half, at = 0;

	if (count < 2)
		return;
	sort_stable(table, places, spare, half);
	sort_stable(table, places + half, spare, count - half);
	memcpy(spare, places, half * sizeof(*places));
	while (left < half && right < count) {
		if (compare_column(table, &places[right], &spare[left], table->column) < 0)
			places[at++] = places[right++];
		else
			places[at++] = spare[left++];
	}
	memcpy(places + at, spare + left, (half - left) * sizeof(*places));
}

static void sort_rows(struct cvm_table *table)
{
	struct cvm_place *spare;
	size_t i;

	if (table->count)
		memcpy(table->order, table->by_name, table->count * sizeof(*table->order));
	if (table->column != WORKSPACE_NAME) {
		for (i = 0; i < table->count; i++)
			table->order[i].key = key_of(&table->cvms[table->order[i].slot], table->column);
		spare = mem_new(table->count / 2 + 1, sizeof(*spare));
		sort_stable(table, table->order, spare, table->count);
		free(spare);
	}
	cvm_table_rebuild(table);
}

void cvm_table_sort(struct cvm_table *table, enum workspace_column column, bool descending)
{
	table->column = column;
	table->descending = descending;
	sort_rows(table);
}

/* Names may have changed: everything is sorted anew. */
static void sort_all(struct cvm_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		table->by_name[i] = (struct cvm_place){ key_of(&table->cvms[i], WORKSPACE_NAME), (uint32_t)i };
	qsort_r(table->by_name, table->count, sizeof(*table->by_name), compare_names, table);
	sort_rows(table);
}

/* Merges the records from slot `from` on into an order of those before, from the back. */
static void merge(struct cvm_table *table, struct cvm_place *order, size_t from, enum workspace_column column,
	int (*compare)(const void *, const void *, void *))
{
	size_t fresh = table->count - from, left = from, at = table->count, i;
	struct cvm_place *places = mem_new(fresh + 1, sizeof(*places));

	for (i = 0; i < fresh; i++)
		places[i] = (struct cvm_place){ key_of(&table->cvms[from + i], column), (uint32_t)(from + i) };
	qsort_r(places, fresh, sizeof(*places), compare, table);
	while (fresh) {
		if (left && compare(&order[left - 1], &places[fresh - 1], table) > 0)
			order[--at] = order[--left];
		else
			order[--at] = places[--fresh];
	}
	free(places);
}

void cvm_table_add(struct cvm_table *table, const struct cvm *cvms, size_t count)
{
	size_t from = table->count, i;
	bool replaced = false;

	if (table->count + count > table->cap)
		cvm_table_reserve(table, table->count + count > table->cap * 2 ? table->count + count : table->cap * 2);
	for (i = 0; i < count; i++) {
		size_t at = hash_place(table, cvm_table_identity(&cvms[i])), slot = table->count;

		if (table->hash[at]) {
			slot = table->hash[at] - 1;
			replaced = true;
		} else {
			table->hash[at] = (uint32_t)++table->count;
		}
		table->cvms[slot] = cvms[i];
		set_hay(table->hays[slot], &cvms[i]);
		table->passes[slot] = passes(table, slot);
	}
	if (replaced) {
		sort_all(table);
		return;
	}
	merge(table, table->by_name, from, WORKSPACE_NAME, compare_names);
	merge(table, table->order, from, table->column, compare_rows);
	cvm_table_rebuild(table);
}
