/* SPDX-License-Identifier: Apache-2.0 */
/* See ui_hand.h. */
#include "ui_hand.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "ui/flow.h"
#include "ui/request.h"
#include "ui/screens.h"
#include "ui_fake.h"

static struct loop *loop;
static struct session *session;
struct ui ui;
static struct console_options options;

void begin(size_t cvms, int height, int width)
{
	struct error err = { 0 };

	loop = loop_new(&err);
	session = fake_session(loop, cvms);
	options = (struct console_options){ .sandbox = true };
	ui = (struct ui){ .session = session, .loop = loop, .options = &options, .wake_ms = -1 };
	ui_push(&ui, screen_workspace_new(&ui));
	ui_compose(&ui, height, width);
}

void end(void)
{
	while (ui.depth)
		ui_pop(&ui);
	flow_end(&ui);
	cells_clear(&ui.frame);
	fake_ops();
	fake_session_free(session);
	loop_free(loop);
}

void turn(int times)
{
	while (times--)
		loop_turn(loop, 0);
}

void paint(int height, int width)
{
	struct screen *top;

	turn(3);
	ui_compose(&ui, height, width);
	top = ui_top(&ui);
	if (top->ops->painted)
		top->ops->painted(top, &ui);
}

void press(const char *names)
{
	while (*names) {
		struct key key = { .alone = true };
		size_t n = strcspn(names, " ");

		memcpy(key.name, names, n);
		ui_key(&ui, &key);
		names += n + strspn(names + n, " ");
	}
}

void type(const char *text)
{
	for (; *text; text++) {
		struct key key;

		key_from_char(&key, (uint32_t)(unsigned char)*text);
		ui_key(&ui, &key);
	}
}

void expect(const char *text)
{
	struct buf out = BUF_INIT;

	cells_dump(&ui.frame, &out);
	if (!strstr(buf_text(&out), text))
		fail_msg("“%s” is not on the screen:\n%s", text, buf_text(&out));
	buf_clear(&out);
}

void golden(const char *name)
{
	const char *mode = getenv("CVMDECK_GOLDEN"), *source = getenv("srcdir");
	char *path = mem_printf("%s/tests/unit/golden/%s_%dx%d.txt", source ? source : ".", name, ui.frame.width, ui.frame.height);
	struct buf now = BUF_INIT, was = BUF_INIT;
	struct error err = { 0 };

	cells_dump(&ui.frame, &now);
	if (mode && strcmp(mode, "write") == 0)
		assert_true(file_write(path, buf_text(&now), now.len, 0644, &err));
	else if (!file_read(path, "golden screen", 1 << 20, &was, &err))
		fail_msg("%s; CVMDECK_GOLDEN=write writes it", err.message);
	else if (strcmp(buf_text(&now), buf_text(&was)) != 0)
		fail_msg("%s differs; it is now:\n%s", path, buf_text(&now));
	buf_clear(&now);
	buf_clear(&was);
	free(path);
}

void at_all_sizes(const char *name)
{
	static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 60, 200 } };
	size_t i;

	for (i = 0; i < 3; i++) {
		paint(sizes[i][0], sizes[i][1]);
		golden(name);
	}
}

void to_review(void)
{
	flow_start(&ui, request_new("x", NULL, 0));
	fake_phase(PHASE_REVIEW);
}
