/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever signs: one interface, four kinds. A raw key, an Ethereum keystore,
 * another program over JSON-RPC, and nobody (watch-only).
 *
 * Nothing is signed without the digest of exactly the unsigned transaction,
 * as a person approved it: signer_sign makes the digest again and refuses any
 * other. What an external signer gives back is decoded and compared field by
 * field, and its sender recovered, before anybody can broadcast it.
 * Keys and passwords live in struct secret and in no message. All on the
 * loop's thread; no function calls back before it returned.
 */
#ifndef CVMDECK_CHAIN_SIGNER_H
#define CVMDECK_CHAIN_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "chain/keystore.h"
#include "chain/tx.h"
#include "chain/types.h"
#include "loop/loop.h"
#include "wire/rpc.h"

struct signer;
struct signer_job;

enum signer_kind { SIGNER_KEY, SIGNER_KEYSTORE, SIGNER_RPC, SIGNER_WATCH };
enum signer_state {
	SIGNER_LOCKED,    /* wants a password or key: signer_unlock */
	SIGNER_UNLOCKING, /* a worker derives the key */
	SIGNER_READY,
	SIGNER_CANNOT,    /* watch-only: never signs */
};

/*
 * Takes the key over (32 bytes). source says for people where it is from
 * ("PRIVATE_KEY", "--private-key-file ops.key"); copied.
 * Errors: STATUS_USAGE "key-invalid".
 */
struct signer *signer_new_key(struct loop *loop, struct secret *key, const char *source, struct error *err) MUST_CHECK;
/* Reads the file now, locked; errors are those of keystore_read. */
struct signer *signer_new_keystore(struct loop *loop, const char *path, struct error *err) MUST_CHECK;
/*
 * Another program that signs, at an endpoint that must outlive the signer.
 * wanted: the account to use; NULL: the first it offers.
 */
struct signer *signer_new_rpc(struct loop *loop, struct rpc *endpoint, const struct address *wanted);
struct signer *signer_new_watch(struct loop *loop, const struct address *address);
/* Ends what is under way without calling back, and wipes every secret. NULL is fine. */
void signer_free(struct signer *signer);

enum signer_kind signer_kind(const struct signer *signer);
enum signer_state signer_state(const struct signer *signer);
/* "keystore ~/ops.json", "external signer at 127.0.0.1:9000"; borrowed, safe to show. */
const char *signer_name(const struct signer *signer);
/* False until the address is known: a keystore without one is to be unlocked, an endpoint to be asked. */
bool signer_address(const struct signer *signer, struct address *out);
/* What unlocking will take; zeros where nothing is to be derived. */
struct keystore_cost signer_cost(const struct signer *signer);

/*
 * idle_ms         locks that long after the last use; 0: never
 * wipe_after_use  locks after each signature
 * A key that was locked must be given again with signer_unlock.
 */
struct signer_rule {
	int64_t idle_ms;
	bool wipe_after_use;
};
void signer_set_rule(struct signer *signer, struct signer_rule rule);
/* fn is called on the loop when the key has locked itself by that rule; NULL: nobody is told any more. */
void signer_on_idle_lock(struct signer *signer, void (*fn)(void *ctx), void *ctx);
/* Where transactions of an external signer that sends by itself are looked up; NULL: its own endpoint. */
void signer_set_chain(struct signer *signer, struct rpc *chain);

/* err NULL: done. Borrowed for the call. */
typedef void signer_done_fn(void *ctx, const struct error *err);

/*
 * Makes the signer ready: a keystore by its password, a locked raw key by the
 * key's hex text; takes the secret over in every case. A ready signer, a
 * watcher and an external signer just report. A newer question (unlock or find)
 * takes the place of one that is still open.
 * Errors: those of keystore_unlock, "key-invalid", STATUS_CHECK
 * "signer-other-key" (not the key of the address known so far).
 */
void signer_unlock(struct signer *signer, struct secret *secret, signer_done_fn *fn, void *ctx);
/* Finds the address where it takes asking: STATUS_CHECK "signer-account" when an endpoint does not offer the one wanted. */
void signer_find_address(struct signer *signer, signer_done_fn *fn, void *ctx);
/* Forgets a report that is still to come from the two above. */
void signer_forget(struct signer *signer);
/* Wipes the key now; an unlocking under way will report "signer-locked". */
void signer_lock(struct signer *signer);

/*
 * error  NULL: signed. Else what happened; hash may be set all the same:
 *        something was sent that is not, or could not be seen to be, what was asked
 * raw    the signed transaction as eth_sendRawTransaction takes it
 * sent   the external signer has broadcast it already
 */
struct signer_result {
	const struct error *error;
	const uint8_t *raw;
	size_t raw_len;
	bool sent;
	bool has_hash;
	struct bytes32 hash;
};
typedef void signer_fn(void *ctx, const struct signer_result *result);

/*
 * Signs tx (copied) when approved is the keccak-256 of its unsigned form.
 * Errors: STATUS_CHECK "approval-mismatch", "signer-differs" (an external
 * signer answered with another transaction or sender), STATUS_CHAIN
 * "signer-unseen" (it says it sent, and no node knows it), STATUS_DECLINED
 * "signer-locked", "signer-watch", "signer-refused".
 */
struct signer_job *signer_sign(struct signer *signer, const struct tx *tx, const struct bytes32 *approved, signer_fn *fn, void *ctx);
/* fn is not called. NULL is fine. What an external signer does meanwhile cannot be called back. */
void signer_cancel(struct signer_job *job);

/*
 * A private key from hex text with or without 0x and white space around, as
 * files and variables hold it. Takes text over; never leaves a copy.
 * Errors: STATUS_USAGE "key-invalid".
 */
bool signer_parse_key(struct secret *text, struct secret *key, struct error *err) MUST_CHECK;

/* For watch-only: the equivalent `cast send` line, without who signs; the URL is left to $ETH_RPC_URL. */
void signer_cast_line(struct buf *out, const struct tx *tx, const struct address *from);

#endif
