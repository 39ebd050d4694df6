/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator gives as --since or --until: a moment within reach, or no time. */
#include <stdlib.h>

#include "base/mem.h"
#include "cloud/logs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int64_t now = INT64_C(1767225600000), far = INT64_C(400) * 366 * 86400000 * 1000;
	char *text = mem_copy((const char *)data, size);
	int64_t ms = 0;

	if (log_time(text, now, &ms) && (ms > far || ms < -far))
		abort();
	free(text);
	return 0;
}
