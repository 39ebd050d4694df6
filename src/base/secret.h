/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes nobody else may see: in locked, guarded memory (libsodium), kept out
 * of core dumps, wiped when freed. A secret is never copied into ordinary
 * memory, an error, a log or the journal.
 */
#ifndef CVMDECK_BASE_SECRET_H
#define CVMDECK_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct secret {
	uint8_t *data; /* len bytes with a NUL behind; NULL when empty */
	size_t len;
};

#define SECRET_INIT { 0 }

/* Once at start: libsodium ready, core dumps off, memory not dumpable. */
bool secret_setup(struct error *err) MUST_CHECK;

/* len zero bytes; an earlier content is wiped. Ends the program without memory. */
void secret_alloc(struct secret *secret, size_t len);
/* A copy of bytes; wipes the source when wipe_source is set. */
void secret_set(struct secret *secret, void *bytes, size_t len, bool wipe_source);
/* Wipes and frees; safe to call twice. */
void secret_clear(struct secret *secret);
/* Overwrites memory in a way the compiler keeps. */
void secret_wipe(void *bytes, size_t len);
/* Overwrites what a call just made may have left on the stack below this one's frame. */
void secret_wipe_stack(void);
/* Compares len bytes in time that does not depend on them. */
bool secret_equal(const void *a, const void *b, size_t len);
/* len random bytes (libsodium). */
void secret_random(void *out, size_t len);

#endif
