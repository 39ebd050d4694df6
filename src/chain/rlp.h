/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RLP (Ethereum Yellow Paper, appendix B). Encoding adds to a buffer; decoding
 * is strict: only the one canonical form of each item, no byte left over.
 */
#ifndef CVMDECK_CHAIN_RLP_H
#define CVMDECK_CHAIN_RLP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/u256.h"

void rlp_add_bytes(struct buf *out, const uint8_t *bytes, size_t len);
/* Numbers have no leading zero bytes; zero is the empty text. */
void rlp_add_u64(struct buf *out, uint64_t value);
void rlp_add_u256(struct buf *out, const struct u256 *value);
/* The header and the payload of a list whose items were encoded into payload. */
void rlp_add_list(struct buf *out, const struct buf *payload);

struct rlp_item {
	bool list;
	const uint8_t *data; /* the payload, borrowed from the input */
	size_t len;
};

/* What is left of a run of items. */
struct rlp_cursor {
	const uint8_t *at;
	size_t left;
};

/* One item that is all of data. Errors: STATUS_INPUT "rlp". */
bool rlp_decode(const uint8_t *data, size_t len, struct rlp_item *item, struct error *err) MUST_CHECK;
/* Begins to walk the items of a list. */
struct rlp_cursor rlp_enter(const struct rlp_item *list);
/* The next item; fails at the end and on anything not canonical, and the cursor stays where it was. */
bool rlp_next(struct rlp_cursor *cursor, struct rlp_item *item, struct error *err) MUST_CHECK;
/* The next item as a number of at most 8 or 32 bytes without leading zeros. */
bool rlp_next_u64(struct rlp_cursor *cursor, uint64_t *value, struct error *err) MUST_CHECK;
bool rlp_next_u256(struct rlp_cursor *cursor, struct u256 *value, struct error *err) MUST_CHECK;
/* The next item as a text (not a list). */
bool rlp_next_bytes(struct rlp_cursor *cursor, const uint8_t **bytes, size_t *len, struct error *err) MUST_CHECK;
/* True when nothing is left. */
bool rlp_at_end(const struct rlp_cursor *cursor, struct error *err) MUST_CHECK;

#endif
