/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a running rollout: its data, and what the effects' adapters share.
 * Each adapter file takes one or a few effects of the machine, runs them with
 * the rooms chain, cloud and compose, and answers with one event.
 *
 * All on the loop's thread; the journal's writes alone run on its worker. An
 * adapter never calls run_event before the effect's start returned.
 */
#ifndef CVMDECK_ROLLOUT_RUN_H
#define CVMDECK_ROLLOUT_RUN_H

#include "base/buf.h"
#include "chain/call.h"
#include "chain/prepare.h"
#include "chain/reader.h"
#include "chain/send.h"
#include "chain/signer.h"
#include "cloud/api.h"
#include "cloud/resolve.h"
#include "cloud/watch.h"
#include "compose/diff.h"
#include "compose/manifest.h"
#include "compose/summary.h"
#include "loop/loop.h"
#include "rollout/checks.h"
#include "rollout/journal.h"
#include "rollout/machine.h"
#include "rollout/pins.h"
#include "rollout/plan.h"
#include "rollout/session.h"
#include "rollout/timeline.h"

enum { RUN_ROWS = 12, RUN_CARD_CHECKS = 4, RUN_QUEUE = 4 };

/* What is under way; NULL when not. Cancelled together. */
struct run_calls {
	struct resolve *resolve;
	struct api_call *api;
	struct api_call *poll;
	struct chain_read *read;
	struct chain_call *call;
	struct chain_prepare *prepare;
	struct chain_broadcast *broadcast;
	struct chain_lookup *lookup;
	struct signer_job *sign;
	struct watch *watch;
	struct rpc_call *receipt, *nonces, *search;
};

/* The document side of the review: made once from the plan. */
struct run_documents {
	struct compose_document *old, *fresh;
	struct compose_calibration calibration;
	struct compose_hashes fresh_hashes;
	struct compose_diff *diff, *script_diff;
	struct compose_manifest *manifest;
	struct compose_summary *summary;
	struct review_env_name *env;
	size_t env_count;
	struct review_origin origin;
	struct compose_manifest *origin_manifest; /* NULL: no old document */
};

/* One version of the transaction that is prepared, shown, signed, sent. */
struct run_tx {
	struct tx_prepared prepared;
	bool ready;           /* prepared is set */
	struct buf unsigned_bytes;
	struct buf raw;       /* signed */
	struct bytes32 hash;
	struct address from;
	struct fee_pair fees; /* of the version on its way, for a replacement */
	uint64_t nonce;
	unsigned fails;       /* looks in a row that failed */
	unsigned sends, rounds; /* tries of one broadcast; broadcasts */
	bool out;             /* an external signer sent it itself */
	struct receipt receipt;
	bool has_receipt;
};

struct rollout {
	struct session *session;
	struct loop *loop;
	rollout_changed_fn *changed;
	void *ctx;
	struct rollout_request request;
	struct plan plan;
	struct plan *applied; /* of a plan file: what must still be so; NULL without one */
	struct machine machine;
	char id[JOURNAL_ID_SIZE];
	struct journal *journal;
	int lock_fd; /* -1: none */
	int64_t written_ms; /* of the row as we last wrote or read it; 0: none yet */
	bool resumed;

	struct run_calls calls;
	struct loop_timer timer, poll_timer;
	unsigned read_step;
	bool in_event;        /* effects are being run: new events wait */
	const char *under_way; /* the effect whose answer is waited for, for the crash matrix */
	struct event queue[RUN_QUEUE];
	size_t queued;

	struct rpc *rpcs[SESSION_RPCS];
	size_t rpc_count, rpc_at;
	unsigned rpc_waits;    /* for an endpoint that is behind */
	struct address contract, signer;
	bool has_contract, has_signer;
	struct allowlist list;
	bool has_list;
	struct pin pin;
	bool pin_known;
	bool contract_owner;
	uint8_t kms_root[ECDSA_COMPRESSED_SIZE];

	struct cvm_detail *detail;
	struct run_documents docs;
	struct review review;
	bool has_review;
	struct checks checks;
	struct check card_checks[RUN_CARD_CHECKS];
	struct timeline timeline;

	struct run_tx tx;
	struct tx_past past[MACHINE_TRIES];
	uint8_t signing[32];   /* the digest at the signer */
	int64_t look_ms;       /* between looks at the chain */
	unsigned look_at, lost_versions, unseen;
	size_t look_rpc;       /* the endpoint that is looked at */
	struct tx_past other_past;
	bool has_standin;      /* a transaction with our nonce that is none of ours, and makes the same call */
	struct bytes32 standin;
	struct tx_past standin_past;
	void (*after_search)(struct rollout *rollout, const struct bytes32 *hash);
	struct bytes32 look_block;
	struct card card;
	bool has_card;
	char *card_raw, *card_data, *card_cast;

	struct allowlist_view list_view;
	struct allow_row rows[RUN_ROWS];
	struct prepared prepared;
	char *prepared_calls;
	struct owners_job *owners; /* while it is being prepared */
	struct agreement *agreement; /* a question to every endpoint, while it is asked */
	void (*after_receipt)(struct rollout *rollout);
	char *prepared_text;  /* as JSON, for the journal */
	struct outcome outcome;
	struct rollout_view view;
	char note[200];
	bool dirty;           /* the front end is to be told */
	struct journal_job *writing;
	struct rollout **explaining; /* the explainer's way back to us */
	struct error refusal;
	char answer[512];     /* the backend's last answer, for the journal */
	int answer_status;
	int64_t live_since_ms;
	int64_t report_since_ms, report_until_ms; /* asked for since (0: not now), and until when on the wall clock */
};

