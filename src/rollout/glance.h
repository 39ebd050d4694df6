/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the chain says about the CVMs on screen: is the compose hash each of
 * them reports allowed by its contract, is its device, and who owns it.
 *
 * Reads nothing by itself: glance_watch, called whenever the list is drawn, is
 * what begins reads, a few at a time and in the order given. What was read is
 * kept for each contract with the hash and device it was asked about, so
 * another hash is another question; after a minute it is read again, if it is
 * still on screen then. A read that failed is "?" with its reason, never "no".
 * Everything on the loop's thread; nothing blocks; no timer runs while nothing
 * is watched that will fall due.
 */
#ifndef CVMDECK_ROLLOUT_GLANCE_H
#define CVMDECK_ROLLOUT_GLANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rollout/rollout.h"

struct glance;

enum glance_owner {
	GLANCE_OWNER_UNKNOWN, /* not read, or the read failed: row.reason */
	GLANCE_OWNER_PERSON,  /* an EOA; no signing key is known to compare it with */
	GLANCE_OWNER_YOU,     /* the signing key's own address */
	GLANCE_OWNER_OTHER,   /* an EOA, not the signing key's */
	GLANCE_OWNER_SAFE,
	GLANCE_OWNER_CONTRACT,
};

enum glance_device { GLANCE_DEVICE_UNKNOWN, GLANCE_DEVICE_ALLOWED, GLANCE_DEVICE_NOT_ALLOWED, GLANCE_DEVICE_ANY };

/* Texts are safe to show, addresses in EIP-55. What is not known is "" or 0. */
struct glance_row {
	enum mark allowed;       /* the compose hash: GOOD, BAD, UNKNOWN; RUNNING: first read under way; NONE: see onchain */
	bool onchain;            /* false: no on-chain KMS, nothing is read; true with NONE: its turn has not come yet */
	char reason[320];        /* of the first read that failed, which need not be the hash's */
	char contract[43];       /* DstackApp */
	char chain[32];          /* "Base" */
	enum glance_owner owner_kind;
	char owner[43];
	uint64_t threshold, owners; /* of a Safe */
	char pending_owner[43];     /* "?" where that read failed */
	enum glance_device device;
	uint64_t block;          /* everything above was read at it */
	int64_t read_ms;         /* wall clock */
};

/* rest_ms: how long the same CVMs must be on screen before they are read; fresh_ms: how long an answer counts. */
struct glance_rule {
	int64_t rest_ms, fresh_ms;
};

/* changed: draw again, which calls glance_watch again where the list is still on screen. */
struct glance *glance_new(struct session *session, void (*changed)(void *ctx), void *ctx);
/* Ends what is under way. NULL is fine. */
void glance_free(struct glance *glance);
/* Instead of 150 ms and a minute. */
void glance_set_rule(struct glance *glance, struct glance_rule rule);

/* The CVMs on screen, the most wanted first; borrowed for the call. Never calls back before it returns. */
void glance_watch(struct glance *glance, const struct cvm *const *cvms, size_t count);
/* What was read of this contract (address as the API gives it) is out of date; NULL or "": all of it. Old answers stay to be seen until then. */
void glance_expire(struct glance *glance, const char *contract);

/* What is known of one CVM; never NULL; borrowed until the next call of any function here. */
const struct glance_row *glance_get(struct glance *glance, const struct cvm *cvm);

#endif
