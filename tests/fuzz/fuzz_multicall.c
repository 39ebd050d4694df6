/* SPDX-License-Identifier: Apache-2.0 */
/* What aggregate3 returned, and the same bytes as the log of a contract. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain/boot.h"
#include "chain/multicall.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_log(const uint8_t *data, size_t size)
{
	struct log_entry log = { .topic_count = 1 };
	struct decoded_event event;

	if (size < 34)
		return;
	contract_event_topic((enum contract_event)(data[0] % EVENT_COUNT), &log.topics[0]);
	memcpy(log.topics[1].bytes, data + 2, 32);
	log.topic_count += data[1] % LOG_MAX_TOPICS;
	log.data = data + 2;
	log.len = size - 2;
	(void)!contract_decode_log(&log, &event, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multicall_result *results = NULL;
	struct boot_answer answer;
	size_t count = 0;
	volatile uint8_t sum = 0;

	if (multicall_decode(data, size, &results, &count, NULL))
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < results[i].len; j += 31)
				sum = (uint8_t)(sum + results[i].data[j]);
	free(results);
	(void)!boot_decode(data, size, &answer, NULL);
	try_log(data, size);
	return 0;
}
