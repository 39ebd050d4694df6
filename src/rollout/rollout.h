/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update of one CVM, as every front end sees it.
 *
 * A front end reads the view (const, borrowed until the next turn of the loop),
 * is told when it changed, and sends operator commands. It never sees the wire,
 * and it cannot make the rollout skip a step: a command that does not fit the
 * phase is refused with the reason.
 *
 * Order of things: read → review (approved by the operator; nothing was sent
 * before) → patch → check → one card for each signature → broadcast → mined →
 * confirm → rolling → running → verified.
 *
 * All texts in the view are already safe to show. Hex is lower case with 0x
 * unless said otherwise.
 */
#ifndef CVMDECK_ROLLOUT_ROLLOUT_H
#define CVMDECK_ROLLOUT_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "cloud/cvm.h"
#include "compose/dotenv.h"

struct compose_diff;     /* compose/diff.h */
struct compose_manifest; /* compose/manifest.h */
struct compose_summary;  /* compose/summary.h */
struct session;
struct rollout;

/* ---- what the operator wants ---- */

enum tri { TRI_KEEP = 0, TRI_ON, TRI_OFF };

enum rollout_kind {
	ROLLOUT_UPDATE,  /* the whole way */
	ROLLOUT_PREPARE, /* --prepare-only: everything up to what the owner's contract must do */
	ROLLOUT_COMMIT,  /* --commit: finish what was prepared */
	ROLLOUT_ALLOW,   /* devices and removeComposeHash: chain only, no patch */
};

struct rollout_request {
	enum rollout_kind kind;
	char *cvm_ref;              /* as the operator gave it: name, uuid, app id (cloud/resolve.h finds it) */
	char *compose_path;         /* where the compose came from, for people; NULL: unchanged compose */
	char *compose_text;         /* NULL: unchanged */
	size_t compose_len;
	char *script_path;          /* where the script came from; NULL: not from a file */
	char *script_text;          /* pre-launch script; NULL: unchanged */
	size_t script_len;
	struct compose_env env;     /* counts with has_env */
	bool has_env;
	char **names;               /* allowed_envs alone, without values; counts with has_names where has_env is not */
	size_t name_count;
	bool has_names;
	char *origin_text;          /* the whole document that is deployed again; NULL: none is */
	size_t origin_len;
	char *origin_label;         /* what it is, for people */
	enum tri public_logs, public_sysinfo, public_tcbinfo;
	bool already_registered;    /* state-only confirm where the hash is allowed already */
	bool wait;                  /* follow to running and verify (the console always does) */
	unsigned confirmations;     /* 0: 1 */
	char max_cost_wei[80];      /* decimal; "": no ceiling of the operator's own */
	char max_fee_wei[80];       /* of one unit of gas; likewise */
	char *commit_token;         /* ROLLOUT_COMMIT */
	char *commit_hash;          /* ROLLOUT_COMMIT: --compose-hash, NULL: from the token */
	char *commit_tx;            /* ROLLOUT_COMMIT: hash or "already-registered" */
	bool watch;                 /* wait for the allowlist to show the hash, then commit */
	bool review_only;           /* ends at the review: no lock, and a chain that cannot be read is only said */
	bool can_override;          /* somebody may answer: an overridable red check waits instead of ending */
	const char *const *overrides; /* "CHECK-ID because REASON", borrowed until rollout_start returned; journalled */
	size_t override_count;
	struct allow_call *calls;   /* ROLLOUT_ALLOW */
	size_t call_count;
};

/* One change of the allowlist for ROLLOUT_ALLOW. */
enum allow_verb { ALLOW_ADD_DEVICE, ALLOW_REMOVE_DEVICE, ALLOW_ANY_DEVICE_ON, ALLOW_ANY_DEVICE_OFF, ALLOW_ADD_HASH, ALLOW_REMOVE_HASH };
struct allow_call {
	enum allow_verb verb;
	uint8_t value[32]; /* device id or compose hash; zero where none is taken */
};

