/* SPDX-License-Identifier: Apache-2.0 */
/* Rules in order: a receipt on the chain decides; then the nonce; then the pool. */
#include "chain/tx_state.h"

const char *tx_state_name(enum tx_state state)
{
	static const char *const names[] = { "unknown", "pending", "mined", "confirmed",
		"reverted", "replaced", "dropped", "reorganised" };
	return names[state];
}

static void remember_block(const struct tx_facts *facts, struct tx_past *past)
{
	if (past->mined && !bytes32_equal(&past->block_hash, &facts->block_hash))
		past->moves++;
	past->seen = true;
	past->mined = true;
	past->nonce_used = false;
	past->block = facts->block;
	past->block_hash = facts->block_hash;
}

static struct tx_verdict judge_receipt(const struct tx_facts *facts, uint64_t wanted, struct tx_past *past)
{
	struct tx_verdict out = { .state = TX_REVERTED, .confirmations = 1 };
	remember_block(facts, past);
	if (facts->head > facts->block)
		out.confirmations = facts->head - facts->block + 1;
	out.final = out.confirmations >= wanted;
	if (facts->success)
		out.state = out.final ? TX_CONFIRMED : TX_MINED;
	return out;
}

static struct tx_verdict judge_used_nonce(const struct tx_facts *facts, struct tx_past *past)
{
	bool again = past->nonce_used;
	past->nonce_used = !facts->has_block;
	if (again && !facts->has_block)
		return (struct tx_verdict){ .state = TX_REPLACED, .final = true };
	return (struct tx_verdict){ .state = TX_PENDING };
}

struct tx_verdict tx_judge(const struct tx_facts *facts, uint64_t nonce, uint64_t wanted, struct tx_past *past)
{
	bool stale = facts->has_receipt && facts->has_canonical && !bytes32_equal(&facts->block_hash, &facts->canonical_hash);
	if (facts->has_receipt && !stale)
		return judge_receipt(facts, wanted, past);
	if (facts->next_nonce > nonce && !stale)
		return judge_used_nonce(facts, past);
	past->nonce_used = false;
	if (stale || past->mined) {
		past->moves += past->mined;
		past->seen = true;
		past->mined = false;
		return (struct tx_verdict){ .state = TX_REORGANISED, .rebroadcast = !facts->in_pool };
	}
	if (facts->in_pool) {
		past->seen = true;
		return (struct tx_verdict){ .state = TX_PENDING, .ahead = nonce - facts->next_nonce,
			.gap = nonce > facts->next_nonce && facts->free_nonce <= nonce };
	}
	return (struct tx_verdict){ .state = past->seen ? TX_DROPPED : TX_UNKNOWN, .rebroadcast = true };
}
