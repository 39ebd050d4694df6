/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed reads about CVMs. Each has a function that asks and one that turns
 * the answer into its record; the record lives until the callback returns.
 */
#include "cloud/api_call.h"
#include "cloud/api_take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { MOST_ITEMS = 10000 };

/* The caller's function in its own type; fn is a variable of the cast's name. */
#define FN(type) ((type *)call->fn)

struct api_call *api_read(struct api *api, char *path, const struct error *err, const char *version, api_end_fn *end, void (*fn)(void), void *ctx)
{
	struct api_spec spec = { .method = "GET", .path = path, .version = version };

	if (!path)
		spec.error = *err;
	return api_call_new(api, &spec, end, fn, ctx);
}

json *api_tree(struct api_reply *reply, const struct http_response *response, enum json_kind kind)
{
	json *tree;

	if (!response || reply->error.status != STATUS_OK)
		return NULL;
	tree = json_parse(response->body, response->len, &reply->error);
	if (!tree || json_kind(tree) == kind)
		return tree;
	json_free(tree);
	error_set(&reply->error, STATUS_API, "bad-shape", "the API's answer is JSON, but not of the form that was asked for");
	error_next(&reply->error, "check the API address and version; a proxy may answer in its place");
	return NULL;
}

void api_take_text(char *out, size_t size, const json *value, const char *path)
{
	const char *text = json_text(value, path);

	text_safe_copy(out, size, text, strlen(text));
}

void api_take_hex(char *out, size_t size, const json *value, const char *path)
{
	const char *text = json_text(value, path);
	size_t i;

	out[0] = '\0';
	if (text_starts(text, "0x"))
		text += 2;
	if (strlen(text) != size - 1 || strspn(text, "0123456789abcdefABCDEF") != size - 1)
		return;
	for (i = 0; i < size; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + 32) : text[i];
}

void api_take_address(char out[43], const json *value, const char *path)
{
	const char *text = json_text(value, path);

	out[0] = '\0';
	if (strlen(text) == 42 && text_starts(text, "0x") && strspn(text + 2, "0123456789abcdefABCDEF") == 40)
		memcpy(out, text, 43);
}

void api_take_word(char *out, size_t size, const json *value, const char *path)
{
	const char *text = json_text(value, path);

	out[0] = '\0';
	if (api_is_word(text) && strlen(text) < size)
		memcpy(out, text, strlen(text) + 1);
}

uint8_t api_take_flag(const json *value, const char *path)
{
	if (json_kind(json_at(value, path)) != JSON_BOOL)
		return CVM_UNKNOWN;
	return json_flag(value, path, false) ? CVM_YES : CVM_NO;
}

size_t api_take_count(const json *list)
{
	size_t count = json_kind(list) == JSON_ARRAY ? json_count(list) : 0;

	return count > MOST_ITEMS ? MOST_ITEMS : count;
}

static size_t whole(const json *tree, const char *path, size_t fallback)
{
	int64_t number = json_int(tree, path, -1);

	return number < 0 ? fallback : (size_t)number;
}

/* ---- who am I ---- */

static void end_me(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	struct api_user user = { 0 };
	json *tree = api_tree(&reply, response, JSON_OBJECT);

	api_take_text(user.user, sizeof(user.user), tree, json_member(tree, "user") ? "user.username" : "username");
	api_take_text(user.email, sizeof(user.email), tree, json_member(tree, "user") ? "user.email" : "email");
	api_take_text(user.workspace, sizeof(user.workspace), tree, json_member(tree, "workspace") ? "workspace.name" : "team_name");
	api_take_word(user.slug, sizeof(user.slug), tree, json_member(tree, "workspace") ? "workspace.slug" : "team_slug");
	FN(api_user_fn)(call->ctx, &reply, tree ? &user : NULL);
	json_free(tree);
}

struct api_call *api_get_me(struct api *api, api_user_fn *fn, void *ctx)
{
	return api_read(api, mem_strdup("/auth/me"), NULL, NULL, end_me, (void (*)(void))fn, ctx);
}

/* ---- the list ---- */

/*
 * A page of a hundred takes milliseconds to be read, and several come at once:
 * that is done on the worker, so that no frame waits for it. What is under way
 * stands in a list, since a loop that ends drops it without a word.
 */
struct page_job {
	struct page_job *prev, *next;
	struct api_call *call;
	bool gone; /* the call was cancelled meanwhile */
	struct api_reply reply;
	char *body;
	size_t len;
	struct api_page page;
	struct cvm *cvms; /* NULL: the reply's error says why */
};

static struct page_job *page_jobs;

/* On the worker. */
static void read_page(void *ctx)
{
	struct page_job *job = ctx;
	struct http_response response = { .body = job->body, .len = job->len };
	json *tree = api_tree(&job->reply, &response, JSON_OBJECT);
	const json *list = json_member(tree, "items"), *item;

	if (tree && json_kind(list) != JSON_ARRAY)
		error_set(&job->reply.error, STATUS_API, "bad-shape", "the API's list of CVMs has no items");
	if (tree && json_kind(list) == JSON_ARRAY)
		job->cvms = mem_new(api_take_count(list) + 1, sizeof(*job->cvms));
	for (item = job->cvms ? json_first(list) : NULL; item && job->page.count < MOST_ITEMS; item = json_next(item))
		if (cvm_parse(&job->cvms[job->page.count], item))
			job->page.count++;
	job->page.cvms = job->cvms;
	job->page.total = whole(tree, "total", job->page.count);
	job->page.page = whole(tree, "page", 1);
	job->page.pages = whole(tree, "pages", 1);
	json_free(tree);
}

