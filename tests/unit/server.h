/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tiny HTTP server for tests, on 127.0.0.1 and threads of its own. It reads
 * a request and hands it to the test's function, which writes whatever bytes
 * it likes: good answers and broken ones.
 */
#ifndef CVMDECK_TESTS_SERVER_H
#define CVMDECK_TESTS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct server;

struct server_request {
	char method[16];
	char path[2048];
	char *head; /* all header lines */
	char *body;
	size_t body_len;
	int number;     /* of this request, from 0 over all connections */
	int connection; /* number of its connection, from 0 */
};

/* Runs on the connection's thread. Returns whether the connection stays open. */
typedef bool server_fn(void *ctx, int fd, const struct server_request *request);

struct server *server_start(server_fn *fn, void *ctx);
/* Closes every connection and waits for the threads. */
void server_stop(struct server *server);
int server_port(const struct server *server);
/* http://127.0.0.1:PORT */
const char *server_url(const struct server *server);
int server_requests(struct server *server);
int server_connections(struct server *server);

/* The value of a header in a request's head into out; false when it has none. */
bool server_header(const struct server_request *request, const char *name, char *out, size_t size);

/* Writes all bytes; ignores a peer that went away. */
void server_write(int fd, const void *bytes, size_t len);
void server_print(int fd, const char *text);
/* A whole answer with Content-Length. extra: header lines, each with CRLF; may be "". */
void server_answer(int fd, int status, const char *reason, const char *type, const char *extra, const char *body, size_t len);
void server_json(int fd, int status, const char *body);

/* A port where nobody listens. */
int server_dead_port(void);

#endif
