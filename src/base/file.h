/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, read with a ceiling and written so that a crash leaves the old or the new one. */
#ifndef CVMDECK_BASE_FILE_H
#define CVMDECK_BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/status.h"

/*
 * Adds the whole file to *out; `what` names it in the message ("compose file").
 * Errors: STATUS_INPUT "<file-missing|file-unreadable|file-too-large>".
 */
bool file_read(const char *path, const char *what, size_t max, struct buf *out, struct error *err) MUST_CHECK;

/* Writes beside the file with the mode given, syncs, and renames over it; a device or pipe is written into. */
bool file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err) MUST_CHECK;

/* True when path is a regular file or nothing yet: what a fresh file may take the place of. */
bool file_is_plain(const char *path);

/*
 * Opens standard input, output and error on /dev/null where they are closed, so that no journal or socket gets their
 * numbers and is written into. To be called before anything is opened. False when that is not possible.
 */
bool file_hold_standard(void) MUST_CHECK;

/* Makes a folder and its parents, each missing one with mode 0700. */
bool file_make_dirs(const char *path, struct error *err) MUST_CHECK;

/* $XDG_STATE_HOME/cvmdeck or ~/.local/state/cvmdeck; the caller frees. */
char *file_state_dir(void);

/* A path with a leading ~/ turned into the home folder; the caller frees. */
char *file_expand(const char *path);

#endif
