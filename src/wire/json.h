/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON of the wire, on cJSON. Reading never fails on a missing or wrongly
 * typed member: it gives the default, since fields come and go with the API's
 * version. What must be there is asked for by json_need_*.
 * (Documents whose exact bytes are hashed are not read here: base/exact_json.)
 */
#ifndef CVMDECK_WIRE_JSON_H
#define CVMDECK_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

struct cJSON; /* opaque here: only json.c includes cJSON.h */
typedef struct cJSON json;

/*
 * Parses one whole text (not NUL-terminated), at most LIMIT_JSON_DEPTH deep.
 * Returns a tree the caller frees with json_free, or NULL.
 * Errors: STATUS_API "not-json": the answer is no JSON (with what it looks like).
 */
json *json_parse(const char *text, size_t len, struct error *err) MUST_CHECK;
void json_free(json *tree);

/* What a value is; a NULL value is json_missing. */
enum json_kind { JSON_MISSING, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_kind json_kind(const json *value);

/* A member of an object, NULL when value is no object or has none (case counts). */
const json *json_member(const json *value, const char *name);
/* A member by path: "kms_info.chain_id". */
const json *json_at(const json *value, const char *path);
/* Elements of an array or object; 0 for anything else. */
size_t json_count(const json *value);
/* Walks children: for (c = json_first(v); c; c = json_next(c)). */
const json *json_first(const json *value);
const json *json_next(const json *value);
/* The member name of a child of an object; "" in an array. */
const char *json_name(const json *value);

/* The string, or fallback; borrowed from the tree. */
const char *json_string(const json *value, const char *fallback);
/* The string of a member by path, or "". */
const char *json_text(const json *value, const char *path);
/* A member by path as bool, or fallback when it is no bool. */
bool json_flag(const json *value, const char *path, bool fallback);
/* A whole number within 2^53 by path; also from a string of digits. */
int64_t json_int(const json *value, const char *path, int64_t fallback);
double json_number(const json *value, const char *path, double fallback);

/* Building. Each add takes its child over and returns it for further use. */
json *json_new_object(void);
json *json_new_array(void);
json *json_add(json *object, const char *name, json *child);
json *json_append(json *array, json *child);
void json_add_text(json *object, const char *name, const char *text); /* NULL: null */
void json_add_bool(json *object, const char *name, bool value);
void json_add_int(json *object, const char *name, int64_t value);
void json_add_null(json *object, const char *name);
json *json_new_text(const char *text);
json *json_new_int(int64_t value);
json *json_new_bool(bool value);
/* A deep copy. */
json *json_copy(const json *value);

/* Adds the tree as compact JSON without a line feed. */
void json_print(struct buf *out, const json *value);
/* The same indented for people. */
void json_print_pretty(struct buf *out, const json *value);
/* Adds text as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void json_quote(struct buf *out, const char *text, size_t len);

#endif
