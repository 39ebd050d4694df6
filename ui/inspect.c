/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/api.h"

enum { REST_MS = 180 };

struct inspect {
	struct ui *ui;
	struct loop_timer rest;
	char ref[CVM_REF_SIZE];
	struct api_call *detail, *composition;
	struct buf services, endpoints;
};

struct inspect *inspect_new(struct ui *ui)
{
	struct inspect *inspect = mem_new(1, sizeof(*inspect));

	inspect->ui = ui;
	return inspect;
}

static void give_up(struct inspect *inspect)
{
	loop_timer_cancel(&inspect->rest);
	if (inspect->detail)
		api_cancel(inspect->detail);
	if (inspect->composition)
		api_cancel(inspect->composition);
	inspect->detail = inspect->composition = NULL;
	buf_reset(&inspect->services);
	buf_reset(&inspect->endpoints);
}

void inspect_free(struct inspect *inspect)
{
	give_up(inspect);
	buf_clear(&inspect->services);
	buf_clear(&inspect->endpoints);
	free(inspect);
}

static void add_separated(struct buf *out, const char *text, const char *separator)
{
	if (out->len)
		buf_add_text(out, separator);
	text_safe(out, text, strlen(text), TEXT_ONE_LINE);
}

static void got_detail(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct inspect *inspect = ctx;
	size_t i;

	inspect->detail = NULL;
	if (reply->error.status == STATUS_OK && detail)
		for (i = 0; i < detail->endpoint_count; i++)
			if (detail->endpoints[i].app)
				add_separated(&inspect->endpoints, detail->endpoints[i].app, "  ");
	ui_dirty(inspect->ui);
}

static void got_composition(void *ctx, const struct api_reply *reply, const struct api_composition *composition)
{
	struct inspect *inspect = ctx;
	size_t i;

	inspect->composition = NULL;
	if (reply->error.status == STATUS_OK && composition)
		for (i = 0; i < composition->count; i++) {
			add_separated(&inspect->services, composition->containers[i].name, " · ");
			add_separated(&inspect->services, composition->containers[i].image, " ");
		}
	ui_dirty(inspect->ui);
}

static void ask(void *ctx)
{
	struct inspect *inspect = ctx;
	struct api *api = session_api(inspect->ui->session);

	if (!api)
		return;
	inspect->detail = api_get_cvm(api, inspect->ref, NULL, got_detail, inspect);
	inspect->composition = api_get_composition(api, inspect->ref, got_composition, inspect);
}

void inspect_look(struct inspect *inspect, const struct cvm *cvm)
{
	char ref[CVM_REF_SIZE];

	cvm_ref(ref, cvm);
	if (strcmp(ref, inspect->ref) == 0)
		return;
	give_up(inspect);
	memcpy(inspect->ref, ref, sizeof(ref));
	loop_timer_set(inspect->ui->loop, &inspect->rest, REST_MS, ask, inspect);
}

void inspect_expire(struct inspect *inspect)
{
	inspect->ref[0] = '\0';
}

const char *inspect_services(const struct inspect *inspect)
{
	return buf_text(&inspect->services);
}

const char *inspect_endpoints(const struct inspect *inspect)
{
	return buf_text(&inspect->endpoints);
}

bool inspect_is_waiting(const struct inspect *inspect)
{
	return inspect->detail || inspect->composition || loop_timer_is_set(&inspect->rest);
}
