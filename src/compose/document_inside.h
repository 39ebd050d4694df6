/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a document, for document*.c alone. */
#ifndef CVMDECK_COMPOSE_DOCUMENT_INSIDE_H
#define CVMDECK_COMPOSE_DOCUMENT_INSIDE_H

#include "compose/document.h"

/* tree is always what raw parses to, and its spans point into raw. */
struct compose_document {
	struct exact_json *tree;
	struct buf raw;
	bool exact;
};

#endif
