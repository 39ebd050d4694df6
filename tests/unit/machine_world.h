/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small model of the world around the update's machine: a backend, a chain,
 * a disk, an operator. The invariants of machine.h are asserted at every
 * effect; a crash can be had before and after each.
 */
#ifndef CVMDECK_TESTS_MACHINE_WORLD_H
#define CVMDECK_TESTS_MACHINE_WORLD_H

#include "unit/unit.h"

#include "rollout/machine.h"

enum { DIGESTS = 32 };

struct world {
	/* how it behaves */
	bool device_allowed, hash_allowed, contract_owner, direct, owner_differs, hostile_hash;
	int refuse_status, refuse_times;
	bool refuse_flag;
	int lose_confirms, lose_patches;
	bool lost_but_taken; /* the answer is lost, what was asked is done */
	bool goes_back, boot_fails, verify_fails;
	int unreported;      /* so often the TEE's report is not there yet */
	bool no_report, unrecorded; /* it never comes; an override of that is not on disk yet */
	enum tx_fate fate;   /* of the first transaction tracked, before it is mined */
	int fate_times;
	enum rollout_op card_answer; /* SIGN or DECLINE */
	bool stops;          /* at a red check, instead of an override */
	int journal_fail_at; /* the n-th write fails; 0: none */
	bool red, overridable;
	/* the disk: outlives a crash */
	char *saved;
	uint8_t approved[DIGESTS][32], stored[DIGESTS][32];
	unsigned approved_count, stored_count;
	bool review_on_disk, receipt_on_disk, outcome_on_disk;
	int writes;
	/* the chain and the backend: outlive a crash */
	uint8_t mined[DIGESTS][32];
	unsigned mined_count;
	uint8_t pool[DIGESTS][32];
	unsigned pool_count;
	bool taken;
	int live_reads, confirms, patches, verifies;
	/* the operator */
	bool review_seen, review_asked_twice, card_asked_twice;
	/* crash */
	int point, crash_at;
	bool crashed;
	/* what the machine did */
	int signs, broadcasts;
	int64_t now;
	struct rollout_request request;
};

void world_init(struct world *world);
void world_clear(struct world *world);
struct event world_event(struct world *world, enum event_kind kind);
struct event world_read(struct world *world);
/* Does an effect; false when it answers with no event. */
bool world_perform(struct world *world, const struct machine *machine, const struct effect *effect, struct event *event);
/* What the operator says when the machine waits; false when it does not. */
bool world_operate(struct world *world, const struct machine *machine, struct event *event);
/* Runs until the end or a crash; returns false when it crashed. */
bool world_live(struct world *world, struct machine *machine, struct effects *effects);
void world_begin(struct world *world, struct machine *machine);
/* Goes on from what is on the disk. */
void world_again(struct world *world, struct machine *machine);

#endif
