/* SPDX-License-Identifier: Apache-2.0 */
/* Rollout requests as the console makes them. */
#ifndef CVMDECK_UI_REQUEST_H
#define CVMDECK_UI_REQUEST_H

#include "rollout/rollout.h"

/* An update of the CVM from a compose file. NULL with the reason when the file cannot be read. */
struct rollout_request *request_from_file(const char *cvm_ref, const char *path, struct error *err) MUST_CHECK;
/* An update with the compose it has now: what $EDITOR begins from. compose_text NULL: unchanged. */
struct rollout_request *request_new(const char *cvm_ref, const char *compose_text, size_t len);
void request_free(struct rollout_request *request);

#endif
