/* SPDX-License-Identifier: Apache-2.0 */
/* What changes in one service. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/summary_tree.h"

typedef void list_items(struct yaml_items *items, const struct yaml_node *service);

static char *print_new(const struct yaml_node *node)
{
	struct buf text = BUF_INIT;

	if (node)
		yaml_print(&text, node);
	return buf_take(&text);
}

static const struct yaml_node *list_of(const struct yaml_node *service, const char *key)
{
	const struct yaml_node *node = yaml_get(service, key);

	return node && node->kind == YAML_LIST ? node : NULL;
}

/* "source:target:mode" apart. */
static void add_short_volume(struct yaml_items *items, const struct yaml_node *node)
{
	char *text = print_new(node), *colon = strchr(text, ':'), *mode = colon ? strchr(colon + 1, ':') : NULL;

	if (mode)
		*mode++ = '\0';
	yaml_items_add(items, text, mem_strdup(mode ? mode : ""), node, node->line);
}

void summary_list_volumes(struct yaml_items *items, const struct yaml_node *service)
{
	const struct yaml_node *list = list_of(service, "volumes");
	size_t i;

	for (i = 0; list && i < list->count; i++) {
		const struct yaml_node *node = list->items[i];
		bool read_only = strcmp(yaml_text(yaml_get(node, "read_only")), "true") == 0;

		if (node->kind == YAML_MAP)
			yaml_items_add(items, mem_printf("%s:%s", yaml_text(yaml_get(node, "source")), yaml_text(yaml_get(node, "target"))),
				mem_strdup(read_only ? "ro" : ""), node, node->line);
		else
			add_short_volume(items, node);
	}
	yaml_items_sort(items);
}

static char *port_name(const struct yaml_node *node)
{
	const char *host = yaml_text(yaml_get(node, "host_ip")), *published = yaml_text(yaml_get(node, "published"));
	const char *protocol = yaml_text(yaml_get(node, "protocol"));

	return mem_printf("%s%s%s%s%s%s%s", host, *host ? ":" : "", published, *published ? ":" : "", yaml_text(yaml_get(node, "target")),
		*protocol ? "/" : "", protocol);
}

static void list_ports(struct yaml_items *items, const struct yaml_node *service)
{
	const struct yaml_node *list = list_of(service, "ports");
	size_t i;

	for (i = 0; list && i < list->count; i++) {
		const struct yaml_node *node = list->items[i];

		yaml_items_add(items, node->kind == YAML_MAP ? port_name(node) : print_new(node), NULL, node, node->line);
	}
	yaml_items_sort(items);
}

static void add_pair(struct yaml_items *items, const struct yaml_node *node)
{
	char *text = print_new(node), *equals = strchr(text, '=');

	yaml_items_add(items, mem_copy(text, equals ? (size_t)(equals - text) : strlen(text)), mem_strdup(equals ? equals : ""), node,
		node->line);
	free(text);
}

static void list_environment(struct yaml_items *items, const struct yaml_node *service)
{
	const struct yaml_node *node = yaml_get(service, "environment");
	size_t i;

	for (i = 0; node && node->kind == YAML_LIST && i < node->count; i++)
		add_pair(items, node->items[i]);
	yaml_items_of_map(items, node);
	for (i = 0; i < items->count; i++)
		if (!items->list[i].value)
			items->list[i].value = mem_printf("=%s", yaml_text(items->list[i].node));
	yaml_items_sort(items);
}

static void list_others(struct yaml_items *items, const struct yaml_node *service)
{
	yaml_items_of_map(items, service);
	yaml_items_sort(items);
}

/* The image without tag and digest, as its length. */
static size_t repository_length(const char *image)
{
	size_t len = strcspn(image, "@"), i;

	for (i = len; i && image[i - 1] != '/'; i--)
		if (image[i - 1] == ':')
			return i - 1;
	return len;
}

static void compare_image(struct compose_summary *summary, const char *name, const struct yaml_node *before,
	const struct yaml_node *after)
{
	const struct yaml_node *node = yaml_get(after, "image");
	const char *old = yaml_text(yaml_get(before, "image")), *new = yaml_text(node);
	size_t len = repository_length(new);

	if (strcmp(old, new) == 0)
		return;
	if (len == repository_length(old) && strncmp(old, new, len) == 0 && old[len] && new[len])
		summary_add(summary, COMPOSE_NOTE_CHANGE, name, node->line, true, "image %.200s → %.120s", old,
			new[len] == ':' && old[len] == ':' ? new + len + 1 : new + len);
	else
		summary_add(summary, COMPOSE_NOTE_CHANGE, name, node ? node->line : 0, true, "image %.200s → %.200s", *old ? old : "none",
			*new ? new : "none");
}

/* One note for all names of a kind: "environment added: A, B". */
struct listing {
	struct buf text;
	size_t count, line;
};

static void list_name(struct listing *listing, const struct yaml_item *item, bool in_new_file)
{
	enum { SHOWN = 8 };

	if (listing->count < SHOWN)
		buf_add_format(&listing->text, "%s%.100s", listing->count ? ", " : "", item->name);
	if (!listing->count && in_new_file)
		listing->line = item->line;
	listing->count++;
	if (listing->count == SHOWN + 1)
		buf_add_text(&listing->text, ", …");
}

static void add_listing(struct compose_summary *summary, const char *service, const char *what, const char *done, struct listing *listing)
{
	if (listing->count)
		summary_add(summary, COMPOSE_NOTE_CHANGE, service, listing->line, true, "%s %s: %s", what, done, buf_text(&listing->text));
	buf_clear(&listing->text);
}

