/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a CVM is named in a request's path (tests/vectors/cvm_id.json): a UUID
 * loses its dashes, 40 hex digits get "app_" before, all else stays.
 */
#ifndef CVMDECK_CLOUD_CVM_ID_H
#define CVMDECK_CLOUD_CVM_ID_H

#include "base/status.h"

/* All that may be given; NULL: not given. */
struct cvm_id {
	const char *id, *uuid, *app_id, *instance_id, *name;
};

struct cvm_id_issue {
	const char *path; /* "name", "" for the whole */
	const char *message;
};

enum { CVM_ID_MOST_ISSUES = 8 };

/*
 * The path segment of the first one given, in new memory (caller frees), as
 * the tools have it: not escaped. NULL with *count issues when refused.
 */
char *cvm_id_choose(const struct cvm_id *given, struct cvm_id_issue issues[CVM_ID_MOST_ISSUES], size_t *count);

/* One identifier of any kind, normalised, in new memory. */
char *cvm_id_normalise(const char *text);

/*
 * The same for a path: percent-encodes what a path segment cannot hold.
 * Errors: STATUS_API "bad-cvm-id" for an empty one, "." and "..".
 */
char *cvm_id_segment(const char *text, struct error *err) MUST_CHECK;

#endif
