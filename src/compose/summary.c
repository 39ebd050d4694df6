/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one file that knows libyaml: text to a tree with ceilings on depth,
 * nodes, anchors and on what aliases come to when written out, and the
 * summary's frame.
 */
#include "compose/summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/summary_tree.h"

/* So many bytes of a scalar weigh as much as a node, since aliases repeat them as well. */
enum { SCALAR_UNIT = 32 };

struct anchor {
	char *name;
	struct yaml_node *node;
};

struct reader {
	struct yaml_file *file;
	struct error *err;
	struct yaml_node *stack[LIMIT_YAML_DEPTH];
	struct yaml_node *keys[LIMIT_YAML_DEPTH]; /* the key whose value comes next, by level */
	size_t depth;
	struct anchor *anchors;
	size_t anchor_count, anchor_cap;
	bool done;
};

static void free_file(struct yaml_file *file)
{
	size_t i;

	for (i = 0; i < file->count; i++) {
		free(file->nodes[i]->text);
		free(file->nodes[i]->keys);
		free(file->nodes[i]->items);
		free(file->nodes[i]);
	}
	free(file->nodes);
	*file = (struct yaml_file){ 0 };
}

static bool too_complex(struct reader *r, const yaml_mark_t *mark, const char *what)
{
	return error_set(r->err, STATUS_INPUT, "yaml-too-complex", "the compose file is too complex at line %zu: %s",
		(size_t)mark->line + 1, what);
}

static struct yaml_node *new_node(struct reader *r, enum yaml_kind kind, const yaml_mark_t *mark)
{
	struct yaml_file *file = r->file;
	struct yaml_node *node = mem_new(1, sizeof(*node));

	node->kind = kind;
	node->line = (size_t)mark->line + 1;
	node->column = (size_t)mark->column + 1;
	node->expanded = 1;
	file->nodes = mem_grow(file->nodes, file->count, &file->cap, sizeof(struct yaml_node *));
	file->nodes[file->count++] = node;
	return node;
}

static void push_child(struct yaml_node *parent, struct yaml_node *key, struct yaml_node *child)
{
	size_t cap = parent->cap;

	parent->items = mem_grow(parent->items, parent->count, &parent->cap, sizeof(struct yaml_node *));
	if (parent->kind == YAML_MAP) {
		parent->keys = mem_grow(parent->keys, parent->count, &cap, sizeof(struct yaml_node *));
		parent->keys[parent->count] = key;
	}
	parent->items[parent->count++] = child;
}

static bool attach(struct reader *r, struct yaml_node *node, const yaml_mark_t *mark)
{
	struct yaml_node *parent = r->depth ? r->stack[r->depth - 1] : NULL, **key;

	if (!parent) {
		r->file->root = node;
		return true;
	}
	parent->expanded += node->expanded;
	if (parent->expanded > LIMIT_YAML_NODES)
		return too_complex(r, mark, "its aliases come to too much when written out");
	key = &r->keys[r->depth - 1];
	if (parent->kind == YAML_MAP && !*key) {
		*key = node;
		return true;
	}
	push_child(parent, *key, node);
	*key = NULL;
	return true;
}

static bool remember(struct reader *r, const yaml_char_t *name, struct yaml_node *node, const yaml_mark_t *mark)
{
	if (!name)
		return true;
	if (r->anchor_count >= LIMIT_YAML_ANCHORS)
		return too_complex(r, mark, "too many anchors");
	r->anchors = mem_grow(r->anchors, r->anchor_count, &r->anchor_cap, sizeof(*r->anchors));
	r->anchors[r->anchor_count++] = (struct anchor){ mem_strdup((const char *)name), node };
	return true;
}

static bool add_alias(struct reader *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	size_t i = r->anchor_count;
	char safe[80];

	while (i && strcmp(r->anchors[i - 1].name, name) != 0)
		i--;
	if (i && !r->anchors[i - 1].node->open)
		return attach(r, r->anchors[i - 1].node, &event->start_mark);
	text_safe_copy(safe, sizeof(safe), name, strlen(name));
	return error_set(r->err, STATUS_INPUT, "yaml-broken", "the compose file is broken at line %zu, column %zu: the alias *%s %s",
		(size_t)event->start_mark.line + 1, (size_t)event->start_mark.column + 1, safe,
		i ? "holds itself" : "has no anchor");
}

static bool add_scalar(struct reader *r, const yaml_event_t *event)
{
	struct yaml_node *node = new_node(r, YAML_SCALAR, &event->start_mark);

	node->len = event->data.scalar.length;
	node->text = mem_copy((const char *)event->data.scalar.value, node->len);
	node->expanded += node->len / SCALAR_UNIT;
	return remember(r, event->data.scalar.anchor, node, &event->start_mark) && attach(r, node, &event->start_mark);
}

static bool open_node(struct reader *r, const yaml_event_t *event, enum yaml_kind kind, const yaml_char_t *anchor)
{
	struct yaml_node *node;

	if (r->depth == LIMIT_YAML_DEPTH)
		return too_complex(r, &event->start_mark, "too many levels of nesting");
	node = new_node(r, kind, &event->start_mark);
	node->open = true;
	r->keys[r->depth] = NULL;
	r->stack[r->depth++] = node;
	return remember(r, anchor, node, &event->start_mark);
}

