/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two app-compose documents member by member, since any member changes the
 * hash, and the env names they allow. All texts are safe to show.
 */
#ifndef CVMDECK_COMPOSE_MANIFEST_H
#define CVMDECK_COMPOSE_MANIFEST_H

#include "compose/document.h"

enum compose_field_kind { COMPOSE_FIELD_SAME, COMPOSE_FIELD_CHANGED, COMPOSE_FIELD_ADDED, COMPOSE_FIELD_REMOVED };

/*
 * before, after  a value on one line (a string without quotes, anything else
 *                as JSON), cut when very long; "" where the side has none. Of
 *                the compose file and the scripts only their size: they have
 *                a diff of their own.
 */
struct compose_field {
	enum compose_field_kind kind;
	char *name;
	char *before, *after;
	bool is_text; /* one with a diff of its own */
};

struct compose_env_name {
	enum compose_field_kind kind; /* never CHANGED */
	char *name;
};

struct compose_manifest {
	struct compose_field *fields; /* in the order of the present document, added ones behind */
	size_t count;
	size_t changes; /* fields that are not the same */
	struct compose_env_name *envs; /* allowed_envs, likewise */
	size_t env_count;
	size_t env_changes;
	bool envs_reordered; /* the same names in another order: that too changes the hash */
};

/* before may be NULL (nothing there yet). The caller frees. */
struct compose_manifest *compose_manifest_new(const struct compose_document *before, const struct compose_document *after);
void compose_manifest_free(struct compose_manifest *manifest);

#endif
