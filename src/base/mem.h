/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is there or the program ends: callers never see NULL.
 * Sizes that come from outside must be held against base/limits.h first.
 */
#ifndef CVMDECK_BASE_MEM_H
#define CVMDECK_BASE_MEM_H

#include <stddef.h>

#include "base/status.h"

/* Zeroed memory for count × size bytes; the caller frees it with free(). */
void *mem_new(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* realloc of count × size bytes; new bytes are not zeroed. */
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* A copy of len bytes with a NUL behind; the caller frees it. */
char *mem_copy(const char *text, size_t len) __attribute__((malloc, returns_nonnull));

/* A copy of a string; NULL stays NULL; the caller frees it. */
char *mem_strdup(const char *text);

/* printf into new memory; the caller frees it. */
char *mem_printf(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((malloc, returns_nonnull));

/*
 * Makes room for one element more in a growing array: *cap is in elements and
 * doubles. Use: list = mem_grow(list, count, &cap, sizeof(*list)).
 */
void *mem_grow(void *list, size_t count, size_t *cap, size_t size) __attribute__((returns_nonnull, warn_unused_result));

/* What runs before the program ends for lack of memory (restores the screen). */
void mem_set_last_words(void (*hook)(void));

/* Prints the message on stderr after the hook and aborts: a caller's bug. */
void mem_die(const char *message) __attribute__((noreturn));

#endif
