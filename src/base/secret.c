/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/mem.h"

bool secret_setup(struct error *err)
{
	struct rlimit none = { 0, 0 };

	if (sodium_init() < 0)
		return error_set(err, STATUS_INPUT, "no-random", "the system gives no random numbers, so no key can be made or used");
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return true;
}

void secret_alloc(struct secret *secret, size_t len)
{
	secret_clear(secret);
	secret->data = sodium_malloc(len + 1);
	if (!secret->data)
		mem_die("no locked memory for a secret");
	memset(secret->data, 0, len + 1);
	secret->len = len;
}

void secret_set(struct secret *secret, void *bytes, size_t len, bool wipe_source)
{
	struct secret fresh = SECRET_INIT;

	secret_alloc(&fresh, len);
	if (len)
		memcpy(fresh.data, bytes, len);
	if (wipe_source)
		secret_wipe(bytes, len);
	secret_clear(secret);
	*secret = fresh;
}

void secret_clear(struct secret *secret)
{
	sodium_free(secret->data);
	*secret = (struct secret)SECRET_INIT;
}

void secret_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

/* Deeper than any of the libraries goes with a key. */
__attribute__((noinline)) void secret_wipe_stack(void)
{
	uint8_t below[64 * 1024];

	sodium_memzero(below, sizeof(below));
}

bool secret_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void secret_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}
