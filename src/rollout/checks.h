/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of checks of one rollout: a table of what there is (ids, titles,
 * whether an override may be typed) and the rows with what was found. A red
 * row that stops ends the flow before any signature.
 */
#ifndef CVMDECK_ROLLOUT_CHECKS_H
#define CVMDECK_ROLLOUT_CHECKS_H

#include "rollout/rollout.h"

enum check_id {
	CHECK_HASH_CURRENT,
	CHECK_HASH_NEW,
	CHECK_HASH_BACKEND,
	CHECK_TARGET_PIN,
	CHECK_CHAIN_ID,
	CHECK_CONTRACT_CODE,
	CHECK_IMPLEMENTATION,
	CHECK_RPC_AGREEMENT,
	CHECK_DEVICE,
	CHECK_ENV_KEY,
	CHECK_WOULD_BOOT,
	CHECK_OWNER,
	CHECK_SIMULATION,
	CHECK_BALANCE,
	CHECK_RECEIPT,
	CHECK_AFTER_STARTED,
	CHECK_AFTER_RUNNING,
	CHECK_AFTER_HASH,
	CHECK_AFTER_ALLOWED,
	CHECK_AFTER_REPORT,
	CHECK_AFTER_TEE,
	CHECKS,
};

/*
 * An override is for what was red when it was typed: another value or note
 * under the same name is another finding, and stops again.
 */
struct check_override {
	char reason[200]; /* as typed; "" none */
	char of[65];      /* SHA-256 of the finding in hex; "": given in advance, it takes the first */
	bool recorded;    /* it is in the journal: until then nothing goes on because of it */
};

struct checks {
	struct check rows[CHECKS]; /* in the order they were first set */
	size_t count;
	enum check_id ids[CHECKS];
	struct check_override overrides[CHECKS];
};

/* Sets a row. value and note may be NULL (kept as they were); both are made safe to show. */
struct check *checks_set(struct checks *checks, enum check_id id, enum mark mark, const char *value, const char *note);
/* Takes a row away: it was about what is looked at anew. */
void checks_forget(struct checks *checks, enum check_id id);
const struct check *checks_find(const struct checks *checks, enum check_id id);

/* The first red row that stops and was not overridden, or NULL. */
const struct check *checks_red(const struct checks *checks);
/* The error it ends in: STATUS_CHECK (balance: STATUS_CHAIN), the id as its code. */
void checks_error(const struct check *check, struct error *err);
bool checks_overridable(const struct check *check);

/*
 * Takes "CHECK-ID because REASON" for what is red now. Errors: STATUS_USAGE
 * "override" when it is not of that form, no such check exists, it may not be
 * overridden, or it is not red.
 */
bool checks_override(struct checks *checks, const char *text, struct error *err) MUST_CHECK;
/* The same before anything was checked: for the first finding under that name. */
bool checks_expect_override(struct checks *checks, const char *text, struct error *err) MUST_CHECK;
/* One of the journal, with the finding it was for (check_override.of). */
bool checks_recall_override(struct checks *checks, const char *text, const char *of, struct error *err) MUST_CHECK;

/* The first row that goes on by an override which is not in the journal yet, or NULL. */
const struct check *checks_unrecorded(const struct checks *checks);
/* "CHECK-ID because REASON" of such a row; *of: the finding, borrowed. */
void checks_override_text(const struct checks *checks, const struct check *row, char out[320], const char **of);
void checks_recorded(struct checks *checks, const char *id);

/* The table, for the man page and its test: id, title, overridable. */
const char *check_name(enum check_id id);

#endif
