/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A long list of line numbers to which one is added anywhere at about the same
 * cost: they lie in blocks, and of each block is known how many stand before
 * it. Kept are the low 32 bits; whoever asks knows which 4 billion are meant.
 */
#ifndef CVMDECK_LOGS_ORDER_H
#define CVMDECK_LOGS_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct logs_order;

struct logs_order *logs_order_new(void);
void logs_order_free(struct logs_order *order);
size_t logs_order_count(const struct logs_order *order);
/* Bytes of memory it takes. */
size_t logs_order_bytes(const struct logs_order *order);
/* The number at a place that is there. */
uint32_t logs_order_at(struct logs_order *order, size_t place);
/* So that it stands at `place` (at most the count). */
void logs_order_insert(struct logs_order *order, size_t place, uint32_t number);
/* Takes off the `count` numbers from `first` on (modulo 2^32), wherever they stand: all of them are there. */
void logs_order_remove(struct logs_order *order, uint32_t first, uint32_t count);

#endif
