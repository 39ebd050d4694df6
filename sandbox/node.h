/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON-RPC request on its way through the node's table of methods. */
#ifndef CVMDECK_SANDBOX_NODE_H
#define CVMDECK_SANDBOX_NODE_H

#include "sandbox/sandbox.h"

struct sb_rpc {
	struct sb_sandbox *sandbox;
	struct sb_ledger *ledger;
	const json *params;
	struct buf *out; /* the result */
	int code;        /* not 0: an error instead */
	char message[256];
	struct buf data; /* the error's data as JSON, or empty */
};

typedef void sb_rpc_fn(struct sb_rpc *rpc);

/* Params. Each returns false after setting the error -32602. */
const json *sb_param(const struct sb_rpc *rpc, size_t i);
bool sb_param_address(struct sb_rpc *rpc, size_t i, uint8_t out[SB_ADDRESS_SIZE]) MUST_CHECK;
bool sb_param_hash(struct sb_rpc *rpc, size_t i, uint8_t out[SB_WORD_SIZE]) MUST_CHECK;
/* A block by tag or number, with stale reads applied; absent: latest. */
bool sb_param_block(struct sb_rpc *rpc, const json *param, uint64_t *number) MUST_CHECK;
void sb_rpc_fail(struct sb_rpc *rpc, int code, const char *message);
void sb_quantity(struct buf *out, uint64_t value);

/* node_state.c */
void sb_rpc_code(struct sb_rpc *rpc);
void sb_rpc_storage(struct sb_rpc *rpc);
void sb_rpc_balance(struct sb_rpc *rpc);
void sb_rpc_nonce(struct sb_rpc *rpc);
void sb_rpc_call(struct sb_rpc *rpc);
void sb_rpc_estimate(struct sb_rpc *rpc);
void sb_rpc_gas_price(struct sb_rpc *rpc);
void sb_rpc_tip(struct sb_rpc *rpc);
void sb_rpc_fee_history(struct sb_rpc *rpc);
void sb_rpc_blob_fee(struct sb_rpc *rpc);
/* node_blocks.c */
void sb_rpc_chain_id(struct sb_rpc *rpc);
void sb_rpc_net_version(struct sb_rpc *rpc);
void sb_rpc_client(struct sb_rpc *rpc);
void sb_rpc_accounts(struct sb_rpc *rpc);
void sb_rpc_syncing(struct sb_rpc *rpc);
void sb_rpc_block_number(struct sb_rpc *rpc);
void sb_rpc_block_by_number(struct sb_rpc *rpc);
void sb_rpc_block_by_hash(struct sb_rpc *rpc);
void sb_rpc_send_raw(struct sb_rpc *rpc);
void sb_rpc_tx(struct sb_rpc *rpc);
void sb_rpc_receipt(struct sb_rpc *rpc);
void sb_rpc_logs(struct sb_rpc *rpc);

#endif
