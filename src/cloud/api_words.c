/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of the API in words: the SDK's forms, and what to do next. */
#include "cloud/api_error.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void add_issues(struct buf *out, const struct exact_json *issues)
{
	size_t i;

	if (!exact_json_count(issues))
		return;
	buf_add_byte(out, '\n');
	for (i = 0; i < exact_json_count(issues); i++) {
		const struct exact_json *issue = exact_json_item(issues, i);

		buf_add_format(out, "\n  %zu. ", i + 1);
		api_js_string(out, exact_json_get(issue, "field"));
		buf_add_text(out, ": ");
		api_js_string(out, exact_json_get(issue, "message"));
	}
}

static bool says_something(const struct exact_json *value)
{
	struct buf text = BUF_INIT;
	bool something;

	if (exact_json_kind(value) <= EXACT_NULL)
		return false;
	api_js_string(&text, value);
	something = strcmp(buf_text(&text), "") != 0 && strcmp(buf_text(&text), "false") != 0 && strcmp(buf_text(&text), "0") != 0;
	buf_clear(&text);
	return something;
}

/* Nothing to list, a list of objects (or texts), or something that cannot be listed. */
static bool can_list(const struct exact_json *list, bool objects)
{
	size_t i;

	if (exact_json_kind(list) == EXACT_STRING)
		return !*exact_json_string(list, NULL);
	if (exact_json_kind(list) != EXACT_ARRAY)
		return true;
	for (i = 0; objects && i < exact_json_count(list); i++)
		if (exact_json_kind(exact_json_item(list, i)) == EXACT_NULL)
			return false;
	return true;
}

static size_t list_count(const struct exact_json *list)
{
	return exact_json_kind(list) == EXACT_ARRAY ? exact_json_count(list) : 0;
}

static void add_details(struct buf *out, const struct exact_json *list)
{
	size_t i;

	if (list_count(list))
		buf_add_text(out, "\n\nDetails:");
	for (i = 0; i < list_count(list); i++) {
		const struct exact_json *item = exact_json_item(list, i);
		const struct exact_json *message = exact_json_get(item, "message"), *field = exact_json_get(item, "field");

		if (says_something(message)) {
			buf_add_text(out, "\n  - ");
			api_js_string(out, message);
		} else if (says_something(field) && exact_json_get(item, "value")) {
			buf_add_text(out, "\n  - ");
			api_js_string(out, field);
			buf_add_text(out, ": ");
			api_js_string(out, exact_json_get(item, "value"));
		}
	}
}

static void add_suggestions(struct buf *out, const struct exact_json *list)
{
	size_t i;

	if (list_count(list))
		buf_add_text(out, "\n\nSuggestions:");
	for (i = 0; i < list_count(list); i++) {
		buf_add_text(out, "\n  - ");
		api_js_string(out, exact_json_item(list, i));
	}
}

static void add_links(struct buf *out, const struct exact_json *list)
{
	size_t i;

	if (list_count(list))
		buf_add_text(out, "\n\nLearn more:");
	for (i = 0; i < list_count(list); i++) {
		buf_add_text(out, "\n  - ");
		api_js_string(out, exact_json_get(exact_json_item(list, i), "label"));
		buf_add_text(out, ": ");
		api_js_string(out, exact_json_get(exact_json_item(list, i), "url"));
	}
}

bool api_error_format(struct buf *out, const struct api_error *error)
{
	if (!can_list(error->details, true) || !can_list(error->suggestions, false) || !can_list(error->links, true))
		return false;
	if (error->class == API_RESOURCE) {
		buf_add_text(out, "Error [");
		api_js_string(out, error->code);
		buf_add_text(out, "]: ");
	}
	buf_add(out, buf_text(&error->message), error->message.len);
	add_issues(out, error->validation);
	add_details(out, error->details);
	add_suggestions(out, error->suggestions);
	add_links(out, error->links);
	return true;
}

void api_error_plain(struct buf *out, const struct api_error *error)
{
	const struct exact_json *message = exact_json_get(exact_json_item(error->detail, 0), "msg");
	struct exact_json_style compact = { 0 };

	switch (exact_json_kind(error->detail)) {
	case EXACT_STRING:
		api_js_string(out, error->detail);
		break;
	case EXACT_ARRAY:
		if (says_something(message))
			api_js_string(out, message);
		else
			buf_add_text(out, "Validation error");
		break;
	case EXACT_OBJECT:
		exact_json_print(out, error->detail, compact);
		break;
	default:
		buf_add_text(out, "Unknown error occurred");
	}
}