/* Wipes and frees the members. */
void rollout_request_clear(struct rollout_request *request);

/* ---- what is seen ---- */

enum rollout_phase {
	PHASE_READING,    /* the CVM, its present document, keys */
	PHASE_REVIEW,     /* waits for the operator; nothing was sent */
	PHASE_PATCHING,   /* the backend is told */
	PHASE_CHECKING,   /* allowlist and every check */
	PHASE_CARD,       /* waits for the operator: view.card is set */
	PHASE_SIGNING,    /* the signer works (or a person at it) */
	PHASE_MINING,     /* broadcast, waiting for the chain */
	PHASE_CONFIRMING, /* the backend verifies; perhaps waiting for a retry */
	PHASE_PREPARED,   /* the owner is a contract: what it must do is ready */
	PHASE_ROLLING,    /* the CVM restarts */
	PHASE_VERIFYING,  /* running; the last checks */
	PHASE_DONE,       /* view.outcome is set */
	PHASE_FAILED,     /* view.outcome is set and says what is safe now */
};

enum mark { MARK_NONE, MARK_GOOD, MARK_BAD, MARK_UNKNOWN, MARK_RUNNING };

/* Where a shown value comes from. */
enum source { SOURCE_HERE, SOURCE_YOU, SOURCE_CHAIN, SOURCE_TEE, SOURCE_PHALA };

/*
 * One check. id is stable and documented (man page, --json): hash-current,
 * hash-new, hash-backend, target-pin, chain-id, contract-code, implementation,
 * rpc-agreement, device, env-key, would-boot, owner, simulation, balance,
 * receipt (of a commit), after-started, after-running, after-hash,
 * after-allowed, after-report, after-tee.
 */
struct check {
	const char *id;
	const char *title;      /* "hash from the backend" */
	enum mark mark;
	enum source source;
	char value[160];        /* what was found, short */
	char note[320];         /* why; what was assumed; what to do */
	bool stops;             /* red stops the flow (an override is typed out) */
	bool overridden;
};

struct review_env_name {
	char name[128];
	char change; /* '+' added, '-' removed, '=' kept, '~' given anew (value not shown) */
};

/* The document that is deployed again, and what an update cannot take over of it. */
struct review_origin {
	char label[96];
	bool same_hash;                        /* the new document gives its very hash */
	const struct compose_manifest *manifest; /* from it to the new document; what is not the same could not be taken over */
};

struct review {
	struct cvm_detail *detail;     /* borrowed: the CVM as read */
	char old_hash[67], new_hash[67];
	char form[24];                 /* the calibrated form; "" when none fits */
	bool old_verified;             /* recomputed here and equal to what the CVM reports */
	enum mark old_on_chain;        /* allowed by the contract, as read before the review */
	bool hash_changes;
	bool env_changes;              /* ciphertext will be sent */
	bool applies_at_once;          /* no on-chain KMS: sending is doing */
	bool nothing_changes;
	char sub_compose[67], sub_script[67], sub_rest[67]; /* sub-hashes of the new document */
	const char *old_compose, *new_compose;   /* the docker compose texts */
	size_t old_compose_len, new_compose_len;
	const struct compose_diff *diff;       /* of the docker compose texts */
	const struct compose_diff *script_diff; /* of the pre-launch scripts; NULL where they are the same */
	const struct compose_manifest *manifest;
	const struct compose_summary *summary;
	const struct review_env_name *env;
	size_t env_count;
	bool names_replace;            /* the given names become allowed_envs */
	const struct review_origin *origin; /* NULL: this is no old document */
};

struct allow_row {
	char call[64];        /* "allowedComposeHashes(new)" */
	char value[80];       /* "no", "0xf39F…2266" */
	char note[128];       /* "→ addComposeHash, signature 2 of 2" */
	enum mark mark;       /* MARK_BAD: the read failed */
};

