/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an update and what its answers mean; pure functions behind api_send_update. */
#ifndef CVMDECK_CLOUD_UPDATE_H
#define CVMDECK_CLOUD_UPDATE_H

#include "base/exact_json.h"
#include "cloud/api.h"

/* Adds the JSON body with the fields that change, in the order the tools send them. */
void update_print(struct buf *out, const struct api_update *update);

/*
 * The answer in the SDK's form (tests/vectors/api_errors.json): {requiresOnChainHash,
 * correlationId} or {requiresOnChainHash,composeHash,appId,deviceId,kmsInfo,…}, from either
 * dialect. NULL: the answer is a refusal. Caller frees.
 */
struct exact_json *update_read(int status, const char *body, size_t len, const char *content_type);

struct update_issue {
	char path[64], message[64];
};
enum { UPDATE_MOST_ISSUES = 24 };

/* What the SDK's schema would object to in it; returns how many. */
size_t update_check(const struct exact_json *data, struct update_issue issues[UPDATE_MOST_ISSUES]);

/* Takes what is there; false when it needs the chain but names no valid compose hash. */
bool update_take(struct api_update_result *out, const struct exact_json *data);

#endif
