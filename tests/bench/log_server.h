/* SPDX-License-Identifier: Apache-2.0 */
/* A log host in a process of its own, so that its work is not counted as the reader's. */
#ifndef CVMDECK_TESTS_LOG_SERVER_H
#define CVMDECK_TESTS_LOG_SERVER_H

#include <sys/types.h>

struct log_server {
	pid_t pid;
	int port;
};

/* Answers one request with the whole file, then ends. */
void log_server_file(struct log_server *server, const char *path);

/*
 * Takes `streams` connections, then gives each `lines` lines of serial console
 * with time stamps ("<stamp> stream S line N of the log of a container"), all
 * together at `per_second`, and ends. Stream S is the path /S.
 */
void log_server_streams(struct log_server *server, int streams, int per_second, int lines);

void log_server_end(struct log_server *server);

#endif
