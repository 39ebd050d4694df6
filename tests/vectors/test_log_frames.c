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
 *               differ from each other, and ours is the one for the whole body
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

static void expected(struct buf all[2], const struct exact_json *list)
{
	size_t i;

	for (i = 0; i < exact_json_count(list); i++) {
		const struct exact_json *entry = exact_json_item(list, i);
		size_t len;
		const char *text = vectors_text(entry, "bytes", NULL);
		char *bytes = from_base64(text, strlen(text), &len);

		buf_add(&all[strcmp(exact_json_text(entry, "channel"), "stderr") == 0], bytes, len);
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
	struct got whole = decode(chunks, SIZE_MAX / 2);
	static const size_t steps[] = { 0, 1, 2, 3, 5, 7, 64 };
	bool word_kept = false, split;
	size_t i;

	expected(fetch, vectors_need(expect, "fetch"));
	expected(follow, vectors_need(expect, "follow"));
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
