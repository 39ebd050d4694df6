/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of exact_json: its making, its reading, its changing. */
#include "base/exact_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/exact_json_tree.h"
#include "base/mem.h"

enum { INDEX_FROM = 32 };

struct exact_json *exact_json_new(enum exact_kind kind)
{
	struct exact_json *value = mem_new(1, sizeof(*value));

	value->kind = kind;
	return value;
}

static bool is_list(const struct exact_json *value)
{
	return value && (value->kind == EXACT_ARRAY || value->kind == EXACT_OBJECT);
}

static void free_member(struct exact_member *member)
{
	free(member->name);
	exact_json_free(member->value);
}

void exact_json_free(struct exact_json *value)
{
	size_t i;

	if (!value)
		return;
	if (value->kind == EXACT_STRING)
		free(value->as.string.text);
	if (is_list(value)) {
		for (i = 0; i < value->as.list.count; i++)
			free_member(&value->as.list.members[i]);
		free(value->as.list.members);
		free(value->as.list.by_name);
	}
	free(value);
}

enum exact_kind exact_json_kind(const struct exact_json *value)
{
	return value ? value->kind : EXACT_MISSING;
}

static bool has_name(const struct exact_member *member, const char *name, size_t len)
{
	return member->name_len == len && memcmp(member->name, name, len) == 0;
}

static int compare_name(const struct exact_member *member, const char *name, size_t len)
{
	size_t shared = member->name_len < len ? member->name_len : len;
	int order = shared ? memcmp(member->name, name, shared) : 0;

	return order ? order : (member->name_len > len) - (member->name_len < len);
}

static size_t find_by_name(const struct exact_json *object, const char *name, size_t len)
{
	size_t low = 0, high = object->as.list.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2, place = object->as.list.by_name[middle];
		int order = compare_name(&object->as.list.members[place], name, len);

		if (!order)
			return place;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return object->as.list.count;
}

/* The member's place, or the count when there is none. */
static size_t find_member(const struct exact_json *object, const char *name, size_t len)
{
	size_t i;

	if (object->as.list.by_name)
		return find_by_name(object, name, len);
	for (i = 0; i < object->as.list.count; i++)
		if (has_name(&object->as.list.members[i], name, len))
			break;
	return i;
}

const struct exact_json *exact_json_get_len(const struct exact_json *value, const char *name, size_t len)
{
	if (exact_json_kind(value) != EXACT_OBJECT)
		return NULL;
	return exact_json_item(value, find_member(value, name, len));
}

const struct exact_json *exact_json_get(const struct exact_json *value, const char *name)
{
	return exact_json_get_len(value, name, strlen(name));
}

size_t exact_json_count(const struct exact_json *value)
{
	return is_list(value) ? value->as.list.count : 0;
}

const struct exact_json *exact_json_item(const struct exact_json *value, size_t i)
{
	return i < exact_json_count(value) ? value->as.list.members[i].value : NULL;
}

const char *exact_json_name(const struct exact_json *value, size_t i, size_t *len)
{
	if (i >= exact_json_count(value))
		return NULL;
	if (len)
		*len = value->as.list.members[i].name_len;
	return value->as.list.members[i].name;
}

const char *exact_json_string(const struct exact_json *value, size_t *len)
{
	if (exact_json_kind(value) != EXACT_STRING)
		return NULL;
	if (len)
		*len = value->as.string.len;
	return value->as.string.text;
}

const char *exact_json_text(const struct exact_json *value, const char *name)
{
	const char *text = exact_json_string(exact_json_get(value, name), NULL);

	return text ? text : "";
}

bool exact_json_bool(const struct exact_json *value, bool fallback)
{
	return exact_json_kind(value) == EXACT_BOOL ? value->flag : fallback;
}

double exact_json_number(const struct exact_json *value, double fallback)
{
	return exact_json_kind(value) == EXACT_NUMBER ? value->as.number : fallback;
}

bool exact_json_span(const struct exact_json *value, size_t *at, size_t *len)
{
	if (!value || !value->has_span)
		return false;
	*at = value->at;
	*len = value->span;
	return true;
}

static bool equal_members(const struct exact_json *a, const struct exact_json *b)
{
	size_t i;

	if (a->as.list.count != b->as.list.count)
		return false;
	for (i = 0; i < a->as.list.count; i++) {
		const struct exact_member *member = &a->as.list.members[i];
		const struct exact_json *other = a->kind == EXACT_ARRAY ? exact_json_item(b, i)
			: exact_json_get_len(b, member->name, member->name_len);

		if (!exact_json_equal(member->value, other))
			return false;
	}
	return true;
}

bool exact_json_equal(const struct exact_json *a, const struct exact_json *b)
{
	if (exact_json_kind(a) != exact_json_kind(b))
		return false;
	switch (exact_json_kind(a)) {
	case EXACT_BOOL:
		return a->flag == b->flag;
	case EXACT_NUMBER:
		return !(a->as.number < b->as.number) && !(a->as.number > b->as.number);
	case EXACT_STRING:
		return a->as.string.len == b->as.string.len &&
			memcmp(a->as.string.text, b->as.string.text, a->as.string.len) == 0;
	case EXACT_ARRAY:
	case EXACT_OBJECT:
		return equal_members(a, b);
	default:
		return true;
	}
}

struct exact_json *exact_json_new_null(void)
{
	return exact_json_new(EXACT_NULL);
}

struct exact_json *exact_json_new_bool(bool flag)
{
	struct exact_json *value = exact_json_new(EXACT_BOOL);

	value->flag = flag;
	return value;
}

