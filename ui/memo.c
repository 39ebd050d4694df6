/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool memo_changed(struct memo *memo, const char *key, const char *text)
{
	size_t i;

	for (i = 0; i < memo->count; i++)
		if (strcmp(memo->entries[i].key, key) == 0)
			break;
	if (i == memo->count) {
		memo->entries = mem_grow(memo->entries, memo->count, &memo->cap, sizeof(*memo->entries));
		memo->entries[memo->count++] = (struct memo_entry){ mem_strdup(key), mem_strdup(text) };
		return true;
	}
	if (strcmp(memo->entries[i].text, text) == 0)
		return false;
	free(memo->entries[i].text);
	memo->entries[i].text = mem_strdup(text);
	return true;
}

void memo_clear(struct memo *memo)
{
	size_t i;

	for (i = 0; i < memo->count; i++) {
		free(memo->entries[i].key);
		free(memo->entries[i].text);
	}
	free(memo->entries);
	*memo = (struct memo){ 0 };
}
