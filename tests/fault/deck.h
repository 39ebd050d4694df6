/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sandbox, one state folder, and runs of the real cvmdeck against them
 * without a terminal: what went over the wire is asked of the sandbox, not of
 * the program under test.
 */
#ifndef CVMDECK_TESTS_DECK_H
#define CVMDECK_TESTS_DECK_H

#include "unit/unit.h"

#include "child.h"
#include "wire/json.h"

enum { DECK_ARGS = 32 };

struct deck;

/* Starts cvmdeck-sandbox, quick, with these options beside (NULL behind; may be NULL). */
struct deck *deck_new(const char *const options[]);
void deck_free(struct deck *deck);

/*
 * Runs these tests as a group on one deck, which *deck names meanwhile, with
 * that program of the build tree (NULL: cvmdeck). Returns how many failed.
 */
int deck_run_tests(const char *name, struct deck **deck, const char *program, const struct CMUnitTest tests[], size_t count);

/* Runs this program of the build tree from now on, instead of cvmdeck. */
void deck_use_program(struct deck *deck, const char *name);

/* A fresh world, no requests seen, an empty state folder, and these faults (NULL: none). */
void deck_reset(struct deck *deck, const char *faults);
/* Replaces the faults alone. */
void deck_faults(struct deck *deck, const char *faults);

/* "api" (its URL), "rpc", "private-key", "other-key", "owner"; as the sandbox printed them. */
const char *deck_value(const struct deck *deck, const char *name);
/* Folders and files that live until the next reset: deck_dir/NAME. The caller frees. */
char *deck_path(const struct deck *deck, const char *name);
/* Writes a file there and returns its path; the caller frees. */
char *deck_write(const struct deck *deck, const char *name, const char *bytes, size_t len);
/* The journal's folder. */
char *deck_state_dir(const struct deck *deck);
/* A compose file that is none of the sandbox's; kept until the reset. */
const char *deck_compose(const struct deck *deck);

/* ---- runs ---- */

struct deck_run {
	int status;         /* exit status, 128 + signal */
	char *output;       /* both outputs */
	json *result;       /* the last line that is JSON; NULL: there was none */
};

/*
 * The variables every run has: API prefix and key, RPC, state folder, HOME;
 * extra ("NAME=value", or "NAME" to take it away) come behind. PRIVATE_KEY is
 * the owner's unless extra says otherwise. `shell` is run by sh before the
 * program takes its place ("ulimit -f 8"); NULL: nothing.
 */
struct child *deck_start_under(struct deck *deck, const char *shell, const char *const extra[], const char *const args[]);
struct child *deck_start(struct deck *deck, const char *const extra[], const char *const args[]);
void deck_finish(struct child *child, struct deck_run *run);
void deck_run(struct deck *deck, const char *const extra[], const char *const args[], struct deck_run *run);
void deck_run_clear(struct deck_run *run);

/* The last event of that name with this id ("check", "hash-backend"); id NULL: any. NULL: none. The caller frees. */
json *deck_event(const struct deck_run *run, const char *event, const char *id);
/* How many events of that name there were. */
size_t deck_events(const struct deck_run *run, const char *event);

/* Fails the test unless it ended so and said so: status, success, and on failure code, message and next. */
void deck_expect(const struct deck_run *run, int status, const char *code);

/* ---- what the sandbox saw ---- */

/* Requests on a host ("api", "rpc") with this method ("PATCH"; a JSON-RPC method on "rpc"). */
size_t deck_seen(const struct deck *deck, const char *host, const char *method);
/* No change was sent and no transaction broadcast. */
void deck_expect_untouched(const struct deck *deck);
void deck_expect_unsigned(const struct deck *deck);
/* Mined transactions of the owner since the reset. */
size_t deck_mined(const struct deck *deck);
/* One CVM by name, as the API gives it. The caller frees. */
json *deck_cvm(const struct deck *deck, const char *name);
json *deck_api(const struct deck *deck, const char *method, const char *path, const char *body);

#endif
