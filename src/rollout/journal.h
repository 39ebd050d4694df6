/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this console did and is about to do, on disk: SQLite, mode 0600, WAL,
 * synced in full. The only file in the program that speaks SQL.
 *
 * A write is one transaction: a row of its kind, and the rollout's own row
 * with the machine's state as it will be once the write is through. So a
 * state that says "about to broadcast" is never on disk without the bytes to
 * broadcast. No secret ever comes here: env values only as ciphertext, keys
 * not at all.
 *
 * The functions block for the disk; writers run them through loop_work. The
 * connection may be used from the loop's thread and its worker in turn.
 */
#ifndef CVMDECK_ROLLOUT_JOURNAL_H
#define CVMDECK_ROLLOUT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

struct journal;

enum { JOURNAL_ID_SIZE = 40, JOURNAL_VERSION = 1 };

/*
 * Opens or makes journal.db in dir (NULL: file_state_dir()).
 * Errors, all STATUS_INPUT and none with anything lost: "journal-folder"
 * (cannot be made or written), "journal-damaged", "journal-newer" (written by
 * a newer cvmdeck), "journal-full", "journal-busy".
 */
struct journal *journal_open(const char *dir, struct error *err) MUST_CHECK;
void journal_close(struct journal *journal);

/* The id of a new rollout: time and random, sortable ("20260102-030405-a1b2c3"). */
void journal_new_id(char out[JOURNAL_ID_SIZE], int64_t now_ms);

enum journal_kind {
	JOURNAL_EVENT,       /* what happened, for history */
	JOURNAL_PLAN,        /* text: the plan as JSON; begins a rollout */
	JOURNAL_APPROVAL,    /* digest; bytes: the unsigned transaction; number: index */
	JOURNAL_OVERRIDE,    /* text: "CHECK because REASON"; bytes: what was red; digest: of that */
	JOURNAL_TRANSACTION, /* digest of the unsigned one; hash; bytes: raw signed; number: index */
	JOURNAL_RECEIPT,     /* hash; text: the receipt as JSON; number: index */
	JOURNAL_ANSWER,      /* what: patch, confirm, commit; number: HTTP status; text: what it said */
	JOURNAL_PREPARED,    /* text: what the owners must do, as JSON */
};

struct journal_write {
	enum journal_kind kind;
	const char *rollout;     /* id */
	int64_t at_ms;
	const char *what;        /* short word; NULL: "" */
	const char *digest;      /* hex; NULL where there is none */
	const char *hash;        /* transaction hash; NULL where there is none */
	const char *text;        /* NULL: "" */
	const void *bytes;
	size_t len;
	int number;
	/* the rollout's own row after this write */
	const char *state;       /* machine's state as JSON; NULL: as it was */
	const char *phase;       /* for people; NULL: as it was */
	const char *outcome;     /* "done", "failed", "declined"; NULL: still open */
	/* JOURNAL_PLAN only: what the rollout is about */
	const char *rollout_kind, *cvm_uuid, *cvm_name, *app_id, *old_hash, *new_hash;
};

/* All or nothing, synced before it returns. Errors as for journal_open. */
bool journal_write(struct journal *journal, const struct journal_write *write, struct error *err) MUST_CHECK;

/* One rollout, as lists and history show it. */
struct journal_rollout {
	char id[JOURNAL_ID_SIZE];
	char kind[16];
	char cvm_uuid[64], cvm_name[128], app_id[64];
	char old_hash[67], new_hash[67];
	char phase[24];
	char outcome[16];       /* "": open, can be resumed */
	int64_t began_ms, changed_ms;
	bool review_approved;
	bool overtaken;         /* open, and a later rollout of this CVM is done: going on would undo it */
};

/*
 * The newest first; open_only: those to go on with, neither ended nor overtaken;
 * cvm_uuid NULL: all.
 * Out: *list (caller frees), *count.
 */
bool journal_list(struct journal *journal, const char *cvm_uuid, bool open_only, size_t max, struct journal_rollout **list, size_t *count,
		  struct error *err) MUST_CHECK;

/* One by id or a unique prefix of it; id NULL: the newest to go on with.
 * Errors: STATUS_USAGE "rollout-unknown", "rollout-ambiguous". */
bool journal_find(struct journal *journal, const char *id, struct journal_rollout *out, struct error *err) MUST_CHECK;

/* The machine's state and the plan as JSON; the caller frees both. */
bool journal_load(struct journal *journal, const char *id, char **state, char **plan, struct error *err) MUST_CHECK;

/* Every row of a rollout in the order written; borrowed for the call of fn. */
struct journal_entry {
	enum journal_kind kind;
	int64_t at_ms;
	const char *what, *digest, *hash, *text;
	const void *bytes;
	size_t len;
	int number;
};
typedef void journal_entry_fn(void *ctx, const struct journal_entry *entry);
bool journal_entries(struct journal *journal, const char *id, journal_entry_fn *fn, void *ctx, struct error *err) MUST_CHECK;

/* The bytes of the last approval (kind JOURNAL_APPROVAL) or signed transaction
 * (JOURNAL_TRANSACTION) with this digest, added to *out; false without error
 * when there is none (err->status STATUS_OK). */
bool journal_bytes(struct journal *journal, const char *id, enum journal_kind kind, const char *digest, struct buf *out, struct error *err) MUST_CHECK;

/* The row in a person's words, on one line, safe to show: "approved: addComposeHash(0x…) of 0x…, nonce 4, digest …". */
void journal_describe(struct buf *out, const struct journal_entry *entry);

/* "event", "plan", "approval", … */
const char *journal_kind_name(enum journal_kind kind);

/* A journal_rollout.phase in the words of the timeline. */
const char *journal_stage_words(const char *phase);
/* How it ended, or that it is open, or that a later one overtook it, and where it stands then. */
void journal_end_words(const struct journal_rollout *rollout, char *out, size_t size);

#endif
