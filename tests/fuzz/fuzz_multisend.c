/* SPDX-License-Identifier: Apache-2.0 */
/* Packed calls of a Safe's batch: what can be read must pack to the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/safe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct safe_tx tx = { .call = { .operation = SAFE_DELEGATECALL, .data = data, .data_len = size } };
	struct address targets[SAFE_CALL_ONLY_MAX];
	struct safe_call *calls;
	struct buf again = BUF_INIT;
	size_t count;

	if (safe_read_packed(data, size, &calls, &count, NULL)) {
		safe_add_packed(&again, calls, count);
		if (again.len != size || (size && memcmp(again.data, data, size) != 0))
			abort();
	}
	free(calls);
	buf_clear(&again);
	if (!safe_call_only(targets, "1.4.1", 1))
		abort();
	tx.call.to = targets[0];
	if (safe_read_batch(&tx, "1.4.1", 1, &calls, &count, NULL))
		for (size_t i = 0; i < count; i++)
			if (calls[i].operation)
				abort();
	free(calls);
	return 0;
}
