/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of the JSON that the program printed, held against those that
 * the manual tells: JSON EVENTS has an item for each event and each verb that
 * prints none, and names in it each member by .Va, and by .Op Va one that is
 * not always there; what it names before its first item, all events have.
 * Members inside are told by path: "reads[].call".
 */
#ifndef CVMDECK_TESTS_MEMBERS_H
#define CVMDECK_TESTS_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMBERS_MAX = 512 };

struct member {
	char of[24], path[48];
	bool optional;
	size_t seen;
};

struct members {
	struct member told[MEMBERS_MAX], printed[MEMBERS_MAX];
	size_t told_count, printed_count;
	struct { char of[24]; size_t lines; } kinds[48]; /* how many lines of each kind were seen */
	size_t kind_count;
};

/* Takes the members of one line that verb printed. Fails the test when it is no JSON. */
void members_note(struct members *members, const char *verb, const char *line, size_t len);
/* Fails the test where the manual and what was printed differ, and says each difference. */
void members_compare(struct members *members, const char *manual);
void members_clear(struct members *members);

#endif
