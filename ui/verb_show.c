/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/resolve.h"
#include "ui/verb_print.h"
#include "ui/verb_status.h"
#include "ui/verbs.h"

struct show {
	struct session *session;
	struct cvm_detail *detail;
	struct error error;
};

static void on_resolved(void *ctx, const struct cvm_detail *detail, const struct error *err)
{
	struct show *show = ctx;

	if (detail)
		show->detail = cvm_detail_copy(detail);
	else
		show->error = *err;
	loop_stop(session_loop(show->session));
}

static void line(const char *name, const char *value)
{
	if (value && *value)
		printf("%-15s %s\n", name, value);
}

/* URLs come as given, so they are made safe here. */
static void url_line(const char *name, const char *url)
{
	struct buf safe = BUF_INIT;

	if (!url)
		return;
	text_safe(&safe, url, strlen(url), TEXT_ONE_LINE);
	line(name, buf_text(&safe));
	buf_clear(&safe);
}

static void print_plain(const struct cvm_detail *detail)
{
	const struct cvm *cvm = &detail->cvm;
	static const char *const flags[] = { "", "off", "on" };
	char uptime[TEXT_SHORT_SIZE];
	size_t i;

	line("name", cvm->name);
	line("status", cvm->status);
	line("operation", cvm->operation);
	line("boot error", cvm->boot_error);
	line("uuid", cvm->vm_uuid);
	line("app id", cvm->app_id);
	line("instance id", cvm->instance_id);
	line("compose hash", cvm->compose_hash);
	line("KMS", cvm->kms_type);
	line("KMS contract", cvm->kms_address);
	line("app contract", cvm->app_address);
	if (cvm->chain_id)
		printf("%-15s %" PRIu64 "\n", "chain id", cvm->chain_id);
	line("node", cvm->node_name);
	line("region", cvm->node_region);
	line("device id", cvm->device_id);
	line("OS", cvm->os_name);
	line("OS image hash", cvm->os_image_hash);
	line("uptime", cvm->uptime_s >= 0 ? text_duration(uptime, cvm->uptime_s * 1000) : cvm->uptime);
	line("public logs", flags[cvm->public_logs]);
	line("public sysinfo", flags[cvm->public_sysinfo]);
	line("public tcbinfo", flags[cvm->public_tcbinfo]);
	for (i = 0; i < detail->endpoint_count; i++)
		url_line("endpoint", detail->endpoints[i].app);
}

static void add_url(json *object, const char *name, const char *url)
{
	json_add_text(object, name, url);
}

static void print_json(const struct cvm_detail *detail)
{
	json *object = verb_cvm_json(&detail->cvm);
	json *endpoints = json_new_array();
	size_t i;

	for (i = 0; i < detail->endpoint_count; i++)
		if (detail->endpoints[i].app)
			json_append(endpoints, json_new_text(detail->endpoints[i].app));
	json_add(object, "endpoints", endpoints);
	add_url(object, "log_serial", detail->log_serial);
	add_url(object, "log_stdout", detail->log_stdout);
	add_url(object, "log_stderr", detail->log_stderr);
	add_url(object, "env_pubkey", detail->encrypted_env_pubkey);
	verb_print_json(object);
}

bool verb_show(struct session *session, const char *ref, bool as_json, struct error *err)
{
	struct show show = { .session = session };

	resolve_start(session_api(session), ref, NULL, on_resolved, &show);
	loop_run(session_loop(session));
	if (!show.detail) {
		*err = show.error;
		return false;
	}
	verb_read_statuses(session, &show.detail->cvm, 1);
	if (as_json)
		print_json(show.detail);
	else
		print_plain(show.detail);
	cvm_detail_free(show.detail);
	return true;
}
