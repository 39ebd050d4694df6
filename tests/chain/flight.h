/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction in a test: prepared, signed, sent and looked up, each step waited for. */
#ifndef CVMDECK_TESTS_FLIGHT_H
#define CVMDECK_TESTS_FLIGHT_H

#include "base/buf.h"
#include "chain/node.h"
#include "chain/prepare.h"
#include "chain/send.h"

struct flight {
	struct node *node;
	struct tx_intent intent;
	struct tx_prepared prepared;
	struct buf data; /* calldata */
	struct buf raw;  /* signed */
	struct bytes32 hash;
	struct tx_past past;
	/* what the last look-up said */
	struct tx_verdict verdict;
	bool has_event; /* the receipt holds ComposeHashAdded of this hash */
};

/* addComposeHash(word) at a contract of the deployment, from one of its accounts ("owner", "poor"). */
void flight_init(struct flight *flight, struct node *node, const char *contract, const char *from, struct bytes32 word);
void flight_clear(struct flight *flight);
/* The test fails when something could not be read. */
void flight_prepare(struct flight *flight);
/* Signs what was prepared with that account's key. */
void flight_sign(struct flight *flight, const char *account);
/* Broadcasts the signed bytes to the node or another endpoint; *err (may be NULL) says what it said. */
enum broadcast flight_send(struct flight *flight, struct rpc *rpc, struct error *err);
/* All three; the test fails unless the node takes it. */
void flight_launch(struct flight *flight);
/* One look, and looks until it is in that state. */
enum tx_state flight_look(struct flight *flight, uint64_t confirmations);
void flight_expect(struct flight *flight, uint64_t confirmations, enum tx_state state);

#endif
