/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/api_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const char *api_class_name(enum api_class class)
{
	static const char *const names[] = { "ResourceError", "ValidationError", "AuthError", "BusinessError", "ServerError", "UnknownError" };

	return names[class];
}

static bool is_truthy(const struct exact_json *value)
{
	size_t len;
	double number;

	switch (exact_json_kind(value)) {
	case EXACT_MISSING:
	case EXACT_NULL:
		return false;
	case EXACT_BOOL:
		return exact_json_bool(value, false);
	case EXACT_NUMBER:
		number = exact_json_number(value, 0);
		return number < 0 || number > 0;
	case EXACT_STRING:
		exact_json_string(value, &len);
		return len > 0;
	default:
		return true;
	}
}

static bool is_kind(const struct exact_json *value, enum exact_kind kind)
{
	return !value || exact_json_kind(value) == kind;
}

/* ---- the shape FastAPI gives; what does not fit it is taken less seriously ---- */

static bool is_issue(const struct exact_json *item)
{
	const struct exact_json *loc = exact_json_get(item, "loc");
	size_t i;

	if (exact_json_kind(exact_json_get(item, "msg")) != EXACT_STRING || !is_kind(exact_json_get(item, "type"), EXACT_STRING) ||
	    !is_kind(exact_json_get(item, "ctx"), EXACT_OBJECT) || !is_kind(loc, EXACT_ARRAY))
		return false;
	for (i = 0; i < exact_json_count(loc); i++) {
		enum exact_kind kind = exact_json_kind(exact_json_item(loc, i));

		if (kind != EXACT_STRING && kind != EXACT_NUMBER)
			return false;
	}
	return true;
}

static bool is_known_shape(const struct exact_json *body)
{
	const struct exact_json *detail = exact_json_get(body, "detail");
	enum exact_kind kind = exact_json_kind(detail);
	size_t i;

	if (exact_json_kind(body) != EXACT_OBJECT || !is_kind(exact_json_get(body, "type"), EXACT_STRING) ||
	    !is_kind(exact_json_get(body, "code"), EXACT_STRING))
		return false;
	if (kind == EXACT_ARRAY)
		for (i = 0; i < exact_json_count(detail); i++)
			if (!is_issue(exact_json_item(detail, i)))
				return false;
	return kind == EXACT_MISSING || kind == EXACT_STRING || kind == EXACT_OBJECT || kind == EXACT_ARRAY;
}

static struct exact_json *new_text(const char *text)
{
	return exact_json_new_string(text, strlen(text));
}

static struct exact_json *find_detail(const struct exact_json *body, const char *transport)
{
	const struct exact_json *detail = exact_json_get(body, "detail");

	if (!is_known_shape(body))
		return is_truthy(detail) ? exact_json_copy(detail) : new_text("Unknown API error");
	if (!detail && exact_json_get(body, "error_code"))
		detail = body;
	return is_truthy(detail) ? exact_json_copy(detail) : new_text(transport);
}

/* ---- 422 ---- */

static bool is_container(const char *part)
{
	return strcmp(part, "body") == 0 || strcmp(part, "query") == 0 || strcmp(part, "path") == 0 || strcmp(part, "header") == 0;
}

static void add_field(struct buf *out, const struct exact_json *item)
{
	const struct exact_json *loc = exact_json_get(item, "loc"), *type = exact_json_get(item, "type");
	size_t i, count = exact_json_kind(loc) == EXACT_ARRAY ? exact_json_count(loc) : 0;
	bool any = false;

	for (i = 0; i < count; i++) {
		const struct exact_json *part = exact_json_item(loc, i);
		const char *text = exact_json_string(part, NULL);

		if (text && is_container(text))
			continue;
		if (any)
			buf_add_byte(out, '.');
		if (exact_json_kind(part) > EXACT_NULL)
			api_js_string(out, part);
		any = true;
	}
	if (any && strcmp(buf_text(out), "unknown") != 0)
		return;
	if (is_truthy(type)) {
		buf_reset(out);
		if (strcmp(exact_json_text(item, "type"), "missing") == 0)
			buf_add_text(out, "required field");
		else
			api_js_string(out, type);
	} else if (!any) {
		buf_add_text(out, "unknown");
	}
}

