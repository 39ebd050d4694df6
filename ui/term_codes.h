/* SPDX-License-Identifier: Apache-2.0 */
/* The few control sequences terminfo has no name for. */
#ifndef CVMDECK_UI_TERM_CODES_H
#define CVMDECK_UI_TERM_CODES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define TERM_PASTE_ON "\033[?2004h"
#define TERM_PASTE_OFF "\033[?2004l"

/*
 * Adds OSC 52 that sets the clipboard to len bytes. Inside tmux twice: as it is,
 * which tmux takes with set-clipboard on, and in the form that it passes
 * through with allow-passthrough on. By default it does neither.
 */
void term_codes_copy(struct buf *out, const char *bytes, size_t len, bool tmux);

#endif
