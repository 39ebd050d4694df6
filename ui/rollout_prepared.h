/* SPDX-License-Identifier: Apache-2.0 */
/* What the owners of a contract get, on the rollout's screen: each value whole, one of them chosen for copying. */
#ifndef CVMDECK_UI_ROLLOUT_PREPARED_H
#define CVMDECK_UI_ROLLOUT_PREPARED_H

#include "ui/widget_text.h"
#include "ui/ui.h"

struct prepared_view {
	struct page page;
	size_t chosen;
};

void prepared_view_clear(struct prepared_view *self);
void prepared_view_draw(struct prepared_view *self, struct ui *ui, struct area area, const struct prepared *prepared);
void prepared_view_move(struct prepared_view *self, const struct prepared *prepared, enum move move);
/* The chosen value whole; *name says what it is. Borrowed from `prepared`. */
const char *prepared_view_chosen(const struct prepared_view *self, const struct prepared *prepared, const char **name, size_t *len);

#endif
