/* SPDX-License-Identifier: Apache-2.0 */
/* What the vector programs about the chain share: values of cases as values of src/chain, and the kinds several files have. */
#ifndef CVMDECK_TESTS_CHAIN_CASES_H
#define CVMDECK_TESTS_CHAIN_CASES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/exact_json.h"
#include "chain/types.h"
#include "chain/u256.h"
#include "vectors/vectors.h"

struct chain_kind {
	const char *kind;
	vectors_check *run;
};

/* Runs the row of the case's kind; fails on a kind that is not in the table. */
void chain_run_kind(const struct chain_kind *kinds, size_t count, const struct exact_json *vector);

/* A member in 0x hex as bytes; the caller frees. Fails the test on anything else. */
uint8_t *chain_hex(const struct exact_json *value, const char *name, size_t *len);
/* Fails the test when the bytes are not those of a member in 0x hex. */
void chain_same_hex(const void *have, size_t len, const struct exact_json *value, const char *name);
/* A decimal string or a whole JSON number. */
struct u256 chain_number(const struct exact_json *value, const char *name);
struct address chain_address(const struct exact_json *value, const char *name);
struct bytes32 chain_word(const struct exact_json *value, const char *name);
/* Fails the test when a decimal member is not that number. */
void chain_same_number(const struct u256 *have, const struct exact_json *value, const char *name);
bool chain_rejects(const struct exact_json *vector);

/* signature, args or returns, data, expect: as vectors/abi.json describes them. */
void chain_check_selector(const struct exact_json *vector);
void chain_check_event_topic(const struct exact_json *vector);
void chain_check_encode_call(const struct exact_json *vector);
void chain_check_decode_result(const struct exact_json *vector);
/* Two tools disagree: any of their answers will do, or a refusal. */
void chain_check_decode_result_differs(const struct exact_json *vector);

#endif
