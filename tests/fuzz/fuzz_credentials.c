/* SPDX-License-Identifier: Apache-2.0 */
/* credentials.json: whatever is in it, a token that comes out can stand in a header. */
#include <stdint.h>
#include <stdlib.h>

#include "cloud/credentials.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct credentials credentials;
	size_t i;

	if (!ready && !secret_setup(NULL))
		abort();
	ready = true;
	if (credentials_parse(&credentials, (const char *)data, size, size % 2 ? "a" : NULL, NULL)) {
		for (i = 0; i < credentials.token.len; i++)
			if (credentials.token.data[i] <= ' ' || credentials.token.data[i] >= 0x7F)
				abort();
		credentials_clear(&credentials);
	}
	return 0;
}
