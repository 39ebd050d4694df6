/* SPDX-License-Identifier: Apache-2.0 */
/* Completion of a path: what the folder holds whose name begins as typed; a folder ends in a slash. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/prompt.h"

static void add_entry(struct buf *out, const char *folder, size_t folder_len, const char *real, const struct dirent *entry)
{
	char *path = mem_printf("%s/%s", real, entry->d_name);
	struct stat st;

	if (!strchr(entry->d_name, '\n')) {
		buf_add(out, folder, folder_len);
		buf_add_text(out, entry->d_name);
		buf_add_text(out, stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/\n" : "\n");
	}
	free(path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void prompt_complete_path(struct ui *ui, void *ctx, const char *text, struct buf *out)
{
	const char *slash = strrchr(text, '/');
	const char *begun = slash ? slash + 1 : text;
	size_t folder_len = slash ? (size_t)(slash - text) + 1 : 0;
	char *folder = folder_len ? mem_copy(text, folder_len) : mem_strdup(".");
	char *real = file_expand(folder);
	struct dirent **entries = NULL;
	int count = scandir(real, &entries, NULL, by_name), i;

	(void)ui;
	(void)ctx;
	for (i = 0; i < count; i++) {
		bool hidden = entries[i]->d_name[0] == '.' && begun[0] != '.';

		if (!hidden && text_starts(entries[i]->d_name, begun) && strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
			add_entry(out, text, folder_len, real, entries[i]);
		free(entries[i]);
	}
	free(entries);
	free(real);
	free(folder);
}
