/* SPDX-License-Identifier: Apache-2.0 */
/* The words for phases, marks and sources: the same in every screen, message and JSON field. */
#include "rollout/rollout.h"

static const char *const phase_names[] = {
	[PHASE_READING] = "reading",   [PHASE_REVIEW] = "review",	  [PHASE_PATCHING] = "patching", [PHASE_CHECKING] = "checking",
	[PHASE_CARD] = "card",	       [PHASE_SIGNING] = "signing",	  [PHASE_MINING] = "mining",	 [PHASE_CONFIRMING] = "confirming",
	[PHASE_PREPARED] = "prepared", [PHASE_ROLLING] = "rolling",	  [PHASE_VERIFYING] = "verifying", [PHASE_DONE] = "done",
	[PHASE_FAILED] = "failed",
};
static const char *const mark_names[] = { "none", "good", "bad", "unknown", "running" };
static const char *const source_names[] = { "here", "you", "chain", "tee", "phala" };

const char *rollout_phase_name(enum rollout_phase phase)
{
	return phase_names[phase];
}

const char *rollout_mark_name(enum mark mark)
{
	return mark_names[mark];
}

const char *rollout_source_name(enum source source)
{
	return source_names[source];
}
