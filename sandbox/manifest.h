/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app-compose.json as the backend keeps it: one text, in the form this CVM's
 * tools once wrote it in, whose SHA-256 is the compose hash. Written for the
 * sandbox alone, so that it can disagree with the client.
 */
#ifndef CVMDECK_SANDBOX_MANIFEST_H
#define CVMDECK_SANDBOX_MANIFEST_H

#include "base/buf.h"
#include "base/hash.h"
#include "wire/json.h"

enum sb_form { SB_FORM_COMPACT, SB_FORM_NORMALIZED, SB_FORM_PRETTY, SB_FORM_RAW };

/* Adds the document in a form. RAW keeps the members' order and indents by two. */
void sb_manifest_print(struct buf *out, const json *document, enum sb_form form);

/* A copy of document with the members of an update (PATCH body) applied. */
json *sb_manifest_apply(const json *document, const json *update);

/* True when the update has a member that app-compose.json holds. */
bool sb_manifest_touches(const json *update);

#endif
