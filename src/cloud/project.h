/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phala.toml of the working folder: which profile, which CVM, which files.
 * Only the flat part that the official CLI writes is read: `key = value` with
 * strings, numbers and booleans, and [tables]; the rest of TOML is skipped
 * where that is safe and refused where it is not (an unknown value for a key
 * this program uses).
 */
#ifndef CVMDECK_CLOUD_PROJECT_H
#define CVMDECK_CLOUD_PROJECT_H

#include "base/status.h"
#include "cloud/cvm_id.h"

struct project {
	char *profile;
	char *id, *uuid, *app_id, *instance_id, *name; /* of the CVM; id wins */
	char *compose_file, *env_file, *api_version;
};

/* The first of id, uuid, app_id, instance_id, name; NULL when none is given. */
const char *project_cvm(const struct project *project);

/*
 * Reads path; a missing file gives an empty project and true.
 * Errors: STATUS_INPUT "bad-project-file" with the line.
 */
bool project_read(struct project *out, const char *path, struct error *err) MUST_CHECK;
bool project_parse(struct project *out, const char *text, size_t len, struct error *err) MUST_CHECK;
void project_clear(struct project *project);

#endif
