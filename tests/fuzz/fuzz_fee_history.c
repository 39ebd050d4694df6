/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of a node: fee histories, costs and receipts. */
#include <stddef.h>
#include <stdint.h>

#include "chain/fees.h"
#include "chain/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fee_history history;
	struct receipt receipt, copy;
	struct u256 out;
	json *tree = json_parse((const char *)data, size, NULL);

	if (!tree)
		return 0;
	if (fee_history_parse(tree, &history, NULL))
		(void)!fees_max_fee(fee_history_next_base_fee(&history), fee_history_latest_base_fee(&history), 12, 10, &out, NULL);
	fee_history_clear(&history);
	(void)!fees_receipt_cost(tree, &out, NULL);
	if (receipt_parse(tree, &receipt, NULL)) {
		receipt_copy(&copy, &receipt);
		receipt_clear(&copy);
	}
	receipt_clear(&receipt);
	json_free(tree);
	return 0;
}
