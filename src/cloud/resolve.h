/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what an operator typed to one CVM. A UUID, an app id or the API's own
 * id is asked for directly; a name is looked up in the whole list, since names
 * are not unique and the API would pick one silently.
 */
#ifndef CVMDECK_CLOUD_RESOLVE_H
#define CVMDECK_CLOUD_RESOLVE_H

#include "cloud/api.h"

struct resolve;

/*
 * detail is borrowed for the call, NULL when *err says why: STATUS_API
 * "cvm-unknown", "cvm-ambiguous" (detail lists them), or what the API said.
 */
typedef void resolve_fn(void *ctx, const struct cvm_detail *detail, const struct error *err);

/* Never calls back before it returns; version as for api_get_cvm. */
struct resolve *resolve_start(struct api *api, const char *text, const char *version, resolve_fn *fn, void *ctx);
/* fn is not called; NULL is fine. */
void resolve_cancel(struct resolve *resolve);

/* True for what can be asked for directly. */
bool resolve_is_direct(const char *text);

#endif
