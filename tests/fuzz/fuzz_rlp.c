/* SPDX-License-Identifier: Apache-2.0 */
/* RLP walked to the bottom; what was read must be written the same way again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/rlp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Adds the item's encoding to out. */
static void write_item(struct buf *out, const struct rlp_item *item, unsigned depth)
{
	struct rlp_cursor in = rlp_enter(item);
	struct buf payload = BUF_INIT;
	struct rlp_item inner;
	bool good = true;

	if (!item->list) {
		rlp_add_bytes(out, item->data, item->len);
		return;
	}
	while (good && in.left > 0) {
		good = depth < 64 && rlp_next(&in, &inner, NULL);
		if (good)
			write_item(&payload, &inner, depth + 1);
	}
	if (!good) { /* a list of nonsense: its bytes as they are */
		buf_reset(&payload);
		buf_add(&payload, item->data, item->len);
	}
	rlp_add_list(out, &payload);
	buf_clear(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT;
	struct rlp_item item;

	if (rlp_decode(data, size, &item, NULL)) {
		write_item(&out, &item, 0);
		if (out.len != size || memcmp(out.data, data, size) != 0)
			abort();
	}
	buf_clear(&out);
	return 0;
}
