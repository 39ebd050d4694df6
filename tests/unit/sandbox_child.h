/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real cvmdeck-sandbox as a child, and a blocking HTTP/1.1 client of a few
 * lines, so that what comes over the socket is looked at and nothing else.
 */
#ifndef CVMDECK_TESTS_SANDBOX_CHILD_H
#define CVMDECK_TESTS_SANDBOX_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "wire/json.h"

struct child {
	pid_t pid;
	int input; /* our end of its standard input */
	uint16_t api, rpc, logs;
	char log_host[32];
};

/* Starts $builddir/cvmdeck-sandbox with --stdin-watch and these options (NULL behind); fails the test when it does not get ready. */
void child_start(struct child *child, const char *const options[]);
/* Closes its input and returns its exit status. */
int child_end(struct child *child);

struct answer {
	int status;  /* 0: no answer */
	bool whole;  /* the body came to its promised end */
	struct buf head, body;
};

/* headers: lines with \r\n, or "". Reads until the end, or until `limit` bytes came (0: no limit). */
void child_ask(const char *host, uint16_t port, const char *method, const char *target, const char *headers, const char *body, size_t limit,
	struct answer *answer);
void answer_clear(struct answer *answer);

/* Asks the API with its key in the newer version and returns the JSON; fails the test on another status. */
json *child_api(const struct child *child, const char *method, const char *path, const char *body, int status);
/* One JSON-RPC call; returns the whole answer. */
json *child_rpc(const struct child *child, const char *method, const char *params);

#endif
