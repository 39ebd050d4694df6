/* SPDX-License-Identifier: Apache-2.0 */
/* The words for phases, marks and sources: the same in every screen, message and JSON field. */
#include "rollout/rollout.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rollout/journal.h"

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

const char *journal_stage_words(const char *phase)
{
	static const struct { const char *phase, *words; } stages[] = {
		{ "reading", "reading the CVM" },	     { "patching", "telling the backend" },	   { "checking", "checking the chain" },
		{ "stopped", "a red check" },		     { "building", "simulating the transaction" }, { "card", "a signature" },
		{ "signing", "signing" },		     { "sending", "broadcasting" },		   { "mining", "waiting for the chain" },
		{ "waiting", "waiting for the allowlist" },  { "confirming", "confirming" },		   { "confirm-gap", "confirming" },
		{ "resolving", "reading the CVM's state" },  { "preparing", "preparing" },		   { "rolling", "the CVM restarts" },
		{ "verifying", "verifying what runs" },	   { "failed", "stopped on the way" },
	};
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (strcmp(stages[i].phase, phase) == 0)
			return stages[i].words;
	return phase;
}

void journal_end_words(const struct journal_rollout *rollout, char *out, size_t size)
{
	if (rollout->outcome[0])
		text_copy(out, size, rollout->outcome);
	else
		snprintf(out, size, "%s: %s", rollout->overtaken ? "overtaken" : "open", journal_stage_words(rollout->phase));
}
