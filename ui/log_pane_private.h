/* SPDX-License-Identifier: Apache-2.0 */
/* What log_pane.c and log_pane_find.c share; others include ui/log_pane.h. */
#ifndef CVMDECK_UI_LOG_PANE_PRIVATE_H
#define CVMDECK_UI_LOG_PANE_PRIVATE_H

#include "logs/search.h"
#include "ui/log_pane.h"

struct log_pane {
	struct ui *ui;
	struct log_feed *feed;
	struct logs_store *store;
	struct logs_filter *filter;
	struct logs_pattern *pattern; /* of the search, or NULL */
	struct logs_search search;
	bool searching;
	bool follow, wrap;
	enum log_times times;
	uint64_t top;      /* number of the first line shown, when not following */
	uint64_t match;    /* number of the line last found; UINT64_MAX: none */
	uint64_t paused_at; /* the store's end when reading was paused */
	int offset;
	size_t height;
};

/* Pauses there. */
void log_pane_go_to_row(struct log_pane *pane, size_t row);

#endif
