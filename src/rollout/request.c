/* SPDX-License-Identifier: Apache-2.0 */
#include "rollout/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/document.h"

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

/* With another compose file it is no longer the old document that is deployed again. */
static void forget_origin(struct rollout_request *request)
{
	free(request->origin_text);
	free(request->origin_label);
	request->origin_text = request->origin_label = NULL;
	request->origin_len = 0;
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
	forget_origin(request);
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
	if (!compose_dotenv_from_args(&request->env, args, count, NULL, NULL, err))
		return false;
	request->has_env = request->env.count != 0;
	return true;
}

/* ---- an old document ---- */

static enum tri flag_of(const struct compose_document *document, const char *name)
{
	const struct exact_json *value = exact_json_get(compose_document_tree(document), name);

	return exact_json_kind(value) != EXACT_BOOL ? TRI_KEEP : exact_json_bool(value, false) ? TRI_ON : TRI_OFF;
}

static void clear_names(struct rollout_request *request)
{
	size_t i;

	for (i = 0; i < request->name_count; i++)
		free(request->names[i]);
	free(request->names);
	request->names = NULL;
	request->name_count = 0;
	request->has_names = false;
}

static void take_names(struct rollout_request *request, const struct exact_json *list)
{
	size_t i, len;

	clear_names(request);
	request->has_names = exact_json_kind(list) == EXACT_ARRAY;
	if (!request->has_names)
		return;
	request->names = mem_new(exact_json_count(list) + 1, sizeof(*request->names));
	for (i = 0; i < exact_json_count(list); i++) {
		const char *name = exact_json_string(exact_json_item(list, i), &len);

		if (name)
			request->names[request->name_count++] = mem_copy(name, len);
	}
}

static void take_document(struct rollout_request *request, const char *label, const struct compose_document *document)
{
	size_t len = 0;
	const char *script = compose_document_string(document, "pre_launch_script", &len), *raw;

	free(request->script_text);
	request->script_text = script ? mem_copy(script, len) : mem_strdup(""); /* without one: none any more */
	request->script_len = script ? len : 0;
	take_names(request, exact_json_get(compose_document_tree(document), "allowed_envs"));
	request->public_logs = flag_of(document, "public_logs");
	request->public_sysinfo = flag_of(document, "public_sysinfo");
	request->public_tcbinfo = flag_of(document, "public_tcbinfo");
	forget_origin(request);
	raw = compose_document_raw(document, &len);
	request->origin_text = mem_copy(raw, len);
	request->origin_len = len;
	request->origin_label = mem_strdup(label);
}

bool rollout_request_document(struct rollout_request *request, const char *label, const char *text, size_t len, struct error *err)
{
	struct compose_document *document = compose_document_parse(text, len, true, err);
	const char *compose = document ? compose_document_string(document, "docker_compose_file", &len) : NULL;

	if (document && !compose)
		error_set(err, STATUS_INPUT, "no-compose", "this entry has no compose file, so there is nothing to deploy again");
	if (compose) {
		rollout_request_compose_text(request, label, compose, len);
		take_document(request, label, document);
	}
	compose_document_free(document);
	return compose != NULL;
}

void rollout_request_clear(struct rollout_request *request)
{
	free(request->cvm_ref);
	free(request->compose_path);
	free(request->compose_text);
	free(request->script_path);
	free(request->script_text);
	compose_env_clear(&request->env);
	clear_names(request);
	forget_origin(request);
	free(request->commit_token);
	free(request->commit_hash);
	free(request->commit_tx);
	free(request->calls);
	*request = (struct rollout_request){ 0 };
}
