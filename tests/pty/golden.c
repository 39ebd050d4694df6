/* SPDX-License-Identifier: Apache-2.0 */
/* Expected screens: text files that are read in review and rewritten by one environment variable. */
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

static void mask_all(struct buf *text, const char *pattern)
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
		mask_all(out, *masks);
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

static void write_golden(struct terminal *terminal, const char *path, const char *const masks[])
{
	struct buf now = BUF_INIT;
	struct error err;

	terminal_wait_quiet(terminal, 500);
	masked_screen(terminal, masks, &now);
	if (!file_write(path, buf_text(&now), now.len, 0644, &err))
		fail_msg("%s", err.message);
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
	const char *mode = getenv("CVMDECK_GOLDEN");
	char *relative = mem_printf("tests/pty/golden/%s.txt", name);
	char *path = child_source_path(relative), *where = mem_printf("%s:%d", file, line);
	struct expectation expected = { .text = BUF_INIT, .masks = masks };
	struct error err;

	if (mode && !strcmp(mode, "write"))
		write_golden(terminal, path, masks);
	else if (!file_read(path, "golden screen", GOLDEN_MAX, &expected.text, &err))
		fail_msg("%s: %s; CVMDECK_GOLDEN=write writes it", where, err.message);
	else
		compare(terminal, &expected, path, where);
	buf_clear(&expected.text);
	free(relative);
	free(path);
	free(where);
}