struct allowlist_view {
	char contract[43];    /* EIP-55 */
	uint64_t chain_id;
	char chain_name[32];
	uint64_t block;
	unsigned calls;       /* round trips: 1 with Multicall3 or a batch */
	bool multicall;
	int64_t took_ms;
	const struct allow_row *rows;
	size_t row_count;
};

/* One transaction waiting for the operator. Nothing of it changes while it is shown. */
struct card {
	unsigned index, count;        /* signature 2 of 2 */
	uint8_t digest[32];           /* keccak256 of the unsigned transaction: the approval is bound to it */
	char function[24];            /* addComposeHash */
	char argument[67];            /* whole, for showing in groups of 8 */
	char argument_note[160];      /* node prod1; "" */
	const struct check *checks;   /* the lines under the argument */
	size_t check_count;
	char contract[43], from[43];
	char chain[40];               /* Base 8453 */
	uint64_t chain_id, nonce, gas_limit;
	char gas[48];                 /* 51 204 (+20 %) */
	char max_fee[48];             /* 0.02 gwei */
	char tip[48];
	char cost[64];                /* ≤ 0.0000013 ETH */
	char signer[96];              /* keystore ~/.foundry/keystores/ops */
	char simulation[200];         /* succeeds, emits ComposeHashAdded, allowed no → yes */
	enum mark simulated;
	const char *raw;              /* hex of the unsigned transaction */
	const char *calldata;
	const char *cast;             /* watch-only: the same as a `cast send` line; else NULL */
	bool offered;                 /* false: a check is red, no signature is offered */
	bool can_skip;                /* already-registered may be chosen instead */
	char skip_note[128];
	enum card_kind { CARD_NEW, CARD_BUMP, CARD_CANCEL } replaces;
	bool needs_unlock;            /* the signer wants a password or key first */
	bool unlocking;               /* it was given; the key is being derived from it */
	char unlock_error[200];       /* why the last try failed; "" when none did */
};

enum step_state { STEP_WAITING, STEP_RUNNING, STEP_DONE, STEP_SKIPPED, STEP_FAILED };

struct step {
	const char *id;        /* read, review, patch, check, sign-device, device-mined, sign-hash, hash-mined, confirm, rolling, running, verified, sign-removal, removal-mined */
	const char *title;
	enum step_state state;
	int64_t began_ms, ended_ms; /* wall clock; 0: not yet */
	char note[200];        /* what it waits for, a transaction hash, a stage */
	int64_t until_ms;      /* a countdown's end on the wall clock; 0: none */
	unsigned attempt;      /* retries so far */
};

struct outcome {
	bool success;
	struct error error;          /* of a failure */
	char done[160];              /* of a success: what is so now ("the CVM runs the compose that was signed") */
	char safe[256];              /* of a failure: what is safe now ("the transaction hash stays valid") */
	char resume[80];             /* the command that goes on with it; "" where nothing can be gone on with */
	char compose_hash[67];
	char transaction_hash[67];   /* "" where none was needed */
	char device_transaction_hash[67];
	char correlation_id[80];
	char vm_uuid[40];
	char app_id[43];
};

/* What prepare gives to the owners of a contract. */
struct prepared {
	char owner[43];
	char kind[16];               /* safe, contract, person */
	unsigned threshold, owners;
	const char *calls_text;      /* calldata of each call, one a line */
	char batch_path[256];        /* the saved Safe Transaction Builder file; "" when none */
	char safe_domain_hash[67], safe_message_hash[67], safe_tx_hash[67];
	char token[160];             /* the commit token */
	int64_t token_expires_ms;
	char commit_command[512];    /* the line that finishes it */
};

