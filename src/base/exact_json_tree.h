/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an exact_json value, for exact_json*.c alone. */
#ifndef CVMDECK_BASE_EXACT_JSON_TREE_H
#define CVMDECK_BASE_EXACT_JSON_TREE_H

#include "base/exact_json.h"

struct exact_member {
	char *name; /* NULL in an array */
	size_t name_len;
	struct exact_json *value;
};

struct exact_json {
	enum exact_kind kind;
	bool flag;
	bool has_span;
	size_t at, span; /* in the parsed text */
	union {
		double number;
		struct {
			char *text;
			size_t len;
		} string;
		struct {
			struct exact_member *members;
			size_t count, cap;
			size_t *by_name; /* places sorted by name in a large object that was not changed since; or NULL */
		} list;
	} as;
};

struct exact_json *exact_json_new(enum exact_kind kind);
/* Adds behind the last without looking for the name; takes name and value over. */
void exact_json_add(struct exact_json *list, char *name, size_t name_len, struct exact_json *value);
/* Of members with one name keeps the last value in the first one's place. */
void exact_json_merge_repeated(struct exact_json *object);
/* Makes looking up by name quick where there are many members. */
void exact_json_index(struct exact_json *object);

#endif
