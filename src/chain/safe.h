/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Safe (formerly Gnosis Safe), versions 1.3.0 and later: what its owners sign,
 * batches, signatures, and what its contract answers (tests/vectors/safe_tx.json;
 * safe-global/safe-smart-account 1.3.0 and 1.4.1, safe-deployments 1.37.63).
 *
 * With operation 1 (delegatecall) the target's code runs as the Safe itself and
 * can replace its owners, so the only targets ever used are the known
 * MultiSendCallOnly contracts, and every inner operation must be 0.
 * Pure functions.
 */
#ifndef CVMDECK_CHAIN_SAFE_H
#define CVMDECK_CHAIN_SAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "chain/types.h"
#include "chain/u256.h"

enum { SAFE_CALL = 0, SAFE_DELEGATECALL = 1, SAFE_SIGNATURE_SIZE = 65, SAFE_TX_DATA_SIZE = 66 };

/* One call, alone or in a batch. */
struct safe_call {
	uint8_t operation;
	struct address to;
	struct u256 value;
	const uint8_t *data; /* borrowed */
	size_t data_len;
};

/* A Safe's transaction. An ordinary one has everything behind `call` zero but the nonce. */
struct safe_tx {
	struct safe_call call;
	struct u256 safe_tx_gas, base_gas, gas_price;
	struct address gas_token, refund_receiver;
	struct u256 nonce;
};

/* What owners compare on their devices. */
struct safe_hashes {
	struct bytes32 domain;  /* domain separator */
	struct bytes32 message; /* struct hash of the SafeTx */
	struct bytes32 tx;      /* what is signed */
};
void safe_tx_hashes(struct safe_hashes *out, uint64_t chain_id, const struct address *safe, const struct safe_tx *tx);
/* 0x1901 | domain | message: what encodeTransactionData answers. */
void safe_tx_data(uint8_t out[SAFE_TX_DATA_SIZE], const struct safe_hashes *hashes);
/* Adds calldata of the view getTransactionHash, to ask the Safe itself before anyone signs. */
void safe_add_get_hash(struct buf *out, const struct safe_tx *tx);
/* Adds calldata of execTransaction. */
void safe_add_exec(struct buf *out, const struct safe_tx *tx, const uint8_t *signatures, size_t len);

/* Batches: packed entries (operation 1, to 20, value 32, length 32, data), and the call multiSend(bytes). */
void safe_add_packed(struct buf *out, const struct safe_call *calls, size_t count);
void safe_add_multisend(struct buf *out, const struct safe_call *calls, size_t count);

/*
 * Reads packed entries strictly: nothing cut, nothing left over, operation 0
 * or 1. Out: *calls: new memory the caller frees; the data stays borrowed.
 * Errors: STATUS_CHECK "multisend".
 */
bool safe_read_packed(const uint8_t *packed, size_t len, struct safe_call **calls, size_t *count, struct error *err) MUST_CHECK;
/*
 * Reads a batch that may be shown and signed: a delegatecall to a known
 * MultiSendCallOnly of this version and chain, all inner operations 0, no
 * value. Errors: STATUS_CHECK "multisend", "safe-delegatecall".
 */
bool safe_read_batch(const struct safe_tx *tx, const char *version, uint64_t chain_id, struct safe_call **calls, size_t *count,
		     struct error *err) MUST_CHECK;

enum { SAFE_CALL_ONLY_MAX = 2 };
/* The MultiSendCallOnly contracts of a version, the preferred first; 0 for an unknown version. */
size_t safe_call_only(struct address out[SAFE_CALL_ONLY_MAX], const char *version, uint64_t chain_id);

/*
 * The ordinary transaction that does these calls: one as it is, more as a
 * batch. *data keeps the batch's calldata, borrowed by *tx.
 * Errors: STATUS_INPUT "safe-version" when this version's MultiSendCallOnly is not known.
 */
bool safe_plan(struct safe_tx *tx, struct buf *data, const char *version, uint64_t chain_id, const struct safe_call *calls, size_t count,
	       const struct u256 *nonce, struct error *err) MUST_CHECK;

/* Signatures over the transaction's hash. */
struct safe_signature {
	struct address owner;
	uint8_t bytes[SAFE_SIGNATURE_SIZE]; /* r | s | v */
};
/* By a key, v 27 or 28. Errors: those of ecdsa_sign. */
bool safe_sign(struct safe_signature *out, const struct secret *key, const struct bytes32 *hash, struct error *err) MUST_CHECK;
/* The form that stands for the sender itself, or for a hash approved on chain. */
void safe_prevalidated(struct safe_signature *out, const struct address *owner);
/*
 * Reads one signature that an owner gave: v 27/28 over the hash, 31/32 over
 * the eth_sign form, 1 prevalidated. Out: owner, recovered.
 * Errors: STATUS_CHECK "safe-signature" (also v 0, a contract's signature).
 */
bool safe_read_signature(struct safe_signature *out, const uint8_t bytes[SAFE_SIGNATURE_SIZE], const struct bytes32 *hash,
			 struct error *err) MUST_CHECK;
/*
 * Adds them in the order the contract wants, by owner ascending; sorts the
 * list in place. Errors: STATUS_CHECK "safe-signature" when an owner is there twice.
 */
bool safe_add_signatures(struct buf *out, struct safe_signature *signatures, size_t count, struct error *err) MUST_CHECK;

/* Reads: calldata without arguments, and what the answers mean. */
enum safe_read { SAFE_GET_OWNERS, SAFE_GET_THRESHOLD, SAFE_NONCE, SAFE_VERSION, SAFE_READS };
void safe_read_calldata(uint8_t out[4], enum safe_read read);

struct safe_info {
	struct address *owners; /* owned */
	size_t owner_count;
	uint64_t threshold;
	struct u256 nonce;
	char version[24];
};
struct safe_answer {
	const uint8_t *data;
	size_t len;
};
/*
 * From the answers in the order of enum safe_read. A Safe has a threshold of
 * at least 1 and at least so many distinct owners. Out: cleared by the caller,
 * also after a failure. Errors: STATUS_CHAIN "safe-read" (no Safe, or an empty
 * answer), STATUS_CHECK "safe-version" (older than 1.3.0: its hashes leave the
 * chain out).
 */
bool safe_info_read(struct safe_info *out, const struct safe_answer answers[SAFE_READS], struct error *err) MUST_CHECK;
void safe_info_clear(struct safe_info *info);

struct safe_event {
	bool success; /* false: ExecutionFailure */
	struct bytes32 tx_hash;
	struct u256 payment;
};
/* ExecutionSuccess or ExecutionFailure in either layout (hash in the data, or as a topic); false for any other log. */
bool safe_read_event(struct safe_event *out, const struct bytes32 *topics, size_t topic_count, const uint8_t *data, size_t len);

#endif
