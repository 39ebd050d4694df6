/* SPDX-License-Identifier: Apache-2.0 */
/* Pins: one small JSON object by CVM, read whole and written whole. */
#include "rollout/pins.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "wire/json.h"

struct pin_field {
	const char *name;
	size_t offset, size;
	enum pin_part part;
};
#define FIELD(member, part) { #member, offsetof(struct pin, member), sizeof(((struct pin *)0)->member), part }

static const struct pin_field fields[] = {
	FIELD(app_id, PIN_TARGET),
	FIELD(contract, PIN_TARGET),
	FIELD(kms, PIN_TARGET),
	FIELD(implementation, PIN_CODE),
	FIELD(code_hash, PIN_CODE),
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

static const json *find_app(const json *all, const char *app_id)
{
	const json *at = app_id[0] ? json_first(all) : NULL;
	while (at && !text_equal_nocase(json_text(at, "app_id"), app_id))
		at = json_next(at);
	return at;
}

static void read_pin(struct pin *out, const json *saved)
{
	memset(out, 0, sizeof(*out));
	text_copy(out->key, sizeof(out->key), json_name(saved));
	out->chain_id = (uint64_t)json_int(saved, "chain_id", 0);
	for (size_t i = 0; i < FIELDS; i++)
		text_copy((char *)out + fields[i].offset, fields[i].size, json_text(saved, fields[i].name));
}

bool pins_find(const char *dir, const struct pin *pin, struct pin *known, bool *found, struct error *err)
{
	char *path = pins_path(dir);
	json *all = load(path, err);
	free(path);
	memset(known, 0, sizeof(*known));
	if (!all)
		return false;
	const json *saved = json_member(all, pin->key);
	if (!saved)
		saved = find_app(all, pin->app_id);
	*found = saved != NULL;
	if (saved)
		read_pin(known, saved);
	json_free(all);
	return true;
}

const char *pins_difference(const struct pin *known, const struct pin *seen, enum pin_part part, char was[67], char is[67])
{
	if (part == PIN_TARGET && known->chain_id != seen->chain_id) {
		snprintf(was, 67, "%llu", (unsigned long long)known->chain_id);
		snprintf(is, 67, "%llu", (unsigned long long)seen->chain_id);
		return "chain";
	}
	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].part != part || text_equal_nocase(text_of(known, &fields[i]), text_of(seen, &fields[i])))
			continue;
		text_copy(was, 67, text_of(known, &fields[i]));
		text_copy(is, 67, text_of(seen, &fields[i]));
		return fields[i].name;
	}
	return NULL;
}

static json *pin_json(const struct pin *pin)
{
	json *object = json_new_object();
	json_add_int(object, "chain_id", (int64_t)pin->chain_id);
	for (size_t i = 0; i < FIELDS; i++)
		json_add_text(object, fields[i].name, text_of(pin, &fields[i]));
	return object;
}

/* Two consoles may keep pins of two CVMs at once. */
static int lock_file(const char *path)
{
	char *name = mem_printf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(name);
	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

static bool store(const char *path, const struct pin *pin, struct error *err)
{
	struct buf text = BUF_INIT;
	json *old = load(path, err), *all = old ? json_new_object() : NULL;
	if (!old)
		return false;
	for (const json *item = json_first(old); item; item = json_next(item))
		if (strcmp(json_name(item), pin->key) != 0)
			json_add(all, json_name(item), json_copy(item));
	json_add(all, pin->key, pin_json(pin));
	json_print_pretty(&text, all);
	bool ok = file_write(path, text.data, text.len, 0600, err);
	buf_clear(&text);
	json_free(all);
	json_free(old);
	return ok;
}

bool pins_store(const char *dir, const struct pin *pin, struct error *err)
{
	char *folder = dir ? mem_strdup(dir) : file_state_dir();
	char *path = pins_path(dir);
	bool ok = file_make_dirs(folder, err);
	int lock = ok ? lock_file(path) : -1;
	ok = ok && store(path, pin, err);
	if (lock >= 0)
		close(lock);
	free(folder);
	free(path);
	return ok;
}
