/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log lines of one CVM, from all of its sources at once: its channels and
 * every container, also those that appear later. A source keeps its number
 * for as long as the feed lives.
 */
#ifndef CVMDECK_UI_LOG_FEED_H
#define CVMDECK_UI_LOG_FEED_H

#include "ui/ui.h"

struct log_feed;

enum feed_state { FEED_CONNECTING, FEED_STREAMING, FEED_RETRYING, FEED_ENDED, FEED_FAILED };

struct feed_source {
	char name[64];
	char container_state[24]; /* "" for a channel */
	enum feed_state state;
	int64_t retry_ms;         /* wall clock of the next try; 0: none */
	char why[200];            /* of RETRYING and FAILED */
	uint64_t lines;
};

struct feed_handler {
	/* stamp_ns: since 1970, -1: none */
	void (*line)(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len);
	void (*changed)(void *ctx);
	void *ctx;
};

struct log_feed *log_feed_new(struct session *session, const struct cvm *cvm, const struct feed_handler *handler);
void log_feed_free(struct log_feed *feed);
size_t log_feed_count(const struct log_feed *feed);
/* Borrowed until the next turn. */
const struct feed_source *log_feed_source(const struct log_feed *feed, size_t i);
/* Why there is nothing, for a person; "" when there is something. */
const char *log_feed_problem(const struct log_feed *feed);

#endif
