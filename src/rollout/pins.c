/* SPDX-License-Identifier: Apache-2.0 */
/* Pins: one small JSON object by CVM, read whole and written whole. */
#include "rollout/pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "wire/json.h"

struct pin_field {
	const char *name;
	size_t offset, size;
	bool code; /* of the implementation, not of the target */
};
#define FIELD(member, code) { #member, offsetof(struct pin, member), sizeof(((struct pin *)0)->member), code }

static const struct pin_field fields[] = {
	FIELD(app_id, false),
	FIELD(contract, false),
	FIELD(kms, false),
	FIELD(implementation, true),
	FIELD(code_hash, true),
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static char *pins_path(const char *dir)
{
	char *folder = dir ? mem_strdup(dir) : file_state_dir();
	char *path = mem_printf("%s/pins.json", folder);
	free(folder);
	return path;
}

static const char *text_of(const struct pin *pin, const struct pin_field *field)
{
	return (const char *)pin + field->offset;
}

/* The whole file; a missing one is an empty object. */
static json *load(const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	if (access(path, F_OK) != 0)
		return json_new_object();
	json *tree = file_read(path, "pins", LIMIT_CONFIG_FILE, &text, err) ? json_parse(buf_text(&text), text.len, err) : NULL;
	buf_clear(&text);
	if (json_kind(tree) == JSON_OBJECT)
		return tree;
	json_free(tree);
	error_set(err, STATUS_INPUT, "pins-damaged", "%s cannot be read, so the target cannot be compared with the last time.", path);
	error_next(err, "look at the file; move it away only if you know why it changed");
	return NULL;
}

bool pins_find(const char *dir, const char *key, struct pin *known, bool *found, struct error *err)
{
	char *path = pins_path(dir);
	json *all = load(path, err);
	free(path);
	memset(known, 0, sizeof(*known));
	if (!all)
		return false;
	const json *pin = json_member(all, key);
	*found = pin != NULL;
	text_copy(known->key, sizeof(known->key), key);
	known->chain_id = (uint64_t)json_int(pin, "chain_id", 0);
	for (size_t i = 0; i < FIELDS; i++)
		text_copy((char *)known + fields[i].offset, fields[i].size, json_text(pin, fields[i].name));
	json_free(all);
	return true;
}

const char *pins_difference(const struct pin *known, const struct pin *seen, char was[67], char is[67])
{
	if (known->chain_id != seen->chain_id) {
		snprintf(was, 67, "%llu", (unsigned long long)known->chain_id);
		snprintf(is, 67, "%llu", (unsigned long long)seen->chain_id);
		return "chain";
	}
	for (size_t i = 0; i < FIELDS; i++) {
		if (text_equal_nocase(text_of(known, &fields[i]), text_of(seen, &fields[i])))
			continue;
		text_copy(was, 67, text_of(known, &fields[i]));
		text_copy(is, 67, text_of(seen, &fields[i]));
		return fields[i].name;
	}
	return NULL;
}

enum pin_verdict pins_compare(const struct pin *known, bool found, const struct pin *seen)
{
	if (!found)
		return PIN_NEW;
	if (known->chain_id != seen->chain_id)
		return PIN_TARGET_DIFFERS;
	enum pin_verdict verdict = PIN_SAME;
	for (size_t i = 0; i < FIELDS; i++) {
		if (text_equal_nocase(text_of(known, &fields[i]), text_of(seen, &fields[i])))
			continue;
		if (!fields[i].code)
			return PIN_TARGET_DIFFERS;
		verdict = PIN_CODE_DIFFERS;
	}
	return verdict;
}

static json *pin_json(const struct pin *pin)
{
	json *object = json_new_object();
	json_add_int(object, "chain_id", (int64_t)pin->chain_id);
	for (size_t i = 0; i < FIELDS; i++)
		json_add_text(object, fields[i].name, text_of(pin, &fields[i]));
	return object;
}

bool pins_store(const char *dir, const struct pin *pin, struct error *err)
{
	char *folder = dir ? mem_strdup(dir) : file_state_dir();
	char *path = pins_path(dir);
	json *old = file_make_dirs(folder, err) ? load(path, err) : NULL;
	bool ok = false;
	if (old) {
		struct buf text = BUF_INIT;
		json *all = json_new_object();
		for (const json *item = json_first(old); item; item = json_next(item))
			if (strcmp(json_name(item), pin->key) != 0)
				json_add(all, json_name(item), json_copy(item));
		json_add(all, pin->key, pin_json(pin));
		json_print_pretty(&text, all);
		ok = file_write(path, text.data, text.len, 0600, err);
		buf_clear(&text);
		json_free(all);
		json_free(old);
	}
	free(folder);
	free(path);
	return ok;
}
