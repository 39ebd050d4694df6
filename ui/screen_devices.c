/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device allowlist as the backend sees it, node by node. Every change is a
 * transaction with its own card; what the contract says is read there anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/actions.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/request.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"

enum { WHOLE_WIDTH = 120 };

struct devices {
	struct screen screen;
	struct ui *ui;
	char ref[CVM_REF_SIZE], name[64], own_device[65], own_region[24];
	struct api_call *call;
	struct api_device *items;
	size_t count;
	char contract[43];
	uint64_t chain_id;
	uint8_t onchain, allow_any;
	struct error err;
	bool done;
	struct list list;
	struct allow_call wanted; /* what the open confirmation is about */
};

static struct devices *devices_of(struct ui *ui)
{
	return (struct devices *)ui_find(ui, CTX_DEVICES);
}

/* ---- reading ---- */

static void got_devices(void *ctx, const struct api_reply *reply, const struct api_devices *answer)
{
	struct devices *self = ctx;

	self->call = NULL;
	self->done = true;
	self->err = reply->error;
	if (reply->error.status == STATUS_OK && answer) {
		self->items = mem_new(answer->count, sizeof(*self->items));
		memcpy(self->items, answer->devices, answer->count * sizeof(*self->items));
		self->count = answer->count;
		self->onchain = answer->onchain;
		self->allow_any = answer->allow_any;
		self->chain_id = answer->chain_id;
		text_copy(self->contract, sizeof(self->contract), answer->app_address);
	}
	ui_dirty(self->ui);
}

/* ---- drawing ---- */

static void draw_device(const struct devices *self, struct area area, int row, const struct api_device *device, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	enum mark allowed = device->allowed == CVM_YES ? MARK_GOOD : device->allowed == CVM_NO ? MARK_BAD : MARK_UNKNOWN;
	static const char *const words[] = { [MARK_GOOD] = "✓ allowed", [MARK_BAD] = "✗ not allowed", [MARK_UNKNOWN] = "? not known" };
	bool own = self->own_device[0] && text_equal(device->device_id, self->own_device);
	char brief[TEXT_SHORT_SIZE];
	int col;

	if (selected)
		area_fill(area, row, 0, area.width, mark, ' ');
	area_put(area, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	col = area_field(area, row, 2, 16, ROLE_TEXT | mark, device->node_name[0] ? device->node_name : "–") + 1;
	col = area_field(area, row, col, area.width >= WHOLE_WIDTH ? 64 : 9, ROLE_DIM | mark,
	                 area.width >= WHOLE_WIDTH ? device->device_id : text_short_hex(brief, device->device_id)) + 2;
	col = area_field(area, row, col, 13, mark_style(allowed) | mark, words[allowed]);
	if (!own)
		return;
	col = area_put(area, row, col + 2, ROLE_ACCENT | mark, "this CVM");
	if (area.width >= 100)
		area_put(area, row, col + 2, ROLE_DIM | mark, self->own_region);
}

static void draw_head(const struct devices *self, struct area area)
{
	static const struct { text_style style; const char *words; } any[] = {
		[CVM_UNKNOWN] = { ROLE_WARN, "? any device" }, [CVM_NO] = { ROLE_TEXT, "only these devices" }, [CVM_YES] = { ROLE_WARN, "any device is allowed" },
	};
	int col;

	area_putf(area, 0, 1, ROLE_TEXT, "contract %s  chain %" PRIu64, self->contract, self->chain_id);
	col = area_put(area, 1, 1, any[self->allow_any].style, any[self->allow_any].words);
	area_put(area, 1, col, ROLE_DIM, " · as Phala sees it; a change asks the contract first");
}

/* The id that a key is about stands whole, also where the list has no room for it. */
static void draw_chosen(const struct devices *self, struct area area)
{
	const struct api_device *device = &self->items[self->list.selected];

	area_rule(area, 0);
	area_field(area, 1, 1, 12, ROLE_DIM, device->node_name[0] ? device->node_name : "–");
	area_put(area, 1, 14, ROLE_TEXT, device->device_id);
}

static void devices_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct devices *self = (struct devices *)screen;
	struct area chosen;
	char line[64];
	size_t i;

	if (!self->done) {
		snprintf(line, sizeof(line), "%s reading the device allowlist", ui_spinner(ui));
		draw_empty(body, line, NULL);
	} else if (self->err.status != STATUS_OK) {
		draw_error(body, 1, &self->err);
	} else if (self->onchain == CVM_NO) {
		draw_empty(body, "This CVM has no on-chain KMS, so there is no device allowlist.", NULL);
	} else {
		draw_head(self, area_top(&body, 3));
		chosen = area_bottom(&body, self->count && body.width < WHOLE_WIDTH ? 2 : 0);
		list_fit(&self->list, self->count, body.height);
		for (i = 0; i < self->list.height && self->list.top + i < self->count; i++)
			draw_device(self, body, (int)i, &self->items[self->list.top + i], self->list.top + i == self->list.selected);
		if (chosen.height)
			draw_chosen(self, chosen);
	}
}

