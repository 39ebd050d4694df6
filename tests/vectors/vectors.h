/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conformance vectors: files of cases with the answers existing tools give.
 * Each case is a cmocka test with the case's name, so whatever cases a file of
 * that shape holds go through the same program.
 */
#ifndef CVMDECK_TESTS_VECTORS_H
#define CVMDECK_TESTS_VECTORS_H

#include "base/exact_json.h"

/* Checks one case with cmocka's assertions; the case is borrowed. */
typedef void vectors_check(const struct exact_json *vector);

/*
 * Runs every case of $CVMDECK_VECTORS/<file>.json (default: tests/vectors of
 * the source), and of the file of that name in $CVMDECK_SAMPLES where that is
 * set and the file is there. A file that is missing in a folder named by the
 * environment is skipped and said so; in the default folder it is a failure.
 * Returns the exit code for main.
 */
int vectors_run(const char *file, vectors_check *check);

/* A member that must be there, of any kind; fails the test otherwise. */
const struct exact_json *vectors_need(const struct exact_json *value, const char *name);
/* A member that must be a string; fails the test otherwise. *len may be NULL. */
const char *vectors_text(const struct exact_json *value, const char *name, size_t *len);
/* Fails the test when the bytes differ, showing both. */
void vectors_same_bytes(const char *have, size_t have_len, const char *want, size_t want_len);

#endif
