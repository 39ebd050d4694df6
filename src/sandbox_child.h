/* SPDX-License-Identifier: Apache-2.0 */
/* Starts cvmdeck-sandbox as a child and learns where it listens. */
#ifndef CVMDECK_SANDBOX_CHILD_H
#define CVMDECK_SANDBOX_CHILD_H

#include <sys/types.h>

#include "base/status.h"

struct sandbox_child {
	pid_t pid;
	int stdin_fd; /* the child ends when this closes, however we die */
	char api[128], rpc[128];
	char api_key[64];
	char private_key[80]; /* a throw-away key of the sandbox, printed by it */
};

/*
 * Blocks until the sandbox is ready (well under a second). The program is
 * looked for beside our own, then in PATH. extra: more arguments, NULL-ended,
 * may be NULL.
 * Errors: STATUS_API "sandbox-missing", "sandbox-failed".
 */
bool sandbox_child_start(struct sandbox_child *child, const char *const *extra, struct error *err) MUST_CHECK;
void sandbox_child_stop(struct sandbox_child *child);

#endif
