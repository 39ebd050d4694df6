/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the two framings are told apart and what a message means. A server that
 * sends base64 does so for every message, so what surely was base64 once lets
 * later short messages be decoded too.
 */
#include "cloud/log_frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum {
	SURE_LENGTH = 24,      /* no ordinary word is that long and decodes to text */
	SURE_BINARY = 64,      /* nor decodes to anything else, with all kinds of letters in it */
	UNDECIDED_MOST = 4096, /* white space at the start, then it is plain text */
};

void log_frames_init(struct log_frames *frames, bool plain, log_message_fn *fn, void *ctx)
{
	memset(frames, 0, sizeof(*frames));
	frames->fn = fn;
	frames->ctx = ctx;
	frames->mode = plain ? LOG_FRAMES_RAW : LOG_FRAMES_UNDECIDED;
}

void log_frames_clear(struct log_frames *frames)
{
	buf_clear(&frames->rest);
}

/* ---- base64, or a word that looks like it ---- */

static int base64_digit(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding characters of a text that has the form, or -1. */
static int base64_form(const char *text, size_t len)
{
	int pad = 0;
	size_t i;

	if (!len || len % 4)
		return -1;
	while (pad < 2 && text[len - 1 - (size_t)pad] == '=')
		pad++;
	for (i = 0; i < len - (size_t)pad; i++)
		if (base64_digit((unsigned char)text[i]) < 0)
			return -1;
	return pad;
}

static size_t base64_decode(char *out, const char *text, size_t len, int pad)
{
	size_t i, n = 0;

	for (i = 0; i + 3 < len; i += 4) {
		uint32_t bits = 0;
		int k;

		for (k = 0; k < 4; k++)
			bits = bits << 6 | (text[i + (size_t)k] == '=' ? 0 : (uint32_t)base64_digit((unsigned char)text[i + (size_t)k]));
		out[n++] = (char)(bits >> 16);
		out[n++] = (char)(bits >> 8);
		out[n++] = (char)bits;
	}
	return n - (size_t)pad;
}

/* Text as a program prints it: UTF-8, and of the controls only those that lay out or colour. */
static bool is_plausible(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < 0x20 && !strchr("\t\n\r\b\x1b", bytes[i] ? bytes[i] : '!'))
			return false;
	return text_is_utf8(bytes, len);
}

static bool has_all_kinds(const char *text, size_t len)
{
	bool upper = false, lower = false, digit = false;
	size_t i;

	for (i = 0; i < len; i++) {
		upper = upper || (text[i] >= 'A' && text[i] <= 'Z');
		lower = lower || (text[i] >= 'a' && text[i] <= 'z');
		digit = digit || (text[i] >= '0' && text[i] <= '9');
	}
	return upper && lower && digit;
}

char *log_frames_decode(const char *message, size_t len, bool *base64, size_t *out_len)
{
	int pad = base64_form(message, len);
	char *bytes;
	size_t n;
	bool plausible, sure;

	if (pad < 0)
		return NULL;
	bytes = mem_new(1, len + 1);
	n = base64_decode(bytes, message, len, pad);
	plausible = is_plausible(bytes, n);
	sure = plausible && n && (bytes[n - 1] == '\n' || pad > 0 || len >= SURE_LENGTH);
	sure = sure || pad == 2 || (len >= SURE_BINARY && has_all_kinds(message, len));
	if (sure)
		*base64 = true;
	if (sure || *base64) {
		*out_len = n;
		return bytes;
	}
	free(bytes);
	return NULL;
}

/* ---- frames ---- */

/* Bytes of one JavaScript white space character at the start, or 0. */
static size_t space_at(const char *bytes, size_t len)
{
	uint32_t cp;
	size_t used = text_decode(bytes, len, &cp);

	if (!used || cp == TEXT_INVALID)
		return 0;
	if ((cp >= 9 && cp <= 13) || cp == ' ' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
	    cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000 || cp == 0xFEFF)
		return used;
	return 0;
}

static void trim(const char **bytes, size_t *len)
{
	size_t used, back;

	while (*len && (used = space_at(*bytes, *len))) {
		*bytes += used;
		*len -= used;
	}
	do {
		used = 0;
		for (back = 1; back <= 3 && back <= *len && !used; back++)
			if (space_at(*bytes + *len - back, back) == back)
				used = back;
		*len -= used;
	} while (used);
}

/* A lone surrogate of the JSON text becomes U+FFFD. */
static void give_message(struct log_frames *frames, enum log_channel channel, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	size_t i, good = 0;

	for (i = 0; i + 2 < len; i++) {
		if ((unsigned char)text[i] != 0xED || (unsigned char)text[i + 1] < 0xA0)
			continue;
		buf_add(&clean, text + good, i - good);
		text_encode(&clean, 0xFFFD);
		good = i + 3;
		i += 2;
	}
	if (good) {
		buf_add(&clean, text + good, len - good);
		text = buf_text(&clean);
		len = clean.len;
	}
	frames->fn(frames->ctx, channel, text, len);
	buf_clear(&clean);
}

