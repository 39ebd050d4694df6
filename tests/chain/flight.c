/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/flight.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/secret.h"
#include "chain/contract.h"
#include "child.h"

struct sending {
	bool done;
	enum broadcast result;
	struct error error;
};

struct looking {
	struct flight *flight;
	bool done;
};

struct preparing {
	struct flight *flight;
	bool done;
};

void flight_init(struct flight *flight, struct node *node, const char *contract, const char *from, struct bytes32 word)
{
	char *path = mem_printf("%s.address", from);

	memset(flight, 0, sizeof(*flight));
	flight->node = node;
	contract_encode_word(CALL_ADD_COMPOSE_HASH, &word, &flight->data);
	flight->intent.chain_id = 8453;
	flight->intent.from = node_address(node, path);
	flight->intent.to = node_address(node, contract);
	flight->intent.data = (const uint8_t *)flight->data.data;
	flight->intent.len = flight->data.len;
	free(path);
}

void flight_clear(struct flight *flight)
{
	tx_prepared_clear(&flight->prepared);
	buf_clear(&flight->data);
	buf_clear(&flight->raw);
}

static void on_prepared(void *ctx, struct tx_prepared *prepared, const struct error *err)
{
	struct preparing *preparing = ctx;

	preparing->done = true;
	if (!prepared)
		fail_msg("not prepared: %s", err->message);
	tx_prepared_take(&preparing->flight->prepared, prepared);
}

void flight_prepare(struct flight *flight)
{
	struct preparing preparing = { .flight = flight };

	tx_prepared_clear(&flight->prepared);
	assert_non_null(chain_prepare(flight->node->rpc, &flight->intent, on_prepared, &preparing));
	node_wait(flight->node, &preparing.done);
}

void flight_sign(struct flight *flight, const char *account)
{
	char *path = mem_printf("%s.key", account);
	struct secret key = SECRET_INIT;
	struct error err;

	secret_alloc(&key, 32);
	assert_true(hex_decode(key.data, 32, anvil_value(flight->node->anvil, path)));
	buf_reset(&flight->raw);
	if (!tx_sign(&flight->prepared.tx, &key, &flight->raw, &flight->hash, &err))
		fail_msg("%s", err.message);
	secret_clear(&key);
	free(path);
}

static void on_sent(void *ctx, enum broadcast result, const struct error *err)
{
	struct sending *sending = ctx;

	sending->done = true;
	sending->result = result;
	sending->error = *err;
}

enum broadcast flight_send(struct flight *flight, struct rpc *rpc, struct error *err)
{
	struct sending sending = { 0 };

	assert_non_null(chain_broadcast(rpc, flight->raw.data, flight->raw.len, on_sent, &sending));
	assert_false(sending.done);
	node_wait(flight->node, &sending.done);
	if (err)
		*err = sending.error;
	return sending.result;
}

void flight_launch(struct flight *flight)
{
	struct error err;

	flight_prepare(flight);
	flight_sign(flight, "owner");
	if (flight_send(flight, flight->node->rpc, &err) != BROADCAST_SENT)
		fail_msg("not sent: %s", err.message);
}

static void on_look(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err)
{
	struct looking *looking = ctx;
	struct flight *flight = looking->flight;
	struct bytes32 word;

	looking->done = true;
	if (!verdict)
		fail_msg("not looked up: %s", err->message);
	flight->verdict = *verdict;
	memcpy(word.bytes, flight->intent.data + 4, sizeof(word.bytes));
	flight->has_event = receipt && receipt_has_event(receipt, &flight->intent.to, EVENT_COMPOSE_HASH_ADDED, &word);
}

enum tx_state flight_look(struct flight *flight, uint64_t confirmations)
{
	struct tx_query query = {
		.hash = flight->hash, .from = flight->intent.from, .nonce = flight->prepared.tx.nonce, .confirmations = confirmations,
		.past = &flight->past,
	};
	struct looking looking = { .flight = flight };

	assert_non_null(chain_lookup(flight->node->rpc, &query, on_look, &looking));
	node_wait(flight->node, &looking.done);
	return flight->verdict.state;
}

void flight_expect(struct flight *flight, uint64_t confirmations, enum tx_state state)
{
	int64_t end = clock_mono_ms() + child_deadline_ms();
	enum tx_state now;

	while ((now = flight_look(flight, confirmations)) != state) {
		if (clock_mono_ms() > end)
			fail_msg("it is %s, not %s", tx_state_name(now), tx_state_name(state));
		poll(NULL, 0, 10);
	}
}
