/* SPDX-License-Identifier: Apache-2.0 */
/* The line prompt and its completion; Tab takes what all candidates share, then walks through them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/prompt.h"
#include "ui/widget_input.h"

struct prompt {
	struct screen screen;
	struct prompt_options options;
	struct input input;
	struct buf candidates; /* one a line */
	size_t walk;           /* candidates tried so far by Tab */
	bool walking;
	size_t back; /* how far back in the history; 0: what is being typed */
	char typed[INPUT_SIZE]; /* meanwhile */
};

/* ---- what was typed before ---- */

/* The newest stands last, and once. */
static void remember(struct prompt_history *history, const char *text)
{
	size_t i;

	if (!history || !*text || strlen(text) >= sizeof(history->lines[0]))
		return;
	for (i = 0; i < history->count && strcmp(history->lines[i], text) != 0; i++)
		;
	if (i == PROMPT_REMEMBERED)
		i = 0; /* full: the oldest goes */
	if (i < history->count)
		memmove(history->lines[i], history->lines[i + 1], (--history->count - i) * sizeof(history->lines[0]));
	text_copy(history->lines[history->count++], sizeof(history->lines[0]), text);
}

static void recall(struct prompt *prompt, int step)
{
	const struct prompt_history *history = prompt->options.history;
	size_t back = prompt->back;

	if (!history || (step > 0 && back == history->count) || (step < 0 && !back))
		return;
	if (!back)
		text_copy(prompt->typed, sizeof(prompt->typed), prompt->input.text);
	prompt->back = back = step > 0 ? back + 1 : back - 1;
	input_set(&prompt->input, back ? history->lines[history->count - back] : prompt->typed);
}

static void finish(struct prompt *prompt, struct ui *ui, bool given)
{
	struct prompt_options options = prompt->options;
	char *text = given ? mem_strdup(prompt->input.text) : NULL;

	if (given)
		remember(options.history, text);
	ui_remove(ui, &prompt->screen);
	options.done(ui, options.ctx, text);
	free(text);
}

/* ---- completion ---- */

static size_t line_length(const char *at)
{
	return strcspn(at, "\n");
}

static size_t candidate_count(const struct buf *list)
{
	size_t count = 0, i;

	for (i = 0; i < list->len; i++)
		count += list->data[i] == '\n';
	return count;
}

static const char *candidate(const struct buf *list, size_t index)
{
	const char *at = buf_text(list);

	while (index--)
		at += line_length(at) + 1;
	return at;
}

static size_t shared_length(const struct buf *list)
{
	size_t count = candidate_count(list), shared = line_length(buf_text(list)), i;

	for (i = 1; i < count; i++) {
		const char *at = candidate(list, i);
		size_t same = 0;

		while (same < shared && at[same] == list->data[same] && at[same] != '\n')
			same++;
		shared = same;
	}
	return shared;
}

static void take(struct prompt *prompt, const char *text, size_t len)
{
	char *copy = mem_copy(text, len);

	input_set(&prompt->input, copy);
	free(copy);
}

static void complete(struct prompt *prompt, struct ui *ui)
{
	size_t count, shared;

	if (!prompt->options.complete)
		return;
	if (!prompt->walking) {
		buf_reset(&prompt->candidates);
		prompt->options.complete(ui, prompt->options.ctx, prompt->input.text, &prompt->candidates);
		prompt->walk = 0;
	}
	count = candidate_count(&prompt->candidates);
	if (!count)
		return;
	shared = shared_length(&prompt->candidates);
	if (!prompt->walking && (shared > prompt->input.len || count == 1)) {
		take(prompt, prompt->candidates.data, shared);
		if (count == 1)
			buf_reset(&prompt->candidates);
		return;
	}
	prompt->walking = true;
	take(prompt, candidate(&prompt->candidates, prompt->walk % count), line_length(candidate(&prompt->candidates, prompt->walk % count)));
	prompt->walk++;
}

/* ---- the screen ---- */