static bool give_frame(struct log_frames *frames, const char *line, size_t len)
{
	struct buf clean = BUF_INIT;
	struct exact_json *frame = NULL;
	const char *message, *word;
	size_t message_len, channel_len = 0, n;
	enum log_channel channel;
	char *bytes;

	if (len && *line == '{') {
		text_lossy(&clean, line, len);
		frame = exact_json_parse(buf_text(&clean), clean.len, NULL);
		buf_clear(&clean);
	}
	message = exact_json_string(exact_json_get(frame, "message"), &message_len);
	if (message) {
		word = exact_json_string(exact_json_get(frame, "channel"), &channel_len);
		channel = word && channel_len == 6 && memcmp(word, "stderr", 6) == 0 ? LOG_STDERR : LOG_STDOUT;

		bytes = log_frames_decode(message, message_len, &frames->base64, &n);
		if (bytes)
			frames->fn(frames->ctx, channel, bytes, n);
		else
			give_message(frames, channel, message, message_len);
		free(bytes);
	}
	exact_json_free(frame);
	return message != NULL;
}

/* A line that is no frame is shown as it came, on stdout; a blank one is dropped. */
static void give_line(struct log_frames *frames, char *line, size_t len)
{
	const char *inner = line;
	size_t inner_len = len;

	trim(&inner, &inner_len);
	if (!inner_len || give_frame(frames, inner, inner_len))
		return;
	if (len && line[len - 1] == '\r')
		len--;
	line[len] = '\n'; /* in the place of the LF, the CR, or the NUL behind the buffer */
	frames->fn(frames->ctx, LOG_STDOUT, line, len + 1);
}

static void feed_frames(struct log_frames *frames, const char *bytes, size_t len)
{
	struct buf *rest = &frames->rest;
	size_t from = rest->len, at = 0;
	char *lf;

	buf_add(rest, bytes, len);
	while (rest->len > at && from < rest->len && (lf = memchr(rest->data + from, '\n', rest->len - from))) {
		size_t end = (size_t)(lf - rest->data);

		give_line(frames, rest->data + at, end - at);
		from = at = end + 1;
	}
	buf_shift(rest, at);
	if (rest->len > LIMIT_LOG_FRAME) {
		frames->fn(frames->ctx, LOG_STDOUT, rest->data, rest->len);
		buf_reset(rest);
	}
}

/* Bytes of the white space at the start; *whole false: they may go on with what comes next. */
static size_t leading_space(const char *bytes, size_t len, bool *whole)
{
	size_t at = 0, used;

	while (at < len && (used = space_at(bytes + at, len - at)))
		at += used;
	/* A start byte of a longer character whose rest has not come decides nothing. */
	*whole = at < len && !(len - at < 3 && (unsigned char)bytes[at] >= 0xC2 && (len - at == 1 || (unsigned char)bytes[at] >= 0xE0));
	return at;
}

static void decide(struct log_frames *frames, bool at_end)
{
	struct buf begin = frames->rest;
	bool whole;
	size_t space = leading_space(buf_text(&begin), begin.len, &whole), bom = 0;

	if (!whole && !at_end && begin.len < UNDECIDED_MOST)
		return;
	if (begin.len >= 3 && memcmp(begin.data, "\xEF\xBB\xBF", 3) == 0)
		bom = 3;
	frames->mode = space < begin.len && begin.data[space] == '{' ? LOG_FRAMES_JSON : LOG_FRAMES_RAW;
	buf_init(&frames->rest, 0);
	if (begin.len > bom)
		log_frames_feed(frames, begin.data + bom, begin.len - bom);
	buf_clear(&begin);
}

void log_frames_feed(struct log_frames *frames, const char *bytes, size_t len)
{
	if (!len)
		return;
	if (frames->mode == LOG_FRAMES_RAW) {
		frames->fn(frames->ctx, LOG_STDOUT, bytes, len);
	} else if (frames->mode == LOG_FRAMES_JSON) {
		feed_frames(frames, bytes, len);
	} else {
		buf_add(&frames->rest, bytes, len);
		decide(frames, false);
	}
}

void log_frames_finish(struct log_frames *frames)
{
	if (frames->mode == LOG_FRAMES_UNDECIDED && frames->rest.len)
		decide(frames, true);
	if (frames->mode == LOG_FRAMES_JSON && frames->rest.len)
		give_line(frames, frames->rest.data, frames->rest.len);
	buf_reset(&frames->rest);
}
