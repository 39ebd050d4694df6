/* SPDX-License-Identifier: Apache-2.0 */
#include "rollout/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

/* The file's own error, under a name that says which file it was. */
static bool rename_error(struct error *err, const char *what)
{
	static const struct { const char *from, *to; } names[] = { { "file-missing", "missing" }, { "file-unreadable", "unreadable" }, { "file-too-large", "too-large" } };
	size_t i;

	for (i = 0; err && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(err->code, names[i].from) == 0)
			snprintf(err->code, sizeof(err->code), "%s-%s", what, names[i].to);
	return false;
}

/* Reads a text of at most LIMIT_COMPOSE bytes; the caller frees *text. */
static bool read_text(const char *path, const char *what, const char *code, char **text, size_t *len, struct error *err)
{
	struct buf bytes = BUF_INIT;

	if (!file_read(path, what, LIMIT_COMPOSE, &bytes, err)) {
		buf_clear(&bytes);
		return rename_error(err, code);
	}
	*len = bytes.len;
	if (text_is_utf8(buf_text(&bytes), bytes.len) && !memchr(buf_text(&bytes), '\0', bytes.len)) {
		*text = buf_take(&bytes);
		return true;
	}
	buf_clear(&bytes);
	error_set(err, STATUS_INPUT, "not-text", "the %s %s is not UTF-8 text", what, path);
	return error_next(err, "check that it is the right file, and save it as UTF-8");
}

bool rollout_request_compose(struct rollout_request *request, const char *path, struct error *err)
{
	char *text;
	size_t len;

	if (!read_text(path, "compose file", "compose", &text, &len, err))
		return false;
	rollout_request_compose_text(request, path, text, len);
	free(text);
	return true;
}

void rollout_request_compose_text(struct rollout_request *request, const char *label, const char *text, size_t len)
{
	free(request->compose_path);
	free(request->compose_text);
	request->compose_path = mem_strdup(label);
	request->compose_text = mem_copy(text, len);
	request->compose_len = len;
}

bool rollout_request_script(struct rollout_request *request, const char *path, struct error *err)
{
	char *text;
	size_t len;

	if (!read_text(path, "pre-launch script", "script", &text, &len, err))
		return false;
	free(request->script_path);
	free(request->script_text);
	request->script_path = mem_strdup(path);
	request->script_text = text;
	request->script_len = len;
	return true;
}

bool rollout_request_env(struct rollout_request *request, const char *const *args, size_t count, struct error *err)
{
	compose_env_clear(&request->env);
	request->has_env = count != 0;
	return compose_dotenv_from_args(&request->env, args, count, NULL, NULL, err);
}

void rollout_request_clear(struct rollout_request *request)
{
	free(request->cvm_ref);
	free(request->compose_path);
	free(request->compose_text);
	free(request->script_path);
	free(request->script_text);
	compose_env_clear(&request->env);
	free(request->commit_token);
	free(request->commit_hash);
	free(request->commit_tx);
	free(request->calls);
	*request = (struct rollout_request){ 0 };
}
