/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real chain for a test: anvil on a free port with Base's chain id, and on
 * it the contracts of tests/contracts. Needs CVMDECK_NODE_MODULES (where npm
 * put anvil) and CVMDECK_CONTRACTS (what build.mjs made); scripts/test sets
 * both, and where they are missing the programs skip all of their tests.
 */
#ifndef CVMDECK_TESTS_ANVIL_H
#define CVMDECK_TESTS_ANVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/json.h"

struct anvil;

/* Whether a chain can be started here; prints the line by which TAP skips a whole program when not. */
bool anvil_available(void);

/* Starts it, deploys all, and waits until both are done; the test ends when that fails. */
struct anvil *anvil_start(void);
void anvil_free(struct anvil *anvil);

const char *anvil_url(const struct anvil *anvil);

/*
 * A value of the deployment by path, see tests/contracts/deploy.mjs: "app",
 * "owner.key", "safe". Borrowed; the test fails when there is none.
 */
const char *anvil_value(const struct anvil *anvil, const char *path);

/*
 * One JSON-RPC call, params as JSON text made like printf ("[\"%s\",\"latest\"]").
 * Waits for the answer; the test fails when it is an error. Returns the whole
 * answer (its "result" is what was asked for), freed by the caller.
 */
json *anvil_call(struct anvil *anvil, const char *method, const char *params, ...) __attribute__((format(printf, 3, 4)));
/* The same for its result as text (freed by the caller): a string as it is, all else as JSON. */
char *anvil_text(struct anvil *anvil, const char *method, const char *params, ...) __attribute__((format(printf, 3, 4)));
/* The same where the result does not matter. */
void anvil_do(struct anvil *anvil, const char *method, const char *params, ...) __attribute__((format(printf, 3, 4)));

/* The state now, to which anvil_revert goes back, once: a fresh chain for each test. The id is freed by anvil_revert. */
char *anvil_snapshot(struct anvil *anvil);
void anvil_revert(struct anvil *anvil, char *id);

#endif
