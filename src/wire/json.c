/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

/* cJSON's own limit is 1000 levels of recursion; ours is counted before it runs. */
static bool too_deep(const char *text, size_t len)
{
	bool in_string = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '[' || text[i] == '{') {
			if (++depth > LIMIT_JSON_DEPTH)
				return true;
		} else if (text[i] == ']' || text[i] == '}') {
			depth--;
		}
	}
	return false;
}

static bool only_space(const char *at, const char *end)
{
	while (at < end && isspace((unsigned char)*at))
		at++;
	return at == end;
}

static json *not_json(const char *text, size_t len, struct error *err)
{
	char start[80];
	size_t i = 0;

	while (i < len && isspace((unsigned char)text[i]))
		i++;
	text_safe_copy(start, sizeof(start), text + i, len - i < 60 ? len - i : 60);
	if (i == len)
		error_set(err, STATUS_API, "not-json", "the answer is empty where JSON was expected");
	else if (text[i] == '<')
		error_set(err, STATUS_API, "not-json", "the answer is an HTML page, not JSON: a proxy or gateway answered instead of the server");
	else
		error_set(err, STATUS_API, "not-json", "the answer is not JSON");
	error_detail(err, "it begins: %s", start);
	error_next(err, "check the address of the server, and whether a proxy stands in between; then try again");
	return NULL;
}

json *json_parse(const char *text, size_t len, struct error *err)
{
	const char *end = NULL;
	json *tree;

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (too_deep(text, len)) {
		error_set(err, STATUS_API, "json-too-deep", "the answer is nested more than %d levels deep", LIMIT_JSON_DEPTH);
		return NULL;
	}
	tree = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	if (tree && only_space(end, text + len))
		return tree;
	cJSON_Delete(tree);
	return not_json(text, len, err);
}

void json_free(json *tree)
{
	cJSON_Delete(tree);
}

enum json_kind json_kind(const json *value)
{
	if (!value || cJSON_IsInvalid(value))
		return JSON_MISSING;
	if (cJSON_IsNull(value))
		return JSON_NULL;
	if (cJSON_IsBool(value))
		return JSON_BOOL;
	if (cJSON_IsNumber(value))
		return JSON_NUMBER;
	if (cJSON_IsString(value))
		return JSON_STRING;
	return cJSON_IsArray(value) ? JSON_ARRAY : JSON_OBJECT;
}

const json *json_member(const json *value, const char *name)
{
	return json_kind(value) == JSON_OBJECT ? cJSON_GetObjectItemCaseSensitive(value, name) : NULL;
}

const json *json_at(const json *value, const char *path)
{
	char name[64];

	while (value && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		value = json_member(value, name);
		path += len + (path[len] == '.');
	}
	return value;
}

size_t json_count(const json *value)
{
	enum json_kind kind = json_kind(value);

	return kind == JSON_ARRAY || kind == JSON_OBJECT ? (size_t)cJSON_GetArraySize(value) : 0;
}

const json *json_first(const json *value)
{
	enum json_kind kind = json_kind(value);

	return kind == JSON_ARRAY || kind == JSON_OBJECT ? value->child : NULL;
}

const json *json_next(const json *value)
{
	return value ? value->next : NULL;
}

const char *json_name(const json *value)
{
	return value && value->string ? value->string : "";
}

const char *json_string(const json *value, const char *fallback)
{
	return json_kind(value) == JSON_STRING ? value->valuestring : fallback;
}

const char *json_text(const json *value, const char *path)
{
	return json_string(json_at(value, path), "");
}

bool json_flag(const json *value, const char *path, bool fallback)
{
	const json *member = json_at(value, path);

	return json_kind(member) == JSON_BOOL ? cJSON_IsTrue(member) : fallback;
}

int64_t json_int(const json *value, const char *path, int64_t fallback)
{
	const json *member = json_at(value, path);
	const char *digits = json_string(member, NULL);
	char *end;
	long long number;

	if (json_kind(member) == JSON_NUMBER)
		return fabs(member->valuedouble) <= 9007199254740992.0 ? (int64_t)member->valuedouble : fallback;
	if (!digits || !*digits)
		return fallback;
	number = strtoll(digits, &end, 10);
	return *end ? fallback : (int64_t)number;
}

double json_number(const json *value, const char *path, double fallback)
{
	const json *member = json_at(value, path);

	return json_kind(member) == JSON_NUMBER ? member->valuedouble : fallback;
}

static json *made(json *value)
{
	if (!value)
		mem_die("out of memory for JSON");
	return value;
}

json *json_new_object(void)
{
	return made(cJSON_CreateObject());
}

json *json_new_array(void)
{
	return made(cJSON_CreateArray());
}

json *json_new_text(const char *text)
{
	return made(text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

json *json_new_int(int64_t value)
{
	return made(cJSON_CreateNumber((double)value));
}

json *json_new_bool(bool value)
{
	return made(cJSON_CreateBool(value));
}

json *json_copy(const json *value)
{
	return made(cJSON_Duplicate(value, 1));
}

json *json_add(json *object, const char *name, json *child)
{
	cJSON_AddItemToObject(object, name, child);
	return child;
}

json *json_append(json *array, json *child)
{
	cJSON_AddItemToArray(array, child);
	return child;
}

void json_add_text(json *object, const char *name, const char *text)
{
	json_add(object, name, json_new_text(text));
}

void json_add_bool(json *object, const char *name, bool value)
{
	json_add(object, name, json_new_bool(value));
}

void json_add_int(json *object, const char *name, int64_t value)
{
	json_add(object, name, json_new_int(value));
}

void json_add_null(json *object, const char *name)
{
	json_add(object, name, made(cJSON_CreateNull()));
}

static void print(struct buf *out, char *text)
{
	if (!text)
		mem_die("out of memory for JSON");
	buf_add_text(out, text);
	cJSON_free(text);
}

void json_print(struct buf *out, const json *value)
{
	print(out, cJSON_PrintUnformatted(value));
}

void json_print_pretty(struct buf *out, const json *value)
{
	print(out, cJSON_Print(value));
}

void json_quote(struct buf *out, const char *text, size_t len)
{
	size_t used = 0;

	buf_add_byte(out, '"');
	while (used < len) {
		uint32_t cp;

		used += text_decode(text + used, len - used, &cp);
		if (cp == '"' || cp == '\\')
			buf_add_format(out, "\\%c", (char)cp);
		else if (cp == '\n')
			buf_add_text(out, "\\n");
		else if (cp < 0x20)
			buf_add_format(out, "\\u%04x", (unsigned)cp);
		else
			text_encode(out, cp);
	}
	buf_add_byte(out, '"');
}
