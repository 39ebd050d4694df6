/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that tests start beside themselves: a chain, a sandbox, a client.
 * Whatever happens to the test, the child dies with it (PR_SET_PDEATHSIG).
 */
#ifndef CVMDECK_TESTS_CHILD_H
#define CVMDECK_TESTS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct child;

/*
 * Starts argv[0] (looked up in PATH), its standard output and error readable
 * here. `env` is NULL, or "NAME=value" texts ending in NULL that are set on
 * top of the test's own environment. Ends the test when it cannot start.
 */
struct child *child_start(const char *const argv[], const char *const env[]);

/*
 * Starts the sandbox with these options ("--seed", "1", ..., NULL) and waits until it is ready. Ends the test when it does
 * not come up. What it then tells of itself ("api", "rpc", "private-key", ...): child_told, which the caller frees and
 * which ends the test when there is no such line.
 */
struct child *child_start_sandbox(const char *const options[]);
char *child_told(struct child *child, const char *name);

/*
 * Reads until the output holds `text` or ms passed. Returns where it begins in
 * the output (borrowed until the next call), or NULL.
 */
const char *child_wait_text(struct child *child, const char *text, int64_t ms);

/* Waits until it ends; returns its exit status, 128 + signal, or -1 when it still runs after ms. */
int child_wait(struct child *child, int64_t ms);

/* What it used, once it ended: CPU time in milliseconds, the most memory in KiB. */
void child_usage(const struct child *child, double *cpu_ms, long *max_kib);

/* All it wrote so far, as a string; borrowed until the next call. */
const char *child_output(struct child *child);
pid_t child_pid(const struct child *child);

/* Ends it if it still runs (SIGTERM, then SIGKILL), reaps it and frees. NULL is fine. */
void child_free(struct child *child);

/* How long a test waits for a condition before it fails: CVMDECK_TEST_SECONDS, or 30 s. */
int64_t child_deadline_ms(void);

/*
 * A fresh folder under $TMPDIR; the caller frees the name after
 * child_remove_dir took the folder and all in it away.
 */
char *child_make_dir(void);
void child_remove_dir(const char *path);

/* A path in the build folder ("cvmdeck") or the source folder ("tests/pty/golden"); the caller frees. */
char *child_build_path(const char *name);
char *child_source_path(const char *name);

#endif
