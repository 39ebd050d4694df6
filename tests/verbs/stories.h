/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the program without a screen, verb by verb: the table that test_verbs runs. */
#ifndef CVMDECK_TESTS_STORIES_H
#define CVMDECK_TESTS_STORIES_H

#include <stddef.h>

/*
 * args    behind the program's name; @NAME is a file of the test's folder, %ROLLOUT the newest rollout's id
 * faults  what goes wrong in the sandbox from here on in the story; NULL: what did before
 * env     "NAME=value", or "NAME" to take it away; NULL: nothing
 */
struct verb_run {
	const char *args[14];
	const char *faults;
	const char *env;
};

/* One sandbox, one home, these runs after each other; what they print is golden/NAME.txt. */
struct story {
	const char *name;
	const struct verb_run *runs;
	size_t count;
};

extern const struct story stories[];
extern const size_t story_count;

#endif
