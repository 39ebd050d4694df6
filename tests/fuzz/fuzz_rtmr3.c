/* SPDX-License-Identifier: Apache-2.0 */
/* An event log, read, replayed and judged. */
#include <stddef.h>
#include <stdint.h>

#include "rollout/rtmr3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtmr3_verdict verdict;
	struct quote quote = { .version = 4 };
	struct rtmr3_log log;

	if (rtmr3_log_parse(&log, (const char *)data, size, 1, NULL))
		rtmr3_check_quote(&verdict, &log, &quote, NULL);
	rtmr3_log_clear(&log);
	return 0;
}
