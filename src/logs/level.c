/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guess, made once a line as it comes: only the first 160 bytes are looked
 * at, and only words that stand alone count, so that "terror" is no error.
 */
#include <string.h>

#include "logs/store.h"

enum { LOOKED_AT = 160 };

static const struct {
	const char *word;
	unsigned char len;
	enum logs_level level;
} words[] = {
	{ "error", 5, LOGS_ERROR },   { "fatal", 5, LOGS_ERROR },     { "panic", 5, LOGS_ERROR }, { "critical", 8, LOGS_ERROR }, { "crit", 4, LOGS_ERROR },
	{ "err", 3, LOGS_ERROR },     { "failed", 6, LOGS_ERROR },    { "emerg", 5, LOGS_ERROR }, { "exception", 9, LOGS_ERROR }, { "warning", 7, LOGS_WARN },
	{ "warn", 4, LOGS_WARN },     { "info", 4, LOGS_INFO },       { "notice", 6, LOGS_INFO }, { "debug", 5, LOGS_DEBUG },     { "trace", 5, LOGS_DEBUG },
};

/* Letters as 1; everything else ends a word. */
static const unsigned char is_letter[256] = {
	['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1,
	['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
	['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1,
	['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
};

static enum logs_level level_of_word(const char *word, size_t len)
{
	size_t i;

	if (len < 3 || len > 9)
		return LOGS_NONE;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].len == len && (word[0] | 0x20) == words[i].word[0] && strncasecmp(word, words[i].word, len) == 0)
			return words[i].level;
	return LOGS_NONE;
}

enum logs_level logs_level_guess(const char *text, size_t len)
{
	size_t end = len < LOOKED_AT ? len : LOOKED_AT, at = 0;

	while (at < end) {
		size_t start;
		enum logs_level level;

		while (at < end && !is_letter[(unsigned char)text[at]])
			at++;
		start = at;
		while (at < end && is_letter[(unsigned char)text[at]])
			at++;
		level = level_of_word(text + start, at - start);
		if (level != LOGS_NONE)
			return level;
	}
	return LOGS_NONE;
}