static void copy_member(struct exact_json *to, const char *name, const struct exact_json *value)
{
	if (value)
		exact_json_set(to, name, exact_json_copy(value));
}

static struct exact_json *read_issues(const struct exact_json *list)
{
	struct exact_json *issues = exact_json_new_array();
	size_t i;

	for (i = 0; i < exact_json_count(list); i++) {
		const struct exact_json *item = exact_json_item(list, i);
		struct exact_json *issue = exact_json_new_object();
		struct buf field = BUF_INIT;

		add_field(&field, item);
		exact_json_set(issue, "field", exact_json_new_string(buf_text(&field), field.len));
		copy_member(issue, "message", exact_json_get(item, "msg"));
		copy_member(issue, "type", exact_json_get(item, "type"));
		copy_member(issue, "context", exact_json_get(item, "ctx"));
		exact_json_append(issues, issue);
		buf_clear(&field);
	}
	return issues;
}

static void validation_message(struct buf *out, const struct exact_json *issues)
{
	size_t count = exact_json_count(issues);

	if (count == 1) {
		buf_add_text(out, "Validation failed: ");
		api_js_string(out, exact_json_get(exact_json_item(issues, 0), "message"));
	} else {
		buf_add_format(out, "Validation failed (%zu issue%s)", count, count > 1 ? "s" : "");
	}
}

/* ---- class and message ---- */

static bool is_resource(const struct exact_json *detail)
{
	const struct exact_json *code = exact_json_get(detail, "error_code"), *message = exact_json_get(detail, "message");

	return exact_json_kind(code) == EXACT_STRING && is_truthy(code) && exact_json_kind(message) == EXACT_STRING && is_truthy(message);
}

static enum api_class class_of(int status, const struct exact_json *detail)
{
	if (is_resource(detail))
		return API_RESOURCE;
	if (status == 422)
		return exact_json_kind(detail) == EXACT_ARRAY ? API_VALIDATION : API_UNKNOWN;
	if (status == 401 || status == 403)
		return API_AUTH;
	if (status >= 400 && status < 500)
		return API_BUSINESS;
	return status >= 500 ? API_SERVER : API_UNKNOWN;
}

static void set_message(struct api_error *error, const char *transport)
{
	const struct exact_json *message = exact_json_get(error->detail, "message");
	enum exact_kind kind = exact_json_kind(error->detail);

	if (error->validation)
		validation_message(&error->message, error->validation);
	else if (kind == EXACT_STRING)
		api_js_string(&error->message, error->detail);
	else if (exact_json_kind(message) == EXACT_STRING)
		api_js_string(&error->message, message);
	else
		buf_add_text(&error->message, transport);
}

struct api_error *api_error_new(const struct api_answer *answer)
{
	struct api_error *error = mem_new(1, sizeof(*error));
	const char *reason = answer->reason ? answer->reason : "";
	struct exact_json *body = answer->status ? api_body_parse(answer->body, answer->len, answer->content_type) : NULL;
	char *transport = mem_printf("[%s] \"%s\": %d %s", answer->method, answer->url, answer->status, reason);

	error->status = answer->status;
	error->readable = exact_json_kind(body) == EXACT_OBJECT || !answer->len;
	text_safe_copy(error->reason, sizeof(error->reason), reason, strlen(reason));
	error->detail = find_detail(body, transport);
	error->class = class_of(error->status, error->detail);
	if (error->class == API_VALIDATION)
		error->validation = read_issues(error->detail);
	if (error->class == API_RESOURCE) {
		error->code = exact_json_get(error->detail, "error_code");
		error->details = exact_json_get(error->detail, "details");
		error->suggestions = exact_json_get(error->detail, "suggestions");
		error->links = exact_json_get(error->detail, "links");
	}
	set_message(error, transport);
	exact_json_free(body);
	free(transport);
	return error;
}

void api_error_free(struct api_error *error)
{
	if (!error)
		return;
	exact_json_free(error->detail);
	exact_json_free(error->validation);
	buf_clear(&error->message);
	free(error);
}
