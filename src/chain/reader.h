/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allowlist as the chain has it: every read of one rollout at one block,
 * by one Multicall3 call where that contract is, else by one JSON-RPC batch.
 *
 * A read that failed is never "no": each answer is yes, no, absent (the
 * contract has no such function) or failed with its reason, and failed is what
 * everything begins as. Runs on the loop's thread; nothing blocks.
 */
#ifndef CVMDECK_CHAIN_READER_H
#define CVMDECK_CHAIN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/account.h"
#include "chain/types.h"
#include "chain/u256.h"
#include "wire/rpc.h"

enum read_state {
	READ_FAILED = 0, /* error says why */
	READ_NOT_ASKED,
	READ_ABSENT, /* the contract has no such function (older contracts) */
	READ_NO,
	READ_YES,
	READ_VALUE, /* number or address is set */
};

struct read_answer {
	enum read_state state;
	struct address address; /* owner, pendingOwner, implementation */
	struct u256 number;     /* version, balance */
	struct error error;     /* of READ_FAILED */
};

/* What to read; copied. */
struct allowlist_question {
	uint64_t chain_id; /* the RPC must be of this chain, else nothing is read */
	struct address contract;
	bool has_new_hash, has_old_hash, has_device, has_signer;
	struct bytes32 new_hash, old_hash, device;
	struct address signer;
	uint64_t block; /* 0: the newest; else pinned to it (to compare two endpoints) */
};

struct allowlist {
	uint64_t chain_id; /* as the RPC says */
	uint64_t block;    /* everything below was read at it, the pending nonce excepted */
	bool multicall;    /* false: a JSON-RPC batch */
	unsigned calls;    /* requests for the contract's answers: 1 with either */
	unsigned round_trips; /* all requests, one after another */
	int64_t took_ms;

	struct read_answer owner, pending_owner;
	struct read_answer new_hash, old_hash, any_device, device;
	struct read_answer require_tcb, version;

	struct read_answer code;           /* YES: there is code at the contract; NO: none */
	struct bytes32 code_hash;          /* of the contract's own code */
	struct read_answer implementation; /* ERC-1967 slot: VALUE, or ABSENT when it is empty */
	struct read_answer implementation_code; /* VALUE: code_hash below is set; ABSENT: no code there */
	struct bytes32 implementation_hash;

	struct read_answer owner_code; /* VALUE: owner_account is set */
	struct account owner_account;

	struct read_answer balance; /* of the signer, wei */
	struct read_answer signer_code; /* VALUE: signer_account is set */
	struct account signer_account;
	bool has_nonces;
	uint64_t nonce_mined, nonce_pending; /* of the signer */
	struct error nonce_error;
};

void allowlist_clear(struct allowlist *list);
/* Moves it out; from is empty afterwards. */
void allowlist_take(struct allowlist *out, struct allowlist *from);

/* YES when any device or this one is allowed, FAILED when that cannot be said. */
enum read_state allowlist_device_state(const struct allowlist *list);
/* The first read that failed, or NULL; *name says which ("owner()"). The nonces and the signer's facts count too. */
const struct error *allowlist_first_failure(const struct allowlist *list, const char **name);

/*
 * Whether two endpoints say the same about the contract (everything but the
 * signer's balance and nonces). Errors: STATUS_CHECK "rpc-disagree" naming the
 * first read that differs. A failed read agrees with nothing.
 */
bool allowlist_require_same(const struct allowlist *a, const struct allowlist *b, struct error *err) MUST_CHECK;

/*
 * fn once: list with every read answered or failed, err NULL; the list may be
 * taken with allowlist_take, else it is cleared after the call. Or list NULL
 * and *err: STATUS_CHECK "chain-id" (another chain), or the RPC's error where
 * not even the block could be read.
 */
typedef void allowlist_fn(void *ctx, struct allowlist *list, const struct error *err);

struct chain_read;
/* Never calls back before it returns. */
struct chain_read *chain_read_allowlist(struct rpc *rpc, const struct allowlist_question *question, allowlist_fn *fn, void *ctx);
/* fn is not called. NULL is fine. */
void chain_read_cancel(struct chain_read *read);

#endif
