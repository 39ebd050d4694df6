/* SPDX-License-Identifier: Apache-2.0 */
/* A keystore file, read and its cost told; never unlocked, which is slow by design. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "chain/keystore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keystore *keystore = keystore_parse((const char *)data, size, NULL);
	struct address address;

	if (keystore && keystore_cost(keystore).memory_bytes > 2ull * LIMIT_SCRYPT_MEMORY)
		abort();
	if (keystore)
		keystore_address(keystore, &address);
	keystore_free(keystore);
	return 0;
}
