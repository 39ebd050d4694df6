/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal put back when the program dies: by a fatal signal, or for want of memory. */
#ifndef CVMDECK_UI_TERM_CRASH_H
#define CVMDECK_UI_TERM_CRASH_H

#include <stdbool.h>
#include <stddef.h>

/* Notes how the terminal is now; false when standard input is none. */
bool term_crash_remember(void);
/* What to write last (at most 255 bytes), and the handlers. */
void term_crash_prepare(const char *farewell, size_t len);
/* Whether there is anything to put back. */
void term_crash_arm(bool armed);

#endif
