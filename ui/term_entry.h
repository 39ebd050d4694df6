/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal's description without what is often promised and not kept.
 *
 * The terminfo entry for xterm names REP (repeat a character), SU and SD
 * (scroll by more than one line); many programs that call themselves xterm
 * know none of them, and then old text stays on the screen. curses does as
 * well without. Its own copy of the entry cannot be changed from outside, but
 * it takes a whole compiled entry from the environment (terminfo(5), "hex:").
 */
#ifndef CVMDECK_UI_TERM_ENTRY_H
#define CVMDECK_UI_TERM_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

/* Around newterm: puts the entry for TERM into TERMINFO, and puts back what was there. Does nothing when it cannot read one. */
void term_entry_begin(void);
void term_entry_end(void);

/* Blanks the three capabilities in a compiled entry (term(5)); false when it is none. */
bool term_entry_edit(unsigned char *entry, size_t len);

#endif