/* ---- what to do next ---- */

struct advice {
	int status;       /* 0: any */
	const char *code; /* NULL: any */
	const char *next;
};

/* The first that fits counts. */
static const struct advice advices[] = {
	{ 0, "ERR-01-005", "register the compose hash on the chain (addComposeHash); if that just happened, wait a little and confirm again: "
		"the transaction's hash stays valid" },
	{ 465, NULL, "register the compose hash on the chain (addComposeHash), then confirm" },
	{ 0, "ERR-01-006", "start the update again: what was prepared has expired (14 days), was replaced, or the compose file has changed since" },
	{ 466, NULL, "start the update again: what was prepared has expired (14 days), was replaced, or the compose file has changed since" },
	{ 0, "ERR-01-007", "confirm again in a little while (the backend may not see the transaction yet); if it stays so, look the transaction up "
		"in an explorer: a reverted one, or one to another contract, is refused too" },
	{ 467, NULL, "confirm again in a little while; if it stays so, look the transaction up in an explorer" },
	{ 0, "ERR-01-008", "check the address of the app's contract: the hash is not on its allowlist, so addComposeHash never landed or went to another contract" },
	{ 468, NULL, "check the address of the app's contract: the hash is not on its allowlist" },
	{ 401, NULL, "get a new API key (phala login, or the dashboard) and give it with PHALA_CLOUD_API_KEY or --api-key" },
	{ 403, NULL, "use an API key of the workspace that owns the CVM (another --profile?), or ask its admin for the right" },
	{ 402, NULL, "add funds to the workspace in the dashboard, then try again" },
	{ 404, NULL, "check the name and the profile: cvmdeck list shows what this API key can see" },
	{ 409, NULL, "wait until the operation under way has ended (the workspace shows it), then try again" },
	{ 413, NULL, "make the compose file and the pre-launch script smaller: together at most 200 KB" },
	{ 422, NULL, "correct the fields named, then try again" },
	{ 429, NULL, "wait a little: the API limits how often it may be asked" },
	{ 400, NULL, "correct what the message names, then try again" },
};

static const char *advice_for(int status, const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if ((!advices[i].status || advices[i].status == status) && (!advices[i].code || strcmp(advices[i].code, code) == 0))
			return advices[i].next;
	if (status >= 500)
		return "try again in a little while; if it stays so, look at Phala Cloud's status or ask its support";
	if (status >= 300 && status < 400)
		return "check the API address: redirects are not followed, so that the API key goes nowhere else";
	return "try again; if it stays so, ask Phala Cloud's support";
}

static void explain_text(const struct api_error *error, const char *code, struct error *err)
{
	struct buf message = BUF_INIT;
	enum status status = error->status == 401 || error->status == 403 ? STATUS_CREDENTIALS : STATUS_API;

	text_safe(&message, buf_text(&error->message), error->message.len, TEXT_ONE_LINE);
	if (!error->readable)
		error_set(err, status, code, "the API answered HTTP %d %s with something that is not JSON: a proxy or gateway in its place?",
			error->status, error->reason);
	else if (exact_json_kind(error->detail) == EXACT_STRING && text_starts(buf_text(&message), "["))
		error_set(err, status, code, "the API answered HTTP %d %s and gave no reason", error->status, error->reason);
	else
		error_set(err, status, code, "the API refused (HTTP %d): %.400s", error->status, buf_text(&message));
	buf_clear(&message);
}

void api_error_explain(const struct api_error *error, struct error *err)
{
	struct buf format = BUF_INIT, safe = BUF_INIT;
	char code[40], number[24];
	const char *own = error->code ? exact_json_string(error->code, NULL) : "";

	snprintf(number, sizeof(number), error->status ? "http-%d" : "network", error->status);
	text_safe_copy(code, sizeof(code), *own ? own : number, strlen(*own ? own : number));
	explain_text(error, code, err);
	error_next(err, "%s", advice_for(error->status, own));
	if ((error->validation || error->code) && api_error_format(&format, error)) {
		text_safe(&safe, buf_text(&format), format.len, TEXT_KEEP_LINES);
		error_detail(err, "%s", buf_text(&safe));
	}
	buf_clear(&format);
	buf_clear(&safe);
}
