/* SPDX-License-Identifier: Apache-2.0 */
/* The list of env variables, and the -e options that fill it. The parser: dotenv_parse.c. */
#include "compose/dotenv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/dotenv_inside.h"

void compose_env_clear(struct compose_env *env)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		free(env->entries[i].name);
	free(env->entries);
	secret_clear(&env->store);
	*env = (struct compose_env){ 0 };
}

/* A larger secret with the same first `used` bytes; the old one is wiped. */
static void grow_secret(struct secret *secret, size_t used, size_t need)
{
	struct secret larger = SECRET_INIT;
	size_t len = secret->len ? secret->len : 4096;

	if (need <= secret->len)
		return;
	while (len < need)
		len *= 2;
	secret_alloc(&larger, len);
	if (used)
		memcpy(larger.data, secret->data, used);
	secret_clear(secret);
	*secret = larger;
}

void compose_env_add(struct compose_env *env, const char *name, size_t name_len, const char *value, size_t len)
{
	struct compose_env_entry *entry;

	grow_secret(&env->store, env->used, env->used + len + 1);
	env->entries = mem_grow(env->entries, env->count, &env->cap, sizeof(*env->entries));
	entry = &env->entries[env->count++];
	*entry = (struct compose_env_entry){ .name = mem_copy(name, name_len), .name_len = name_len, .at = env->used, .len = len };
	if (len)
		memcpy(env->store.data + env->used, value, len);
	env->store.data[env->used + len] = '\0';
	env->used += len + 1;
}

const char *compose_env_value(const struct compose_env *env, size_t i, size_t *len)
{
	*len = env->entries[i].len;
	return (const char *)env->store.data + env->entries[i].at;
}

const char **compose_env_names(const struct compose_env *env)
{
	const char **names = mem_new(env->count + 1, sizeof(*names));
	size_t i;

	for (i = 0; i < env->count; i++)
		names[i] = env->entries[i].name;
	return names;
}

static int compare_names(const void *left, const void *right)
{
	const struct compose_env_entry *a = *(struct compose_env_entry *const *)left;
	const struct compose_env_entry *b = *(struct compose_env_entry *const *)right;
	size_t shared = a->name_len < b->name_len ? a->name_len : b->name_len;
	int order = memcmp(a->name, b->name, shared);

	if (!order)
		order = (a->name_len > b->name_len) - (a->name_len < b->name_len);
	return order ? order : (a > b) - (a < b);
}

static void drop_entry(struct compose_env_entry *entry)
{
	free(entry->name);
	entry->name = NULL;
}

void compose_env_merge(struct compose_env *env)
{
	struct compose_env_entry **order = mem_new(env->count, sizeof(*order));
	size_t first = 0, kept = 0, i;

	for (i = 0; i < env->count; i++)
		order[i] = &env->entries[i];
	qsort(order, env->count, sizeof(*order), compare_names);
	for (i = 1; i < env->count; i++) {
		if (order[i]->name_len != order[first]->name_len || memcmp(order[i]->name, order[first]->name, order[i]->name_len)) {
			first = i;
			continue;
		}
		order[first]->at = order[i]->at;
		order[first]->len = order[i]->len;
		drop_entry(order[i]);
	}
	for (i = 0; i < env->count; i++)
		if (env->entries[i].name)
			env->entries[kept++] = env->entries[i];
	env->count = kept;
	free(order);
}

static bool is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

bool compose_dotenv_is_pair(const char *arg, size_t *name_len)
{
	size_t len = 0;

	while (is_name_char(arg[len], len == 0))
		len++;
	*name_len = len;
	return len > 0 && arg[len] == '=';
}

static bool read_all(int fd, struct secret *text, size_t *used)
{
	*used = 0;
	for (;;) {
		ssize_t got;

		grow_secret(text, *used, *used + 1);
		got = read(fd, text->data + *used, text->len - *used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0;
		*used += (size_t)got;
		if (*used > LIMIT_ENV_FILE)
			return true;
	}
}

/* What stands behind a = may be a value whose name was mistyped. */
static const char *shown(char out[256], const char *arg)
{
	text_safe_copy(out, 256, arg, strcspn(arg, "="));
	return out;
}

static bool file_error(struct error *err, const char *code, const char *what, const char *path)
{
	char safe[256];

	error_set(err, STATUS_INPUT, code, "the env file %s: %s", shown(safe, path), what);
	return error_next(err, "correct the file, or give KEY=VALUE; nothing was sent");
}

static bool no_such_file(struct error *err, const char *arg)
{
	char safe[256];

	error_set(err, STATUS_INPUT, "env-file-missing", "Environment file not found: %s%s", shown(safe, arg), strchr(arg, '=') ? "=…" : "");
	if (strchr(arg, '='))
		error_detail(err, "it is no KEY=VALUE either: a name has letters, digits and _, and begins with no digit");
	return error_next(err, "give KEY=VALUE or the path of an env file; nothing was sent");
}

/* What every env file must be, whoever read it. */
static bool check_text(const struct secret *text, const char *path, struct error *err)
{
	if (text_is_utf8((const char *)text->data, text->len))
		return true;
	return file_error(err, "env-file-not-utf8",
		"it is not UTF-8, so its values would reach the CVM changed; save it as UTF-8", path);
}

static bool read_file(void *ctx, const char *path, struct secret *text, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	bool read_well;

	(void)ctx;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return no_such_file(err, path);
	if (fd < 0)
		return file_error(err, "env-file-unreadable", strerror(errno), path);
	read_well = read_all(fd, text, &used);
	if (!read_well)
		file_error(err, "env-file-unreadable", strerror(errno), path);
	close(fd);
	if (!read_well)
		return false;
	if (used > LIMIT_ENV_FILE)
		return file_error(err, "env-file-too-large", "it has more than 1 MiB, the most that is accepted", path);
	/* The rest of the locked memory is zero and is wiped with it. */
	text->len = used;
	return true;
}

static bool add_file(struct compose_env *env, const char *path, compose_env_reader *reader, void *ctx, struct error *err)
{
	struct secret text = SECRET_INIT;
	bool good = reader(ctx, path, &text, err) && check_text(&text, path, err);

	if (good)
		compose_dotenv_parse(env, (const char *)text.data, text.len);
	secret_clear(&text);
	return good;
}

bool compose_dotenv_from_args(struct compose_env *env, const char *const *args, size_t count, compose_env_reader *reader,
	void *ctx, struct error *err)
{
	size_t name_len, i;

	compose_env_clear(env);
	for (i = 0; i < count; i++) {
		if (!compose_dotenv_is_pair(args[i], &name_len) && !add_file(env, args[i], reader ? reader : read_file, ctx, err)) {
			compose_env_clear(env);
			return false;
		}
	}
	for (i = 0; i < count; i++) {
		if (compose_dotenv_is_pair(args[i], &name_len)) {
			const char *value = args[i] + name_len + 1;

			compose_env_add(env, args[i], name_len, value, strlen(value));
		}
	}
	compose_env_merge(env);
	return true;
}
