/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever parses must print to a text that parses to the same value. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/exact_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct exact_json *value, struct exact_json_style style)
{
	struct buf text = BUF_INIT, twice = BUF_INIT;
	struct exact_json *second;

	exact_json_print(&text, value, style);
	second = exact_json_parse(buf_text(&text), text.len, NULL);
	if (!second)
		abort();
	exact_json_print(&twice, second, style);
	if (text.len != twice.len)
		abort();
	exact_json_free(second);
	buf_clear(&text);
	buf_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct exact_json *value = exact_json_parse((const char *)data, size, &err), *copy;

	if (!value)
		return 0;
	copy = exact_json_copy(value);
	if (!exact_json_equal(value, copy))
		abort();
	again(copy, (struct exact_json_style){ .indent = 0 });
	again(value, (struct exact_json_style){ .indent = 4, .sort = true });
	exact_json_free(copy);
	exact_json_free(value);
	return 0;
}
