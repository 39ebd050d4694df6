/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of a docker compose file, as the guest would start them. Any
 * YAML is read, flow style, anchors and merges too. The client has a reader of
 * its own, so that the two can disagree.
 */
#ifndef CVMDECK_SANDBOX_SERVICES_H
#define CVMDECK_SANDBOX_SERVICES_H

#include <stddef.h>

#include "base/status.h"

/* One service; both fixed fields are cut where too long. */
struct sb_service {
	char name[64];
	char image[160];
};
enum { SB_SERVICES_MAX = 16 };

/*
 * Returns how many services there are, at most SB_SERVICES_MAX; the first ones count.
 * Errors: 0 with STATUS_INPUT "compose-broken", in the words of the backend.
 */
size_t sb_services_read(const char *compose, struct sb_service services[SB_SERVICES_MAX], struct error *err) MUST_CHECK;

#endif
