/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile log line: whatever comes in, no control byte comes out, and the pieces cover the text. */
#include <stdlib.h>

#include "base/text.h"
#include "logs/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct logs_rendered rendered = { 0 };
	size_t i, covered = 0;

	logs_render(&rendered, (const char *)data, size);
	for (i = 0; i < rendered.text.len; i++)
		if ((unsigned char)rendered.text.data[i] < 0x20 || rendered.text.data[i] == 0x7F)
			abort();
	for (i = 0; i < rendered.count; i++) {
		if (rendered.pieces[i].safe != covered)
			abort();
		covered += rendered.pieces[i].safe_len;
	}
	if (covered != rendered.text.len || !text_is_utf8(buf_text(&rendered.text), rendered.text.len))
		abort();
	logs_rendered_clear(&rendered);
	return 0;
}
