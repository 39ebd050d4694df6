/* SPDX-License-Identifier: Apache-2.0 */
/* Log streams of both framings: the pieces the bytes come in must not matter. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/log_frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_message(void *ctx, enum log_channel channel, const char *bytes, size_t len)
{
	struct buf *out = ctx;

	buf_add(&out[channel], bytes, len);
}

static void decode(struct buf out[2], const char *bytes, size_t len, size_t step)
{
	struct log_frames frames;
	size_t at;

	log_frames_init(&frames, false, on_message, out);
	for (at = 0; at < len; at += step)
		log_frames_feed(&frames, bytes + at, len - at < step ? len - at : step);
	log_frames_finish(&frames);
	log_frames_clear(&frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole[2] = { BUF_INIT, BUF_INIT }, parts[2] = { BUF_INIT, BUF_INIT };
	int i;

	decode(whole, (const char *)data, size, size ? size : 1);
	decode(parts, (const char *)data, size, size % 5 + 1);
	for (i = 0; i < 2; i++) {
		if (size < 4096 && (whole[i].len != parts[i].len || memcmp(buf_text(&whole[i]), buf_text(&parts[i]), whole[i].len) != 0))
			abort();
		buf_clear(&whole[i]);
		buf_clear(&parts[i]);
	}
	return 0;
}
