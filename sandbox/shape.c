/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON from templates; see shape.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "sandbox/shape.h"
#include "wire/json.h"

static void shape_text(struct buf *out, const char *text)
{
	if (text == NULL)
		buf_add_text(out, "null");
	else
		json_quote(out, text, strlen(text));
}

static void shape_raw(struct buf *out, const char *text)
{
	buf_add_text(out, text == NULL || text[0] == '\0' ? "null" : text);
}

static void shape_hex(struct buf *out, const uint8_t *bytes, size_t len, const char *prefix)
{
	char *digits = mem_new(2 * len + 1, 1);
	hex_encode(digits, bytes, len);
	buf_add_format(out, "\"%s%s\"", prefix, digits);
	free(digits);
}

static void shape_bytes(struct buf *out, va_list *args, const char *prefix)
{
	const uint8_t *bytes = va_arg(*args, const uint8_t *);
	size_t len = va_arg(*args, size_t);
	shape_hex(out, bytes, len, prefix);
}

static void shape_value(struct buf *out, char kind, va_list *args)
{
	switch (kind) {
	case 's':
		shape_text(out, va_arg(*args, const char *));
		break;
	case 'j':
		shape_raw(out, va_arg(*args, const char *));
		break;
	case 't':
		shape_raw(out, buf_text(va_arg(*args, const struct buf *)));
		break;
	case 'd':
		buf_add_format(out, "%" PRId64, va_arg(*args, int64_t));
		break;
	case 'u':
		buf_add_format(out, "%" PRIu64, va_arg(*args, uint64_t));
		break;
	case 'b':
		buf_add_text(out, va_arg(*args, int) ? "true" : "false");
		break;
	case 'h':
		shape_bytes(out, args, "");
		break;
	case 'x':
		shape_bytes(out, args, "0x");
		break;
	case '%':
		buf_add_byte(out, '%');
		break;
	default:
		mem_die("sandbox: unknown directive in a JSON template");
	}
}

void sb_shape(struct buf *out, const char *template, ...)
{
	va_list args;
	va_start(args, template);
	for (const char *p = template; *p != '\0'; p++) {
		if (*p == '%')
			shape_value(out, *++p, &args);
		else
			buf_add_byte(out, *p == '\'' ? '"' : *p);
	}
	va_end(args);
}