static void page_read(void *ctx)
{
	struct page_job *job = ctx;
	struct api_call *call = job->call;

	if (!job->gone) {
		/* Its own callback may cancel it no more: it is over. */
		call->gone = NULL;
		FN(api_page_fn)(call->ctx, &job->reply, job->cvms ? &job->page : NULL);
		api_call_over(call);
	}
	if (job->prev)
		job->prev->next = job->next;
	else
		page_jobs = job->next;
	if (job->next)
		job->next->prev = job->prev;
	free(job->cvms);
	free(job->body);
	free(job);
}

static void end_page(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct page_job *job;

	if (!response || given->error.status != STATUS_OK) {
		FN(api_page_fn)(call->ctx, given, NULL);
		return;
	}
	job = mem_new(1, sizeof(*job));
	job->call = call;
	job->reply = *given;
	job->body = mem_copy(response->body, response->len);
	job->len = response->len;
	job->next = page_jobs;
	if (job->next)
		job->next->prev = job;
	page_jobs = job;
	api_call_later(call, &job->gone);
	loop_work(api_loop(call->api), read_page, page_read, job);
}

struct api_call *api_get_page(struct api *api, size_t page, size_t size, api_page_fn *fn, void *ctx)
{
	return api_read(api, mem_printf("/cvms/paginated?page=%zu&page_size=%zu", page, size), NULL, NULL, end_page, (void (*)(void))fn, ctx);
}

/* ---- one CVM ---- */

static void end_cvm(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	struct cvm_detail *detail = tree ? cvm_detail_parse(tree, &reply.error) : NULL;

	FN(api_cvm_fn)(call->ctx, &reply, detail);
	cvm_detail_free(detail);
	json_free(tree);
}

struct api_call *api_get_cvm(struct api *api, const char *ref, const char *version, api_cvm_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_cvm_path(ref, "", &err);
	const char *known = !version ? NULL : strcmp(version, API_VERSION_OLDER) == 0 ? API_VERSION_OLDER : API_VERSION_NEWER;

	return api_read(api, path, &err, known, end_cvm, (void (*)(void))fn, ctx);
}

static void end_bytes(struct api_call *call, const struct api_reply *reply, const struct http_response *response)
{
	bool good = response && reply->error.status == STATUS_OK;

	FN(api_bytes_fn)(call->ctx, reply, good ? response->body : NULL, good ? response->len : 0);
}

struct api_call *api_get_compose(struct api *api, const char *ref, bool raw, api_bytes_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_cvm_path(ref, raw ? "/compose_file?raw=1" : "/compose_file", &err);

	return api_read(api, path, &err, NULL, end_bytes, (void (*)(void))fn, ctx);
}

/* ---- containers ---- */

static void take_container(struct api_container *out, const json *item)
{
	const char *name = json_string(json_first(json_member(item, "names")), json_text(item, "name"));

	if (*name == '/')
		name++;
	text_safe_copy(out->name, sizeof(out->name), name, strlen(name));
	api_take_text(out->id, sizeof(out->id), item, "id");
	api_take_text(out->image, sizeof(out->image), item, "image");
	api_take_text(out->state, sizeof(out->state), item, "state");
	api_take_text(out->status, sizeof(out->status), item, "status");
	out->log_endpoint = json_string(json_member(item, "log_endpoint"), NULL);
	out->created_ms = json_int(item, "created", 0) * 1000;
}

static void end_composition(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	const json *list = json_member(tree, "containers"), *item;
	struct api_container *containers = mem_new(api_take_count(list) + 1, sizeof(*containers));
	struct api_composition composition = { .is_online = json_flag(tree, "is_online", false), .containers = containers };

	api_take_text(composition.error, sizeof(composition.error), tree, "error");
	for (item = json_kind(list) == JSON_ARRAY ? json_first(list) : NULL; item && composition.count < MOST_ITEMS; item = json_next(item))
		take_container(&containers[composition.count++], item);
	FN(api_composition_fn)(call->ctx, &reply, tree ? &composition : NULL);
	free(containers);
	json_free(tree);
}

struct api_call *api_get_composition(struct api *api, const char *ref, api_composition_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_cvm_path(ref, "/composition", &err);

	return api_read(api, path, &err, NULL, end_composition, (void (*)(void))fn, ctx);
}

/* ---- answers passed on as JSON ---- */

static void end_json(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);

	FN(api_json_fn)(call->ctx, &reply, tree);
	json_free(tree);
}

struct api_call *api_get_statuses(struct api *api, const char *const *uuids, size_t count, api_json_fn *fn, void *ctx)
{
	struct api_spec spec = { .method = "POST", .path = mem_strdup("/status/batch") };
	struct buf body = BUF_INIT;
	struct api_call *call;
	size_t i;

	buf_add_text(&body, "{\"vm_uuids\":[");
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_byte(&body, ',');
		json_quote(&body, uuids[i], strlen(uuids[i]));
	}
	buf_add_text(&body, "]}");
	spec.body = body.data;
	spec.body_len = body.len;
	call = api_call_new(api, &spec, end_json, (void (*)(void))fn, ctx);
	buf_clear(&body);
	return call;
}

struct api_call *api_get_state(struct api *api, const char *ref, api_json_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_cvm_path(ref, "/state", &err);

	return api_read(api, path, &err, NULL, end_json, (void (*)(void))fn, ctx);
}

struct api_call *api_get_attestation(struct api *api, const char *ref, api_json_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_cvm_path(ref, "/attestation", &err);

	return api_read(api, path, &err, NULL, end_json, (void (*)(void))fn, ctx);
}
