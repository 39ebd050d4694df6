/* SPDX-License-Identifier: Apache-2.0 */
/* The crash matrix's places. The counter is shared by the loop and its worker, so it is atomic. */
#include "rollout/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const crash_places[] = {
	"journal-review", "journal-patched", "journal-approval", "journal-tx", "journal-receipt", "journal-confirm",
	"journal-accepted", "journal-prepared", "journal-override", "journal-outcome", "patch", "sign", "broadcast",
	"confirm", NULL,
};

static void crash_at(const char *when, const char *place)
{
	static atomic_int passed;
	const char *wanted = getenv("CVMDECK_CRASH_AT");
	char name[64];
	if (!wanted)
		return;
	snprintf(name, sizeof(name), "%s-%s", when, place);
	size_t len = strcspn(wanted, ":");
	if (strlen(name) != len || strncmp(wanted, name, len) != 0)
		return;
	int turn = wanted[len] ? atoi(wanted + len + 1) : 1;
	if (atomic_fetch_add(&passed, 1) + 1 >= turn)
		raise(SIGKILL);
}

void crash_before(const char *place)
{
	crash_at("before", place);
}

void crash_after(const char *place)
{
	crash_at("after", place);
}
