/* SPDX-License-Identifier: Apache-2.0 */
/* The input, cut in two at its first 0xFF, as the present and the new compose file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compose/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need_safe(const char *text)
{
	size_t i, len = strlen(text);

	if (!text_is_utf8(text, len))
		abort();
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			abort();
}

static void look(const char *before, size_t before_len, const char *after, size_t after_len)
{
	struct error err = { 0 };
	struct compose_summary *summary = compose_summary_new(before, before_len, after, after_len, &err);
	size_t i;

	if (!summary) {
		if (err.status != STATUS_INPUT)
			abort();
		return;
	}
	for (i = 0; i < summary->count; i++) {
		need_safe(summary->notes[i].service);
		need_safe(summary->notes[i].text);
	}
	compose_summary_free(summary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0xFF, size) : NULL;
	const char *text = (const char *)data;

	look(NULL, 0, text, size);
	if (cut)
		look(text, (size_t)(cut - data), (const char *)cut + 1, size - (size_t)(cut - data) - 1);
	return 0;
}
