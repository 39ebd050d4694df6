/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*last_words)(void);

void mem_set_last_words(void (*hook)(void))
{
	last_words = hook;
}

void mem_die(const char *message)
{
	if (last_words)
		last_words();
	fprintf(stderr, "cvmdeck: %s\n", message);
	abort();
}

static void *checked(void *memory)
{
	if (!memory)
		mem_die("out of memory; nothing more was sent or signed");
	return memory;
}

void *mem_new(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_die("a size is beyond all memory");
	return checked(realloc(old, count && size ? count * size : 1));
}

char *mem_copy(const char *text, size_t len)
{
	char *copy = mem_new(len + 1, 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *mem_strdup(const char *text)
{
	return text ? mem_copy(text, strlen(text)) : NULL;
}

char *mem_printf(const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return checked(text);
}

void *mem_grow(void *list, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 8;
	return mem_resize(list, *cap, size);
}
