/* SPDX-License-Identifier: Apache-2.0 */
/* What every test of src/chain on anvil begins with: a chain, a loop, a way to it, and waiting on the loop. */
#ifndef CVMDECK_TESTS_NODE_H
#define CVMDECK_TESTS_NODE_H

#include "chain/anvil.h"
#include "chain/types.h"
#include "loop/loop.h"
#include "wire/http.h"
#include "wire/rpc.h"

struct node {
	struct anvil *anvil;
	struct loop *loop;
	struct http *http;
	struct rpc *rpc;
	char *snapshot; /* the state every test begins with */
};

/* cmocka's group setup and teardown, and those of each test: *state is the node. */
int node_start(void **state);
int node_stop(void **state);
int node_begin(void **state);
int node_end(void **state);

/* Turns the loop until *done; the test fails at the deadline. */
void node_wait(struct node *node, const bool *done);
/* An address or a word of the deployment by path. */
struct address node_address(const struct node *node, const char *path);
struct bytes32 node_word(const struct node *node, const char *path);
/* A word of one byte 32 times. */
struct bytes32 node_filled(uint8_t byte);

#endif
