/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the backend's hash is another than the one computed here. The known
 * causes are tried on the new document, one at a time and then two together:
 * env names kept or replaced, an empty script put in or left out, a flag's
 * default, a member the server manages, line endings, another form. A cause
 * that is found explains the difference; it does not make the hash right:
 * whether to go on with it is the operator's decision.
 *
 * Pure, but not quick for large documents (up to about a second): run it
 * on a worker.
 */
#ifndef CVMDECK_COMPOSE_EXPLAIN_H
#define CVMDECK_COMPOSE_EXPLAIN_H

#include "compose/document.h"

/* All borrowed. */
struct compose_question {
	const struct compose_document *present; /* what the CVM has now */
	const struct compose_document *next;    /* what was computed here */
	const struct compose_calibration *calibration;
	const char *const *env_names; /* of the operator's env file; may be NULL */
	size_t env_count;
	const char *reported; /* the backend's hash in hex */
};

struct compose_cause {
	char field[48];  /* the member; "" when it is the form */
	char text[160];  /* what the backend did with it, for a person */
};

struct compose_explanation {
	bool found;
	enum compose_form form; /* the form that gives the reported hash */
	struct compose_cause causes[3];
	size_t count;
	/* The document that has the reported hash; the caller frees. NULL when nothing was found. */
	struct compose_document *document;
	size_t tried; /* texts hashed */
};

/* Returns whether a cause was found. compose_explanation_clear in either case. */
bool compose_explain(const struct compose_question *question, struct compose_explanation *out);
void compose_explanation_clear(struct compose_explanation *explanation);

#endif