static bool prompt_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct prompt *prompt = (struct prompt *)screen;

	if (key_in(key, "<Esc> <C-c>") || (key_is(key, "<BS>") && !prompt->input.len)) {
		finish(prompt, ui, false);
	} else if (key_is(key, "<Enter>")) {
		finish(prompt, ui, true);
	} else if (key_is(key, "<Tab>")) {
		complete(prompt, ui);
	} else if (key_in(key, "<Up> <C-p> <Down> <C-n>")) {
		recall(prompt, key_in(key, "<Up> <C-p>") ? 1 : -1);
	} else if (input_key(&prompt->input, key)) {
		prompt->walking = false;
		buf_reset(&prompt->candidates);
		if (prompt->options.changed)
			prompt->options.changed(ui, prompt->options.ctx, prompt->input.text);
	}
	return true;
}

static const char *last_part(const char *text, size_t len)
{
	size_t at = len > 1 ? len - 1 : 0;

	while (at && text[at - 1] != '/')
		at--;
	return text + at;
}

static const char *candidate_name(const struct prompt *prompt, size_t i, size_t *len)
{
	const char *at = candidate(&prompt->candidates, i), *name = last_part(at, line_length(at));

	*len = line_length(at) - (size_t)(name - at);
	return name;
}

/* As many before the chosen one as fit with it. */
static size_t first_shown(const struct prompt *prompt, size_t now, int room)
{
	size_t first = now, len;
	const char *name = candidate_name(prompt, now, &len);
	int used = (int)text_width(name, len);

	while (first) {
		name = candidate_name(prompt, first - 1, &len);
		used += (int)text_width(name, len) + 2;
		if (used > room)
			break;
		first--;
	}
	return first;
}

static void draw_candidates(const struct prompt *prompt, struct area line)
{
	size_t count = candidate_count(&prompt->candidates), now = prompt->walking && prompt->walk ? (prompt->walk - 1) % count : 0, first, i;
	int col = 1;

	if (count < 2)
		return;
	area_wipe(line, ROLE_TEXT);
	/* The one chosen is in sight, and what is left out on either side is told. */
	first = first_shown(prompt, now, line.width - 4);
	if (first)
		col = area_put(line, 0, col, ROLE_DIM, "‹ ");
	for (i = first; i < count; i++) {
		size_t len;
		const char *name = candidate_name(prompt, i, &len);

		if (col + (int)text_width(name, len) > line.width - (i + 1 < count ? 3 : 1)) {
			area_put(line, 0, line.width - 2, ROLE_DIM, "›");
			return;
		}
		col = area_put_n(line, 0, col, prompt->walking && i == now ? ROLE_ACCENT | ATTR_BOLD : ROLE_DIM, name, len) + 2;
	}
}

static void prompt_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct prompt *prompt = (struct prompt *)screen;
	struct area line = { &ui->frame, ui->frame.height - 1, 0, 1, ui->frame.width };
	int col;

	area_wipe(line, ROLE_TEXT);
	col = area_put(line, 0, 1, ROLE_ACCENT, prompt->options.label);
	input_draw(&prompt->input, line, 0, col + 1, false);
	draw_candidates(prompt, area_bottom(&body, 1));
}

static void prompt_free(struct screen *screen)
{
	struct prompt *prompt = (struct prompt *)screen;

	buf_clear(&prompt->candidates);
	free(prompt);
}

static const struct screen_ops prompt_ops = {
	.name = "prompt",
	.context = CTX_PROMPT,
	.overlay = true,
	.draw = prompt_draw,
	.key = prompt_key,
	.free = prompt_free,
};

void prompt_open(struct ui *ui, const struct prompt_options *options)
{
	struct prompt *prompt = mem_new(1, sizeof(*prompt));

	prompt->screen.ops = &prompt_ops;
	prompt->options = *options;
	input_set(&prompt->input, options->initial ? options->initial : "");
	ui_push(ui, &prompt->screen);
}
