/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the asynchronous parts of this room share: the parameters of
 * eth_call and its kin, and reading their answers. A failed call is told
 * apart from a value everywhere, and a revert is decoded.
 */
#ifndef CVMDECK_CHAIN_CALL_H
#define CVMDECK_CHAIN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/types.h"
#include "chain/u256.h"
#include "wire/rpc.h"

/* A contract call as eth_call and eth_estimateGas take it; borrowed. */
struct call_request {
	const struct address *from; /* NULL: none given */
	const struct address *to;
	const struct u256 *value; /* NULL: none */
	const uint8_t *data;
	size_t len;
};

/* "latest", "pending", or a block's number as a quantity in out. */
const char *call_block_tag(char out[U256_QUANTITY_SIZE], uint64_t number);

/* [{from,to,data,value}, tag]; for eth_call and eth_estimateGas. */
json *call_params(const struct call_request *request, const char *tag);
/* [address, tag]; for eth_getCode, eth_getBalance, eth_getTransactionCount. */
json *call_address_params(const struct address *address, const char *tag);
/* [address, slot, tag]; for eth_getStorageAt. */
json *call_slot_params(const struct address *address, const struct bytes32 *slot, const char *tag);
/* [text]; [text, flag] */
json *call_text_params(const char *text);
json *call_text_flag_params(const char *text, bool flag);
/* 0x hex of bytes as a JSON string. */
json *call_hex(const uint8_t *bytes, size_t len);

/* Whether the node ran the call and the contract reverted it. */
bool call_reverted(const struct rpc_answer *answer);
/* The same without any revert data: what a missing function does. */
bool call_reverted_silently(const struct rpc_answer *answer);

/*
 * The bytes an eth_call or eth_getCode gave. Out: *data (caller frees), *len.
 * Errors: the node's; a revert as STATUS_CHAIN "reverted" with its decoded
 * reason; "rpc-result" when it is no hex.
 */
bool call_read_data(const struct rpc_answer *answer, uint8_t **data, size_t *len, struct error *err) MUST_CHECK;
/* A QUANTITY. Errors: the node's; a revert; "rpc-result". */
bool call_read_u256(const struct rpc_answer *answer, struct u256 *out, struct error *err) MUST_CHECK;
bool call_read_u64(const struct rpc_answer *answer, uint64_t *out, struct error *err) MUST_CHECK;
/* The node's error as it should be passed on (a revert decoded). Always returns false. */
bool call_error(const struct rpc_answer *answer, struct error *err);

/*
 * One eth_call at a block tag ("latest", "pending" or a quantity). fn once:
 * the answer's bytes, or *err (then data is NULL). Never calls back before it
 * returns.
 */
typedef void chain_call_fn(void *ctx, const uint8_t *data, size_t len, const struct error *err);
struct chain_call;
struct chain_call *chain_call_send(struct rpc *rpc, const struct call_request *request, const char *tag, chain_call_fn *fn,
	void *ctx);
/* fn is not called. NULL is fine. */
void chain_call_cancel(struct chain_call *call);

#endif
