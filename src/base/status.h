/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in one form for the whole program.
 *
 * A fallible function returns bool (true: done) and takes a `struct error *`
 * as its last argument, filled by the layer that failed and passed up as it is.
 * The status is also the exit code of the process, so each failure knows from
 * where it happened what the caller's script will see.
 */
#ifndef CVMDECK_BASE_STATUS_H
#define CVMDECK_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* The numbers are the process's exit codes (cvmdeck.1, EXIT STATUS). */
enum status {
	STATUS_OK = 0,
	STATUS_INPUT = 1,       /* a local input is bad: missing, broken, too large */
	STATUS_USAGE = 2,       /* the command line is wrong, a key or hex malformed */
	STATUS_DECLINED = 3,    /* a person (or the lack of one) did not approve */
	STATUS_CREDENTIALS = 4, /* no API key, or it was refused */
	STATUS_API = 5,         /* Phala Cloud or the way to it; unknown CVM */
	STATUS_CHAIN = 6,       /* the chain or its RPC */
	STATUS_CHECK = 7,       /* a check is red: hash, chain id, owner, device */
	STATUS_INTERRUPTED = 8, /* stopped on the way; can be resumed */
};

/*
 * code     a stable word for scripts ("ERR-01-007", "compose-missing")
 * message  what happened and what it means, for a person; no final line feed
 * next     what to do now; may be empty
 * detail   more, often from outside: already made safe to show; may be empty
 */
struct error {
	enum status status;
	char code[40];
	char message[512];
	char next[512];
	char detail[1024];
};

/*
 * Fills *err (ignored when NULL) and clears its next and detail.
 * Returns false always, so that a failing function can end in
 * `return error_set(err, STATUS_INPUT, "compose-missing", "…", …);`.
 */
bool error_set(struct error *err, enum status status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Adds what to do next, or a detail. Both return false, like error_set. */
bool error_next(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool error_detail(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Makes *err say that nothing is wrong. */
void error_clear(struct error *err);

/* What to do next after a failure of this kind, for an error that does not say it better; never NULL, "" for STATUS_OK. */
const char *status_next(enum status status);

#endif