struct rollout_view {
	char id[40];                 /* the journal's id */
	enum rollout_kind kind;
	enum rollout_phase phase;
	bool waits_for_operator;
	bool resumed;
	bool can_retry;              /* failed, but going on may help: ROLLOUT_RETRY_NOW, or cvmdeck resume later */
	bool can_restart;            /* after 466: ROLLOUT_RESTART */
	bool can_remove_old;         /* done: ROLLOUT_REMOVE_OLD_HASH fits */
	struct cvm cvm;              /* as last read; status moves */
	const struct review *review; /* NULL before it is ready */
	const struct check *checks;
	size_t check_count;
	const struct allowlist_view *allowlist; /* NULL before it was read */
	const struct card *card;     /* NULL when none waits */
	const struct prepared *prepared;
	const struct step *steps;
	size_t step_count;
	char transaction_hash[67];   /* the newest that was signed, mined or not; "" when none was */
	char message[320];           /* one line: what happens now, and until when */
	const struct outcome *outcome; /* NULL until the end */
};

/* ---- commands ---- */

enum rollout_op {
	ROLLOUT_APPROVE_REVIEW,    /* the review was seen: patch */
	ROLLOUT_DECLINE,           /* no to the review or the card: stop, nothing more is sent */
	ROLLOUT_SIGN,              /* yes to the card; text: hex of card.digest as it was shown */
	ROLLOUT_USE_REGISTERED,    /* card: confirm by state instead of a transaction */
	ROLLOUT_RETRY_NOW,         /* ends a countdown */
	ROLLOUT_BUMP,              /* mining: a new card with higher fees, same nonce */
	ROLLOUT_CANCEL_TX,         /* mining: a card that replaces it by nothing */
	ROLLOUT_OVERRIDE,          /* text: "CHECK-ID because REASON"; journalled */
	ROLLOUT_RESTART,           /* after 466: the whole again from the saved plan */
	ROLLOUT_REMOVE_OLD_HASH,   /* done: a card for removeComposeHash(old) */
	ROLLOUT_UNLOCK,            /* secret: the signer's password or key */
};

/*
 * Does what the operator said. text and secret as the op's comment says, else
 * NULL; the secret is taken over. Returns false with the reason in *err when
 * it does not fit the phase; nothing has changed then.
 */
bool rollout_do(struct rollout *rollout, enum rollout_op op, const char *text, struct secret *secret, struct error *err) MUST_CHECK;

/* Borrowed until the next turn of the loop. */
const struct rollout_view *rollout_view(const struct rollout *rollout);
/*
 * What it came to so far, for a front end that stops following before the end:
 * the hashes, what is safe, and the command that goes on with it ("" before
 * the journal knows it). No success and no error.
 */
void rollout_so_far(const struct rollout *rollout, struct outcome *out);

/* Starts a rollout; the request is taken over (also on failure). changed is
 * called on the loop whenever the view changed; at most once a turn. */
typedef void rollout_changed_fn(void *ctx, struct rollout *rollout);
struct rollout *rollout_start(struct session *session, struct rollout_request *request, rollout_changed_fn *changed, void *ctx, struct error *err) MUST_CHECK;

/*
 * Goes on where the journal says it stood; id may be a unique prefix. One that
 * ended because the backend had forgotten it (466) begins again, at a review,
 * from its saved plan. moment
 * gives what is of the moment: can_override is whether somebody may answer
 * now; wait, confirmations, max_cost_wei, max_fee_wei, already_registered and
 * overrides count where they are given, else those it was begun with. NULL: none.
 */
struct rollout *rollout_resume(struct session *session, const char *id, const struct rollout_request *moment, rollout_changed_fn *changed, void *ctx,
			       struct error *err) MUST_CHECK;

/* Lets go of it; what is in the journal stays and can be resumed. */
void rollout_free(struct rollout *rollout);

/* Whether another process works on this CVM now; who is then who it is, safe to show. */
bool rollout_is_held(const struct session *session, const char *cvm_uuid, char who[128]);

/* Names for JSON and people: "reading", "card", …; "good", "bad", …; "here", "chain", …. */
const char *rollout_phase_name(enum rollout_phase phase);
const char *rollout_mark_name(enum mark mark);
const char *rollout_source_name(enum source source);

#endif
