/* SPDX-License-Identifier: Apache-2.0 */
/* Writes log lines to a file: made into text in slices on the loop, written by a worker. */
#ifndef CVMDECK_UI_LOG_SAVE_H
#define CVMDECK_UI_LOG_SAVE_H

#include "logs/store.h"
#include "loop/loop.h"

struct log_save;

/* done: once; lost: lines the store dropped before they were written. The object is gone afterwards. */
struct log_save_handler {
	void (*done)(void *ctx, const char *path, size_t lines, size_t lost, const struct error *err);
	void (*name)(void *ctx, uint16_t source, char *out, size_t size);
	void *ctx;
};

/*
 * numbers are taken over (also on failure); NULL: everything the store has now.
 * What is there under this name is replaced when everything is written, and
 * not before.
 * Errors: STATUS_INPUT "file-not-written".
 */
struct log_save *log_save_start(struct loop *loop, const struct logs_store *store, uint64_t *numbers, size_t count, const char *path,
                                const struct log_save_handler *handler, struct error *err) MUST_CHECK;
/* Stops without calling back, and leaves no file; NULL is fine. */
void log_save_abandon(struct log_save *save);
unsigned log_save_percent(const struct log_save *save);

#endif
