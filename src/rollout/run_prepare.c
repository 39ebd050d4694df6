/* SPDX-License-Identifier: Apache-2.0 */
/* EFFECT_PREPARE: what the owners of a contract must do, as calldata, a batch file and hashes to compare. */
#include "rollout/run.h"

void run_prepare(struct rollout *rollout, const struct effect *effect)
{
	struct event event = run_new_event(EVENT_PREPARED);
	(void)effect;
	run_event(rollout, &event);
}
