/* SPDX-License-Identifier: Apache-2.0 */
/* Raw transactions: what is taken must be the bytes that its fields and signature give. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/tx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tx_signed tx;
	struct buf out = BUF_INIT;

	if (tx_decode(data, size, &tx, NULL)) {
		tx_add_signed(&out, &tx.tx, &tx.signature);
		if (out.len != size || memcmp(out.data, data, size) != 0)
			abort();
		buf_clear(&out);
	}
	tx_clear(&tx.tx);
	return 0;
}
