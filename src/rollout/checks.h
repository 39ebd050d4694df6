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
	CHECK_AFTER_TEE,
	CHECKS,
};

struct checks {
	struct check rows[CHECKS]; /* in the order they were first set */
	size_t count;
	enum check_id ids[CHECKS];
	char reasons[CHECKS][200]; /* of overrides, as typed; "" none */
};

/* Sets a row. value and note may be NULL (kept as they were); both are made safe to show. */
struct check *checks_set(struct checks *checks, enum check_id id, enum mark mark, const char *value, const char *note);
const struct check *checks_find(const struct checks *checks, enum check_id id);

/* The first red row that stops and was not overridden, or NULL. */
const struct check *checks_red(const struct checks *checks);
/* The error it ends in: STATUS_CHECK (balance: STATUS_CHAIN), the id as its code. */
void checks_error(const struct check *check, struct error *err);
bool checks_overridable(const struct check *check);

/*
 * Takes "CHECK-ID because REASON". Errors: STATUS_USAGE "override" when it is
 * not of that form, no such check exists, or it may not be overridden.
 */
bool checks_override(struct checks *checks, const char *text, struct error *err) MUST_CHECK;

/* The table, for the man page and its test: id, title, overridable. */
const char *check_name(enum check_id id);

#endif
