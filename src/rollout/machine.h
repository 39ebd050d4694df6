/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The update as a pure transition function: (state, event) → (state, effects).
 *
 * No I/O, no clock, no memory of its own: what happened comes in an event
 * (with the time), what is to be done goes out as effects, which thin
 * adapters run. So every path, fault and crash point is a table test.
 *
 * What holds in every state, and is tested so:
 *  - nothing leaves (patch, sign, broadcast, confirm) before the review was approved;
 *  - EFFECT_SIGN only for a digest the operator approved, after that approval is on disk;
 *  - EFFECT_BROADCAST only after the signed bytes are on disk;
 *  - EFFECT_CONFIRM only after a receipt is on disk (or by state, where that was chosen);
 *  - while a journal write is under way nothing else happens;
 *  - a journal that fails stops everything.
 */
#ifndef CVMDECK_ROLLOUT_MACHINE_H
#define CVMDECK_ROLLOUT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "rollout/rollout.h"
#include "wire/json.h"

enum {
	MACHINE_TXS = 40,     /* transactions of one rollout */
	MACHINE_TRIES = 8,    /* versions of one transaction with the same nonce */
	MACHINE_EFFECTS = 6,  /* of one step */
	MACHINE_RETRIES = 5,  /* of a confirm: gaps 2, 4, 8, 16, 30 s */
};

enum machine_state {
	M_READING,
	M_REVIEW,
	M_PATCHING,
	M_CHECKING,
	M_STOPPED,      /* a red check that the operator may override, before the first signature or at the end */
	M_BUILDING,     /* nonce, fees, simulation of the next card */
	M_CARD,
	M_SIGNING,
	M_SENDING,
	M_MINING,
	M_WAITING,      /* for the allowlist to show the hash (--watch) */
	M_CONFIRMING,
	M_CONFIRM_GAP,  /* until the next attempt */
	M_RESOLVING,    /* an answer was lost: the state is read */
	M_PREPARING,
	M_PREPARED,
	M_ROLLING,
	M_VERIFYING,
	M_DONE,
	M_FAILED,
	M_STATES,
};

/* Journal writes the machine waits for; each leads to one state and its effect. */
enum machine_write {
	WRITE_NONE,
	WRITE_REVIEW,   /* the plan and its approval */
	WRITE_PATCHED,  /* the backend's answer to the patch */
	WRITE_APPROVAL, /* of one card, with the unsigned bytes */
	WRITE_TX,       /* the signed bytes */
	WRITE_RECEIPT,
	WRITE_CONFIRM,  /* the confirm is about to be sent */
	WRITE_ACCEPTED, /* the backend took it */
	WRITE_PREPARED,
	WRITE_OVERRIDE,
	WRITE_OUTCOME,
	MACHINE_WRITES,
};

enum effect_kind {
	EFFECT_READ,      /* the CVM, documents, chain facts → EVENT_READ */
	EFFECT_JOURNAL,   /* write → EVENT_JOURNALED or EVENT_JOURNAL_FAILED */
	EFFECT_PATCH,     /* → EVENT_ACCEPTED, EVENT_HASH_NEEDED, EVENT_LOST, EVENT_FAILED */
	EFFECT_CHECK,     /* chain reads and checks → EVENT_CHECKED */
	EFFECT_BUILD,     /* card for tx[index] (as: new, bump, cancel) → EVENT_CARD */
	EFFECT_SIGN,      /* digest → EVENT_SIGNED */
	EFFECT_BROADCAST, /* digest → EVENT_SENT */
	EFFECT_TRACK,     /* → EVENT_TX until told to stop */
	EFFECT_STOP_TRACK,
	EFFECT_CONFIRM,   /* → EVENT_ACCEPTED, EVENT_REFUSED, EVENT_LOST */
	EFFECT_RESOLVE,   /* reads the CVM's state → EVENT_STATE */
	EFFECT_PREPARE,   /* batch file, Safe hashes → EVENT_PREPARED */
	EFFECT_WATCH,     /* → EVENT_STATE until told to stop */
	EFFECT_STOP_WATCH,
	EFFECT_VERIFY,    /* → EVENT_VERIFIED */
	EFFECT_TIMER,     /* EVENT_TIMER at until_ms; replaces the one set */
	EFFECT_REBUILD,   /* a restart: forget what was read, begin anew */
	MACHINE_EFFECT_KINDS,
};

struct effect {
	enum effect_kind kind;
	enum machine_write write; /* EFFECT_JOURNAL */
	unsigned index;           /* of the transaction */
	int as;                   /* EFFECT_BUILD: card.replaces */
	uint8_t digest[32];       /* EFFECT_SIGN, EFFECT_BROADCAST, WRITE_APPROVAL, WRITE_TX */
	uint8_t hash[32];         /* WRITE_TX, WRITE_RECEIPT, EFFECT_CONFIRM: the transaction */
	bool by_state;            /* EFFECT_CONFIRM: already-registered */
	bool prepare_only;        /* EFFECT_PATCH */
	int64_t until_ms;         /* EFFECT_TIMER */
};

struct effects {
	struct effect list[MACHINE_EFFECTS];
	size_t count;
};

enum tx_fate { FATE_PENDING, FATE_MINED, FATE_REVERTED, FATE_REPLACED, FATE_DROPPED, FATE_REORGED };

