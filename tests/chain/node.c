/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/node.h"

#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "child.h"

int node_start(void **state)
{
	struct node *node = mem_new(1, sizeof(*node));
	struct error err;

	assert_true(secret_setup(&err));
	node->anvil = anvil_start();
	node->loop = loop_new(&err);
	assert_non_null(node->loop);
	node->http = http_new(node->loop, &err);
	assert_non_null(node->http);
	node->rpc = rpc_new(node->http, anvil_url(node->anvil));
	*state = node;
	return 0;
}

int node_stop(void **state)
{
	struct node *node = *state;

	rpc_free(node->rpc);
	http_free(node->http);
	loop_free(node->loop);
	anvil_free(node->anvil);
	free(node);
	return 0;
}

int node_begin(void **state)
{
	struct node *node = *state;

	node->snapshot = anvil_snapshot(node->anvil);
	return 0;
}

int node_end(void **state)
{
	struct node *node = *state;

	anvil_revert(node->anvil, node->snapshot);
	return 0;
}

void node_wait(struct node *node, const bool *done)
{
	int64_t end = clock_mono_ms() + child_deadline_ms();

	while (!*done) {
		if (clock_mono_ms() > end)
			fail_msg("nothing came back before the deadline");
		loop_turn(node->loop, 100);
	}
}

struct address node_address(const struct node *node, const char *path)
{
	struct address address;

	assert_true(address_parse(&address, anvil_value(node->anvil, path)));
	return address;
}

struct bytes32 node_word(const struct node *node, const char *path)
{
	struct bytes32 word;

	assert_true(bytes32_parse(&word, anvil_value(node->anvil, path)));
	return word;
}

struct bytes32 node_filled(uint8_t byte)
{
	struct bytes32 word;

	memset(word.bytes, byte, sizeof(word.bytes));
	return word;
}
