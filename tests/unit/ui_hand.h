/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hand and the eye of the tests of screens: a console over example records
 * (ui_fake.h), keys pressed in it, and what then stands on its screen.
 */
#ifndef CVMDECK_TESTS_UI_HAND_H
#define CVMDECK_TESTS_UI_HAND_H

#include "unit/unit.h"

#include "ui/ui.h"

extern struct ui ui;

/* The workspace with so many CVMs. */
void begin(size_t cvms, int height, int width);
void end(void);
/* The loop turns, without waiting. */
void turn(int times);
/* As the console does: what was composed has been painted. */
void paint(int height, int width);
/* Keys by their names, with a blank between. */
void press(const char *names);
void type(const char *text);
/* The text is on the screen. */
void expect(const char *text);
/* Held against tests/unit/golden; CVMDECK_GOLDEN=write rewrites it. */
void golden(const char *name);
void at_all_sizes(const char *name);
/* Begins an update of the first CVM and lets it wait for the review. */
void to_review(void);

#endif
