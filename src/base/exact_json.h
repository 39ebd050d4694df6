/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as ECMAScript has it, for documents whose exact bytes are hashed: what
 * JSON.parse makes of a text and what JSON.stringify prints of that.
 *
 * Strings may hold NUL and lone surrogates, so each has a length; they are
 * WTF-8 (UTF-8 in which a lone surrogate has its three bytes). Members keep
 * the order of the text; of a repeated name the last value counts, in the
 * first one's place. Numbers are IEEE doubles. No thread is special here; a
 * tree belongs to whoever parsed it.
 */
#ifndef CVMDECK_BASE_EXACT_JSON_H
#define CVMDECK_BASE_EXACT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"

struct exact_json;

enum exact_kind { EXACT_MISSING, EXACT_NULL, EXACT_BOOL, EXACT_NUMBER, EXACT_STRING, EXACT_ARRAY, EXACT_OBJECT };

/*
 * Parses one whole text, refusing whatever JSON.parse refuses, and text that is
 * not UTF-8. Ceilings: LIMIT_EXACT_JSON bytes, LIMIT_EXACT_DEPTH levels,
 * LIMIT_EXACT_VALUES values.
 * Returns a tree the caller frees, or NULL.
 * Errors: STATUS_INPUT "not-json" with line and column, "json-too-large".
 */
struct exact_json *exact_json_parse(const char *text, size_t len, struct error *err) MUST_CHECK;
void exact_json_free(struct exact_json *value);

/* All accessors take NULL for a missing value; what they give is borrowed from the tree. */
enum exact_kind exact_json_kind(const struct exact_json *value);
/* A member by name, NULL when there is none or value is no object. */
const struct exact_json *exact_json_get(const struct exact_json *value, const char *name);
const struct exact_json *exact_json_get_len(const struct exact_json *value, const char *name, size_t len);
/* How many elements an array or members an object has; 0 for anything else. */
size_t exact_json_count(const struct exact_json *value);
/* The i-th element or member's value; NULL past the end. */
const struct exact_json *exact_json_item(const struct exact_json *value, size_t i);
/* The name of the i-th member (a NUL stands behind it); *len may be NULL. NULL when there is none. */
const char *exact_json_name(const struct exact_json *value, size_t i, size_t *len);
/* The string (a NUL stands behind it) and its length (len may be NULL), or NULL when it is no string. */
const char *exact_json_string(const struct exact_json *value, size_t *len);
/* The string of a member by name, or "" (then a NUL inside cuts it: for names and words). */
const char *exact_json_text(const struct exact_json *value, const char *name);
bool exact_json_bool(const struct exact_json *value, bool fallback);
double exact_json_number(const struct exact_json *value, double fallback);
/* Where the value stood in the parsed text; false for one that was built. */
bool exact_json_span(const struct exact_json *value, size_t *at, size_t *len);
/* The same value: kinds, numbers, strings, elements in order; members in any order. */
bool exact_json_equal(const struct exact_json *a, const struct exact_json *b);

/* Building. A child belongs to the tree from the call on. */
struct exact_json *exact_json_new_null(void);
struct exact_json *exact_json_new_bool(bool flag);
struct exact_json *exact_json_new_number(double number);
struct exact_json *exact_json_new_string(const char *text, size_t len);
struct exact_json *exact_json_new_array(void);
struct exact_json *exact_json_new_object(void);
struct exact_json *exact_json_copy(const struct exact_json *value);
/* Replaces the member in its place, or adds it behind the last. */
void exact_json_set(struct exact_json *object, const char *name, struct exact_json *child);
void exact_json_set_len(struct exact_json *object, const char *name, size_t len, struct exact_json *child);
/* Returns whether there was one. */
bool exact_json_remove(struct exact_json *object, const char *name);
void exact_json_append(struct exact_json *array, struct exact_json *child);

/*
 * indent  spaces a level as JSON.stringify's third argument; 0: compact
 * sort    members sorted at every level by UTF-16 code units and `__proto__`
 *         dropped; an object with a member `constructor`, and all below it,
 *         stays as parsed (the quirk of the tools, vectors/compose_hash.json)
 * Array-index names (0 to 4294967294) come first, ascending, in either case.
 */
struct exact_json_style {
	unsigned indent;
	bool sort;
};

/* Adds the value as JSON.stringify prints it. */
void exact_json_print(struct buf *out, const struct exact_json *value, struct exact_json_style style);

/*
 * Writes text as a JSON string with its quotes to out (no NUL behind), or only
 * counts when out is NULL. Returns the bytes. Touches no other memory, so that
 * it can be used on secrets.
 */
size_t exact_json_quote(char *out, const char *text, size_t len);

enum { EXACT_NUMBER_SIZE = 32 };

/* Number::toString; what is not finite prints null. Returns out. */
const char *exact_json_format_number(char out[EXACT_NUMBER_SIZE], double number);

/* Compares by UTF-16 code units, as ECMAScript's default sort does: < 0, 0, > 0. */
int exact_json_compare_text(const char *a, size_t a_len, const char *b, size_t b_len);

/* True for the name of an array index; *index may be NULL. */
bool exact_json_is_index(const char *name, size_t len, unsigned long *index);

#endif