static bool close_node(struct reader *r, const yaml_event_t *event)
{
	struct yaml_node *node = r->stack[--r->depth];

	node->open = false;
	return attach(r, node, &event->start_mark);
}

static bool take_event(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return add_scalar(r, event);
	case YAML_ALIAS_EVENT:
		return add_alias(r, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(r, event, YAML_LIST, event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_node(r, event, YAML_MAP, event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(r, event);
	case YAML_DOCUMENT_START_EVENT:
		r->file->more = r->file->root != NULL;
		r->done = r->file->more;
		return true;
	case YAML_STREAM_END_EVENT:
		r->done = true;
		return true;
	default:
		return true;
	}
}

/* libyaml's words, with the place; where it gives a byte instead of a line, the line is counted. */
static bool report(struct reader *r, const yaml_parser_t *parser, const char *text)
{
	size_t line = (size_t)parser->problem_mark.line + 1, column = (size_t)parser->problem_mark.column + 1, i;

	if (parser->error == YAML_READER_ERROR) {
		line = column = 1;
		for (i = 0; i < parser->problem_offset; i++) {
			column = text[i] == '\n' ? 1 : column + 1;
			line += text[i] == '\n';
		}
	}
	return error_set(r->err, STATUS_INPUT, "yaml-broken", "the compose file is broken at line %zu, column %zu: %s%s%s", line, column,
		parser->problem ? parser->problem : "it is no YAML", parser->context ? ", " : "", parser->context ? parser->context : "");
}

static bool read_events(struct reader *r, yaml_parser_t *parser, const char *text)
{
	bool good = true;

	while (good && !r->done) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return report(r, parser, text);
		good = take_event(r, &event);
		yaml_event_delete(&event);
	}
	return good;
}

static bool read_yaml(struct yaml_file *file, const char *text, size_t len, struct error *err)
{
	struct reader r = { .file = file, .err = err };
	yaml_parser_t parser;
	bool good;
	size_t i;

	if (len > LIMIT_COMPOSE)
		return error_set(err, STATUS_INPUT, "compose-too-large", "the compose file has %zu bytes; Phala Cloud takes at most %d", len,
			LIMIT_COMPOSE);
	if (!yaml_parser_initialize(&parser))
		mem_die("out of memory; nothing more was sent or signed");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	good = read_events(&r, &parser, text);
	yaml_parser_delete(&parser);
	for (i = 0; i < r.anchor_count; i++)
		free(r.anchors[i].name);
	free(r.anchors);
	return good;
}

static bool read_compose(struct yaml_file *file, const char *text, size_t len, struct error *err)
{
	const struct yaml_node *services;

	if (!read_yaml(file, text, len, err))
		return false;
	if (!file->root)
		return error_set(err, STATUS_INPUT, "compose-empty", "the compose file is empty");
	services = yaml_get(file->root, "services");
	if (!services || services->kind != YAML_MAP || !services->count)
		return error_set(err, STATUS_INPUT, "compose-no-services",
			"the compose file has no services: it is YAML, but no docker compose file");
	return true;
}

void summary_add(struct compose_summary *summary, enum compose_note_level level, const char *service, size_t line, bool is_new,
	const char *fmt, ...)
{
	struct buf safe = BUF_INIT, name = BUF_INIT;
	struct compose_note *note;
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	text_safe(&safe, text, strlen(text), TEXT_ONE_LINE);
	text_safe(&name, service, strlen(service), TEXT_ONE_LINE);
	summary->notes = mem_resize(summary->notes, summary->count + 1, sizeof(*summary->notes));
	note = &summary->notes[summary->count++];
	*note = (struct compose_note){ .level = level, .service = buf_take(&name), .text = buf_take(&safe), .line = line, .is_new = is_new };
	summary->risks += level == COMPOSE_NOTE_RISK;
	summary->new_risks += level == COMPOSE_NOTE_RISK && is_new;
	summary->cautions += level == COMPOSE_NOTE_CAUTION;
	summary->changes += level == COMPOSE_NOTE_CHANGE;
}

/* By level, new ones first; otherwise in the order they were found, which the line keeps. */
static void sort_notes(struct compose_summary *summary)
{
	struct compose_note *sorted = mem_new(summary->count, sizeof(*sorted));
	size_t count = 0, i;
	int level, old;

	for (level = COMPOSE_NOTE_RISK; level <= COMPOSE_NOTE_CHANGE; level++)
		for (old = 0; old < 2; old++)
			for (i = 0; i < summary->count; i++)
				if ((int)summary->notes[i].level == level && summary->notes[i].is_new == !old)
					sorted[count++] = summary->notes[i];
	free(summary->notes);
	summary->notes = sorted;
}

static void compare_services(struct compose_summary *summary, const struct yaml_node *before, const struct yaml_node *after)
{
	struct yaml_items old = { 0 }, new = { 0 };
	size_t i;

	yaml_items_of_map(&old, before);
	yaml_items_of_map(&new, after);
	yaml_items_sort(&old);
	yaml_items_sort(&new);
	summary->services = new.count;
	for (i = 0; i < new.count; i++) {
		const struct yaml_item *was = yaml_items_find(&old, new.list[i].name);

		summary_check_service(summary, new.list[i].name, was ? was->node : NULL, new.list[i].node);
		if (before)
			summary_compare_service(summary, new.list[i].name, was ? was->node : NULL, new.list[i].node);
	}
	for (i = 0; i < old.count; i++)
		if (!yaml_items_find(&new, old.list[i].name))
			summary_compare_service(summary, old.list[i].name, old.list[i].node, NULL);
	yaml_items_clear(&old);
	yaml_items_clear(&new);
}

/* Named volumes, networks and the like at the file's top. */
static void compare_top(struct compose_summary *summary, const char *key, const struct yaml_node *before, const struct yaml_node *after)
{
	bool volumes = strcmp(key, "volumes") == 0;
	struct yaml_items old = { 0 }, new = { 0 };
	size_t i;

	yaml_items_of_map(&old, yaml_get(before, key));
	yaml_items_of_map(&new, yaml_get(after, key));
	yaml_items_sort(&old);
	yaml_items_sort(&new);
	for (i = 0; i < old.count; i++)
		if (!yaml_items_find(&new, old.list[i].name))
			summary_add(summary, volumes ? COMPOSE_NOTE_RISK : COMPOSE_NOTE_CHANGE, "", 0, true, "%s: %s is gone%s", key,
				old.list[i].name, volumes ? "; what it holds is out of reach of the new services" : "");
	for (i = 0; before && i < new.count; i++)
		if (!yaml_items_find(&old, new.list[i].name))
			summary_add(summary, COMPOSE_NOTE_CHANGE, "", new.list[i].line, true, "%s: %s is new", key, new.list[i].name);
	yaml_items_clear(&old);
	yaml_items_clear(&new);
}

static int compare_keys(const void *left, const void *right)
{
	const struct yaml_node *a = *(const struct yaml_node *const *)left, *b = *(const struct yaml_node *const *)right;
	int order = strcmp(yaml_text(a), yaml_text(b));

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

static void check_repeated_keys(struct compose_summary *summary, const struct yaml_node *map)
{
	const struct yaml_node **keys = mem_new(map->count, sizeof(*keys));
	size_t i;

	for (i = 0; i < map->count; i++)
		keys[i] = map->keys[i];
	qsort(keys, map->count, sizeof(*keys), compare_keys);
	for (i = 1; i < map->count; i++)
		if (keys[i]->text && keys[i - 1]->text && strcmp(keys[i]->text, keys[i - 1]->text) == 0 && strcmp(keys[i]->text, "<<") != 0)
			summary_add(summary, COMPOSE_NOTE_CAUTION, "", keys[i]->line, true,
				"the key %.60s stands twice (lines %zu and %zu): docker compose refuses such a file", keys[i]->text,
				keys[i - 1]->line, keys[i]->line);
	free(keys);
}

static void check_file(struct compose_summary *summary, const struct yaml_file *file)
{
	size_t i;

	if (file->more)
		summary_add(summary, COMPOSE_NOTE_CAUTION, "", 0, true, "more than one YAML document: only the first one counts");
	for (i = 0; i < file->count; i++)
		if (file->nodes[i]->kind == YAML_MAP)
			check_repeated_keys(summary, file->nodes[i]);
}

static struct compose_summary *summarize(const struct yaml_file *before, const struct yaml_file *after)
{
	static const char *const keys[] = { "volumes", "networks", "configs", "secrets" };
	struct compose_summary *summary = mem_new(1, sizeof(*summary));
	size_t i;

	compare_services(summary, yaml_get(before->root, "services"), yaml_get(after->root, "services"));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		compare_top(summary, keys[i], before->root, after->root);
	check_file(summary, after);
	sort_notes(summary);
	return summary;
}

struct compose_summary *compose_summary_new(const char *before, size_t before_len, const char *after, size_t after_len,
	struct error *err)
{
	struct yaml_file old = { 0 }, new = { 0 };
	struct compose_summary *summary = NULL;
	struct error problem = { 0 };
	bool old_broken;

	if (!read_compose(&new, after, after_len, err)) {
		free_file(&new);
		return NULL;
	}
	old_broken = before && !read_compose(&old, before, before_len, &problem);
	if (old_broken)
		free_file(&old);
	summary = summarize(&old, &new);
	if (old_broken)
		summary->before_problem = mem_printf("in the present one %s", problem.message);
	free_file(&old);
	free_file(&new);
	return summary;
}

void compose_summary_free(struct compose_summary *summary)
{
	size_t i;

	if (!summary)
		return;
	for (i = 0; i < summary->count; i++) {
		free(summary->notes[i].service);
		free(summary->notes[i].text);
	}
	free(summary->notes);
	free(summary->before_problem);
	free(summary);
}
