/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A full block in the middle is split in two; at the end a new one begins, so
 * that lines that come in order fill their blocks. The block of the last
 * answer is tried first: most readers go from place to place.
 */
#include "logs/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BLOCK = 4096 };

struct block {
	uint32_t *numbers; /* BLOCK of them have room */
	size_t count, before;
};

struct logs_order {
	struct block *blocks; /* none is empty */
	size_t block_count, cap, count;
	size_t last; /* block of the last answer */
};

struct logs_order *logs_order_new(void)
{
	return mem_new(1, sizeof(struct logs_order));
}

void logs_order_free(struct logs_order *order)
{
	size_t i;

	if (!order)
		return;
	for (i = 0; i < order->block_count; i++)
		free(order->blocks[i].numbers);
	free(order->blocks);
	free(order);
}

size_t logs_order_count(const struct logs_order *order)
{
	return order->count;
}

size_t logs_order_bytes(const struct logs_order *order)
{
	return order->block_count * BLOCK * sizeof(uint32_t) + order->cap * sizeof(struct block);
}

static bool holds(const struct logs_order *order, size_t i, size_t place)
{
	return i < order->block_count && order->blocks[i].before <= place && place - order->blocks[i].before < order->blocks[i].count;
}

/* The block a place is in; the last one for the place behind all. */
static size_t block_of(struct logs_order *order, size_t place)
{
	size_t low = 0, high = order->block_count;

	if (holds(order, order->last, place))
		return order->last;
	if (holds(order, order->last + 1, place))
		return ++order->last;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (order->blocks[middle].before <= place)
			low = middle;
		else
			high = middle;
	}
	return order->last = low;
}

uint32_t logs_order_at(struct logs_order *order, size_t place)
{
	const struct block *block = &order->blocks[block_of(order, place)];

	return block->numbers[place - block->before];
}

static void new_block(struct logs_order *order, size_t i, size_t before)
{
	order->blocks = mem_grow(order->blocks, order->block_count, &order->cap, sizeof(*order->blocks));
	memmove(order->blocks + i + 1, order->blocks + i, (order->block_count++ - i) * sizeof(*order->blocks));
	order->blocks[i] = (struct block){ .numbers = mem_new(BLOCK, sizeof(uint32_t)), .before = before };
}

static void split(struct logs_order *order, size_t i)
{
	struct block *left, *right;

	new_block(order, i + 1, order->blocks[i].before + BLOCK / 2);
	left = &order->blocks[i];
	right = left + 1;
	memcpy(right->numbers, left->numbers + BLOCK / 2, BLOCK / 2 * sizeof(uint32_t));
	left->count = right->count = BLOCK / 2;
}

/* A block with room for the place. */
static size_t roomy_block(struct logs_order *order, size_t place)
{
	size_t i = order->block_count ? block_of(order, place) : 0;

	if (i < order->block_count && order->blocks[i].count < BLOCK)
		return i;
	if (place == order->count) {
		new_block(order, order->block_count, order->count);
		return order->block_count - 1;
	}
	split(order, i);
	return order->blocks[i + 1].before <= place ? i + 1 : i;
}

void logs_order_insert(struct logs_order *order, size_t place, uint32_t number)
{
	size_t i = roomy_block(order, place), at = place - order->blocks[i].before;
	struct block *block = &order->blocks[i];

	memmove(block->numbers + at + 1, block->numbers + at, (block->count - at) * sizeof(uint32_t));
	block->numbers[at] = number;
	block->count++;
	order->count++;
	while (++i < order->block_count)
		order->blocks[i].before++;
}

/* Frees what is empty behind the first `kept` blocks of the `seen` ones, and counts anew. */
static void close_up(struct logs_order *order, size_t kept, size_t seen)
{
	size_t i, before = 0;

	for (i = kept; i < seen; i++)
		free(order->blocks[i].numbers);
	memmove(order->blocks + kept, order->blocks + seen, (order->block_count - seen) * sizeof(*order->blocks));
	order->block_count -= seen - kept;
	for (i = 0; i < order->block_count; i++) {
		order->blocks[i].before = before;
		before += order->blocks[i].count;
	}
	order->count = before;
	order->last = 0;
}

/* The oldest stand mostly first, so the walk ends soon; what stays of the blocks it saw is packed to the left. */
void logs_order_remove(struct logs_order *order, uint32_t first, uint32_t count)
{
	size_t seen = 0, to = 0, filled = 0, at;
	uint32_t gone = 0;

	for (; gone < count && seen < order->block_count; seen++) {
		const struct block *from = &order->blocks[seen];
		size_t here = from->count;

		for (at = 0; at < here; at++) {
			if (from->numbers[at] - first < count) {
				gone++;
				continue;
			}
			if (filled == BLOCK) {
				order->blocks[to++].count = BLOCK;
				filled = 0;
			}
			order->blocks[to].numbers[filled++] = from->numbers[at];
		}
	}
	if (filled)
		order->blocks[to++].count = filled;
	close_up(order, to, seen);
}
