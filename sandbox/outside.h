/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node elsewhere, asked while the request waits: the tool that serves the
 * tests may block for the moment that takes.
 */
#ifndef CVMDECK_SANDBOX_OUTSIDE_H
#define CVMDECK_SANDBOX_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "wire/json.h"

struct sb_outside {
	char host[64];
	char port[8];
};

/* http://HOST:PORT alone. Errors: STATUS_USAGE. */
bool sb_outside_parse(struct sb_outside *outside, const char *url, struct error *err) MUST_CHECK;

/* One call; params is a JSON list. Returns the whole answer, freed by the caller, or NULL (STATUS_CHAIN). */
json *sb_outside_call(const struct sb_outside *outside, const char *method, const char *params, struct error *err) MUST_CHECK;

#endif
