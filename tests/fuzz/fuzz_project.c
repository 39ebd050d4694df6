/* SPDX-License-Identifier: Apache-2.0 */
/* phala.toml */
#include <stdint.h>

#include "cloud/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct project project;

	if (project_parse(&project, (const char *)data, size, NULL)) {
		project_cvm(&project);
		project_clear(&project);
	}
	return 0;
}
