/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cvm_id.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"

/* 8-4-4-4-12 digits, each dash optional by itself, version 4, variant 8 to b. */
static bool is_uuid(const char *text)
{
	static const int groups[] = { 8, 4, 4, 4, 12 };
	int digits = 0, g, i;

	for (g = 0; g < 5; g++) {
		if (g && *text == '-')
			text++;
		for (i = 0; i < groups[g]; i++, text++, digits++) {
			if (hex_digit((unsigned char)*text) < 0)
				return false;
			if (digits == 12 && *text != '4')
				return false;
			if (digits == 16 && !strchr("89abAB", *text))
				return false;
		}
	}
	return *text == '\0';
}

static bool is_app_id(const char *text)
{
	return strlen(text) == 40 && strspn(text, "0123456789abcdefABCDEF") == 40;
}

static bool is_name(const char *name)
{
	size_t len = strlen(name), i;

	if (len < 5 || len > 63 || !isalpha((unsigned char)name[0]) || name[len - 1] == '-' || strstr(name, "--"))
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			return false;
	return true;
}

char *cvm_id_normalise(const char *text)
{
	char *out, *to;

	if (is_app_id(text))
		return mem_printf("app_%s", text);
	out = mem_strdup(text);
	if (!is_uuid(text))
		return out;
	for (to = out; *text; text++)
		if (*text != '-')
			*to++ = *text;
	*to = '\0';
	return out;
}

static const char *first_given(const struct cvm_id *given)
{
	const char *const all[] = { given->id, given->uuid, given->app_id, given->instance_id, given->name };
	size_t i;

	for (i = 0; i < 5; i++)
		if (all[i] && *all[i])
			return all[i];
	return NULL;
}

char *cvm_id_choose(const struct cvm_id *given, struct cvm_id_issue issues[CVM_ID_MOST_ISSUES], size_t *count)
{
	const char *first = first_given(given);

	*count = 0;
	if (given->uuid && !is_uuid(given->uuid))
		issues[(*count)++] = (struct cvm_id_issue){ "uuid", "Invalid UUID format" };
	if (given->name && !is_name(given->name))
		issues[(*count)++] = (struct cvm_id_issue){ "name",
			"Name must be 5-63 characters, start with letter, and contain only letters/numbers/hyphens" };
	if (!first)
		issues[(*count)++] = (struct cvm_id_issue){ "", "One of id, uuid, app_id, instance_id, or name must be provided" };
	if (*count)
		return NULL;
	/* A name stays a name, even one that looks like an app id. */
	return first == given->name ? mem_strdup(first) : cvm_id_normalise(first);
}

char *cvm_id_segment(const char *text, struct error *err)
{
	struct buf out = BUF_INIT;
	char *normal;
	const char *at;

	if (!*text || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 || strlen(text) > 512) {
		error_set(err, STATUS_API, "bad-cvm-id", "this names no CVM: %s", *text ? "it is no identifier" : "it is empty");
		error_next(err, "give the CVM's name, uuid or app id; cvmdeck list shows them");
		return NULL;
	}
	normal = cvm_id_normalise(text);
	for (at = normal; *at; at++) {
		if (isalnum((unsigned char)*at) || strchr("-_.~", *at))
			buf_add_byte(&out, *at);
		else
			buf_add_format(&out, "%%%02X", (unsigned)(unsigned char)*at);
	}
	free(normal);
	return buf_take(&out);
}
