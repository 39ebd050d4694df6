/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of BATCH, PARALLEL at a time. One that failed is not asked for again: the rest is worth showing. */
#include "cloud/statuses.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cloud/api_call.h"

enum { BATCH = 100, PARALLEL = 4 };

struct statuses {
	struct api *api;
	struct statuses_handler handler;
	char **uuids;
	size_t count, next, running;
	struct error error;
};

static void ask(struct statuses *all);

static void finish(struct statuses *all)
{
	size_t i;

	all->handler.done(all->handler.ctx, &all->error);
	for (i = 0; i < all->count; i++)
		free(all->uuids[i]);
	free(all->uuids);
	free(all);
}

static void on_batch(void *ctx, const struct api_reply *reply, const json *answer)
{
	struct statuses *all = ctx;
	const json *status;

	all->running--;
	if (all->error.status == STATUS_OK)
		all->error = reply->error;
	for (status = json_first(answer); status; status = json_next(status))
		all->handler.one(all->handler.ctx, json_name(status), status);
	ask(all);
}

static void ask(struct statuses *all)
{
	while (all->next < all->count && all->running < PARALLEL) {
		size_t left = all->count - all->next, size = left < BATCH ? left : BATCH;

		all->running++;
		api_get_statuses(all->api, (const char *const *)all->uuids + all->next, size, on_batch, all);
		all->next += size;
	}
	if (!all->running)
		finish(all);
}

static void begin(void *ctx)
{
	ask(ctx);
}

void statuses_read(struct api *api, const char *const *vm_uuids, size_t count, const struct statuses_handler *handler)
{
	struct statuses *all = mem_new(1, sizeof(*all));
	size_t i;

	all->api = api;
	all->handler = *handler;
	all->uuids = mem_new(count + 1, sizeof(*all->uuids));
	for (i = 0; i < count; i++)
		if (vm_uuids[i] && *vm_uuids[i])
			all->uuids[all->count++] = mem_strdup(vm_uuids[i]);
	loop_defer(api_loop(api), begin, all);
}
