/* SPDX-License-Identifier: Apache-2.0 */
/* The longest common part of two sequences of numbers, for diff*.c alone. */
#ifndef CVMDECK_COMPOSE_DIFF_CORE_H
#define CVMDECK_COMPOSE_DIFF_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compose/diff.h"

/*
 * Two sequences of ids below `ids`. Out: in each, true for what has no partner
 * in the other; the rest are the same ids in the same order.
 */
void diff_core_run(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, uint32_t ids,
	bool *a_changed, bool *b_changed);

/* Gives equal byte strings equal ids, counted from 0. */
struct diff_words {
	struct diff_word *slots;
	size_t cap;
	uint32_t count;
	const unsigned char *key; /* borrowed */
};

enum { DIFF_KEY_SIZE = 16 };

/* key: DIFF_KEY_SIZE random bytes, so that no text from outside can be made to collide. */
void diff_words_init(struct diff_words *words, size_t expected, const unsigned char *key);
void diff_words_clear(struct diff_words *words);
uint32_t diff_words_id(struct diff_words *words, const char *text, size_t len);

/* How alike two lines are, 0 to 100, by what they begin and end with. */
unsigned diff_likeness(const char *a, size_t a_len, const char *b, size_t b_len);

/* Sets both sides' spans to what differs inside the two lines, by tokens; new arrays, NULL when empty. */
void diff_set_spans(struct compose_diff_side *before, struct compose_diff_side *after, const unsigned char *key);

#endif
