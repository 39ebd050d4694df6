/* SPDX-License-Identifier: Apache-2.0 */
/* Expected screens: text files that are read in review and rewritten by one environment variable. */
#include "pty/golden.h"
#include "pty/terminal_private.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#include "base/file.h"
#include "base/mem.h"
#include "child.h"

enum { GOLDEN_MAX = 1 << 20 };

struct expectation {
	struct buf text;
	const char *const *masks;
};

static size_t characters(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	return count;
}

void golden_mask(struct buf *text, const char *pattern)
{
	struct buf out = BUF_INIT;
	const char *rest = buf_text(text);
	regmatch_t match;
	regex_t regex;
	int flags = REG_EXTENDED | REG_NEWLINE;

	if (regcomp(&regex, pattern, flags))
		fail_msg("the mask %s is no regular expression", pattern);
	while (!regexec(&regex, rest, 1, &match, rest == buf_text(text) ? 0 : REG_NOTBOL) && match.rm_eo > match.rm_so) {
		buf_add(&out, rest, (size_t)match.rm_so);
		for (size_t n = characters(rest + match.rm_so, (size_t)(match.rm_eo - match.rm_so)); n; n--)
			buf_add_byte(&out, '#');
		rest += match.rm_eo;
	}
	buf_add_text(&out, rest);
	regfree(&regex);
	buf_clear(text);
	*text = out;
}

static void masked_screen(struct terminal *terminal, const char *const masks[], struct buf *out)
{
	buf_reset(out);
	buf_add_text(out, terminal_screen(terminal));
	for (; masks && *masks; masks++)
		golden_mask(out, *masks);
}

static bool looks_like(struct terminal *terminal, const void *ctx)
{
	const struct expectation *expected = ctx;
	struct buf now = BUF_INIT;
	bool same;

	masked_screen(terminal, expected->masks, &now);
	same = !strcmp(buf_text(&now), buf_text(&expected->text));
	buf_clear(&now);
	return same;
}

static void show_line(char mark, const char *line, size_t len)
{
	fprintf(stderr, "# %c|%.*s\n", mark, (int)len, line);
}

/* Both texts side by side in time: each differing line as expected, then as it is. */
static void show_difference(const char *expected, const char *now)
{
	while (*expected || *now) {
		size_t a = strcspn(expected, "\n"), b = strcspn(now, "\n");

		if (a == b && !memcmp(expected, now, a)) {
			show_line(' ', now, b);
		} else {
			show_line('-', expected, a);
			show_line('+', now, b);
		}
		expected += a + (expected[a] == '\n');
		now += b + (now[b] == '\n');
	}
}

static bool rewrites(void)
{
	const char *mode = getenv("CVMDECK_GOLDEN");

	return mode && !strcmp(mode, "write");
}

static void write_text(const char *path, const struct buf *text)
{
	struct error err;

	if (!file_write(path, buf_text(text), text->len, 0644, &err))
		fail_msg("%s", err.message);
}

static void read_text(const char *path, struct buf *out, const char *where)
{
	struct error err;

	if (!file_read(path, "golden text", GOLDEN_MAX, out, &err))
		fail_msg("%s: %s; CVMDECK_GOLDEN=write writes it", where, err.message);
}

static void write_screen(struct terminal *terminal, const char *path, const char *const masks[])
{
	struct buf now = BUF_INIT;

	terminal_wait_quiet(terminal, 500);
	masked_screen(terminal, masks, &now);
	write_text(path, &now);
	buf_clear(&now);
}

static void compare(struct terminal *terminal, struct expectation *expected, const char *path, const char *where)
{
	struct buf now = BUF_INIT;

	if (terminal_wait_until(terminal, looks_like, expected, child_deadline_ms()))
		return;
	masked_screen(terminal, expected->masks, &now);
	show_difference(buf_text(&expected->text), buf_text(&now));
	buf_clear(&now);
	fail_msg("%s: the screen never looked like %s (- expected, + now); CVMDECK_GOLDEN=write rewrites it", where, path);
}

void terminal_golden_at(struct terminal *terminal, const char *name, const char *const masks[], const char *file, int line)
{
	char *relative = mem_printf("tests/pty/golden/%s.txt", name);
	char *path = child_source_path(relative), *where = mem_printf("%s:%d", file, line);
	struct expectation expected = { .text = BUF_INIT, .masks = masks };

	if (rewrites()) {
		write_screen(terminal, path, masks);
	} else {
		read_text(path, &expected.text, where);
		compare(terminal, &expected, path, where);
	}
	buf_clear(&expected.text);
	free(relative);
	free(path);
	free(where);
}

void golden_text_at(const char *name, const struct buf *now, const char *file, int line)
{
	char *path = child_source_path(name), *where = mem_printf("%s:%d", file, line);
	struct buf expected = BUF_INIT;

	if (rewrites()) {
		write_text(path, now);
	} else {
		read_text(path, &expected, where);
		if (strcmp(buf_text(&expected), buf_text(now))) {
			show_difference(buf_text(&expected), buf_text(now));
			fail_msg("%s: what came is not %s (- expected, + now); CVMDECK_GOLDEN=write rewrites it", where, path);
		}
	}
	buf_clear(&expected);
	free(path);
	free(where);
}
