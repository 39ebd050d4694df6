/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log streams. The tool has two decoders, one for a stream and one for a whole
 * body, which do not agree; ours gives the same bytes however they arrive, so
 * it is held against the whole body's answer. Named differences:
 *
 *  word-kept    a message that only looks like base64 stays the word it is
 *               (the tool garbles "test" and "done")
 *  tool-split   the tool's stream decoder goes by its first piece alone, keeps
 *               a CR or loses what it never flushed: there its two answers
 *               differ from each other, and ours is the one for the whole body.
 *               That it is so, and nothing else, is worked out here: see
 *               tool_follow.
 *
 * Ours passes ill-formed UTF-8 on as it is (the screen makes it visible); the
 * tool puts U+FFFD in its place, so that is done here before comparing.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/log_frames.h"
#include "vectors/vectors.h"

struct entry {
	enum log_channel channel;
	char *bytes;
	size_t len;
};

struct got {
	struct entry *entries;
	size_t count, cap;
	struct buf all[2];
};

/* Lenient, as the tool's: spare bits are dropped. */
static char *from_base64(const char *text, size_t len, size_t *out_len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *bytes = mem_new(1, len + 1);
	uint32_t bits = 0;
	size_t i, n = 0;

	for (i = 0; i < len && text[i] != '='; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			break;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (i % 4)
			bytes[n++] = (char)(bits >> (6 - i % 4 * 2));
	}
	*out_len = n;
	return bytes;
}

static void on_message(void *ctx, enum log_channel channel, const char *bytes, size_t len)
{
	struct got *got = ctx;

	got->entries = mem_grow(got->entries, got->count, &got->cap, sizeof(*got->entries));
	got->entries[got->count++] = (struct entry){ channel, mem_copy(bytes, len), len };
	buf_add(&got->all[channel], bytes, len);
}

static void got_clear(struct got *got)
{
	size_t i;

	for (i = 0; i < got->count; i++)
		free(got->entries[i].bytes);
	free(got->entries);
	buf_clear(&got->all[0]);
	buf_clear(&got->all[1]);
}

static void add_chunks(struct buf *out, const struct exact_json *chunks)
{
	size_t i;

	for (i = 0; i < exact_json_count(chunks); i++) {
		const char *text = exact_json_string(exact_json_item(chunks, i), NULL);
		size_t len;
		char *bytes = from_base64(text, strlen(text), &len);

		buf_add(out, bytes, len);
		free(bytes);
	}
}

/* step 0: in the vector's own pieces; else that many bytes at a time. */
static struct got decode(const struct exact_json *chunks, size_t step)
{
	struct got got = { 0 };
	struct log_frames frames;
	struct buf all = BUF_INIT;
	size_t i;

	log_frames_init(&frames, false, on_message, &got);
	add_chunks(&all, chunks);
	for (i = 0; step && i < all.len; i += step)
		log_frames_feed(&frames, all.data + i, all.len - i < step ? all.len - i : step);
	for (i = 0; !step && i < exact_json_count(chunks); i++) {
		const char *text = exact_json_string(exact_json_item(chunks, i), NULL);
		size_t len;
		char *bytes = from_base64(text, strlen(text), &len);

		log_frames_feed(&frames, bytes, len);
		free(bytes);
	}
	log_frames_finish(&frames);
	log_frames_clear(&frames);
	buf_clear(&all);
	return got;
}

/* ---- the tool's decoder of a stream, as its vectors describe it: only to know which of its answers is a quirk ---- */

static size_t blank_at(const char *text, size_t len)
{
	uint32_t cp;
	size_t n = text_decode(text, len, &cp);

	if ((cp >= 0x09 && cp <= 0x0D) || cp == ' ' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0x202F || cp == 0x205F || cp == 0x3000 || cp == 0xFEFF)
		return n;
	return 0;
}

static void trim(const char **text, size_t *len)
{
	size_t n, at, end = 0;

	while (*len && (n = blank_at(*text, *len))) {
		*text += n;
		*len -= n;
	}
	for (at = 0; at < *len; at += n) {
		n = blank_at(*text + at, *len - at);
		if (!n)
			end = at + 1;
		n = n ? n : 1;
	}
	*len = end;
}

/* How many bytes of the end are the beginning of a character that may yet come whole. */
static size_t unfinished(const char *text, size_t len)
{
	size_t back;

	for (back = 1; back <= 3 && back <= len; back++) {
		unsigned char lead = (unsigned char)text[len - back], next = back > 1 ? (unsigned char)text[len - back + 1] : 0x80;
		size_t need = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead <= 0xEF ? 3 : lead >= 0xC2 && lead <= 0xDF ? 2 : 0;
		bool bad = (lead == 0xE0 && next < 0xA0 && back > 1) || (lead == 0xED && next > 0x9F) || (lead == 0xF0 && next < 0x90 && back > 1) || (lead == 0xF4 && next > 0x8F);

		if (need)
			return need > back && !bad ? back : 0;
		if ((lead & 0xC0) != 0x80)
			return 0;
	}
	return 0;
}

