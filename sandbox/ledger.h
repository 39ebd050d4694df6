/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain: blocks, accounts, transactions and the contracts that live on it.
 * A contract's state is the list of its changes with their block numbers, so a
 * read can be answered for any block (and a stale one on purpose).
 */
#ifndef CVMDECK_SANDBOX_LEDGER_H
#define CVMDECK_SANDBOX_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/tx.h"
#include "loop/loop.h"

enum { SB_ADDRESS_SIZE = 20, SB_WORD_SIZE = 32, SB_CHAIN_ID = 8453 };

enum sb_contract_kind { SB_APP, SB_KMS, SB_MULTICALL, SB_ORACLE, SB_SAFE };

/* What a contract remembers. OWNER and PENDING hold an address in the key's last 20 bytes. */
enum sb_slot { SB_COMPOSE, SB_DEVICE, SB_ANY_DEVICE, SB_OWNER, SB_PENDING, SB_TCB_RULE, SB_REGISTERED, SB_OS_IMAGE, SB_SAFE_OWNER };

struct sb_change {
	uint64_t block;
	enum sb_slot slot;
	bool value;
	uint8_t key[SB_WORD_SIZE];
};

struct sb_contract {
	enum sb_contract_kind kind;
	uint8_t address[SB_ADDRESS_SIZE];
	bool newer;     /* app: has version() and requireTcbUpToDate(), emits PolicyChanged too */
	uint64_t nonce; /* safe */
	uint64_t threshold;
	struct sb_change *changes;
	size_t change_count, change_cap;
	const uint8_t *kms_keys[2]; /* kms: k256 (33 bytes) and CA key (91 bytes) */
};

struct sb_log {
	uint8_t address[SB_ADDRESS_SIZE];
	uint8_t topics[4][SB_WORD_SIZE];
	size_t topic_count;
	uint8_t data[4 * SB_WORD_SIZE];
	size_t data_len;
};
enum { SB_LOGS_MAX = 4 };

/* One call of a contract and what came of it. */
struct sb_call {
	uint8_t from[SB_ADDRESS_SIZE];
	uint8_t to[SB_ADDRESS_SIZE];
	const uint8_t *data;
	size_t len;
	uint64_t block;   /* the state that is read */
	bool write;       /* changes are kept (a transaction that is mined) */
	bool reverted;
	struct buf answer; /* return data or revert data */
	struct sb_log logs[SB_LOGS_MAX];
	size_t log_count;
	uint64_t gas;
};

enum sb_tx_state { SB_TX_PENDING, SB_TX_MINED };

struct sb_tx {
	struct tx_signed read;
	struct buf raw;
	uint64_t max_fee, max_tip, value; /* wei: what passes here is far below 2^64 */
	enum sb_tx_state state;
	bool success;
	uint64_t block, index, gas_used, gas_price, l1_fee;
	struct sb_log logs[SB_LOGS_MAX];
	size_t log_count;
	size_t first_log; /* index of its first log within the block */
};

struct sb_block {
	uint64_t number, timestamp;
	uint8_t hash[SB_WORD_SIZE], parent[SB_WORD_SIZE];
	uint64_t gas_used;
	size_t first_tx, tx_count; /* places in mined */
};

struct sb_account {
	uint8_t address[SB_ADDRESS_SIZE];
	uint64_t balance; /* wei */
	uint64_t nonce;
};

/* What can be made to go wrong with the chain itself. */
struct sb_chain_faults {
	uint64_t chain_id; /* 0: the right one */
	bool no_multicall, revert_all, never_mine;
	uint64_t stale_blocks;
};

struct sb_ledger {
	struct loop *loop;
	struct loop_timer mine;
	int64_t mine_ms;    /* from pending to mined */
	int64_t block_ms;   /* an empty block so often, by the clock */
	int64_t next_block_ms;
	uint8_t seed[SB_WORD_SIZE];
	struct sb_contract **contracts;
	size_t contract_count, contract_cap;
	struct sb_account *accounts;
	size_t account_count, account_cap;
	struct sb_block *blocks;
	size_t block_count, block_cap;
	struct sb_tx **mined;
	size_t mined_count, mined_cap;
	struct sb_tx **pool;
	size_t pool_count, pool_cap;
	struct sb_chain_faults faults;
};

struct sb_ledger *sb_ledger_new(struct loop *loop, uint64_t seed, int64_t mine_ms);
void sb_ledger_free(struct sb_ledger *ledger);

struct sb_contract *sb_ledger_add_contract(struct sb_ledger *ledger, enum sb_contract_kind kind, const uint8_t address[SB_ADDRESS_SIZE]);
struct sb_contract *sb_ledger_contract(const struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE]);
struct sb_account *sb_ledger_account(struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE]);

/* The newest block; empty blocks that the clock owes are appended first. */
const struct sb_block *sb_ledger_head(struct sb_ledger *ledger);
const struct sb_block *sb_ledger_block(struct sb_ledger *ledger, uint64_t number);

/* State: as of a block, and as it changes in one. */
bool sb_contract_flag(const struct sb_contract *contract, enum sb_slot slot, const uint8_t *key, uint64_t block);
void sb_contract_set_flag(struct sb_contract *contract, enum sb_slot slot, const uint8_t *key, bool value, uint64_t block);
void sb_contract_address(const struct sb_contract *contract, enum sb_slot slot, uint64_t block, uint8_t out[SB_ADDRESS_SIZE]);
void sb_contract_set_address(struct sb_contract *contract, enum sb_slot slot, const uint8_t address[SB_ADDRESS_SIZE], uint64_t block);

/* The transaction with that hash, pending or mined, or NULL. */
const struct sb_tx *sb_ledger_tx(const struct sb_ledger *ledger, const uint8_t hash[SB_WORD_SIZE]);

/*
 * Takes a raw signed transaction into the pool. Out: its hash.
 * Errors (STATUS_CHAIN): not a type-2 transaction, wrong chain id, a signature
 * that recovers nobody, nonce too low or used, fee below the base fee, balance.
 */
bool sb_ledger_submit(struct sb_ledger *ledger, const uint8_t *raw, size_t len, uint8_t hash[SB_WORD_SIZE], struct error *err) MUST_CHECK;
/* Mines what waits, after mine_ms, if anything may be mined. */
void sb_ledger_wake(struct sb_ledger *ledger);
/*
 * What a contract's owners decided elsewhere: a mined transaction in which the
 * contract (a Safe) calls `to`. Returns false when the call reverts.
 */
bool sb_ledger_execute_as(struct sb_ledger *ledger, const uint8_t contract[SB_ADDRESS_SIZE], const uint8_t to[SB_ADDRESS_SIZE],
	const uint8_t *data, size_t len, uint8_t hash[SB_WORD_SIZE]) MUST_CHECK;
/* The nonce the next transaction of an account has, with or without its pool. */
uint64_t sb_ledger_nonce(struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE], bool pending);

/* Runs a call against the state of call->block; answer and logs are filled. */
void sb_ledger_call(struct sb_ledger *ledger, struct sb_call *call);

enum { SB_BASE_FEE = 5000000, SB_TIP = 1000000 };

#endif
