/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/log_store.h"

#include "logs/spill.h"

struct logs_store *log_store_new(struct session *session, logs_changed_fn *changed, void *ctx, struct error *err)
{
	struct session_logs limits = session_logs(session);
	struct logs_store *store = logs_store_new((size_t)limits.memory);
	struct logs_spill *spill;

	error_clear(err);
	if (!limits.disk)
		return store;
	spill = logs_spill_new(session_loop(session), limits.disk_dir, limits.disk, err);
	if (spill)
		logs_store_spill(store, spill, changed, ctx);
	return store;
}
