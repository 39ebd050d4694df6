/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a log stream apart into messages of stdout and stderr: plain text, or
 * one JSON object a line {"channel","message"} whose message is plain or
 * base64 (tests/vectors/log_frames.json). Bytes may come split anywhere.
 *
 * Where it differs from the official CLI, for the reader's sake: a message is
 * taken for base64 only when it surely is, so that a program that prints
 * "test" or "done" is not garbled; nothing is lost at the end of a stream; an
 * empty first piece decides nothing.
 */
#ifndef CVMDECK_CLOUD_LOG_FRAMES_H
#define CVMDECK_CLOUD_LOG_FRAMES_H

#include "base/buf.h"

enum log_channel { LOG_STDOUT, LOG_STDERR };

/* One message; bytes are borrowed, hold any byte, and may lack or hold several line ends. */
typedef void log_message_fn(void *ctx, enum log_channel channel, const char *bytes, size_t len);

struct log_frames {
	log_message_fn *fn;
	void *ctx;
	enum { LOG_FRAMES_UNDECIDED, LOG_FRAMES_RAW, LOG_FRAMES_JSON } mode;
	bool base64; /* this stream has sent messages that surely were base64 */
	struct buf rest;
};

/* plain: a serial or bare stream, passed on as it is. */
void log_frames_init(struct log_frames *frames, bool plain, log_message_fn *fn, void *ctx);
void log_frames_clear(struct log_frames *frames);
void log_frames_feed(struct log_frames *frames, const char *bytes, size_t len);
/* The stream has ended; what was kept back is given out. */
void log_frames_finish(struct log_frames *frames);

/*
 * The bytes of a message that is taken for base64, in new memory; NULL where
 * it is taken as it stands. *base64 is what the stream has shown so far.
 */
char *log_frames_decode(const char *message, size_t len, bool *base64, size_t *out_len);

#endif