static bool is_base64(const char *text, size_t len)
{
	size_t i, padding = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == '=')
			padding++;
		else if (padding || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", text[i] ? text[i] : ' '))
			return false;
	}
	return len && len % 4 == 0 && padding <= 2 && padding < len;
}

/* Half a surrogate pair, which the JSON tree keeps as three bytes, is one U+FFFD when it is written. */
static void add_written(struct buf *out, const char *text, size_t len)
{
	size_t i, from = 0;

	for (i = 0; i + 2 < len; i++) {
		if ((unsigned char)text[i] != 0xED || ((unsigned char)text[i + 1] & 0xE0) != 0xA0)
			continue;
		buf_add(out, text + from, i - from);
		buf_add_text(out, "\xEF\xBF\xBD");
		from = i + 3;
		i += 2;
	}
	buf_add(out, text + from, len - from);
}

static void tool_message(struct got *got, enum log_channel channel, const char *text, size_t len)
{
	struct buf safe = BUF_INIT;
	size_t n;
	char *bytes = is_base64(text, len) ? from_base64(text, len, &n) : NULL;

	if (bytes)
		text_lossy(&safe, bytes, n);
	else
		add_written(&safe, text, len);
	on_message(got, channel, buf_text(&safe), safe.len);
	buf_clear(&safe);
	free(bytes);
}

static void tool_line(struct got *got, const char *line, size_t line_len)
{
	const char *text = line, *message;
	size_t len = line_len, message_len = 0;
	struct exact_json *frame;
	struct buf raw = BUF_INIT;

	trim(&text, &len);
	if (!len)
		return;
	frame = exact_json_parse(text, len, NULL);
	message = exact_json_kind(frame) == EXACT_OBJECT ? exact_json_string(exact_json_get(frame, "message"), &message_len) : NULL;
	if (message) {
		tool_message(got, strcmp(exact_json_text(frame, "channel"), "stderr") == 0 ? LOG_STDERR : LOG_STDOUT, message, message_len);
	} else {
		buf_add(&raw, line, line_len);
		buf_add_byte(&raw, '\n');
		on_message(got, LOG_STDOUT, buf_text(&raw), raw.len);
	}
	exact_json_free(frame);
	buf_clear(&raw);
}

static void tool_lines(struct got *got, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;

		tool_line(got, text, line);
		line += end != NULL;
		text += line;
		len -= line;
	}
}

/* Adds a piece to what came before; out: the text that has become whole with it. */
static void tool_decode(struct buf *bytes, size_t *told, struct buf *out, const struct exact_json *piece)
{
	const char *encoded = exact_json_string(piece, NULL);
	size_t len, whole;
	char *more = from_base64(encoded, strlen(encoded), &len);

	buf_add(bytes, more, len);
	free(more);
	whole = bytes->len - unfinished(buf_text(bytes), bytes->len);
	if (!*told && whole >= 3 && memcmp(bytes->data, "\xEF\xBB\xBF", 3) == 0)
		*told = 3; /* a byte order mark at the very beginning */
	buf_reset(out);
	if (whole > *told)
		text_lossy(out, bytes->data + *told, whole - *told);
	if (whole > *told)
		*told = whole;
}

static struct got tool_follow(const struct exact_json *chunks)
{
	struct got got = { 0 };
	struct buf bytes = BUF_INIT, text = BUF_INIT, frames = BUF_INIT;
	size_t told = 0, i;
	bool framed = false;

	for (i = 0; i < exact_json_count(chunks); i++) {
		tool_decode(&bytes, &told, &text, exact_json_item(chunks, i));
		if (i == 0) {
			const char *start = buf_text(&text);
			size_t len = text.len;

			trim(&start, &len);
			framed = len && *start == '{';
		}
		if (framed)
			buf_add(&frames, buf_text(&text), text.len);
		else
			on_message(&got, LOG_STDOUT, buf_text(&text), text.len);
	}
	tool_lines(&got, buf_text(&frames), frames.len);
	buf_clear(&bytes);
	buf_clear(&text);
	buf_clear(&frames);
	return got;
}

/* ---- what is expected ---- */

static enum log_channel channel_of(const struct exact_json *entry)
{
	const char *channel = vectors_text(entry, "channel", NULL);

	if (strcmp(channel, "stdout") != 0 && strcmp(channel, "stderr") != 0)
		fail_msg("there is no channel %s", channel);
	return strcmp(channel, "stderr") == 0 ? LOG_STDERR : LOG_STDOUT;
}

