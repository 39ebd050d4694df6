/* SPDX-License-Identifier: Apache-2.0 */
/* A Transaction Builder file and its checksum. */
#include <stddef.h>
#include <stdint.h>

#include "chain/safe_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct safe_batch_checksum sum;

	if (safe_batch_check(&sum, (const char *)data, size, NULL))
		safe_batch_checksum_clear(&sum);
	return 0;
}
