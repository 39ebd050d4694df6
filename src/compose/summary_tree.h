/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as a tree, between summary.c, which reads it, and summary_*.c, which speak of it. */
#ifndef CVMDECK_COMPOSE_SUMMARY_TREE_H
#define CVMDECK_COMPOSE_SUMMARY_TREE_H

#include "base/buf.h"
#include "compose/summary.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

/* An alias is the node itself once more, so nodes belong to the file, not to their parents. */
struct yaml_node {
	enum yaml_kind kind;
	char *text; /* of a scalar; a NUL stands behind it */
	size_t len;
	size_t line, column; /* from 1 */
	struct yaml_node **keys; /* of a map, beside items */
	struct yaml_node **items;
	size_t count, cap;
	size_t expanded; /* nodes below it and itself, aliases written out */
	bool open; /* still being read */
};

struct yaml_file {
	struct yaml_node *root; /* NULL for an empty file */
	struct yaml_node **nodes;
	size_t count, cap;
	bool more; /* another document stands behind the first */
};

/* The value of a key, also by merge (`<<`); NULL when there is none or the node is no map. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* The text of a scalar, or "". */
const char *yaml_text(const struct yaml_node *node);
/* Adds a node in one line, for comparing and showing. */
void yaml_print(struct buf *out, const struct yaml_node *node);

/* Named things in order, and how to find one. */
struct yaml_item {
	char *name;
	char *value;
	const struct yaml_node *node;
	size_t line;
};

struct yaml_items {
	struct yaml_item *list;
	size_t count, cap;
	struct yaml_item **by_name; /* filled by yaml_items_sort */
};

void yaml_items_clear(struct yaml_items *items);
/* Takes name and value (may be NULL) over. */
void yaml_items_add(struct yaml_items *items, char *name, char *value, const struct yaml_node *node, size_t line);
/* Must be called after the last add and before the first find. */
void yaml_items_sort(struct yaml_items *items);
const struct yaml_item *yaml_items_find(const struct yaml_items *items, const char *name);
/* The members of a map, merged ones behind its own; nothing for any other node. */
void yaml_items_of_map(struct yaml_items *items, const struct yaml_node *map);

/* Adds a note; the texts are made safe here. */
void summary_add(struct compose_summary *summary, enum compose_note_level level, const char *service, size_t line, bool is_new,
	const char *fmt, ...) PRINTF_LIKE(6, 7);
/* Everything there is to say of one service; before NULL: it is new, after NULL: it is gone. */
void summary_compare_service(struct compose_summary *summary, const char *name, const struct yaml_node *before,
	const struct yaml_node *after);
void summary_check_service(struct compose_summary *summary, const char *name, const struct yaml_node *before,
	const struct yaml_node *after);
/* A service's volumes: named "source:target", the mode ("ro") as value. */
void summary_list_volumes(struct yaml_items *items, const struct yaml_node *service);

#endif