struct exact_json *exact_json_new_number(double number)
{
	struct exact_json *value = exact_json_new(EXACT_NUMBER);

	value->as.number = number;
	return value;
}

struct exact_json *exact_json_new_string(const char *text, size_t len)
{
	struct exact_json *value = exact_json_new(EXACT_STRING);

	value->as.string.text = mem_copy(text, len);
	value->as.string.len = len;
	return value;
}

struct exact_json *exact_json_new_array(void)
{
	return exact_json_new(EXACT_ARRAY);
}

struct exact_json *exact_json_new_object(void)
{
	return exact_json_new(EXACT_OBJECT);
}

static void forget_index(struct exact_json *list)
{
	free(list->as.list.by_name);
	list->as.list.by_name = NULL;
}

void exact_json_add(struct exact_json *list, char *name, size_t name_len, struct exact_json *value)
{
	size_t count = list->as.list.count;

	forget_index(list);
	list->as.list.members = mem_grow(list->as.list.members, count, &list->as.list.cap, sizeof(struct exact_member));
	list->as.list.members[count] = (struct exact_member){ .name = name, .name_len = name_len, .value = value };
	list->as.list.count++;
}

static struct exact_json *copy_list(const struct exact_json *value)
{
	struct exact_json *copy = exact_json_new(value->kind);
	size_t i;

	for (i = 0; i < value->as.list.count; i++) {
		const struct exact_member *member = &value->as.list.members[i];
		char *name = member->name ? mem_copy(member->name, member->name_len) : NULL;

		exact_json_add(copy, name, member->name_len, exact_json_copy(member->value));
	}
	if (copy->kind == EXACT_OBJECT)
		exact_json_index(copy);
	return copy;
}

struct exact_json *exact_json_copy(const struct exact_json *value)
{
	struct exact_json *copy;

	if (!value)
		return NULL;
	if (value->kind == EXACT_STRING) {
		copy = exact_json_new_string(value->as.string.text, value->as.string.len);
	} else if (is_list(value)) {
		copy = copy_list(value);
	} else {
		copy = exact_json_new(value->kind);
		*copy = *value;
	}
	copy->has_span = false;
	return copy;
}

static void need_kind(const struct exact_json *value, enum exact_kind kind)
{
	if (exact_json_kind(value) != kind)
		mem_die("a JSON value was changed as if it were of another kind");
}

void exact_json_set_len(struct exact_json *object, const char *name, size_t len, struct exact_json *child)
{
	size_t i;

	need_kind(object, EXACT_OBJECT);
	i = find_member(object, name, len);
	if (i == object->as.list.count) {
		exact_json_add(object, mem_copy(name, len), len, child);
		return;
	}
	exact_json_free(object->as.list.members[i].value);
	object->as.list.members[i].value = child;
}

void exact_json_set(struct exact_json *object, const char *name, struct exact_json *child)
{
	exact_json_set_len(object, name, strlen(name), child);
}

bool exact_json_remove(struct exact_json *object, const char *name)
{
	struct exact_member *members;
	size_t i;

	need_kind(object, EXACT_OBJECT);
	members = object->as.list.members;
	i = find_member(object, name, strlen(name));
	if (i == object->as.list.count)
		return false;
	forget_index(object);
	free_member(&members[i]);
	object->as.list.count--;
	memmove(members + i, members + i + 1, (object->as.list.count - i) * sizeof(*members));
	return true;
}

void exact_json_append(struct exact_json *array, struct exact_json *child)
{
	need_kind(array, EXACT_ARRAY);
	exact_json_add(array, NULL, 0, child);
}

static int compare_names(const void *left, const void *right)
{
	const struct exact_member *a = *(const struct exact_member *const *)left;
	const struct exact_member *b = *(const struct exact_member *const *)right;
	int order = compare_name(a, b->name, b->name_len);

	return order ? order : (a > b) - (a < b);
}

/* The members sorted by name; the caller frees. */
static struct exact_member **sort_members(const struct exact_json *object)
{
	size_t count = object->as.list.count, i;
	struct exact_member **order = mem_new(count, sizeof(struct exact_member *));

	for (i = 0; i < count; i++)
		order[i] = &object->as.list.members[i];
	qsort(order, count, sizeof(struct exact_member *), compare_names);
	return order;
}

void exact_json_index(struct exact_json *object)
{
	size_t count = object->as.list.count, i;
	struct exact_member **order;

	if (count < INDEX_FROM)
		return;
	order = sort_members(object);
	object->as.list.by_name = mem_new(count, sizeof(size_t));
	for (i = 0; i < count; i++)
		object->as.list.by_name[i] = (size_t)(order[i] - object->as.list.members);
	free(order);
}

/* Moves the last value of each run of one name to the run's first member; the others lose theirs. */
static bool merge_runs(struct exact_member **order, size_t count)
{
	bool merged = false;
	size_t first = 0, i;

	for (i = 1; i < count; i++) {
		if (!has_name(order[i], order[first]->name, order[first]->name_len)) {
			first = i;
			continue;
		}
		exact_json_free(order[first]->value);
		order[first]->value = order[i]->value;
		order[i]->value = NULL;
		merged = true;
	}
	return merged;
}

void exact_json_merge_repeated(struct exact_json *object)
{
	size_t count = object->as.list.count, kept = 0, i;
	struct exact_member *members = object->as.list.members, **order;

	if (count < 2)
		return;
	order = sort_members(object);
	if (merge_runs(order, count)) {
		for (i = 0; i < count; i++) {
			if (members[i].value)
				members[kept++] = members[i];
			else
				free_member(&members[i]);
		}
		object->as.list.count = kept;
	}
	free(order);
}
