/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a new docker compose file changes and dares, in sentences. The file is
 * only read for this: what is hashed and sent is its text as it is. A file
 * that is no YAML is refused with the place, before the backend does.
 *
 * Pure functions. Aliases are followed but never written out beyond
 * LIMIT_YAML_NODES. All texts are safe to show.
 */
#ifndef CVMDECK_COMPOSE_SUMMARY_H
#define CVMDECK_COMPOSE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/*
 * risk     can cost data or the CVM's secrets: privileged, the docker socket,
 *          the host's network, a removed volume, an image that can change
 * caution  worth a look: an image without a digest, a key that stands twice
 * change   differs from what runs now
 */
enum compose_note_level { COMPOSE_NOTE_RISK, COMPOSE_NOTE_CAUTION, COMPOSE_NOTE_CHANGE };

struct compose_note {
	enum compose_note_level level;
	char *service; /* "" when it is about the whole file */
	char *text;
	size_t line;   /* in the new file, from 1; 0 when it stands there nowhere */
	bool is_new;   /* false: a risk or caution that the present file has too */
};

struct compose_summary {
	struct compose_note *notes; /* risks first, then cautions, then changes; new ones first among equals */
	size_t count;
	size_t risks, new_risks, cautions, changes;
	size_t services; /* of the new file */
	char *before_problem; /* why the present file could not be read, or NULL */
};

/*
 * before NULL: nothing runs yet. Returns a summary the caller frees, or NULL
 * when the new file is no compose file.
 * Errors: STATUS_INPUT "compose-too-large", "yaml-broken" (with line and
 * column), "yaml-too-complex", "compose-empty", "compose-no-services".
 */
struct compose_summary *compose_summary_new(const char *before, size_t before_len, const char *after, size_t after_len,
	struct error *err) MUST_CHECK;
void compose_summary_free(struct compose_summary *summary);

#endif
