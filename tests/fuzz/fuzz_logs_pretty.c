/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in a log line laid out: only white space outside of strings may differ, and it is still JSON. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "logs/pretty.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text without white space outside of strings. */
static void squeeze(struct buf *out, const char *text, size_t len)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (inside && text[i] == '\\' && i + 1 < len) {
			buf_add(out, text + i++, 2);
			continue;
		}
		if (text[i] == '"')
			inside = !inside;
		if (inside || !text[i] || !strchr(" \t\r\n", text[i]))
			buf_add_byte(out, text[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	size_t begin = logs_json_begin(line, size);
	struct buf laid_out = { 0 }, before = { 0 }, after = { 0 };
	struct exact_json *tree;

	if (begin > size)
		abort();
	if (begin == size)
		return 0;
	logs_json_lay_out(&laid_out, line + begin, size - begin);
	squeeze(&before, line + begin, size - begin);
	squeeze(&after, buf_text(&laid_out), laid_out.len);
	if (before.len != after.len || memcmp(buf_text(&before), buf_text(&after), before.len) != 0)
		abort();
	tree = exact_json_parse(buf_text(&laid_out), laid_out.len, NULL);
	if (!tree)
		abort();
	exact_json_free(tree);
	buf_clear(&laid_out);
	buf_clear(&before);
	buf_clear(&after);
	return 0;
}
