/* SPDX-License-Identifier: Apache-2.0 */
/* Expected texts beside the screens of terminal_golden: read in review, rewritten by CVMDECK_GOLDEN=write. */
#ifndef CVMDECK_TESTS_GOLDEN_H
#define CVMDECK_TESTS_GOLDEN_H

#include "base/buf.h"

/* Shows each match of the POSIX extended expression as as many `#` as it has characters. */
void golden_mask(struct buf *text, const char *pattern);

/* Compares now with the file of that name in the source folder; fails the test where they differ. */
#define golden_text(name, now) golden_text_at(name, now, __FILE__, __LINE__)
void golden_text_at(const char *name, const struct buf *now, const char *file, int line);

#endif
