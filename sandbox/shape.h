/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON answers written from a template: quotes are ' and values are directives.
 *   %s text (NULL: null)    %d int64_t      %b bool (as int)     %u uint64_t
 *   %j a text that is JSON already ("" or NULL: null)
 *   %t a struct buf * holding such a text
 *   %h bytes, length: lower-case hex         %x the same with 0x before
 *   %% a percent sign
 * Templates are constants of this room, so a mistake in one is a bug, not an input.
 */
#ifndef CVMDECK_SANDBOX_SHAPE_H
#define CVMDECK_SANDBOX_SHAPE_H

#include "base/buf.h"

void sb_shape(struct buf *out, const char *template, ...);

#endif
