/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people: UTF-8 taken apart safely, everything from outside made
 * harmless, and the few short forms that are the same on every screen.
 */
#ifndef CVMDECK_BASE_TEXT_H
#define CVMDECK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TEXT_INVALID UINT32_MAX

/*
 * Decodes one character of UTF-8. Out: *cp, or TEXT_INVALID for a byte that is
 * no part of a well-formed sequence (overlong, surrogate, cut off).
 * Returns the bytes used: 1 for an invalid one, 0 only when len is 0.
 */
size_t text_decode(const char *bytes, size_t len, uint32_t *cp);

/* Adds one character as UTF-8; what is no scalar value becomes U+FFFD. */
void text_encode(struct buf *out, uint32_t cp);

/* True when all len bytes are well-formed UTF-8. */
bool text_is_utf8(const char *bytes, size_t len);

/* Adds text with each maximal ill-formed part as one U+FFFD, as the WHATWG decoder does. */
void text_lossy(struct buf *out, const char *bytes, size_t len);

/*
 * Columns one character takes on the terminal (0, 1, 2). Control and bidi
 * characters are never asked here: text_safe has replaced them.
 */
int text_char_width(uint32_t cp);
/* Columns of a whole UTF-8 text. */
size_t text_width(const char *bytes, size_t len);
/* How many bytes fit into `columns` without splitting a character. */
size_t text_fit(const char *bytes, size_t len, size_t columns);

enum text_keep {
	TEXT_ONE_LINE = 0,   /* line feed and tab are shown too (^J, ^I) */
	TEXT_KEEP_LINES = 1, /* line feed stays */
	TEXT_KEEP_TABS = 2,  /* tab stays */
};

/*
 * The one sanitiser: adds text with every control character made visible:
 * C0 and DEL as ^[ and so on, C1, bidi controls, zero-width and other format
 * characters as <U+202E>, invalid bytes as <9B>. The result is UTF-8 that no
 * terminal acts on.
 */
void text_safe(struct buf *out, const char *bytes, size_t len, enum text_keep keep);

/* The same into a fixed field, cut at a character's end, always with a NUL. */
void text_safe_copy(char *out, size_t size, const char *bytes, size_t len);

enum { TEXT_SHORT_SIZE = 24 };

/*
 * The short form of a hash or address, alike everywhere: 0x5fc8…5707, or
 * 42ac…bf5c where the text has no 0x. Short texts stay as they are.
 */
const char *text_short_hex(char out[TEXT_SHORT_SIZE], const char *hex);
/* The digits behind 0x, where there is one: a compose hash is shown bare, short or whole. Borrowed from hex. */
const char *text_bare_hex(const char *hex);

/* A duration in one form: <1 ms, 850 ms, 12s, 3m 05s, 4h 12m, 3d 4h. */
const char *text_duration(char out[TEXT_SHORT_SIZE], int64_t ms);

/* A number with thin groups of three: 31 245 118. */
const char *text_grouped(char out[TEXT_SHORT_SIZE + 8], uint64_t number);

/* True when a and b are the same text, either may be NULL (equal to ""). */
bool text_equal(const char *a, const char *b);
/* The same without regard to ASCII case. */
bool text_equal_nocase(const char *a, const char *b);
/* True when text has the prefix. */
bool text_starts(const char *text, const char *prefix);
/* Copies a string into a fixed field; returns false when it had to be cut. */
bool text_copy(char *out, size_t size, const char *text);

#endif
