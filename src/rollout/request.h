/* SPDX-License-Identifier: Apache-2.0 */
/* From files and -e arguments to a rollout_request; used by the command line and the console alike. */
#ifndef CVMDECK_ROLLOUT_REQUEST_H
#define CVMDECK_ROLLOUT_REQUEST_H

#include "rollout/rollout.h"

/*
 * Each replaces what the request held of its kind. Errors: STATUS_INPUT
 * "compose-missing", "compose-too-large", "compose-not-utf8", and the same for
 * the script; STATUS_INPUT of the env reader.
 */
bool rollout_request_compose(struct rollout_request *request, const char *path, struct error *err) MUST_CHECK;
bool rollout_request_script(struct rollout_request *request, const char *path, struct error *err) MUST_CHECK;
/* Files that name nothing leave the environment as it is, as in the official CLI: an empty file must not empty it. */
bool rollout_request_env(struct rollout_request *request, const char *const *args, size_t count, struct error *err) MUST_CHECK;
/* A compose text from elsewhere (an editor, an old revision); copied. label names it for people. */
void rollout_request_compose_text(struct rollout_request *request, const char *label, const char *text, size_t len);

/*
 * An old app-compose.json, to be deployed again: its compose file, script, allowed_envs and flags become the change. Env
 * values stay as they are. Errors: those of compose_document_parse; STATUS_INPUT "no-compose".
 */
bool rollout_request_document(struct rollout_request *request, const char *label, const char *text, size_t len, struct error *err) MUST_CHECK;

#endif
