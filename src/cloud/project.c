/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line at a time. Keys at the top count, and those of a table named cvm
 * where the top does not give them. Multi-line strings and arrays are stepped
 * over; on a key that is ours they are an error rather than a guess.
 */
#include "cloud/project.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum where { AT_TOP, IN_CVM, ELSEWHERE };

struct reader {
	const char *at, *end;
	size_t line;
	enum where where;
	struct error *err;
};

static const struct { const char *key; size_t at; } keys[] = {
	{ "profile", offsetof(struct project, profile) }, { "id", offsetof(struct project, id) }, { "cvm_id", offsetof(struct project, id) },
	{ "uuid", offsetof(struct project, uuid) }, { "app_id", offsetof(struct project, app_id) },
	{ "instance_id", offsetof(struct project, instance_id) }, { "name", offsetof(struct project, name) },
	{ "compose_file", offsetof(struct project, compose_file) }, { "env_file", offsetof(struct project, env_file) },
	{ "api_version", offsetof(struct project, api_version) },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static char **member(struct project *project, size_t key)
{
	return (char **)(void *)((char *)project + keys[key].at);
}

static bool bad(struct reader *reader, const char *what)
{
	error_set(reader->err, STATUS_INPUT, "bad-project-file", "phala.toml, line %zu: %s", reader->line, what);
	return error_next(reader->err, "correct the line; what belongs there is key = \"value\"");
}

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r'))
		reader->at++;
}

static void skip_line(struct reader *reader)
{
	while (reader->at < reader->end && *reader->at != '\n')
		reader->at++;
}

static bool next_is(const struct reader *reader, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(reader->end - reader->at) >= len && memcmp(reader->at, text, len) == 0;
}

static bool read_escape(struct reader *reader, struct buf *out)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	char c = *reader->at++;
	const char *found = c ? strchr(from, c) : NULL;
	size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0, i;
	uint32_t cp = 0;

	if (found) {
		buf_add_byte(out, to[found - from]);
		return true;
	}
	if (!digits || (size_t)(reader->end - reader->at) < digits)
		return bad(reader, "an escape that TOML does not know");
	for (i = 0; i < digits; i++) {
		if (!isxdigit((unsigned char)*reader->at))
			return bad(reader, "an escape that TOML does not know");
		cp = cp << 4 | (uint32_t)(isdigit((unsigned char)*reader->at) ? *reader->at - '0' : (*reader->at | 32) - 'a' + 10);
		reader->at++;
	}
	if (!cp)
		return bad(reader, "a NUL, which no value here can hold");
	text_encode(out, cp);
	return true;
}

/* A string on one line; at the opening quote. */
static bool read_string(struct reader *reader, struct buf *out)
{
	char quote = *reader->at++;

	while (reader->at < reader->end && *reader->at != quote && *reader->at != '\n') {
		if (*reader->at == '\0')
			return bad(reader, "a NUL, which no value here can hold");
		if (quote == '"' && *reader->at == '\\' && reader->at + 1 < reader->end) {
			reader->at++;
			if (!read_escape(reader, out))
				return false;
		} else {
			buf_add_byte(out, *reader->at++);
		}
	}
	if (reader->at >= reader->end || *reader->at != quote)
		return bad(reader, "a string without its end");
	reader->at++;
	return true;
}

static bool end_of_line(struct reader *reader)
{
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == '#')
		skip_line(reader);
	if (reader->at < reader->end && *reader->at != '\n')
		return bad(reader, "more on the line than one value");
	return true;
}

static bool skip_until(struct reader *reader, const char *mark)
{
	for (reader->at += strlen(mark); reader->at < reader->end; reader->at++) {
		reader->line += *reader->at == '\n';
		if (next_is(reader, mark)) {
			reader->at += strlen(mark);
			return true;
		}
	}
	return bad(reader, "a string without its end");
}

/* A value nobody here reads: strings and brackets are matched, so that a = in them is no key. */
static bool skip_value(struct reader *reader)
{
	struct buf ignored = BUF_INIT;
	int depth = 0;
	bool good = true;

	while (good && reader->at < reader->end && (depth || *reader->at != '\n')) {
		char c = *reader->at;

		if (next_is(reader, "\"\"\"") || next_is(reader, "'''")) {
			good = skip_until(reader, c == '"' ? "\"\"\"" : "'''");
		} else if (c == '"' || c == '\'') {
			good = read_string(reader, &ignored);
		} else if (c == '#') {
			skip_line(reader);
		} else {
			depth += (c == '[' || c == '{') - (c == ']' || c == '}');
			reader->line += c == '\n';
			reader->at++;
		}
	}
	buf_clear(&ignored);
	return good;
}

