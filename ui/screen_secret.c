/* SPDX-License-Identifier: Apache-2.0 */
/* A password or key, typed or pasted without echo, straight into locked memory. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/prompt.h"

enum { SECRET_SIZE = 1024 };

struct secret_prompt {
	struct screen screen;
	char *label;
	struct secret typed; /* SECRET_SIZE bytes of room */
	size_t len;
	prompt_secret_fn *done;
	void *ctx;
};

static void finish(struct secret_prompt *prompt, struct ui *ui, bool given)
{
	prompt_secret_fn *done = prompt->done;
	void *ctx = prompt->ctx;
	struct secret secret = SECRET_INIT;

	if (given)
		secret_set(&secret, prompt->typed.data, prompt->len, true);
	ui_remove(ui, &prompt->screen);
	done(ui, ctx, given ? &secret : NULL);
	secret_clear(&secret);
}

static void add(struct secret_prompt *prompt, const char *bytes, size_t len)
{
	if (prompt->len + len >= SECRET_SIZE)
		return;
	memcpy(prompt->typed.data + prompt->len, bytes, len);
	prompt->len += len;
}

static void erase_one(struct secret_prompt *prompt)
{
	while (prompt->len && (prompt->typed.data[--prompt->len] & 0xC0) == 0x80)
		continue;
}

static bool secret_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct secret_prompt *prompt = (struct secret_prompt *)screen;

	if (key->paste)
		add(prompt, key->paste, strcspn(key->paste, "\n"));
	else if (key_in(key, "<Esc> <C-c>"))
		finish(prompt, ui, false);
	else if (key_is(key, "<Enter>"))
		finish(prompt, ui, true);
	else if (key_is(key, "<BS>"))
		erase_one(prompt);
	else if (key_is(key, "<C-u>"))
		prompt->len = 0;
	else if (key_is(key, "<Space>"))
		add(prompt, " ", 1);
	else if (key_is_text(key))
		add(prompt, key->name, strlen(key->name));
	return true;
}

static void secret_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct secret_prompt *prompt = (struct secret_prompt *)screen;
	struct area line = { &ui->frame, ui->frame.height - 1, 0, 1, ui->frame.width };
	int col;

	(void)body;
	area_wipe(line, ROLE_TEXT);
	col = area_put(line, 0, 1, ROLE_ACCENT, prompt->label) + 1;
	/* Not even the length is told: one dot shows that something is there. */
	col = area_put(line, 0, col, ROLE_TEXT, prompt->len ? "•" : "");
	area_put(line, 0, col + 2, ROLE_DIM, "not shown while you type");
	area_cursor(line, 0, col);
}

static void secret_free(struct screen *screen)
{
	struct secret_prompt *prompt = (struct secret_prompt *)screen;

	secret_clear(&prompt->typed);
	free(prompt->label);
	free(prompt);
}

static const struct screen_ops secret_ops = {
	.name = "secret",
	.context = CTX_PROMPT,
	.overlay = true,
	.draw = secret_draw,
	.key = secret_key,
	.free = secret_free,
};

void prompt_secret(struct ui *ui, const char *label, prompt_secret_fn *done, void *ctx)
{
	struct secret_prompt *prompt = mem_new(1, sizeof(*prompt));

	prompt->screen.ops = &secret_ops;
	prompt->label = mem_strdup(label);
	secret_alloc(&prompt->typed, SECRET_SIZE);
	prompt->done = done;
	prompt->ctx = ctx;
	ui_push(ui, &prompt->screen);
}
