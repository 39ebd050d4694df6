/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/term_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mem.h"

enum { MAGIC = 0432, MAGIC_32 = 01036, HEADER = 12, LIMIT_ENTRY = 32768 };
/* Places among the string capabilities, fixed by term(5). */
enum { PARM_INDEX = 109, PARM_RINDEX = 113, REPEAT_CHAR = 121 };

static char *before; /* TERMINFO as it was */
static bool changed;

static size_t number_at(const unsigned char *entry, size_t at)
{
	return (size_t)entry[at] | (size_t)entry[at + 1] << 8;
}

static void blank(unsigned char *entry, size_t len, size_t strings, size_t count, size_t which)
{
	size_t at = strings + 2 * which;

	if (which < count && at + 2 <= len)
		entry[at] = entry[at + 1] = 0xFF;
}

bool term_entry_edit(unsigned char *entry, size_t len)
{
	size_t magic, at, count;

	if (len < HEADER)
		return false;
	magic = number_at(entry, 0);
	if (magic != MAGIC && magic != MAGIC_32)
		return false;
	at = HEADER + number_at(entry, 2) + number_at(entry, 4);
	at += at % 2;
	at += number_at(entry, 6) * (magic == MAGIC_32 ? 4 : 2);
	count = number_at(entry, 8);
	if (at + 2 * count > len)
		return false;
	blank(entry, len, at, count, PARM_INDEX);
	blank(entry, len, at, count, PARM_RINDEX);
	blank(entry, len, at, count, REPEAT_CHAR);
	return true;
}

static bool read_entry(const char *folder, const char *name, struct buf *out)
{
	char *path = mem_printf("%s/%c/%s", folder, name[0], name);
	bool ok = file_read(path, "terminal description", LIMIT_ENTRY, out, NULL);

	free(path);
	return ok;
}

static bool find_entry(const char *name, struct buf *out)
{
	static const char *const folders[] = { "/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo" };
	char *home = file_expand("~/.terminfo");
	bool found = (before && before[0] == '/' && read_entry(before, name, out)) || read_entry(home, name, out);
	size_t i;

	free(home);
	for (i = 0; !found && i < sizeof(folders) / sizeof(folders[0]); i++)
		found = read_entry(folders[i], name, out);
	return found;
}

void term_entry_begin(void)
{
	const char *name = getenv("TERM");
	struct buf entry = BUF_INIT;
	char *text;

	before = mem_strdup(getenv("TERMINFO"));
	if (name && *name && !strchr(name, '/') && find_entry(name, &entry) && term_entry_edit((unsigned char *)entry.data, entry.len)) {
		text = mem_new(2 * entry.len + 5, 1);
		memcpy(text, "hex:", 4);
		hex_encode(text + 4, (const unsigned char *)entry.data, entry.len);
		setenv("TERMINFO", text, 1);
		changed = true;
		free(text);
	}
	buf_clear(&entry);
}

void term_entry_end(void)
{
	if (changed && before)
		setenv("TERMINFO", before, 1);
	else if (changed)
		unsetenv("TERMINFO");
	changed = false;
	free(before);
	before = NULL;
}