/* The message is the same as its bytes, where it is given. */
static void expected(struct buf all[2], const struct exact_json *list)
{
	size_t i;

	for (i = 0; i < exact_json_count(list); i++) {
		const struct exact_json *entry = exact_json_item(list, i);
		size_t len, message_len;
		const char *text = vectors_text(entry, "bytes", NULL), *message = exact_json_string(exact_json_get(entry, "message"), &message_len);
		char *bytes = from_base64(text, strlen(text), &len);

		if (message && (message_len != len || memcmp(message, bytes, len) != 0))
			fail_msg("the message is not its bytes: %s", message);
		buf_add(&all[channel_of(entry)], bytes, len);
		free(bytes);
	}
}

static void same_entries(const struct got *got, const struct exact_json *list)
{
	size_t i;

	assert_int_equal(got->count, exact_json_count(list));
	for (i = 0; i < got->count; i++) {
		const struct exact_json *entry = exact_json_item(list, i);
		size_t len;
		const char *text = vectors_text(entry, "bytes", NULL);
		char *bytes = from_base64(text, strlen(text), &len);

		assert_int_equal(got->entries[i].channel, channel_of(entry));
		assert_int_equal(got->entries[i].len, len);
		assert_memory_equal(got->entries[i].bytes, bytes, len);
		free(bytes);
	}
}

static bool starts(const struct buf *want, size_t at, const struct buf *part)
{
	return want->len - at >= part->len && memcmp(buf_text(want) + at, buf_text(part), part->len) == 0;
}

/* Every entry of ours stands in the tool's bytes in order, as it is or, named, as what the tool made of the word. */
static bool same_as(const struct got *got, const struct buf want[2], bool *word_kept)
{
	size_t at[2] = { 0, 0 }, i;

	for (i = 0; i < got->count; i++) {
		const struct entry *entry = &got->entries[i];
		struct buf lossy = BUF_INIT;
		bool same;

		text_lossy(&lossy, entry->bytes, entry->len);
		same = starts(&want[entry->channel], at[entry->channel], &lossy);
		if (!same && entry->len && entry->len % 4 == 0) {
			size_t len;
			char *bytes = from_base64(entry->bytes, entry->len, &len);

			buf_reset(&lossy);
			text_lossy(&lossy, bytes, len);
			same = len && starts(&want[entry->channel], at[entry->channel], &lossy);
			*word_kept = *word_kept || same;
			free(bytes);
		}
		at[entry->channel] += lossy.len;
		buf_clear(&lossy);
		if (!same)
			return false;
	}
	return at[0] == want[0].len && at[1] == want[1].len;
}

static bool same_bytes(const struct buf a[2], const struct buf b[2])
{
	return a[0].len == b[0].len && a[1].len == b[1].len && memcmp(buf_text(&a[0]), buf_text(&b[0]), a[0].len) == 0 &&
		memcmp(buf_text(&a[1]), buf_text(&b[1]), a[1].len) == 0;
}

static void check(const struct exact_json *vector)
{
	const struct exact_json *chunks = vectors_need(vector, "chunks"), *expect = vectors_need(vector, "expect");
	struct buf fetch[2] = { BUF_INIT, BUF_INIT }, follow[2] = { BUF_INIT, BUF_INIT };
	struct got whole = decode(chunks, SIZE_MAX / 2), tool = tool_follow(chunks);
	static const size_t steps[] = { 0, 1, 2, 3, 5, 7, 64 };
	bool word_kept = false, split;
	size_t i;

	expected(fetch, vectors_need(expect, "fetch"));
	expected(follow, vectors_need(expect, "follow"));
	same_entries(&tool, vectors_need(expect, "follow"));
	got_clear(&tool);
	split = !same_bytes(fetch, follow);
	if (!same_as(&whole, fetch, &word_kept)) {
		print_error("stdout ours:\n%s\nstdout wanted:\n%s\n", buf_text(&whole.all[0]), buf_text(&fetch[0]));
		print_error("stderr ours:\n%s\nstderr wanted:\n%s\n", buf_text(&whole.all[1]), buf_text(&fetch[1]));
		fail_msg("not the tool's bytes, and not by a named difference");
	}
	if (!split)
		assert_true(same_as(&whole, follow, &word_kept));
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct got parts = decode(chunks, steps[i]);

		assert_true(same_bytes(parts.all, whole.all));
		got_clear(&parts);
	}
	if (word_kept)
		print_message("# %s: word-kept\n", exact_json_text(vector, "name"));
	if (split)
		print_message("# %s: tool-split\n", exact_json_text(vector, "name"));
	got_clear(&whole);
	for (i = 0; i < 2; i++) {
		buf_clear(&fetch[i]);
		buf_clear(&follow[i]);
	}
}

int main(void)
{
	return vectors_run("log_frames", check);
}
