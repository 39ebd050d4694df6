/* SPDX-License-Identifier: Apache-2.0 */
/* The long form of a CVM: what is only needed for the one that is looked at. */
#include "cloud/cvm.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"

enum { MOST_ENDPOINTS = 256 };

struct text_field {
	size_t at;
	const char *newer, *older;
};

#define FIELD(member, newer, older) { offsetof(struct cvm_detail, member), newer, older }

static const struct text_field fields[] = {
	FIELD(log_serial, "logs.serial", NULL),
	FIELD(log_stdout, "logs.stdout", NULL),
	FIELD(log_stderr, "logs.stderr", NULL),
	FIELD(container_log_base, "logs.container_log_base", NULL),
	FIELD(syslog_endpoint, "syslog_endpoint", NULL),
	FIELD(encrypted_env_pubkey, "kms_info.encrypted_env_pubkey", "encrypted_env_pubkey"),
	FIELD(rpc_endpoint, "kms_info.rpc_endpoint", NULL),
	FIELD(kms_id, "kms_info.id", NULL),
	FIELD(kms_slug, "kms_info.slug", NULL),
	FIELD(kms_url, "kms_info.url", NULL),
	FIELD(deployer_address, "kms_info.deployer_address", "deployer_address"),
	FIELD(workspace_slug, "workspace.slug", NULL),
	FIELD(workspace_name, "workspace.name", NULL),
	FIELD(instance_type, "resource.instance_type", "instance_type"),
	FIELD(progress_target, "progress.target", NULL),
	FIELD(created_at, "created_at", NULL),
	FIELD(gateway_domain, "gateway.base_domain", "gateway_domain"),
};

static char **text_at(struct cvm_detail *detail, size_t field)
{
	return (char **)(void *)((char *)detail + fields[field].at);
}

static char *copy_text(const json *answer, const char *path)
{
	const char *text = path ? json_text(answer, path) : "";

	return *text ? mem_strdup(text) : NULL;
}

static void read_endpoints(struct cvm_detail *detail, const json *list)
{
	const json *item;
	size_t count = json_count(list);

	if (json_kind(list) != JSON_ARRAY || !count)
		return;
	detail->endpoints = mem_new(count < MOST_ENDPOINTS ? count : MOST_ENDPOINTS, sizeof(*detail->endpoints));
	for (item = json_first(list); item && detail->endpoint_count < MOST_ENDPOINTS; item = json_next(item)) {
		struct cvm_endpoint *endpoint = &detail->endpoints[detail->endpoint_count++];

		endpoint->app = copy_text(item, "app");
		endpoint->instance = copy_text(item, "instance");
	}
}

/* A key of the wrong form is as good as none: it must not reach the encryption. */
static void check_key(struct cvm_detail *detail)
{
	uint8_t key[32];

	if (detail->encrypted_env_pubkey && !hex_decode(key, sizeof(key), detail->encrypted_env_pubkey)) {
		free(detail->encrypted_env_pubkey);
		detail->encrypted_env_pubkey = NULL;
	}
}

struct cvm_detail *cvm_detail_parse(const json *answer, struct error *err)
{
	struct cvm_detail *detail = mem_new(1, sizeof(*detail));
	double memory_mb;
	size_t i;

	if (!cvm_parse(&detail->cvm, answer)) {
		free(detail);
		error_set(err, STATUS_API, "bad-shape", "the API's answer is JSON, but describes no CVM");
		error_next(err, "check the API address and version; a proxy may answer in its place");
		return NULL;
	}
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char **text = text_at(detail, i);

		*text = copy_text(answer, fields[i].newer);
		if (!*text)
			*text = copy_text(answer, fields[i].older);
	}
	check_key(detail);
	read_endpoints(detail, json_count(json_member(answer, "endpoints")) ? json_member(answer, "endpoints") : json_member(answer, "public_urls"));
	detail->vcpu = json_int(answer, "resource.vcpu", json_int(answer, "vcpu", -1));
	detail->disk_gb = json_int(answer, "resource.disk_in_gb", json_int(answer, "disk_size", -1));
	memory_mb = json_number(answer, "memory", -1);
	detail->memory_gb = json_number(answer, "resource.memory_in_gb", memory_mb < 0 ? -1 : memory_mb / 1024);
	return detail;
}

static void copy_endpoints(struct cvm_detail *into, const struct cvm_detail *from)
{
	size_t i;

	if (into->endpoint_count || !from->endpoint_count)
		return;
	free(into->endpoints);
	into->endpoints = mem_new(from->endpoint_count, sizeof(*into->endpoints));
	into->endpoint_count = from->endpoint_count;
	for (i = 0; i < from->endpoint_count; i++) {
		into->endpoints[i].app = mem_strdup(from->endpoints[i].app);
		into->endpoints[i].instance = mem_strdup(from->endpoints[i].instance);
	}
}

void cvm_detail_merge(struct cvm_detail *into, const struct cvm_detail *from)
{
	size_t i;

	cvm_merge(&into->cvm, &from->cvm);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char **to = text_at(into, i);
		char *const *other = (char *const *)(const void *)((const char *)from + fields[i].at);

		if (!*to)
			*to = mem_strdup(*other);
	}
	copy_endpoints(into, from);
	if (into->vcpu < 0)
		into->vcpu = from->vcpu;
	if (into->disk_gb < 0)
		into->disk_gb = from->disk_gb;
	if (into->memory_gb < 0)
		into->memory_gb = from->memory_gb;
}

struct cvm_detail *cvm_detail_copy(const struct cvm_detail *detail)
{
	struct cvm_detail *copy = mem_new(1, sizeof(*copy));

	copy->vcpu = copy->disk_gb = -1;
	copy->memory_gb = -1;
	copy->cvm = detail->cvm;
	cvm_detail_merge(copy, detail);
	return copy;
}

void cvm_detail_free(struct cvm_detail *detail)
{
	size_t i;

	if (!detail)
		return;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		free(*text_at(detail, i));
	for (i = 0; i < detail->endpoint_count; i++) {
		free(detail->endpoints[i].app);
		free(detail->endpoints[i].instance);
	}
	free(detail->endpoints);
	free(detail);
}
