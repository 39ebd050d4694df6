/* SPDX-License-Identifier: Apache-2.0 */
/* What the sandbox takes from outside: fault documents, paths, compose files, app-compose updates. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sandbox/faults.h"
#include "sandbox/manifest.h"
#include "sandbox/routes.h"
#include "sandbox/services.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_faults(const char *text, size_t size)
{
	struct sb_faults *faults = mem_new(1, sizeof(*faults));
	struct error err;
	sb_faults_init(faults);
	if (sb_faults_parse(faults, text, size, &err)) {
		for (int i = 0; i < 3; i++)
			sb_faults_match(faults->http, faults->http_count, "GET", text);
		/* What was kept must be understood again. */
		struct sb_faults *again = mem_new(1, sizeof(*again));
		sb_faults_init(again);
		if (!sb_faults_parse(again, buf_text(&faults->text), faults->text.len, &err))
			abort();
		sb_faults_clear(again);
		free(again);
	}
	sb_faults_clear(faults);
	free(faults);
}

static void try_route(const char *path)
{
	char params[SB_PARAMS_MAX][SB_PARAM_SIZE];
	for (const struct sb_route *route = sb_routes; route->path != NULL; route++)
		if (sb_route_match(route, route->method, path, params) && path[0] != '/')
			abort();
}

static void try_document(const char *text, size_t size)
{
	json *document = json_parse(text, size, NULL);
	if (document == NULL)
		return;
	for (enum sb_form form = SB_FORM_COMPACT; form <= SB_FORM_RAW; form++) {
		struct buf out = BUF_INIT;
		json *changed = sb_manifest_apply(document, document);
		sb_manifest_print(&out, changed, form);
		buf_clear(&out);
		json_free(changed);
	}
	json_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sb_service services[SB_SERVICES_MAX];
	char *text = mem_copy((const char *)data, size);
	try_faults(text, size);
	try_route(text);
	try_document(text, size);
	struct error err;
	if (sb_services_read(text, services, &err) > SB_SERVICES_MAX)
		abort();
	free(text);
	return 0;
}
