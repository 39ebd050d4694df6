/* SPDX-License-Identifier: Apache-2.0 */
/* A difference of two states of a CVM's compose file, on a screen of its own. */
#ifndef CVMDECK_UI_SCREEN_DIFF_H
#define CVMDECK_UI_SCREEN_DIFF_H

#include "ui/ui.h"

/*
 * hash      with 0x
 * mark      whether the text was found to give the hash; note says how, or why not
 * label     when and where from; safe to show
 * compose, script  borrowed while the screen is made; NULL counts as empty; not made safe
 */
struct diff_side {
	char label[96], hash[67], note[96];
	enum mark mark;
	const char *compose, *script;
	size_t compose_len, script_len;
};

struct diff_subject {
	char name[64], ref[CVM_REF_SIZE]; /* of the CVM; ref as cvm_ref gives it */
	struct diff_side before, after;
	bool pending;   /* after is an update prepared elsewhere: it can be taken over */
	bool on_chain;  /* of that: the backend says the contract allows it already */
};

/* Copies what it needs. */
struct screen *screen_diff_new(const struct diff_subject *subject);
/* What the topmost difference is about (without its texts), or NULL. */
const struct diff_subject *screen_diff_subject(struct ui *ui);

#endif
