/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Env variables as the official CLI reads them (vectors/dotenv.json): env files
 * by its parser's regular expression, `-e` options, and their merging. The
 * values are secrets: they lie in locked memory that is wiped, and no error
 * ever holds one. Names are no secret: they are part of the hashed document.
 */
#ifndef CVMDECK_COMPOSE_DOTENV_H
#define CVMDECK_COMPOSE_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/status.h"

struct compose_env_entry {
	char *name; /* a NUL stands behind it; may hold one when it came from JSON */
	size_t name_len;
	size_t at, len; /* the value's place in the store */
};

/* An ordered list. All zero is an empty one. */
struct compose_env {
	struct compose_env_entry *entries;
	size_t count, cap;
	struct secret store;
	size_t used; /* bytes of the store */
};

#define COMPOSE_ENV_INIT { 0 }

/* Wipes and frees all; safe to call twice. */
void compose_env_clear(struct compose_env *env);
/* Adds one behind the last, copied, without looking for its name. */
void compose_env_add(struct compose_env *env, const char *name, size_t name_len, const char *value, size_t len);
/* The value (a NUL stands behind it) of the i-th entry; borrowed until the list changes. */
const char *compose_env_value(const struct compose_env *env, size_t i, size_t *len);
/* The names in order, NULL behind the last; the caller frees the array, the names are borrowed. */
const char **compose_env_names(const struct compose_env *env);

/*
 * Adds what the text of one env file holds, as an ECMAScript object lists it:
 * a repeated name keeps its first place with its last value, array-index names
 * come first, `__proto__` is lost. Any text is accepted; what is no pair is
 * passed over, as the CLI does it.
 */
void compose_dotenv_parse(struct compose_env *env, const char *text, size_t len);

/* Whether an -e argument is NAME=VALUE (then *name_len is the name's length) and not a file's name. */
bool compose_dotenv_is_pair(const char *arg, size_t *name_len);

/*
 * Reads the file an argument names into *text, which the caller clears.
 * Error: STATUS_INPUT "env-file-missing" when there is none.
 */
typedef bool compose_env_reader(void *ctx, const char *path, struct secret *text, struct error *err);

/*
 * Repeated -e arguments to the final list: all files first, in order, then the
 * pairs; a repeated name keeps its first place with its last value. The list is
 * empty when it fails. reader NULL: from disk, at most LIMIT_ENV_FILE.
 * Errors: as the reader; from disk STATUS_INPUT "env-file-missing",
 * "env-file-unreadable", "env-file-too-large", "env-file-not-utf8".
 */
bool compose_dotenv_from_args(struct compose_env *env, const char *const *args, size_t count, compose_env_reader *reader,
	void *ctx, struct error *err) MUST_CHECK;

#endif
