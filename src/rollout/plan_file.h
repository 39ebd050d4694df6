/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A review as a file: what one person reviewed, for another (or a pipeline)
 * to do exactly, or not at all. It holds the present document, the change,
 * the hashes, contract, chain, KMS and device, env names, and env values as
 * ciphertext only. No nonce, no fee, no key: those are of the moment.
 */
#ifndef CVMDECK_ROLLOUT_PLAN_FILE_H
#define CVMDECK_ROLLOUT_PLAN_FILE_H

#include "rollout/rollout.h"

/* Writes what is at its review (PHASE_REVIEW), mode 0600. Errors: STATUS_USAGE "not-now"; those of file_write. */
bool rollout_write_plan(const struct rollout *rollout, const char *path, struct error *err) MUST_CHECK;

/*
 * Starts the update of a plan file. It reads everything anew and refuses to
 * come to the review when anything the plan rests on has changed: STATUS_CHECK
 * "plan-changed", naming it; also when the compose file or the script is still
 * where it was and says something else. options gives what is of the moment (wait,
 * confirmations, max_cost_wei, max_fee_wei, can_override, overrides, already_registered);
 * its other members must be empty. Taken over.
 * Errors: STATUS_INPUT "plan-missing", "plan-broken" (no plan, or changed by
 * hand: it carries a digest of itself).
 */
struct rollout *rollout_apply(struct session *session, const char *path, struct rollout_request *options, rollout_changed_fn *changed, void *ctx,
			      struct error *err) MUST_CHECK;

#endif
