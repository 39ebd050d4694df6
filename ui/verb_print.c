/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/verb_print.h"

#include <stdio.h>

#include "base/text.h"

void verb_print_json(json *object)
{
	struct buf line = BUF_INIT;

	json_print(&line, object);
	puts(buf_text(&line));
	buf_clear(&line);
	json_free(object);
}

static void add(json *object, const char *name, const char *text)
{
	json_add_text(object, name, *text ? text : NULL);
}

static void add_flag(json *object, const char *name, uint8_t flag)
{
	if (flag == CVM_UNKNOWN)
		json_add_null(object, name);
	else
		json_add_bool(object, name, flag == CVM_YES);
}

json *verb_cvm_json(const struct cvm *cvm)
{
	json *object = json_new_object();

	add(object, "name", cvm->name);
	add(object, "vm_uuid", cvm->vm_uuid);
	add(object, "app_id", cvm->app_id);
	add(object, "instance_id", cvm->instance_id);
	add(object, "status", cvm->status);
	json_add_bool(object, "in_progress", cvm->in_progress);
	add(object, "operation", cvm->operation);
	add(object, "compose_hash", cvm->compose_hash);
	add(object, "kms_type", cvm->kms_type);
	if (cvm->chain_id)
		json_add_int(object, "chain_id", (int64_t)cvm->chain_id);
	else
		json_add_null(object, "chain_id");
	add(object, "app_address", cvm->app_address);
	add(object, "kms_address", cvm->kms_address);
	add(object, "node", cvm->node_name);
	add(object, "region", cvm->node_region);
	add(object, "device_id", cvm->device_id);
	add(object, "os", cvm->os_name);
	add(object, "os_image_hash", cvm->os_image_hash);
	add(object, "uptime", cvm->uptime);
	if (cvm->uptime_s >= 0)
		json_add_int(object, "uptime_seconds", cvm->uptime_s);
	else
		json_add_null(object, "uptime_seconds");
	add(object, "boot_error", cvm->boot_error);
	add_flag(object, "public_logs", cvm->public_logs);
	add_flag(object, "public_sysinfo", cvm->public_sysinfo);
	add_flag(object, "public_tcbinfo", cvm->public_tcbinfo);
	return object;
}
