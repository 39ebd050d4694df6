/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/term_codes.h"

#include <stdint.h>

static void add_base64(struct buf *out, const char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)(unsigned char)bytes[i] << 16;

		if (i + 1 < len)
			group |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
		if (i + 2 < len)
			group |= (uint32_t)(unsigned char)bytes[i + 2];
		buf_add_byte(out, digits[group >> 18]);
		buf_add_byte(out, digits[group >> 12 & 63]);
		buf_add_byte(out, i + 1 < len ? digits[group >> 6 & 63] : '=');
		buf_add_byte(out, i + 2 < len ? digits[group & 63] : '=');
	}
}

void term_codes_copy(struct buf *out, const char *bytes, size_t len, bool tmux)
{
	buf_add_text(out, "\033]52;c;");
	add_base64(out, bytes, len);
	buf_add_text(out, "\007");
	if (!tmux)
		return;
	/* tmux hands on what stands between ESC P tmux ; and ESC \, with each ESC doubled. */
	buf_add_text(out, "\033Ptmux;\033\033]52;c;");
	add_base64(out, bytes, len);
	buf_add_text(out, "\007\033\\");
}
