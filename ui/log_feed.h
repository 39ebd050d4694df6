/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines of one or several CVMs, from all of their sources at once: the
 * channels and every container, also those that appear later. A source keeps
 * its number for as long as the feed lives, and its lines are given once, in
 * order, whatever is cut, restarted, replaced or started anew.
 */
#ifndef CVMDECK_UI_LOG_FEED_H
#define CVMDECK_UI_LOG_FEED_H

#include "cloud/logs.h"
#include "ui/ui.h"

struct log_feed;

enum feed_state { FEED_CONNECTING, FEED_STREAMING, FEED_RETRYING, FEED_ENDED, FEED_FAILED };

struct feed_source {
	char name[64];
	const char *cvm;          /* its CVM's name, safe to show */
	enum log_kind kind;
	char container_state[24]; /* "" for a channel; "gone" when it is listed no more */
	enum feed_state state;
	bool paused;              /* the reader is behind: bytes wait at the sender */
	int64_t retry_ms;         /* wall clock of the next try; 0: none */
	char why[200], next[200]; /* of RETRYING and FAILED */
	unsigned reconnects;
	uint64_t lines;
};

struct feed_handler {
	/* stamp_ns: since 1970, -1: none. False: no more of this source until log_feed_resume. */
	bool (*line)(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len);
	void (*changed)(void *ctx);
	void *ctx;
};

/* What is asked of every source; texts are borrowed while the feed lives. */
struct feed_options {
	long tail; /* last lines; -1: all */
	const char *since, *until;
	bool (*wanted)(void *ctx, const struct log_source *source); /* NULL: all; ctx is the handler's */
};

/* options may be NULL: the last lines, of everything. */
struct log_feed *log_feed_new(struct session *session, const struct feed_options *options, const struct feed_handler *handler);
void log_feed_free(struct log_feed *feed);
/* Follows this CVM too; false when it is followed already. */
bool log_feed_add(struct log_feed *feed, const struct cvm *cvm);
size_t log_feed_cvms(const struct log_feed *feed);
bool log_feed_has(const struct log_feed *feed, const char *vm_uuid);
void log_feed_resume(struct log_feed *feed);
/* Reads at once, and not only at the next time, which sources there are. */
void log_feed_look(struct log_feed *feed);

size_t log_feed_count(const struct log_feed *feed);
/* Borrowed until the next turn. */
const struct feed_source *log_feed_source(const struct log_feed *feed, size_t i);
/* True when one of the CVMs does not run now; its name. */
bool log_feed_offline(const struct log_feed *feed, char *name, size_t size);
/* Why a CVM gives nothing, for a person; "" when each gives something. */
const char *log_feed_problem(const struct log_feed *feed);

#endif
