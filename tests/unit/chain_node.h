/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scripted node for tests: answers JSON-RPC, alone and in batches, from a
 * small model of one app contract. What it says wrong is set field by field.
 * The model is read by the server's threads: change it only between questions.
 */
#ifndef CVMDECK_TESTS_CHAIN_NODE_H
#define CVMDECK_TESTS_CHAIN_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "chain/contract.h"
#include "unit/server.h"
#include "wire/rpc.h"

#define NODE_CONTRACT "0x00000000000000000000000000000000000000c0"
#define NODE_OWNER "0x00000000000000000000000000000000000000a0"
#define NODE_IMPLEMENTATION "0x00000000000000000000000000000000000000e0"

enum node_answer { NODE_RESULT, NODE_EMPTY, NODE_SILENT_REVERT, NODE_ERROR, NODE_RESULT_TWO, NODE_REFUSES };

struct node {
	uint64_t chain_id, head;
	bool multicall;        /* Multicall3 has code */
	bool multicall_broken; /* but aggregate3 itself fails */
	const char *owner_code;
	bool safe;             /* the owner answers getThreshold and getOwners */
	bool hash_allowed, any_device, device_allowed;
	enum node_answer answers[CALL_COUNT]; /* how each call is answered */
	const char *broken_method;            /* this method gives an error of the node */
	const char *l1_fee_oracle;            /* its code; "0x" for none */
	bool simulation_reverts;
	const char *receipt, *transaction, *block; /* JSON of the look-up's answers */
	int batches;                          /* requests answered */
	struct server *server;
	struct loop *loop;
	struct http *http;
	struct rpc *rpc;
};

/* A node where everything is well; start it, ask node->rpc, stop it. */
void node_start(struct node *node);
void node_stop(struct node *node);
/* Turns the loop until *done; the test fails after ten seconds. */
void node_wait(struct node *node, const bool *done);

#endif
