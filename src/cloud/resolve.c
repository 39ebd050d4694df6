/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/resolve.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/cvm_id.h"

enum { PAGE_SIZE = 100, LISTED = 6 };

struct resolve {
	struct api *api;
	struct api_call *call;
	char *text;
	const char *version;
	resolve_fn *fn;
	void *ctx;
	size_t matches;
	struct { char uuid[37], app[41]; } found[LISTED];
};

static size_t count_hex(const char *text)
{
	size_t digits = 0;

	for (; *text; text++) {
		if (hex_digit((unsigned char)*text) >= 0)
			digits++;
		else if (*text != '-')
			return 0;
	}
	return digits;
}

bool resolve_is_direct(const char *text)
{
	size_t digits = count_hex(text_bare_hex(text));

	return digits == 32 || digits == 40 || text_starts(text, "app_") || text_starts(text, "instance_") || text_starts(text, "cvm_");
}

static void finish(struct resolve *resolve, const struct cvm_detail *detail, const struct error *err)
{
	resolve->fn(resolve->ctx, detail, err);
	free(resolve->text);
	free(resolve);
}

static void unknown(struct resolve *resolve, struct error *err)
{
	char shown[80];

	text_safe_copy(shown, sizeof(shown), resolve->text, strlen(resolve->text));
	error_set(err, STATUS_API, "cvm-unknown", "there is no CVM named %s in this workspace", shown);
	error_next(err, "cvmdeck list shows the CVMs; check the name, and the profile you are in");
}

static void on_cvm(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct resolve *resolve = ctx;
	struct error err = reply->error;

	if (reply->status == 404)
		unknown(resolve, &err);
	finish(resolve, err.status == STATUS_OK ? detail : NULL, &err);
}

static void ambiguous(struct resolve *resolve)
{
	struct buf list = BUF_INIT;
	struct error err;
	size_t i;

	error_set(&err, STATUS_API, "cvm-ambiguous", "%zu CVMs are named %s", resolve->matches, resolve->text);
	for (i = 0; i < resolve->matches && i < LISTED; i++)
		buf_add_format(&list, "%s%s (app %s)", i ? ", " : "", resolve->found[i].uuid, resolve->found[i].app);
	error_detail(&err, "%s", buf_text(&list));
	error_next(&err, "name one of them by its UUID");
	buf_clear(&list);
	finish(resolve, NULL, &err);
}

static void take_matches(struct resolve *resolve, const struct api_page *page)
{
	size_t i;

	for (i = 0; i < page->count; i++) {
		const struct cvm *cvm = &page->cvms[i];

		if (strcmp(cvm->name, resolve->text) != 0)
			continue;
		if (resolve->matches < LISTED) {
			text_copy(resolve->found[resolve->matches].uuid, sizeof(resolve->found[0].uuid), cvm->vm_uuid);
			text_copy(resolve->found[resolve->matches].app, sizeof(resolve->found[0].app), cvm->app_id);
		}
		resolve->matches++;
	}
}

static void on_page(void *ctx, const struct api_reply *reply, const struct api_page *page)
{
	struct resolve *resolve = ctx;
	struct error err = reply->error;

	resolve->call = NULL;
	if (err.status != STATUS_OK) {
		finish(resolve, NULL, &err);
		return;
	}
	take_matches(resolve, page);
	if (page->page < page->pages && page->count) {
		resolve->call = api_get_page(resolve->api, page->page + 1, PAGE_SIZE, on_page, resolve);
	} else if (resolve->matches > 1) {
		ambiguous(resolve);
	} else if (resolve->matches == 1) {
		resolve->call = api_get_cvm(resolve->api, resolve->found[0].uuid, resolve->version, on_cvm, resolve);
	} else {
		unknown(resolve, &err);
		finish(resolve, NULL, &err);
	}
}

struct resolve *resolve_start(struct api *api, const char *text, const char *version, resolve_fn *fn, void *ctx)
{
	struct resolve *resolve = mem_new(1, sizeof(*resolve));

	resolve->api = api;
	resolve->text = mem_strdup(text);
	resolve->version = version;
	resolve->fn = fn;
	resolve->ctx = ctx;
	if (resolve_is_direct(text)) {
		char *ref = cvm_id_normalise(text_bare_hex(text));

		resolve->call = api_get_cvm(api, ref, version, on_cvm, resolve);
		free(ref);
	} else {
		resolve->call = api_get_page(api, 1, PAGE_SIZE, on_page, resolve);
	}
	return resolve;
}

void resolve_cancel(struct resolve *resolve)
{
	if (!resolve)
		return;
	api_cancel(resolve->call);
	free(resolve->text);
	free(resolve);
}
