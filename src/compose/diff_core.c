/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Myers' O(ND) algorithm in linear space: the middle of a shortest edit path
 * is found by walking from both corners until the walks meet, and the two
 * halves are treated alike. What occurs on one side only is taken out before,
 * and a walk that takes too long is cut at the furthest point it reached.
 */
#include "compose/diff_core.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { COST_CEILING = 1024 };

/* A part of the plane: x in a, y in b, the far ends excluded. */
struct box {
	ptrdiff_t left, top, right, bottom;
};

struct point {
	ptrdiff_t x, y;
};

struct walk {
	const uint32_t *a, *b;
	bool *a_changed, *b_changed;
	ptrdiff_t *forward, *backward; /* furthest x by diagonal x - y; may be indexed below zero */
};

/* The diagonals a walk has reached, every second one. */
struct reach {
	ptrdiff_t low, high;
};

static void widen(struct reach *reach, ptrdiff_t least, ptrdiff_t most, ptrdiff_t *furthest, ptrdiff_t outside)
{
	if (reach->low > least)
		furthest[--reach->low - 1] = outside;
	else
		reach->low++;
	if (reach->high < most)
		furthest[++reach->high + 1] = outside;
	else
		reach->high--;
}

/* One step more from the upper left corner; true when it met the other walk. */
static bool step_forward(const struct walk *w, const struct box *box, struct reach *here, const struct reach *other,
	bool meet, struct point *met)
{
	ptrdiff_t d;

	widen(here, box->left - box->bottom, box->right - box->top, w->forward, -1);
	for (d = here->high; d >= here->low; d -= 2) {
		ptrdiff_t below = w->forward[d - 1], above = w->forward[d + 1];
		ptrdiff_t x = below < above ? above : below + 1, y = x - d;

		while (x < box->right && y < box->bottom && w->a[x] == w->b[y]) {
			x++;
			y++;
		}
		w->forward[d] = x;
		if (meet && d >= other->low && d <= other->high && w->backward[d] <= x) {
			*met = (struct point){ x, y };
			return true;
		}
	}
	return false;
}

static bool step_backward(const struct walk *w, const struct box *box, struct reach *here, const struct reach *other,
	bool meet, struct point *met)
{
	ptrdiff_t d;

	widen(here, box->left - box->bottom, box->right - box->top, w->backward, PTRDIFF_MAX);
	for (d = here->high; d >= here->low; d -= 2) {
		ptrdiff_t below = w->backward[d - 1], above = w->backward[d + 1];
		ptrdiff_t x = below < above ? below : above - 1, y = x - d;

		while (x > box->left && y > box->top && w->a[x - 1] == w->b[y - 1]) {
			x--;
			y--;
		}
		w->backward[d] = x;
		if (meet && d >= other->low && d <= other->high && x <= w->forward[d]) {
			*met = (struct point){ x, y };
			return true;
		}
	}
	return false;
}

/* The point nearest to its goal on either walk. */
static struct point furthest_point(const struct walk *w, const struct box *box, const struct reach *ahead, const struct reach *back)
{
	struct point best = { box->left, box->top };
	ptrdiff_t d, most = 0;

	for (d = ahead->low; d <= ahead->high; d += 2) {
		ptrdiff_t x = w->forward[d] < box->right ? w->forward[d] : box->right;

		if (x - d > box->bottom)
			x = box->bottom + d;
		if (x + x - d - box->left - box->top > most) {
			most = x + x - d - box->left - box->top;
			best = (struct point){ x, x - d };
		}
	}
	for (d = back->low; d <= back->high; d += 2) {
		ptrdiff_t x = w->backward[d] > box->left ? w->backward[d] : box->left;

		if (x - d < box->top)
			x = box->top + d;
		if (box->right + box->bottom - x - x + d > most) {
			most = box->right + box->bottom - x - x + d;
			best = (struct point){ x, x - d };
		}
	}
	return best;
}

/* Where the box is cut in two; both its sides are longer than 0. */
static struct point find_middle(const struct walk *w, const struct box *box)
{
	ptrdiff_t start = box->left - box->top, end = box->right - box->bottom;
	struct reach ahead = { start, start }, back = { end, end };
	bool odd = ((start - end) & 1) != 0;
	struct point met = { 0, 0 };
	int cost;

	w->forward[start] = box->left;
	w->backward[end] = box->right;
	for (cost = 0; cost < COST_CEILING; cost++)
		if (step_forward(w, box, &ahead, &back, odd, &met) || step_backward(w, box, &back, &ahead, !odd, &met))
			return met;
	return furthest_point(w, box, &ahead, &back);
}

static void mark(const struct walk *w, const struct box *box)
{
	memset(w->a_changed + box->left, true, (size_t)(box->right - box->left));
	memset(w->b_changed + box->top, true, (size_t)(box->bottom - box->top));
}