/* rollout.c */
/* Gives the machine an event and runs what it asks for. */
void run_event(struct rollout *rollout, struct event *event);
struct event run_new_event(enum event_kind kind);
/* EVENT_FAILED from an error. */
void run_fail(struct rollout *rollout, const struct error *err, bool resumable);
void run_touch(struct rollout *rollout);
/* What the current step waits for; shown in the timeline and as the message. */
void run_note(struct rollout *rollout, const char *fmt, ...) PRINTF_LIKE(2, 3);
void run_cancel(struct rollout *rollout);

/* Adapters, one for each effect. */
typedef void run_effect(struct rollout *rollout, const struct effect *effect);
run_effect run_read, run_journal, run_patch, run_check, run_build, run_sign, run_broadcast, run_track, run_stop_track, run_confirm, run_resolve,
	run_prepare, run_watch, run_stop_watch, run_verify, run_timer, run_rebuild;

/* run_card.c: whether the card's key is locked now; it locks itself after some time. */
void run_look_at_key(struct rollout *rollout);
/* Is only an address watched here? Without a key: was it so when this rollout stopped? */
bool run_only_watches(const struct rollout *rollout);

/* run_review.c: documents, hashes and the review from plan and detail. */
bool run_make_documents(struct rollout *rollout, struct error *err) MUST_CHECK;
void run_clear_documents(struct run_documents *docs);
bool run_is_our_document(const struct rollout *rollout, const char *hash);
/* After a restart: the documents made again are those that were approved, and the plan's new hash is the approved one. */
bool run_require_approved(struct rollout *rollout, struct error *err) MUST_CHECK;
void run_make_review(struct rollout *rollout);

/* run_check.c: the row target-pin before env values are encrypted, since no check of the contract may follow; keep: a
 * first use is pinned. */
bool run_require_target(struct rollout *rollout, bool keep, struct error *err) MUST_CHECK;

/* A CVM that was pinned with an on-chain KMS has one still. */
bool run_require_still_onchain(struct rollout *rollout, struct error *err) MUST_CHECK;

/* run_journal.c */
void run_drop_write(struct rollout *rollout);
bool run_lock(struct rollout *rollout, struct error *err) MUST_CHECK;

/* run_chain.c: the target and the endpoints. */
bool run_find_chain(struct rollout *rollout, struct error *err) MUST_CHECK;
void run_ask_list(struct rollout *rollout, size_t endpoint, allowlist_fn *fn);
const char *run_ether_text(char out[U256_UNITS_SIZE], const struct u256 *wei);
void run_show_cost(struct rollout *rollout);
void run_show_list(struct rollout *rollout);
/* The rows chain-id and contract-code; false with *err when there is no contract. */
bool run_check_contract(struct rollout *rollout, struct error *err);
/* True with *err when a read of the list failed: no answer is no "no". */
bool run_reads_failed(struct rollout *rollout, struct error *err);
/* The calldata of an allowlist change. */
void run_add_calldata(struct buf *out, enum allow_verb verb, const uint8_t value[32]);
const char *run_verb_name(enum allow_verb verb);
enum contract_call run_verb_call(enum allow_verb verb);

/* run_track.c: what the event of the current transaction says first. */
void run_event_word(const struct rollout *rollout, struct bytes32 *out);

/* run_replaced.c: a transaction of our account with our nonce that makes our call; hash NULL where there is none. */
void run_find_replacement(struct rollout *rollout, void (*then)(struct rollout *rollout, const struct bytes32 *hash));

/* run_agree.c */
/*
 * An eth_call at every endpoint; fn once, with rollout as its ctx: the answer
 * they agree in, or NULL with the node's error, a "reverted" they agree in, or
 * STATUS_CHECK "rpc-disagree", which has set its row.
 */
void run_ask_all(struct rollout *rollout, const struct call_request *call, const char *tag, chain_call_fn *fn);
/* A transaction simulated at the first endpoint, at the others too: do they agree in whether it succeeds? Else as above. */
void run_simulate_elsewhere(struct rollout *rollout, const struct call_request *call, bool succeeds, chain_call_fn *fn);
void run_disagree(struct rollout *rollout, const char *what, struct error *err);
void run_drop_agreement(struct rollout *rollout);

/* run_prepare.c */
void run_drop_prepare(struct rollout *rollout);
void run_load_prepared(struct rollout *rollout, const char *text);

/* run_commit.c: the row receipt of a commit's transaction, then goes on. */
void run_check_receipt(struct rollout *rollout, void (*then)(struct rollout *rollout));

/* operator.c: whether there is anything to send; *err says that there is not. */
bool run_changes_something(const struct rollout *rollout, struct error *err) MUST_CHECK;

/* plan_file.c */
bool run_plan_holds(const struct plan *plan, const struct plan *now, struct error *err) MUST_CHECK;

/* view.c */
void run_fill_view(struct rollout *rollout);
void run_fill_outcome(struct rollout *rollout);

/* 0x and digits; "" for "". out has room for two more than the digits. */
void run_hex(char *out, size_t size, const char *digits);

#endif