static void compare_lists(struct compose_summary *summary, const char *service, const char *what, list_items *list,
	const struct yaml_node *before, const struct yaml_node *after)
{
	struct yaml_items old = { 0 }, new = { 0 };
	struct listing added = { 0 }, removed = { 0 }, changed = { 0 };
	size_t i;

	list(&old, before);
	list(&new, after);
	for (i = 0; i < new.count; i++) {
		const struct yaml_item *was = yaml_items_find(&old, new.list[i].name);

		if (!was)
			list_name(&added, &new.list[i], true);
		else if (new.list[i].value && strcmp(was->value, new.list[i].value) != 0)
			list_name(&changed, &new.list[i], true);
	}
	for (i = 0; i < old.count; i++)
		if (!yaml_items_find(&new, old.list[i].name))
			list_name(&removed, &old.list[i], false);
	add_listing(summary, service, what, "added", &added);
	add_listing(summary, service, what, "changed", &changed);
	add_listing(summary, service, what, "removed", &removed);
	yaml_items_clear(&old);
	yaml_items_clear(&new);
}

static bool has_own_words(const char *key)
{
	static const char *const keys[] = { "image", "ports", "volumes", "environment" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static bool same_node(const struct yaml_node *a, const struct yaml_node *b)
{
	char *left = print_new(a), *right = print_new(b);
	bool same = strcmp(left, right) == 0;

	free(left);
	free(right);
	return same;
}

/* A short value is said; of a long one only that it differs. */
static void say_member(struct compose_summary *summary, const char *service, const struct yaml_item *was, const struct yaml_item *is)
{
	char *old = print_new(was ? was->node : NULL), *new = print_new(is ? is->node : NULL);
	const char *name = is ? is->name : was->name;
	size_t line = is ? is->line : 0;

	if (strlen(old) > 60 || strlen(new) > 60)
		summary_add(summary, COMPOSE_NOTE_CHANGE, service, line, true, "%.60s %s", name, !was ? "added" : !is ? "removed" : "changed");
	else if (was && is)
		summary_add(summary, COMPOSE_NOTE_CHANGE, service, line, true, "%.60s %s → %s", name, old, new);
	else
		summary_add(summary, COMPOSE_NOTE_CHANGE, service, line, true, "%.60s %s: %s", name, is ? "added" : "removed", is ? new : old);
	free(old);
	free(new);
}

static void compare_others(struct compose_summary *summary, const char *service, const struct yaml_node *before,
	const struct yaml_node *after)
{
	struct yaml_items old = { 0 }, new = { 0 };
	size_t i;

	list_others(&old, before);
	list_others(&new, after);
	for (i = 0; i < new.count; i++) {
		const struct yaml_item *was = yaml_items_find(&old, new.list[i].name);

		if (!has_own_words(new.list[i].name) && (!was || !same_node(was->node, new.list[i].node)))
			say_member(summary, service, was, &new.list[i]);
	}
	for (i = 0; i < old.count; i++)
		if (!has_own_words(old.list[i].name) && !yaml_items_find(&new, old.list[i].name))
			say_member(summary, service, &old.list[i], NULL);
	yaml_items_clear(&old);
	yaml_items_clear(&new);
}

/* A volume that a service no longer has can mean lost data; a socket holds none. */
static void say_removed_volume(struct compose_summary *summary, const char *service, const char *name)
{
	if (strstr(name, ".sock"))
		summary_add(summary, COMPOSE_NOTE_CHANGE, service, 0, true, "volume removed: %.200s", name);
	else
		summary_add(summary, COMPOSE_NOTE_RISK, service, 0, true,
			"volume %.200s removed: what it holds is no longer seen by the service", name);
}

/* After NULL: the service is gone, and its volumes with it. */
static void compare_volumes(struct compose_summary *summary, const char *service, const struct yaml_node *before,
	const struct yaml_node *after)
{
	struct yaml_items old = { 0 }, new = { 0 };
	size_t i;

	summary_list_volumes(&old, before);
	summary_list_volumes(&new, after);
	for (i = 0; i < old.count; i++)
		if (!yaml_items_find(&new, old.list[i].name))
			say_removed_volume(summary, service, old.list[i].name);
	for (i = 0; i < new.count; i++) {
		const struct yaml_item *item = &new.list[i], *was = yaml_items_find(&old, item->name);

		if (!was)
			summary_add(summary, COMPOSE_NOTE_CHANGE, service, item->line, true, "volume added: %.200s%s%s", item->name,
				*item->value ? ":" : "", item->value);
		else if (strcmp(was->value, item->value) != 0)
			summary_add(summary, COMPOSE_NOTE_CHANGE, service, item->line, true, "volume %.200s: mode %.20s → %.20s", item->name,
				*was->value ? was->value : "rw", *item->value ? item->value : "rw");
	}
	yaml_items_clear(&old);
	yaml_items_clear(&new);
}

void summary_compare_service(struct compose_summary *summary, const char *name, const struct yaml_node *before,
	const struct yaml_node *after)
{
	const char *image = yaml_text(yaml_get(after ? after : before, "image"));

	if (!before || !after)
		summary_add(summary, COMPOSE_NOTE_CHANGE, name, after ? after->line : 0, true, "service %s%s%.200s",
			after ? "added" : "removed", *image ? ": " : "", image);
	if (!before)
		return;
	compare_volumes(summary, name, before, after);
	if (!after)
		return;
	compare_image(summary, name, before, after);
	compare_lists(summary, name, "port", list_ports, before, after);
	compare_lists(summary, name, "environment", list_environment, before, after);
	compare_others(summary, name, before, after);
}