static bool read_value(struct reader *reader, struct buf *out)
{
	if (next_is(reader, "\"\"\"") || next_is(reader, "'''"))
		return bad(reader, "this key takes a string on one line");
	if (reader->at < reader->end && (*reader->at == '"' || *reader->at == '\''))
		return read_string(reader, out) && end_of_line(reader);
	while (reader->at < reader->end && (isalnum((unsigned char)*reader->at) || strchr("+-_.:", *reader->at ? *reader->at : ' ')))
		buf_add_byte(out, *reader->at++);
	if (!out->len)
		return bad(reader, "this key takes a string");
	return end_of_line(reader);
}

static bool read_table(struct reader *reader)
{
	const char *from = reader->at + 1;
	size_t len;

	skip_line(reader);
	len = (size_t)(reader->at - from);
	while (len && (isspace((unsigned char)*from)))
		from++, len--;
	reader->where = len >= 4 && memcmp(from, "cvm", 3) == 0 && (from[3] == ']' || from[3] == ' ') ? IN_CVM : ELSEWHERE;
	return true;
}

static bool read_key(struct reader *reader, struct buf *key)
{
	skip_blanks(reader);
	if (reader->at < reader->end && (*reader->at == '"' || *reader->at == '\'')) {
		if (!read_string(reader, key))
			return false;
	} else {
		while (reader->at < reader->end && (isalnum((unsigned char)*reader->at) || strchr("-_.", *reader->at ? *reader->at : ' ')))
			buf_add_byte(key, *reader->at++);
	}
	skip_blanks(reader);
	if (!key->len || reader->at >= reader->end || *reader->at != '=')
		return bad(reader, "neither a table, a comment, nor key = value");
	reader->at++;
	skip_blanks(reader);
	return true;
}

static bool read_pair(struct reader *reader, struct project *out)
{
	struct buf key = BUF_INIT, value = BUF_INIT;
	size_t i = KEYS;
	bool good = read_key(reader, &key);

	if (good && reader->where != ELSEWHERE)
		for (i = 0; i < KEYS && strcmp(keys[i].key, buf_text(&key)) != 0; i++)
			;
	if (good)
		good = i < KEYS ? read_value(reader, &value) : skip_value(reader);
	if (good && i < KEYS && value.len && !*member(out, i))
		*member(out, i) = mem_strdup(buf_text(&value));
	buf_clear(&key);
	buf_clear(&value);
	return good;
}

bool project_parse(struct project *out, const char *text, size_t len, struct error *err)
{
	struct reader reader = { text, text + len, 1, AT_TOP, err };
	bool good = true;

	memset(out, 0, sizeof(*out));
	if (next_is(&reader, "\xEF\xBB\xBF"))
		reader.at += 3;
	while (good && reader.at < reader.end) {
		skip_blanks(&reader);
		if (reader.at >= reader.end)
			break;
		if (*reader.at == '\n') {
			reader.at++;
			reader.line++;
		} else if (*reader.at == '#') {
			skip_line(&reader);
		} else {
			good = *reader.at == '[' ? read_table(&reader) : read_pair(&reader, out);
		}
	}
	if (!good)
		project_clear(out);
	return good;
}

bool project_read(struct project *out, const char *path, struct error *err)
{
	struct buf text = BUF_INIT;
	struct error why;
	bool good = true;

	memset(out, 0, sizeof(*out));
	if (file_read(path, "phala.toml", LIMIT_CONFIG_FILE, &text, &why)) {
		good = project_parse(out, buf_text(&text), text.len, err);
	} else if (strcmp(why.code, "file-missing") != 0) {
		if (err)
			*err = why;
		good = false;
	}
	buf_clear(&text);
	return good;
}

const char *project_cvm(const struct project *project)
{
	const char *const all[] = { project->id, project->uuid, project->app_id, project->instance_id, project->name };
	size_t i;

	for (i = 0; i < 5; i++)
		if (all[i])
			return all[i];
	return NULL;
}

void project_clear(struct project *project)
{
	size_t i;

	for (i = 0; i < KEYS; i++) {
		free(*member(project, i));
		*member(project, i) = NULL; /* two keys share a member */
	}
}