static void devices_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	(void)ui;
	buf_add_format(out, "%s › devices", ((struct devices *)screen)->name);
}

static void devices_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	list_move(&((struct devices *)screen)->list, move);
}

static void devices_free(struct screen *screen)
{
	struct devices *self = (struct devices *)screen;

	if (self->call)
		api_cancel(self->call);
	free(self->items);
	free(self);
}

static const struct screen_ops devices_ops = {
	.name = "devices",
	.context = CTX_DEVICES,
	.draw = devices_draw,
	.title = devices_title,
	.move = devices_move,
	.free = devices_free,
};

struct screen *screen_devices_new(struct ui *ui, const struct cvm *cvm)
{
	struct devices *self = mem_new(1, sizeof(*self));
	struct api *api = session_api(ui->session);

	self->screen.ops = &devices_ops;
	self->ui = ui;
	cvm_ref(self->ref, cvm);
	text_copy(self->name, sizeof(self->name), cvm->name);
	text_copy(self->own_device, sizeof(self->own_device), cvm->device_id);
	text_copy(self->own_region, sizeof(self->own_region), cvm->node_region);
	if (api)
		self->call = api_get_devices(api, cvm->app_id, got_devices, self);
	return &self->screen;
}

/* ---- commands ---- */

void do_devices_open(struct ui *ui, const char *argument, int param)
{
	struct workspace *workspace = session_workspace(ui->session);

	(void)argument;
	(void)param;
	if (workspace)
		ui_push(ui, screen_devices_new(ui, workspace_row(workspace, workspace_selected(workspace))));
}

const char *why_devices_none(struct ui *ui)
{
	struct devices *self = devices_of(ui);

	return self && self->count && self->onchain != CVM_NO ? NULL : "there is no device to choose";
}

static void answered(struct ui *ui, void *ctx, bool yes)
{
	struct devices *self = devices_of(ui);
	struct rollout_request *request;

	(void)ctx;
	if (!yes || !self)
		return;
	request = request_new(self->ref, NULL, 0);
	request->kind = ROLLOUT_ALLOW;
	request->calls = mem_new(1, sizeof(*request->calls));
	request->calls[0] = self->wanted;
	request->call_count = 1;
	flow_start(ui, request);
}

/* words: below the question; NULL: it is about the chosen device, whose id stands there. */
static void want(struct ui *ui, enum allow_verb verb, const char *question, const char *words)
{
	struct devices *self = devices_of(ui);
	const struct api_device *device = &self->items[self->list.selected];

	self->wanted = (struct allow_call){ .verb = verb };
	if (!words && !hex_decode(self->wanted.value, sizeof(self->wanted.value), device->device_id)) {
		ui_say(ui, ROLE_BAD, "the device's id is not 32 bytes of hex");
		return;
	}
	confirm_open(ui, question, words ? words : device->device_id, answered, NULL);
}

void do_devices_add(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	want(ui, ALLOW_ADD_DEVICE, "Prepare addDevice for this device?", NULL);
}

void do_devices_remove(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	want(ui, ALLOW_REMOVE_DEVICE, "Prepare removeDevice for this device?", NULL);
}

void do_devices_any(struct ui *ui, const char *argument, int param)
{
	(void)argument;
	(void)param;
	if (devices_of(ui)->allow_any == CVM_YES)
		want(ui, ALLOW_ANY_DEVICE_OFF, "Prepare setAllowAnyDevice(false)?", "Only the devices listed as allowed could then run this app. A signature card comes first.");
	else
		want(ui, ALLOW_ANY_DEVICE_ON, "Prepare setAllowAnyDevice(true)?", "Any machine could then run this app. A signature card comes first.");
}