enum event_kind {
	EVENT_READ,       /* facts */
	EVENT_FAILED,     /* error; resumable: trying again may help */
	EVENT_JOURNALED,
	EVENT_JOURNAL_FAILED, /* error */
	EVENT_ACCEPTED,   /* correlation id */
	EVENT_HASH_NEEDED, /* hash: what the backend asks for; error: the explained difference; flag: it is the new
			    * document's in another form that fits the present one too */
	EVENT_CHECKED,    /* checked */
	EVENT_CARD,       /* digest, offered, error (why not offered) */
	EVENT_SIGNED,     /* digest, hash */
	EVENT_LOCKED,     /* the signer's key is locked and nobody here has its password, or an address is only watched: nothing was signed */
	EVENT_SENT,       /* the chain has it, or may have it */
	EVENT_TX,         /* fate, hash: which of the tries; error */
	EVENT_REFUSED,    /* of a confirm: number = HTTP status, error; flag: the chain says allowed now */
	EVENT_LOST,       /* no answer came to what was sent: error */
	EVENT_STATE,      /* live */
	EVENT_VERIFIED,   /* flag, error; later: what is missing may come yet; gone: the chain lost the transaction meanwhile;
			    * checked.overridable, checked.unrecorded: as of EVENT_CHECKED */
	EVENT_PREPARED,
	EVENT_TIMER,
	EVENT_OP,         /* op, digest (SIGN) */
};

/* What reading found (EVENT_READ). */
struct machine_facts {
	bool onchain;         /* the CVM has an on-chain KMS */
	bool hash_changes, nothing_changes;
	bool contract_owner;  /* prepare and commit */
	uint8_t new_hash[32], old_hash[32];
};

/* What the checks found (EVENT_CHECKED). */
struct machine_checked {
	bool red;               /* error says which; overridable where an override may be typed */
	bool overridable;
	bool unrecorded;        /* none is red but for an override that is not on disk yet */
	bool device_allowed, hash_allowed;
	bool contract_owner;    /* found only now: the backend is told again, for a commit token */
	bool watch_only;        /* nothing can be signed here: what the contract allows was allowed from elsewhere */
	uint8_t device[32];
};

/* The CVM as it is (EVENT_STATE). */
struct machine_live {
	bool busy;              /* an operation is in progress */
	bool running;
	bool has_new, has_old;  /* the compose hash it reports */
	bool boot_error;
	bool known;             /* the hash was read; false: a status alone */
};

struct event {
	enum event_kind kind;
	int64_t now_ms; /* wall clock */
	struct error error;
	bool resumable;
	struct machine_facts facts;
	struct machine_checked checked;
	struct machine_live live;
	uint8_t digest[32], hash[32];
	bool flag, offered, gone, later;
	int number;
	enum tx_fate fate;
	enum rollout_op op;
	char correlation_id[80];
};

/* One version of a transaction. */
struct machine_try {
	uint8_t digest[32];
	uint8_t hash[32];
	bool approved, is_signed, cancels;
};

struct machine_tx {
	enum allow_verb verb;
	uint8_t value[32];
	unsigned try_count;
	struct machine_try tries[MACHINE_TRIES];
	bool mined;
	uint8_t mined_hash[32];
};

struct machine {
	/* what was asked for */
	enum rollout_kind kind;
	bool already_registered, wait, watch, can_override;
	/* where it stands */
	enum machine_state state;
	enum machine_write writing;  /* != NONE: waits for the disk */
	enum machine_state after;    /* the state once the write is through */
	bool journaled;              /* the rollout has a row */
	bool resuming;               /* reading again before it goes on */
	struct machine_facts facts;
	struct machine_tx txs[MACHINE_TXS];
	unsigned tx_count, tx_index;
	unsigned attempts;           /* of the confirm */
	bool by_state;               /* confirm without a transaction */
	bool hash_allowed;           /* as the checks read it */
	bool watch_only;             /* the same */
	int building_as;             /* card.replaces of the card being built */
	bool patched, confirm_sent, accepted, seen_started, removing_old, restartable;
	bool resent;                 /* the hash transaction, after a reorganisation took it away behind the confirm */
	int64_t until_ms;            /* a countdown's end; 0: none */
	int64_t rolling_since_ms;
	unsigned wrong_looks;        /* in a row, at a CVM that runs something else */
	unsigned asked;              /* for the TEE's report, in vain */
	char correlation_id[80];
	/* the end */
	bool success, resumable, declined;
	enum machine_state failed_in; /* where it goes on when resumable */
	struct error error;
};

/* The first state and its effect. */
void machine_start(struct machine *machine, const struct rollout_request *request, struct effects *out);

/* Begins anew, after 466: what was mined for it before stays mined, so that it need not be signed again. */
void machine_restart(struct machine *machine, const struct rollout_request *request, struct effects *out);

/* Goes on from a loaded state: reads the CVM again, then what the state asks for. */
void machine_resume(struct machine *machine, struct effects *out);

/* One step. An event that does not fit the state changes nothing. */
void machine_step(struct machine *machine, const struct event *event, struct effects *out);

/* Would this command fit now? *err says why not. */
bool machine_allows(const struct machine *machine, enum rollout_op op, struct error *err) MUST_CHECK;

/* The transaction a confirm names: the newest mined addComposeHash; false when there is none. */
bool machine_hash_tx(const struct machine *machine, enum allow_verb verb, uint8_t hash[32]);

/* For the journal; load fails on what is no state of this program (STATUS_INPUT "journal-damaged"). */
json *machine_save(const struct machine *machine);
bool machine_load(struct machine *machine, const json *saved, struct error *err) MUST_CHECK;

enum rollout_phase machine_phase(const struct machine *machine);
bool machine_waits_for_operator(const struct machine *machine);
const char *machine_state_name(enum machine_state state);
const char *machine_write_name(enum machine_write write);
const char *machine_effect_name(enum effect_kind kind);
/* Does an event come back from it? The others are done when they were called. */
bool machine_effect_answers(enum effect_kind kind);

#endif
