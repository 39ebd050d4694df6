/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain that the backend looks at. It is the sandbox's own ledger, or for a
 * CVM that is bound to contracts elsewhere (--chain-rpc, --bind) a node that is
 * asked over JSON-RPC. Each look-up that cannot be made fails the exchange with
 * 502 and returns false.
 */
#ifndef CVMDECK_SANDBOX_CHAIN_H
#define CVMDECK_SANDBOX_CHAIN_H

#include "sandbox/bind.h"
#include "sandbox/routes.h"

/* A flag of the CVM's contract now: SB_COMPOSE, SB_DEVICE or SB_ANY_DEVICE (key: zeros). */
bool sb_chain_flag(struct sb_exchange *exchange, enum sb_slot slot, const uint8_t key[SB_WORD_SIZE], bool *out) MUST_CHECK;

/* Who owns the CVM's contract, and whether a Safe does. */
bool sb_chain_owner(struct sb_exchange *exchange, uint8_t out[SB_ADDRESS_SIZE], bool *safe) MUST_CHECK;

/* What a transaction did for a hash. */
enum sb_registration { SB_TX_ABSENT, SB_TX_REVERTED, SB_TX_NO_EVENT, SB_TX_REGISTERED };
bool sb_chain_registration(struct sb_exchange *exchange, const uint8_t tx[SB_WORD_SIZE], const uint8_t hash[HASH_SIZE],
	enum sb_registration *out) MUST_CHECK;

#endif
