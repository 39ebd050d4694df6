/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of CVMs and apps, and the state of many at once. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

enum { PAGE_MAX = 100, BATCH_MAX = 1000 };

struct page {
	int64_t number, size, pages;
	size_t total;
};

static struct page page_of(const struct sb_exchange *x, int64_t size)
{
	struct page page = { .number = sb_query_number(x, "page", 1, 1, 1000000), .size = sb_query_number(x, "page_size", size, 1, PAGE_MAX) };
	return page;
}

static bool page_holds(const struct page *page, size_t index)
{
	size_t first = (size_t)((page->number - 1) * page->size);
	return index >= first && index < first + (size_t)page->size;
}

static void page_end(struct page *page)
{
	page->pages = ((int64_t)page->total + page->size - 1) / page->size;
}

/* The older shape of a list row wraps what the host knows. */
static void shape_hosted(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm)
{
	char uuid[SB_UUID_TEXT];
	struct sb_stage stage = sb_stage_now(x->world, cvm);
	sb_uuid_text(uuid, cvm->uuid);
	sb_shape(out, "{'hosted':{'id':%s,'name':%s,'status':%s,'uptime':'','app_url':null,'app_id':%h,'instance_id':%h,'events':[]},", uuid,
		cvm->name, stage.status, cvm->app_id, (size_t)SB_ADDRESS_SIZE, cvm->instance_id, (size_t)SB_ADDRESS_SIZE);
	sb_shape(out, "'name':%s,'managed_user':{'id':1,'username':'op'},'node':{'id':%d,'name':%s,'region_identifier':%s},'listed':false,"
		"'status':%s,'in_progress':%b,'syslog_endpoint':null,'allow_upgrade':true,'vcpu':%d,'memory':%d,'disk_size':%d,'kms_info':",
		cvm->name, (int64_t)cvm->node->id, cvm->node->name, cvm->node->region, stage.status, (int)stage.in_progress, (int64_t)cvm->vcpu,
		(int64_t)cvm->memory_gb * 1024, (int64_t)cvm->disk_gb);
	sb_shape_kms(out, x, cvm, cvm->kms);
	buf_add_text(out, ",\"public_urls\":[]}");
}

void sb_list_cvms(struct sb_exchange *x)
{
	struct page page = page_of(x, 30);
	bool first = true;
	buf_add_text(&x->out, "{\"items\":[");
	page.total = x->world->cvm_count;
	for (size_t i = 0; i < x->world->cvm_count; i++) {
		if (!page_holds(&page, i))
			continue;
		buf_add_text(&x->out, first ? "" : ",");
		first = false;
		if (x->newer)
			sb_shape_cvm(&x->out, x, &x->world->cvms[i], false);
		else
			shape_hosted(&x->out, x, &x->world->cvms[i]);
	}
	page_end(&page);
	sb_shape(&x->out, "],'total':%d,'page':%d,'page_size':%d,'pages':%d}", (int64_t)page.total, page.number, page.size, page.pages);
}

/* Apps */

static void shape_app_row(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm)
{
	char uuid[SB_UUID_TEXT];
	struct sb_stage stage = sb_stage_now(x->world, cvm);
	if (x->newer) {
		sb_shape_cvm(out, x, cvm, false);
		return;
	}
	sb_shape(out, "{'vm_uuid':%s,'app_id':%h,'name':%s,'status':%s,'vcpu':%d,'memory':%d,'disk_size':%d,'teepod_id':%d,'teepod_name':%s,"
		"'region_identifier':%s,'kms_type':%s,'instance_type':'tdx.small','base_image':'dstack-0.5.4','kms_slug':%s,'kms_id':%s,"
		"'instance_id':%h}", sb_uuid_text(uuid, cvm->uuid), cvm->app_id, (size_t)SB_ADDRESS_SIZE, cvm->name, stage.status,
		(int64_t)cvm->vcpu, (int64_t)cvm->memory_gb * 1024, (int64_t)cvm->disk_gb, (int64_t)cvm->node->id, cvm->node->name,
		cvm->node->region, cvm->contract != NULL ? "base" : "phala", cvm->kms->slug, cvm->kms->id, cvm->instance_id,
		(size_t)SB_ADDRESS_SIZE);
}

