/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the Safe Transaction Builder, with the checksum that its importer
 * compares (tests/vectors/safe_batch.json; safe-wallet-monorepo 0aa27aff,
 * apps/tx-builder/src/lib/checksum.ts).
 *
 * The checksum covers everything but meta.name and itself, over a serialization
 * that is not JSON; members that are null count, so what is hashed is written
 * exactly as hashed. It guards against accidents, not against an attacker.
 */
#ifndef CVMDECK_CHAIN_SAFE_BATCH_H
#define CVMDECK_CHAIN_SAFE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/types.h"
#include "chain/u256.h"

/* One call, by the method's name, so that the Safe app shows it decoded, or as plain calldata. */
struct safe_batch_call {
	struct address to;
	struct u256 value;
	const char *method;   /* one of safe_batch_knows; NULL: data counts */
	const char *argument; /* its one argument as text, NULL when it has none */
	const uint8_t *data;
	size_t data_len;
};

struct safe_batch {
	uint64_t chain_id;
	int64_t created_at_ms;
	const char *name;
	const char *description;
	const char *builder_version; /* "1.18.0" */
	struct address safe;
	const struct safe_batch_call *calls;
	size_t count;
};

/* The methods of an app contract that can be given by name. */
bool safe_batch_knows(const char *method);

/*
 * Gives calldata of a known method its name and argument, so that the owners
 * see words. Out: *call's method (static), *argument: new memory the caller
 * frees, also set in *call. False when the calldata is of no known method.
 */
bool safe_batch_name_call(struct safe_batch_call *call, char **argument);

/* Adds what a call will send. Errors: STATUS_INPUT "safe-batch-call". */
bool safe_batch_calldata(const struct safe_batch_call *call, struct buf *out, struct error *err) MUST_CHECK;

/* Adds the file's text, with its checksum. Errors: STATUS_INPUT "safe-batch-call". */
bool safe_batch_build(const struct safe_batch *batch, struct buf *out, struct error *err) MUST_CHECK;

struct safe_batch_checksum {
	struct buf serialized; /* what is hashed */
	char checksum[BYTES32_TEXT_SIZE];
	char *stored; /* meta.checksum as found; NULL when there is none */
	bool valid;   /* both are the same text */
};

/*
 * Computes the checksum of a file's text. Out: *out, cleared by the caller.
 * Errors: STATUS_INPUT "safe-batch": no JSON, no meta, no list of transactions.
 */
bool safe_batch_check(struct safe_batch_checksum *out, const char *text, size_t len, struct error *err) MUST_CHECK;
void safe_batch_checksum_clear(struct safe_batch_checksum *checksum);

#endif
