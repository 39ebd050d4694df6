/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a rollout as they do not differ from run to run. A report tells
 * what is so whenever the loop comes round: what lies in between, and which of
 * two things is told first, depends on what the network did in one turn. So of
 * each step, check, phase and allowlist the last line counts, and they stand by
 * kind: steps in their order, checks by name. All other lines stay as they are.
 */
#ifndef CVMDECK_TESTS_SETTLED_H
#define CVMDECK_TESTS_SETTLED_H

#include "base/buf.h"

/* Adds the lines of text, each behind `before`. A last one without a line feed is said. */
void settled_add(struct buf *out, const char *text, const char *before);

#endif