static void compare(const struct walk *w, struct box box)
{
	struct point middle;

	for (;;) {
		while (box.left < box.right && box.top < box.bottom && w->a[box.left] == w->b[box.top]) {
			box.left++;
			box.top++;
		}
		while (box.left < box.right && box.top < box.bottom && w->a[box.right - 1] == w->b[box.bottom - 1]) {
			box.right--;
			box.bottom--;
		}
		if (box.left == box.right || box.top == box.bottom)
			break;
		middle = find_middle(w, &box);
		if ((middle.x == box.left && middle.y == box.top) || (middle.x == box.right && middle.y == box.bottom))
			break;
		compare(w, (struct box){ box.left, box.top, middle.x, middle.y });
		box.left = middle.x;
		box.top = middle.y;
	}
	mark(w, &box);
}

/* What of a sequence has a chance to be found in the other. */
struct kept {
	uint32_t *ids;
	size_t *places;
	size_t count;
};

static void keep_shared(struct kept *kept, const uint32_t *ids, size_t count, const bool *elsewhere)
{
	size_t i;

	kept->ids = mem_new(count, sizeof(*kept->ids));
	kept->places = mem_new(count, sizeof(*kept->places));
	for (i = 0; i < count; i++) {
		if (!elsewhere[ids[i]])
			continue;
		kept->ids[kept->count] = ids[i];
		kept->places[kept->count++] = i;
	}
}

static void free_kept(struct kept *kept)
{
	free(kept->ids);
	free(kept->places);
}

static bool *list_present(const uint32_t *ids, size_t count, uint32_t all)
{
	bool *present = mem_new(all, sizeof(bool));
	size_t i;

	for (i = 0; i < count; i++)
		present[ids[i]] = true;
	return present;
}

static void copy_back(bool *changed, size_t count, const struct kept *kept, const bool *kept_changed)
{
	size_t i;

	memset(changed, true, count);
	for (i = 0; i < kept->count; i++)
		changed[kept->places[i]] = kept_changed[i];
}

static void compare_kept(const struct kept *a, const struct kept *b, bool *a_changed, bool *b_changed)
{
	size_t diagonals = a->count + b->count + 3;
	ptrdiff_t *forward = mem_new(diagonals, sizeof(ptrdiff_t)), *backward = mem_new(diagonals, sizeof(ptrdiff_t));
	struct walk walk = { .a = a->ids, .b = b->ids, .a_changed = a_changed, .b_changed = b_changed };

	walk.forward = forward + b->count + 1;
	walk.backward = backward + b->count + 1;
	compare(&walk, (struct box){ 0, 0, (ptrdiff_t)a->count, (ptrdiff_t)b->count });
	free(forward);
	free(backward);
}

void diff_core_run(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, uint32_t ids,
	bool *a_changed, bool *b_changed)
{
	bool *in_a = list_present(a, a_count, ids), *in_b = list_present(b, b_count, ids);
	struct kept left = { 0 }, right = { 0 };
	bool *left_changed, *right_changed;

	keep_shared(&left, a, a_count, in_b);
	keep_shared(&right, b, b_count, in_a);
	left_changed = mem_new(left.count, sizeof(bool));
	right_changed = mem_new(right.count, sizeof(bool));
	compare_kept(&left, &right, left_changed, right_changed);
	copy_back(a_changed, a_count, &left, left_changed);
	copy_back(b_changed, b_count, &right, right_changed);
	free(left_changed);
	free(right_changed);
	free_kept(&left);
	free_kept(&right);
	free(in_a);
	free(in_b);
}

struct diff_word {
	const char *text;
	size_t len;
	uint64_t hash;
	uint32_t id;
};

void diff_words_init(struct diff_words *words, size_t expected, const unsigned char *key)
{
	*words = (struct diff_words){ .cap = 16, .key = key };
	while (words->cap < 2 * expected)
		words->cap *= 2;
	words->slots = mem_new(words->cap, sizeof(struct diff_word));
}

void diff_words_clear(struct diff_words *words)
{
	free(words->slots);
	*words = (struct diff_words){ 0 };
}

uint32_t diff_words_id(struct diff_words *words, const char *text, size_t len)
{
	uint64_t hash;
	size_t at;

	if (words->count >= words->cap / 2 + 1)
		mem_die("more words than the table was made for");
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)text, len, words->key);
	for (at = hash & (words->cap - 1); words->slots[at].text; at = (at + 1) & (words->cap - 1)) {
		const struct diff_word *word = &words->slots[at];

		if (word->hash == hash && word->len == len && memcmp(word->text, text, len) == 0)
			return word->id;
	}
	words->slots[at] = (struct diff_word){ .text = text, .len = len, .hash = hash, .id = words->count };
	return words->count++;
}
