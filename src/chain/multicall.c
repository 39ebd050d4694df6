/* SPDX-License-Identifier: Apache-2.0 */
/* aggregate3: (address target, bool allowFailure, bytes callData)[] to (bool success, bytes returnData)[]. */
#include "chain/multicall.h"

#include <stdlib.h>

#include "base/mem.h"
#include "chain/abi.h"

static const char aggregate3[] = "aggregate3((address,bool,bytes)[])";

bool multicall_encode(const struct multicall_call *calls, size_t count, struct buf *out, struct error *err)
{
	if (count > MULTICALL_MAX)
		return error_set(err, STATUS_INPUT, "multicall-size", "more than %d calls in one", MULTICALL_MAX);
	struct abi_value *fields = mem_new(3 * count + 1, sizeof(*fields));
	struct abi_value *tuples = mem_new(count + 1, sizeof(*tuples));
	for (size_t i = 0; i < count; i++) {
		fields[3 * i] = abi_address(&calls[i].target);
		fields[3 * i + 1] = abi_bool(calls[i].allow_failure);
		fields[3 * i + 2] = abi_bytes(calls[i].data, calls[i].len);
		tuples[i] = abi_tuple(&fields[3 * i], 3);
	}
	struct abi_value list = abi_array(tuples, count);
	bool good = abi_encode_call(aggregate3, &list, 1, out, err);
	free(tuples);
	free(fields);
	return good;
}

bool multicall_decode(const uint8_t *data, size_t len, struct multicall_result **results, size_t *count, struct error *err)
{
	struct abi_values values;
	*results = NULL;
	*count = 0;
	if (!abi_decode("(bool,bytes)[]", data, len, &values, err))
		return false;
	const struct abi_value *list = &values.items[0];
	*results = mem_new(list->count + 1, sizeof(**results));
	*count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		const struct abi_value *pair = list->items[i].items;
		(*results)[i] = (struct multicall_result){ abi_get_bool(&pair[0]), pair[1].bytes, pair[1].len };
	}
	abi_values_clear(&values);
	return true;
}
