/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys as text: a character stands for itself ("j", "é"), anything else has a
 * name in angle brackets ("<Enter>", "<C-c>", "<PageDown>"). A list of keys is
 * one string with blanks between. A paste is one event, "<Paste>".
 */
#ifndef CVMDECK_UI_KEYS_H
#define CVMDECK_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_NAME_SIZE = 16 };

struct key {
	char name[KEY_NAME_SIZE];
	bool alone;        /* no other key came in the same moment: a person pressed it */
	const char *paste; /* "<Paste>" only: what was pasted, as it came; borrowed */
	size_t paste_len;
};

/* Names one character from the terminal: controls as <C-x>, <Enter>, <Tab>, <Esc>, <BS>, <Space>. */
void key_from_char(struct key *key, uint32_t cp);
/* True when the key is the one named. */
bool key_is(const struct key *key, const char *name);
/* True when the key is in the list. */
bool key_in(const struct key *key, const char *list);
/* True when it is a character that can be typed into a line. */
bool key_is_text(const struct key *key);
/* On a terminal without the signs for them, <Enter> and the arrows are spelled out. */
void keys_spell_out(bool on);
/* How a person reads a key name: "⏎" for <Enter>, "^L" for <C-l>, "Esc", "F1". Borrowed or in out. */
const char *key_label(char out[KEY_NAME_SIZE], const char *name);
/* The first name of a list, copied. */
const char *key_first(char out[KEY_NAME_SIZE], const char *list);

#endif
