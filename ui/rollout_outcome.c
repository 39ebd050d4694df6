/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/rollout_outcome.h"

#include "base/status.h"
#include "base/text.h"

enum { VALUE_COLUMN = 13, FACTS = 12 };

struct fact {
	const char *name;
	text_style style;
	const char *text;
};

/* The order decides what is still seen where there is little room. */
static size_t facts_of(struct fact out[FACTS], const struct rollout_view *view)
{
	const struct outcome *outcome = view->outcome;
	const struct error *err = &outcome->error;
	/* A change of the devices has this one transaction, and it is the rollout's. */
	const char *device_tx = text_equal(outcome->device_transaction_hash, outcome->transaction_hash) ? "" : outcome->device_transaction_hash;
	const struct fact done[] = {
		{ "done", ROLE_GOOD, outcome->done },
		{ "compose", ROLE_TEXT, text_bare_hex(outcome->compose_hash) },
		{ "transaction", ROLE_TEXT, outcome->transaction_hash },
		{ "device tx", ROLE_TEXT, device_tx },
	};
	const struct fact failed[] = {
		{ "what", ROLE_BAD, err->message },
		{ "safe now", ROLE_GOOD, outcome->safe },
		{ "next", ROLE_STRONG, *err->next ? err->next : status_next(err->status) },
		{ "or later", ROLE_TEXT, outcome->resume },
		{ "detail", ROLE_DIM, err->detail },
		{ "transaction", ROLE_TEXT, outcome->transaction_hash },
		{ "device tx", ROLE_TEXT, device_tx },
		{ "correlation", ROLE_TEXT, outcome->correlation_id },
		{ "code", ROLE_TEXT, err->code },
	};
	const struct fact *from = outcome->success ? done : failed;
	size_t count = outcome->success ? sizeof(done) / sizeof(done[0]) : sizeof(failed) / sizeof(failed[0]), kept = 0, i;

	for (i = 0; i < count; i++)
		if (from[i].text[0])
			out[kept++] = from[i];
	return kept;
}

void outcome_add(struct page *page, const struct rollout_view *view, int width)
{
	struct fact facts[FACTS];
	size_t count = facts_of(facts, view), i;

	for (i = 0; i < count; i++) {
		page_add(page, 1, ROLE_DIM, facts[i].name);
		page_add_wrapped(page, VALUE_COLUMN, width - VALUE_COLUMN - 1, facts[i].style, facts[i].text);
	}
}

void outcome_add_details(struct buf *out, const struct rollout_view *view)
{
	struct fact facts[FACTS];
	size_t count = view->outcome ? facts_of(facts, view) : 0, i;

	if (!view->outcome)
		buf_add_format(out, "%s\n\n", view->message);
	for (i = 0; i < count; i++)
		buf_add_format(out, "%s\n%s\n\n", facts[i].name, facts[i].text);
	for (i = 0; i < view->step_count; i++)
		if (view->steps[i].note[0])
			buf_add_format(out, "%s: %s\n", view->steps[i].title, view->steps[i].note);
	buf_add_format(out, "\nvm uuid %s\njournal id %s\n", view->cvm.vm_uuid, view->id);
}
