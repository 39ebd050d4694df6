/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/widget_list.h"

#include <stdio.h>

#include "base/text.h"

static size_t last_top(const struct list *list)
{
	return list->count > list->height ? list->count - list->height : 0;
}

void scroll_fit(struct list *list, size_t count, int height)
{
	list->count = count;
	list->height = height > 0 ? (size_t)height : 0;
	if (list->top > last_top(list))
		list->top = last_top(list);
}

void list_fit(struct list *list, size_t count, int height)
{
	scroll_fit(list, count, height);
	if (list->selected >= count)
		list->selected = count ? count - 1 : 0;
	if (list->selected < list->top)
		list->top = list->selected;
	if (list->height && list->selected >= list->top + list->height)
		list->top = list->selected - list->height + 1;
}

static size_t stepped(size_t at, size_t most, enum move move, size_t page)
{
	switch (move) {
	case MOVE_DOWN:
		return at < most ? at + 1 : most;
	case MOVE_UP:
		return at ? at - 1 : 0;
	case MOVE_PAGE_DOWN:
		return most - at > page ? at + page : most;
	case MOVE_PAGE_UP:
		return at > page ? at - page : 0;
	case MOVE_HOME:
		return 0;
	case MOVE_END:
		return most;
	case MOVE_LEFT:
	case MOVE_RIGHT:
		break;
	}
	return at;
}

static void sideways(struct list *list, enum move move)
{
	if (move == MOVE_RIGHT && list->offset < 4096)
		list->offset += 8;
	if (move == MOVE_LEFT)
		list->offset = list->offset > 8 ? list->offset - 8 : 0;
}

static size_t page_of(const struct list *list)
{
	return list->height > 2 ? list->height - 1 : 1;
}

void list_move(struct list *list, enum move move)
{
	list->selected = stepped(list->selected, list->count ? list->count - 1 : 0, move, page_of(list));
	list_fit(list, list->count, (int)list->height);
}

void scroll_move(struct list *list, enum move move)
{
	list->top = stepped(list->top, last_top(list), move, page_of(list));
	sideways(list, move);
}

const char *list_place(char out[8], const struct list *list)
{
	size_t most = last_top(list);

	if (!most)
		snprintf(out, 8, "All");
	else if (!list->top)
		snprintf(out, 8, "Top");
	else if (list->top >= most)
		snprintf(out, 8, "End");
	else
		snprintf(out, 8, "%u%%", (unsigned)(list->top * 100 / most) % 1000);
	return out;
}

int draw_scrolled(struct area area, int row, int col, int offset, text_style style, const char *text, size_t len)
{
	size_t skip = offset > 0 ? text_fit(text, len, (size_t)offset) : 0;

	return area_put_n(area, row, col, style, text + skip, len - skip);
}
