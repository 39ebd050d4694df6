/* SPDX-License-Identifier: Apache-2.0 */
/* ABI data read as one of a list of types, or as a type the input names itself; values encode and decode again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/contract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const known[] = { "bool", "address", "string", "bytes", "bool,string", "bytes,bytes,bytes,bytes", "address[]",
	"(bool,bytes)[]", "uint8[3],bytes4", "(address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[])",
	"string[][2],(uint256,(bool,bytes)[])" };

static void try_types(const char *types, const uint8_t *data, size_t size)
{
	struct abi_values values, again;
	struct buf out = BUF_INIT, text = BUF_INIT;

	if (!abi_decode(types, data, size, &values, NULL))
		return;
	buf_init(&out, 1 << 24);
	buf_init(&text, 1 << 16);
	abi_describe(&text, values.items, values.count);
	if (abi_encode(types, values.items, values.count, &out, NULL) && !out.overflow) {
		if (!abi_decode(types, (const uint8_t *)out.data, out.len, &again, NULL))
			abort();
		abi_values_clear(&again);
	}
	buf_clear(&text);
	buf_clear(&out);
	abi_values_clear(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, ';', size < 64 ? size : 64);
	struct buf text = BUF_INIT;

	if (size == 0)
		return 0;
	if (end) {
		char *types = mem_copy((const char *)data, (size_t)(end - data));
		try_types(types, end + 1, size - (size_t)(end + 1 - data));
		free(types);
	}
	try_types(known[data[0] % (sizeof(known) / sizeof(known[0]))], data + 1, size - 1);
	contract_describe(&text, data, size);
	contract_describe_revert(&text, data, size);
	buf_clear(&text);
	return 0;
}
