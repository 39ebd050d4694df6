/* SPDX-License-Identifier: Apache-2.0 */
/* Multicall3.aggregate3: many reads in one eth_call, so at one block (vectors/abi.json). */
#ifndef CVMDECK_CHAIN_MULTICALL_H
#define CVMDECK_CHAIN_MULTICALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/types.h"

/* Where Multicall3 is on every chain that has it. */
#define MULTICALL_ADDRESS "0xcA11bde05977b3631167028862bE2a173976CA11"

enum { MULTICALL_MAX = 1024 }; /* calls of one aggregate3 */

struct multicall_call {
	struct address target;
	bool allow_failure; /* false: a failing call fails all of them */
	const uint8_t *data;
	size_t len;
};

struct multicall_result {
	bool success; /* false: data are what the call reverted with */
	const uint8_t *data;
	size_t len;
};

/* Adds the calldata of aggregate3. Errors: STATUS_INPUT "multicall-size". */
bool multicall_encode(const struct multicall_call *calls, size_t count, struct buf *out, struct error *err) MUST_CHECK;

/*
 * Reads what aggregate3 returned. Out: *results, `*count` of them, freed by
 * the caller with free(); their data are borrowed from the answer.
 * Errors: STATUS_CHAIN "abi-decode".
 */
bool multicall_decode(const uint8_t *data, size_t len, struct multicall_result **results, size_t *count,
	struct error *err) MUST_CHECK;

#endif
