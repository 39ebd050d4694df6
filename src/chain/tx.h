/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EIP-1559 transactions (type 2, EIP-2718 envelope), without access lists,
 * which nothing here needs (vectors/tx_eip1559.json).
 */
#ifndef CVMDECK_CHAIN_TX_H
#define CVMDECK_CHAIN_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/ecdsa.h"
#include "chain/types.h"
#include "chain/u256.h"

struct tx {
	uint64_t chain_id;
	uint64_t nonce;
	struct u256 max_priority_fee; /* wei per gas */
	struct u256 max_fee;          /* wei per gas */
	uint64_t gas;
	bool create; /* no recipient: `to` does not count */
	struct address to;
	struct u256 value; /* wei */
	uint8_t *data;     /* owned; NULL when data_len is 0 */
	size_t data_len;
};

/* Replaces the data by a copy. */
void tx_set_data(struct tx *tx, const void *data, size_t len);
void tx_copy(struct tx *out, const struct tx *tx);
void tx_clear(struct tx *tx);

/* Adds 0x02 | rlp(nine fields): what is signed, and what getL1Fee takes. */
void tx_add_unsigned(struct buf *out, const struct tx *tx);
/* keccak-256 of it. */
void tx_signing_hash(const struct tx *tx, struct bytes32 *out);
/* Adds the raw transaction as eth_sendRawTransaction takes it. */
void tx_add_signed(struct buf *out, const struct tx *tx, const struct signature *signature);
/* The transaction's hash: keccak-256 of the raw transaction. */
void tx_hash(const void *raw, size_t len, struct bytes32 *out);

/*
 * Signs with a key and adds the raw transaction to *raw; the result was
 * decoded again and compared before it is given out.
 * Out: *hash. Errors: those of ecdsa_sign; STATUS_CHECK "signature-mismatch".
 */
bool tx_sign(const struct tx *tx, const struct secret *key, struct buf *raw, struct bytes32 *hash, struct error *err) MUST_CHECK;

struct tx_signed {
	struct tx tx;
	struct signature signature;
	struct address from; /* recovered */
	struct bytes32 hash;
};

/*
 * Reads a raw signed transaction: canonical RLP, type 2, empty access list,
 * low s, a signature somebody can have made. Out: *out, to be cleared with
 * tx_clear(&out->tx), also after a failure (when it is empty).
 * Errors: STATUS_INPUT "tx-type", "tx-malformed", "rlp"; STATUS_CHECK "signature-invalid".
 */
bool tx_decode(const uint8_t *raw, size_t len, struct tx_signed *out, struct error *err) MUST_CHECK;

/*
 * Compares two transactions field by field. Errors: STATUS_CHECK
 * "tx-differs", naming the first field that differs and both values.
 */
bool tx_require_same(const struct tx *want, const struct tx *got, struct error *err) MUST_CHECK;

#endif