static void shape_app(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm)
{
	char at[32], id[16];
	struct buf row = BUF_INIT;
	snprintf(id, sizeof(id), "app_%02x%02x%02x%02x", cvm->app_id[0], cvm->app_id[1], cvm->app_id[2], cvm->app_id[3]);
	shape_app_row(&row, x, cvm);
	sb_shape(out, "{'id':%s,'name':%s,'app_id':%h,'app_provision_type':null,'app_icon_url':null,'created_at':%s,'kms_type':%s,"
		"'profile':null,'current_cvm':%t,'cvms':[%t],'cvm_count':1}", id, cvm->name, cvm->app_id, (size_t)SB_ADDRESS_SIZE,
		sb_time(at, cvm->created_ms), cvm->contract != NULL ? "base" : "phala", &row, &row);
	buf_clear(&row);
}

static bool text_holds(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

static bool app_is_wanted(const struct sb_exchange *x, struct sb_cvm *cvm)
{
	const char *search = sb_request_query(x->request, "search"), *status = sb_request_query(x->request, "status");
	const char *node = sb_request_query(x->request, "node"), *kms = sb_request_query(x->request, "kms_type");
	char id[2 * SB_ADDRESS_SIZE + 1];
	for (size_t i = 0; i < SB_ADDRESS_SIZE; i++)
		snprintf(id + 2 * i, 3, "%02x", cvm->app_id[i]);
	if (search != NULL && search[0] != '\0' && !text_holds(cvm->name, search) && !text_holds(id, search))
		return false;
	if (status != NULL && status[0] != '\0' && !text_holds(status, sb_stage_now(x->world, cvm).status))
		return false;
	if (kms != NULL && kms[0] != '\0' && !text_equal(kms, cvm->contract != NULL ? "base" : "phala"))
		return false;
	return node == NULL || node[0] == '\0' || text_equal(node, cvm->node->name);
}

void sb_list_apps(struct sb_exchange *x)
{
	struct page page = page_of(x, 30);
	bool first = true;
	buf_add_text(&x->out, "{\"dstack_apps\":[");
	for (size_t i = 0; i < x->world->cvm_count; i++) {
		if (!app_is_wanted(x, &x->world->cvms[i]) || !page_holds(&page, page.total++))
			continue;
		buf_add_text(&x->out, first ? "" : ",");
		first = false;
		shape_app(&x->out, x, &x->world->cvms[i]);
	}
	page_end(&page);
	sb_shape(&x->out, "],'page':%d,'page_size':%d,'total':%d,'total_pages':%d}", page.number, page.size, (int64_t)page.total, page.pages);
}

void sb_get_app(struct sb_exchange *x)
{
	shape_app(&x->out, x, x->cvm);
}

void sb_list_app_cvms(struct sb_exchange *x)
{
	buf_add_byte(&x->out, '[');
	sb_shape_cvm(&x->out, x, x->cvm, false);
	buf_add_byte(&x->out, ']');
}

void sb_post_status_batch(struct sb_exchange *x)
{
	const json *list = json_member(x->body, "vm_uuids");
	bool first = true;
	if (json_kind(list) != JSON_ARRAY || json_count(list) > BATCH_MAX) {
		sb_fail(x, 422, "vm_uuids must be a list");
		return;
	}
	buf_add_byte(&x->out, '{');
	for (const json *item = json_first(list); item != NULL; item = json_next(item)) {
		struct sb_cvm *cvm = sb_world_find_uuid(x->world, json_string(item, ""));
		if (cvm == NULL)
			continue;
		sb_shape(&x->out, first ? "%s:" : ",%s:", json_string(item, ""));
		first = false;
		sb_shape_status(&x->out, x->world, cvm);
	}
	buf_add_byte(&x->out, '}');
}
