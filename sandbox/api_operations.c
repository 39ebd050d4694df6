/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on a CVM: what ran, what runs, giving up, power. */
#include <string.h>

#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

static void shape_operation(struct buf *out, const struct sb_exchange *x, const struct sb_operation *operation)
{
	char from[32], until[32];
	bool ended = operation->ended_ms != 0;
	sb_shape(out, "{'correlation_id':%s,'operation_type':%s,'target_state':'running','triggered_by':1,'triggered_by_username':'op',"
		"'started_at':%s,'completed_at':%s,", operation->correlation_id, operation->type, sb_time(from, operation->started_ms),
		ended ? sb_time(until, operation->ended_ms) : NULL);
	if (ended)
		sb_shape(out, "'duration_ms':%d,", operation->ended_ms - operation->started_ms);
	sb_shape(out, "'status':%s,'error_message':%s,'sub_operations':[],'events':[],'instance_name':%s,'compose_hash':%h}",
		!ended ? "in_progress" : operation->error != NULL ? "failed" : "completed", operation->error, x->cvm->name, operation->hash,
		sizeof(operation->hash));
}

void sb_list_operations(struct sb_exchange *x)
{
	sb_stage_now(x->world, x->cvm);
	buf_add_text(&x->out, "{\"items\":[");
	for (size_t i = x->cvm->operation_count; i > 0; i--) {
		buf_add_text(&x->out, i < x->cvm->operation_count ? "," : "");
		shape_operation(&x->out, x, &x->cvm->operations[i - 1]);
	}
	sb_shape(&x->out, "],'next_cursor':null,'total':%d}", (int64_t)x->cvm->operation_count);
}

void sb_get_operation(struct sb_exchange *x)
{
	struct sb_stage stage = sb_stage_now(x->world, x->cvm);
	char at[32];
	if (!stage.in_progress)
		sb_shape(&x->out, "{'status':'idle','operation_type':null,'correlation_id':null}");
	else
		sb_shape(&x->out, "{'status':'in_progress','operation_type':%s,'correlation_id':%s,'started_at':%s}", stage.operation,
			stage.correlation_id, sb_time(at, stage.operation_ms));
}

void sb_cancel_operation(struct sb_exchange *x)
{
	char id[SB_UUID_TEXT];
	if (sb_stage_cancel(x->world, x->cvm, id))
		sb_shape(&x->out, "{'cancelled':true,'correlation_id':%s}", id);
	else
		sb_fail(x, 409, "No operation in progress");
}

void sb_power(struct sb_exchange *x)
{
	const char *path = sb_request_path(x->request);
	const char *verb = strrchr(path, '/') + 1;
	if (sb_stage_now(x->world, x->cvm).in_progress) {
		sb_fail(x, 409, "Another operation is in progress");
		return;
	}
	if (text_equal(verb, "restart"))
		sb_stage_power(x->world, x->cvm, false);
	sb_stage_power(x->world, x->cvm, text_equal(verb, "start") || text_equal(verb, "restart"));
	x->newer = false;
	sb_shape_cvm(&x->out, x, x->cvm, false);
}
