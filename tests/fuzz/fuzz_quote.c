/* SPDX-License-Identifier: Apache-2.0 */
/* A TDX quote, and its mr_config_id judged by facts cut from the same bytes. */
#include <stddef.h>
#include <stdint.h>

#include "rollout/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quote quote;
	struct mr_config_facts facts = { .document = (const char *)data, .document_len = size };

	if (!quote_parse(&quote, data, size, NULL))
		return 0;
	facts.compose_hash = quote.report_data;
	(void)mr_config_check(quote.mr_config_id, &facts);
	return 0;
}
