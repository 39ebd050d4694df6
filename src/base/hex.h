/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as hexadecimal text and back. */
#ifndef CVMDECK_BASE_HEX_H
#define CVMDECK_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Lower-case digits of len bytes into out, which has 2 × len + 1 bytes. */
void hex_encode(char *out, const uint8_t *bytes, size_t len);

/* The same with 0x before: out has 2 × len + 3 bytes. */
void hex_encode_0x(char *out, const uint8_t *bytes, size_t len);

/* The value of one digit, or -1. */
int hex_digit(int c);

/*
 * Exactly len bytes from text of exactly 2 × len digits, with or without 0x
 * (lower-case x), any case. Returns false for anything else; out is then
 * undefined.
 */
bool hex_decode(uint8_t *out, size_t len, const char *text) MUST_CHECK;

/*
 * Any even number of digits, with or without 0x, at most max bytes.
 * Out: *len. Returns new memory (caller frees), or NULL when it is no hex.
 */
uint8_t *hex_decode_new(const char *text, size_t max, size_t *len) MUST_CHECK;

#endif
