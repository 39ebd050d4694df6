/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the signer share; nobody else includes it. */
#ifndef CVMDECK_CHAIN_SIGNER_PARTS_H
#define CVMDECK_CHAIN_SIGNER_PARTS_H

#include "chain/signer.h"

struct signer_unlocking;

/* What a kind does its own way. */
struct signer_ops {
	/* Ends in signer_finish, at once or later. */
	void (*sign)(struct signer_job *job);
	/* Takes the secret over; ends in signer_report. NULL: nothing to unlock. */
	void (*unlock)(struct signer *signer, struct secret *secret);
	/* Ends in signer_report. NULL: known, or found by unlocking. */
	void (*find)(struct signer *signer);
};

struct signer {
	const struct signer_ops *ops;
	struct loop *loop;
	enum signer_kind kind;
	enum signer_state state;
	char *name;
	bool has_address;
	struct address address;
	struct signer_rule rule;
	struct loop_timer idle;
	void (*locked)(void *ctx);
	void *locked_ctx;
	struct secret key; /* empty while locked */

	struct keystore *keystore;
	struct signer_unlocking *unlocking;

	struct rpc *endpoint, *chain;
	struct rpc_call *asking; /* eth_accounts */
	bool has_wanted;
	struct address wanted;

	/* The one report to come from unlock or find. */
	signer_done_fn *done;
	void *done_ctx;
	bool reporting;
	struct error report; /* status OK: success */

	struct signer_job *jobs;
};

struct signer_job {
	struct signer *signer;
	struct signer_job *next, **from;
	struct tx tx;
	signer_fn *fn;
	void *ctx;
	struct error error; /* status OK: success */
	struct buf raw;
	bool sent, has_hash;
	struct bytes32 hash;
	/* external signer */
	struct rpc_call *call;
	struct loop_timer again;
	unsigned tries;
};

struct signer *signer_make(struct loop *loop, const struct signer_ops *ops, enum signer_kind kind, enum signer_state state, char *name);
/* A name for people: the words and a text from outside, made safe; new memory. */
char *signer_label(const char *words, const char *text);
/* Calls fn of the job on the next turn. */
void signer_finish(struct signer_job *job);
/* Reports success, or *err, on the next turn. */
void signer_report(struct signer *signer, const struct error *err);
/* Puts a key in place, which must be that of the address known so far. Takes it over. */
bool signer_take_key(struct signer *signer, struct secret *key, struct error *err);
/* Signs with the key in place. */
void signer_sign_here(struct signer_job *job);
/* Leaves a worker's unlocking alone; it wipes what it has and frees itself. */
void signer_leave_unlocking(struct signer *signer);

#endif
