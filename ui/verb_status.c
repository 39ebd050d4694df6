/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/verb_status.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/statuses.h"

struct live {
	struct loop *loop;
	struct cvm *cvms;
	size_t count;
	size_t next; /* where the next answer is looked for first: they come in the order of the question */
};

static void on_status(void *ctx, const char *vm_uuid, const json *status)
{
	struct live *live = ctx;
	size_t i;

	for (i = 0; i < live->count; i++) {
		struct cvm *cvm = &live->cvms[(live->next + i) % live->count];

		if (!text_equal(cvm->vm_uuid, vm_uuid))
			continue;
		cvm_update_status(cvm, status);
		live->next = (live->next + i + 1) % live->count;
		return;
	}
}

static void on_done(void *ctx, const struct error *err)
{
	struct live *live = ctx;

	if (err->status != STATUS_OK)
		fprintf(stderr, "cvmdeck: not every live status could be read, so uptimes may lack: %s\n", err->message);
	loop_stop(live->loop);
}

void verb_read_statuses(struct session *session, struct cvm *cvms, size_t count)
{
	struct live live = { .loop = session_loop(session), .cvms = cvms, .count = count };
	const struct statuses_handler handler = { on_status, on_done, &live };
	const char **uuids = mem_new(count + 1, sizeof(*uuids));
	size_t i;

	for (i = 0; i < count; i++)
		uuids[i] = cvms[i].vm_uuid;
	statuses_read(session_api(session), uuids, count, &handler);
	free(uuids);
	loop_run(live.loop);
}
