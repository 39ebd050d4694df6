/* SPDX-License-Identifier: Apache-2.0 */
/* Records of plans and of the machine's state, as a plan file or a damaged journal may hold them. */
#include <stddef.h>
#include <stdint.h>

#include "rollout/machine.h"
#include "rollout/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct plan plan;
	struct machine machine;
	struct effects effects;
	json *tree = json_parse((const char *)data, size, &err);
	if (tree && plan_load(&plan, tree, &err)) {
		struct compose_document *old = plan_old_document(&plan, &err);
		struct compose_document *fresh = old ? plan_new_document(&plan, old, &err) : NULL;
		compose_document_free(old);
		compose_document_free(fresh);
		plan_clear(&plan);
	}
	if (tree && machine_load(&machine, tree, &err)) {
		struct event event = { .kind = EVENT_READ };
		machine_resume(&machine, &effects);
		machine_step(&machine, &event, &effects);
		json_free(machine_save(&machine));
	}
	json_free(tree);
	return 0;
}
