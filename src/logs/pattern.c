/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole chunk is given to the matcher at once: starting it anew for every
 * line would cost more than the matching. A match that runs over a line's end
 * (a negated class takes line feeds) is tried again within its first line.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "logs/pattern.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct logs_pattern {
	char *text;
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
	bool compiled; /* machine code: else the interpreter */
};

static bool has_capital(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (isupper((unsigned char)*text))
			return true;
	}
	return false;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* UTF-8 only where it can matter: plain bytes are searched twice as fast. */
static uint32_t options_for(const char *text)
{
	uint32_t options = PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;

	if (!has_capital(text))
		options |= PCRE2_CASELESS;
	if (!is_ascii(text) || strpbrk(text, ".[^\\"))
		options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	return options;
}

struct logs_pattern *logs_pattern_new(const char *text, struct error *err)
{
	struct logs_pattern *pattern = mem_new(1, sizeof(*pattern));
	PCRE2_UCHAR reason[160];
	PCRE2_SIZE offset;
	int code;

	pattern->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options_for(text), &code, &offset, NULL);
	if (!pattern->code) {
		pcre2_get_error_message(code, reason, sizeof(reason));
		error_set(err, STATUS_USAGE, "bad-pattern", "no regular expression: %s at character %zu", (const char *)reason, (size_t)offset + 1);
		error_next(err, "a backslash before a character takes it as it is");
		free(pattern);
		return NULL;
	}
	pattern->compiled = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
	pattern->match = pcre2_match_data_create(4, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (!pattern->match || !pattern->context)
		mem_die("out of memory for a search");
	pcre2_set_match_limit(pattern->context, 1000000);
	pcre2_set_depth_limit(pattern->context, 10000);
	pattern->text = mem_strdup(text);
	return pattern;
}

void logs_pattern_free(struct logs_pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_match_data_free(pattern->match);
	pcre2_match_context_free(pattern->context);
	pcre2_code_free(pattern->code);
	free(pattern->text);
	free(pattern);
}

const char *logs_pattern_text(const struct logs_pattern *pattern)
{
	return pattern->text;
}

bool logs_pattern_match(struct logs_pattern *pattern, const char *text, size_t len, size_t from, size_t *start, size_t *end)
{
	PCRE2_SIZE *places;
	int got = pcre2_match(pattern->code, (PCRE2_SPTR)text, len, from, PCRE2_NOTEMPTY, pattern->match, pattern->context);

	if (got < 0)
		return false;
	places = pcre2_get_ovector_pointer(pattern->match);
	*start = places[0];
	*end = places[1];
	return *end >= *start;
}

static size_t line_begin(const char *text, size_t at)
{
	const char *feed = at ? memrchr(text, '\n', at) : NULL;

	return feed ? (size_t)(feed - text) + 1 : 0;
}

static size_t line_end(const char *text, size_t len, size_t at)
{
	const char *feed = memchr(text + at, '\n', len - at);

	return feed ? (size_t)(feed - text) : len;
}

bool logs_pattern_next(struct logs_pattern *pattern, const char *text, size_t len, size_t from, size_t *at, size_t *next)
{
	size_t start, end;

	while (from < len && logs_pattern_match(pattern, text, len, from, &start, &end)) {
		size_t stop = line_end(text, len, start);
		size_t begin = line_begin(text, start);
		bool within = end <= stop;

		*at = start;
		*next = stop < len ? stop + 1 : len;
		if (within || logs_pattern_match(pattern, text + begin, stop - begin, 0, &start, &end))
			return true;
		from = *next;
	}
	return false;
}
