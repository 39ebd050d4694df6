/* SPDX-License-Identifier: Apache-2.0 */
/* The crash matrix's places. The counter is shared by the loop and its worker, so it is atomic. */
#include "rollout/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rollout/machine.h"

bool crash_place(size_t i, char out[CRASH_PLACE_SIZE])
{
	size_t writes = MACHINE_WRITES - 1; /* none is no write */
	size_t kind = i - writes;
	if (i >= writes)
		kind += kind >= EFFECT_JOURNAL; /* its writes stand for it */
	if (i < writes)
		snprintf(out, CRASH_PLACE_SIZE, "journal-%s", machine_write_name((enum machine_write)(i + 1)));
	else if (kind < MACHINE_EFFECT_KINDS)
		snprintf(out, CRASH_PLACE_SIZE, "%s", machine_effect_name((enum effect_kind)kind));
	else
		return false;
	return true;
}

static void crash_at(const char *when, const char *place)
{
	static atomic_int passed;
	const char *wanted = getenv("CVMDECK_CRASH_AT");
	char name[64];
	if (!wanted)
		return;
	if (strcmp(wanted, "list") == 0)
		fprintf(stderr, "crash-place %s-%s\n", when, place);
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
