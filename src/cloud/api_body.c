/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies as the SDK's HTTP library reads them: by content type, leniently, and
 * without the members that could reach into a JavaScript object's prototype.
 */
#include "cloud/api_error.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum body_kind { BODY_JSON, BODY_TEXT, BODY_BINARY };

static enum body_kind kind_of(const char *content_type)
{
	size_t len = content_type ? strcspn(content_type, ";") : 0;

	while (len && isspace((unsigned char)content_type[len - 1]))
		len--;
	if (!len)
		return BODY_JSON;
	if (len >= 16 && strncasecmp(content_type, "application/", 12) == 0 &&
	    strncasecmp(content_type + len - 4, "json", 4) == 0 && (len == 16 || content_type[len - 5] == '+'))
		return BODY_JSON;
	if (strncasecmp(content_type, "text/", 5) == 0)
		return BODY_TEXT;
	if ((len == 13 && memcmp(content_type, "image/svg", 9) == 0) || (len == 15 && memcmp(content_type, "application/xml", 15) == 0) ||
	    (len == 17 && memcmp(content_type, "application/xhtml", 17) == 0) || (len == 16 && memcmp(content_type, "application/html", 16) == 0))
		return BODY_TEXT;
	return BODY_BINARY;
}

static bool is_dropped(const struct exact_json *object, size_t i)
{
	const struct exact_json *value = exact_json_item(object, i);
	size_t len;
	const char *name = exact_json_name(object, i, &len);

	if (len == 9 && memcmp(name, "__proto__", 9) == 0)
		return true;
	return len == 11 && memcmp(name, "constructor", 11) == 0 && exact_json_get(value, "prototype");
}

static struct exact_json *without_prototypes(const struct exact_json *value)
{
	enum exact_kind kind = exact_json_kind(value);
	struct exact_json *out;
	size_t i;

	if (kind != EXACT_OBJECT && kind != EXACT_ARRAY)
		return exact_json_copy(value);
	out = kind == EXACT_OBJECT ? exact_json_new_object() : exact_json_new_array();
	for (i = 0; i < exact_json_count(value); i++) {
		size_t len;
		const char *name = exact_json_name(value, i, &len);

		if (kind == EXACT_ARRAY)
			exact_json_append(out, without_prototypes(exact_json_item(value, i)));
		else if (!is_dropped(value, i))
			exact_json_set_len(out, name, len, without_prototypes(exact_json_item(value, i)));
	}
	return out;
}

struct exact_json *api_body_parse(const char *body, size_t len, const char *content_type)
{
	struct buf text = BUF_INIT;
	struct exact_json *parsed, *clean;
	enum body_kind kind = kind_of(content_type);

	if (kind == BODY_BINARY)
		return exact_json_new_object(); /* an object without members, to whoever asks it for some */
	if (kind == BODY_TEXT || !body)
		return NULL;
	if (len >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0) {
		body += 3;
		len -= 3;
	}
	text_lossy(&text, body, len);
	parsed = exact_json_parse(buf_text(&text), text.len, NULL);
	buf_clear(&text);
	if (!parsed)
		return NULL;
	clean = without_prototypes(parsed);
	exact_json_free(parsed);
	return clean;
}

static void join(struct buf *out, const struct exact_json *list)
{
	size_t i;

	for (i = 0; i < exact_json_count(list); i++) {
		const struct exact_json *item = exact_json_item(list, i);

		if (i)
			buf_add_byte(out, ',');
		if (exact_json_kind(item) > EXACT_NULL)
			api_js_string(out, item);
	}
}

void api_js_string(struct buf *out, const struct exact_json *value)
{
	char number[EXACT_NUMBER_SIZE];
	const char *text;
	size_t len;

	switch (exact_json_kind(value)) {
	case EXACT_MISSING:
		buf_add_text(out, "undefined");
		break;
	case EXACT_NULL:
		buf_add_text(out, "null");
		break;
	case EXACT_BOOL:
		buf_add_text(out, exact_json_bool(value, false) ? "true" : "false");
		break;
	case EXACT_NUMBER:
		buf_add_text(out, exact_json_format_number(number, exact_json_number(value, 0)));
		break;
	case EXACT_STRING:
		text = exact_json_string(value, &len);
		buf_add(out, text, len);
		break;
	case EXACT_ARRAY:
		join(out, value);
		break;
	case EXACT_OBJECT:
		buf_add_text(out, "[object Object]");
		break;
	}
}
