/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a YAML tree. It may be a net by aliases; LIMIT_YAML_NODES bounds every walk. */
#include "compose/summary_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_merge(const struct yaml_node *key)
{
	return key->text && strcmp(key->text, "<<") == 0;
}

const char *yaml_text(const struct yaml_node *node)
{
	return node && node->kind == YAML_SCALAR ? node->text : "";
}

static const struct yaml_node *get_merged(const struct yaml_node *merged, const char *key)
{
	const struct yaml_node *found = NULL;
	size_t i;

	if (merged->kind == YAML_MAP)
		return yaml_get(merged, key);
	for (i = 0; !found && i < merged->count; i++)
		found = yaml_get(merged->items[i], key);
	return found;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *found = NULL;
	size_t i;

	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (i = 0; i < map->count; i++)
		if (map->keys[i]->text && strcmp(map->keys[i]->text, key) == 0)
			return map->items[i];
	for (i = 0; !found && i < map->count; i++)
		if (is_merge(map->keys[i]))
			found = get_merged(map->items[i], key);
	return found;
}

void yaml_print(struct buf *out, const struct yaml_node *node)
{
	size_t i;

	if (node->kind == YAML_SCALAR) {
		buf_add(out, node->text, node->len);
		return;
	}
	buf_add_byte(out, node->kind == YAML_LIST ? '[' : '{');
	for (i = 0; i < node->count; i++) {
		if (i)
			buf_add_text(out, ", ");
		if (node->kind == YAML_MAP) {
			yaml_print(out, node->keys[i]);
			buf_add_text(out, ": ");
		}
		yaml_print(out, node->items[i]);
	}
	buf_add_byte(out, node->kind == YAML_LIST ? ']' : '}');
}

void yaml_items_clear(struct yaml_items *items)
{
	size_t i;

	for (i = 0; i < items->count; i++) {
		free(items->list[i].name);
		free(items->list[i].value);
	}
	free(items->list);
	free(items->by_name);
	*items = (struct yaml_items){ 0 };
}

void yaml_items_add(struct yaml_items *items, char *name, char *value, const struct yaml_node *node, size_t line)
{
	items->list = mem_grow(items->list, items->count, &items->cap, sizeof(*items->list));
	items->list[items->count++] = (struct yaml_item){ .name = name, .value = value, .node = node, .line = line };
}

/* By name, the earlier one first. */
static int compare_items(const void *left, const void *right)
{
	const struct yaml_item *a = *(const struct yaml_item *const *)left, *b = *(const struct yaml_item *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a > b) - (a < b);
}

void yaml_items_sort(struct yaml_items *items)
{
	size_t i;

	free(items->by_name);
	items->by_name = mem_new(items->count, sizeof(struct yaml_item *));
	for (i = 0; i < items->count; i++)
		items->by_name[i] = &items->list[i];
	qsort(items->by_name, items->count, sizeof(struct yaml_item *), compare_items);
}

const struct yaml_item *yaml_items_find(const struct yaml_items *items, const char *name)
{
	size_t low = 0, high = items->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(items->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < items->count && strcmp(items->by_name[low]->name, name) == 0 ? items->by_name[low] : NULL;
}

static void add_members(struct yaml_items *items, const struct yaml_node *map)
{
	size_t i, j;

	if (map->kind == YAML_LIST)
		for (i = 0; i < map->count; i++)
			add_members(items, map->items[i]);
	if (map->kind != YAML_MAP)
		return;
	for (i = 0; i < map->count; i++)
		if (!is_merge(map->keys[i]))
			yaml_items_add(items, mem_strdup(yaml_text(map->keys[i])), NULL, map->items[i], map->keys[i]->line);
	for (j = 0; j < map->count; j++)
		if (is_merge(map->keys[j]))
			add_members(items, map->items[j]);
}

/* Of each name only the first stays: a map's own member goes before a merged one. */
static void drop_repeated(struct yaml_items *items)
{
	bool *drop = mem_new(items->count, sizeof(bool));
	size_t kept = 0, i;

	yaml_items_sort(items);
	for (i = 1; i < items->count; i++)
		drop[items->by_name[i] - items->list] = strcmp(items->by_name[i]->name, items->by_name[i - 1]->name) == 0;
	for (i = 0; i < items->count; i++) {
		if (drop[i])
			free(items->list[i].name);
		else
			items->list[kept++] = items->list[i];
	}
	items->count = kept;
	free(drop);
}

void yaml_items_of_map(struct yaml_items *items, const struct yaml_node *map)
{
	if (!map || map->kind != YAML_MAP)
		return;
	add_members(items, map);
	drop_repeated(items);
}
