/* SPDX-License-Identifier: Apache-2.0 */
/* One line being typed. Bytes are UTF-8; a paste goes in up to its first line end. */
#ifndef CVMDECK_UI_WIDGET_INPUT_H
#define CVMDECK_UI_WIDGET_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/cells.h"
#include "ui/keys.h"

enum { INPUT_SIZE = 1024 };

struct input {
	char text[INPUT_SIZE];
	size_t len, cursor; /* bytes */
};

void input_set(struct input *input, const char *text);
/* True when the key changed the text or the cursor. */
bool input_key(struct input *input, const struct key *key);
/* Draws from col to the right edge, scrolled so that the cursor is seen; hidden: dots instead of characters. */
void input_draw(const struct input *input, struct area area, int row, int col, bool hidden);

#endif
