/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that grow up to a ceiling. What would pass the ceiling is dropped and
 * `overflow` stays set, so a writer may add many times and look once at the
 * end. `data` always has a NUL behind `len` (except when nothing was added:
 * then use buf_text, which never gives NULL).
 */
#ifndef CVMDECK_BASE_BUF_H
#define CVMDECK_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max; /* 0: no ceiling of its own */
	bool overflow;
};

#define BUF_INIT { 0 }

void buf_init(struct buf *buf, size_t max);
/* Frees the bytes; the buffer can be used again with the same ceiling. */
void buf_clear(struct buf *buf);
/* Forgets the bytes but keeps the memory. */
void buf_reset(struct buf *buf);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_byte(struct buf *buf, int byte);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_format(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Drops the first n bytes. */
void buf_shift(struct buf *buf, size_t n);
/* The bytes as a string; borrowed until the next change; never NULL. */
const char *buf_text(const struct buf *buf);
/* Hands the bytes (NUL behind) to the caller, who frees them; buf is empty. */
char *buf_take(struct buf *buf);

#endif
