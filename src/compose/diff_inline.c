/* SPDX-License-Identifier: Apache-2.0 */
/* Inside two lines: how alike they are, and which tokens differ. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/diff_core.h"

/* Lines with more tokens get one span for all that lies between their common ends. */
enum { TOKEN_CEILING = 4000 };

struct token {
	size_t from, to;
};

static size_t common_start(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0;

	while (i < a_len && i < b_len && a[i] == b[i])
		i++;
	return i;
}

static size_t common_end(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0;

	while (i < a_len && i < b_len && a[a_len - 1 - i] == b[b_len - 1 - i])
		i++;
	return i;
}

static size_t indent(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

unsigned diff_likeness(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t skip_a = indent(a, a_len), skip_b = indent(b, b_len), start, end;

	a += skip_a;
	a_len -= skip_a;
	b += skip_b;
	b_len -= skip_b;
	if (!a_len || !b_len)
		return a_len == b_len ? 100 : 0;
	start = common_start(a, a_len, b, b_len);
	end = common_end(a + start, a_len - start, b + start, b_len - start);
	return (unsigned)(200 * (start + end) / (a_len + b_len));
}

enum class { SPACE, WORD, SIGN };

static enum class classify(char c)
{
	unsigned char u = (unsigned char)c;

	if (u == ' ' || u == '\t')
		return SPACE;
	if (u >= 0x80 || u == '_' || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z'))
		return WORD;
	return SIGN;
}

/* Words and stretches of white space as one token each, every other character alone. */
static struct token *split(const char *text, size_t len, size_t *count)
{
	struct token *tokens = NULL;
	size_t cap = 0, at = 0;

	*count = 0;
	while (at < len) {
		size_t from = at++;
		enum class class = classify(text[from]);

		while (class != SIGN && at < len && classify(text[at]) == class)
			at++;
		tokens = mem_grow(tokens, *count, &cap, sizeof(*tokens));
		tokens[(*count)++] = (struct token){ from, at };
	}
	return tokens;
}

struct spans {
	struct compose_span *list;
	size_t count, cap;
};

static void add_span(struct spans *spans, size_t from, size_t to)
{
	if (spans->count && spans->list[spans->count - 1].to == from) {
		spans->list[spans->count - 1].to = to;
		return;
	}
	spans->list = mem_grow(spans->list, spans->count, &spans->cap, sizeof(*spans->list));
	spans->list[spans->count++] = (struct compose_span){ from, to };
}

/* A single blank between two changed words is part of the change for the eye. */
static bool bridges(const struct token *tokens, size_t count, size_t i, const bool *changed, const char *text)
{
	return i > 0 && i + 1 < count && changed[i - 1] && changed[i + 1] && classify(text[tokens[i].from]) == SPACE;
}

static void set_spans(struct compose_diff_side *side, const struct spans *spans)
{
	side->spans = spans->list;
	side->span_count = spans->count;
}

/* A line taken apart: which of its tokens have no partner in the other line. */
struct taken {
	struct token *tokens;
	size_t count;
	uint32_t *ids;
	bool *changed;
};

static void take_apart(struct taken *taken, const struct compose_diff_side *side)
{
	taken->tokens = split(side->text, side->len, &taken->count);
}

static void number(struct taken *taken, struct diff_words *words, const char *text)
{
	size_t i;

	taken->ids = mem_new(taken->count, sizeof(*taken->ids));
	taken->changed = mem_new(taken->count, sizeof(*taken->changed));
	for (i = 0; i < taken->count; i++)
		taken->ids[i] = diff_words_id(words, text + taken->tokens[i].from, taken->tokens[i].to - taken->tokens[i].from);
}

static void free_taken(struct taken *taken)
{
	free(taken->tokens);
	free(taken->ids);
	free(taken->changed);
}

static void collect(struct compose_diff_side *side, const struct taken *taken)
{
	struct spans spans = { 0 };
	size_t i;

	for (i = 0; i < taken->count; i++)
		if (taken->changed[i] || bridges(taken->tokens, taken->count, i, taken->changed, side->text))
			add_span(&spans, taken->tokens[i].from, taken->tokens[i].to);
	set_spans(side, &spans);
}

/* Back to where a UTF-8 character begins. */
static size_t to_boundary(const char *text, size_t at)
{
	while (at && ((unsigned char)text[at] & 0xC0) == 0x80)
		at--;
	return at;
}

static void set_one_span(struct compose_diff_side *side, size_t start, size_t end)
{
	size_t from = start < side->len ? to_boundary(side->text, start) : start, to = side->len - end;
	struct spans spans = { 0 };

	while (to < side->len && ((unsigned char)side->text[to] & 0xC0) == 0x80)
		to++;
	if (from < to)
		add_span(&spans, from, to);
	set_spans(side, &spans);
}

static void set_rough_spans(struct compose_diff_side *before, struct compose_diff_side *after)
{
	size_t start = common_start(before->text, before->len, after->text, after->len);
	size_t end = common_end(before->text + start, before->len - start, after->text + start, after->len - start);

	set_one_span(before, start, end);
	set_one_span(after, start, end);
}

static void set_fine_spans(struct compose_diff_side *before, struct taken *left, struct compose_diff_side *after,
	struct taken *right, const unsigned char *key)
{
	struct diff_words words;

	diff_words_init(&words, left->count + right->count, key);
	number(left, &words, before->text);
	number(right, &words, after->text);
	diff_core_run(left->ids, left->count, right->ids, right->count, words.count, left->changed, right->changed);
	collect(before, left);
	collect(after, right);
	diff_words_clear(&words);
}

void diff_set_spans(struct compose_diff_side *before, struct compose_diff_side *after, const unsigned char *key)
{
	struct taken left = { 0 }, right = { 0 };

	take_apart(&left, before);
	take_apart(&right, after);
	if (left.count > TOKEN_CEILING || right.count > TOKEN_CEILING)
		set_rough_spans(before, after);
	else
		set_fine_spans(before, &left, after, &right, key);
	free_taken(&left);
	free_taken(&right);
}
