/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmicrohttpd on the project's loop. The daemon runs in external epoll mode:
 * its epoll descriptor is watched, and its own timeout becomes a loop timer.
 * A request that waits (a delay, a stream with nothing to say) is suspended;
 * a loop timer resumes it. Everything happens on the loop's thread.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sandbox/serve.h"

enum { MAX_HEADERS = 8, STREAM_BLOCK = 32 * 1024 };

struct sb_server {
	struct loop *loop;
	struct MHD_Daemon *daemon;
	sb_serve_fn *fn;
	void *ctx;
	struct loop_timer wake;
	struct sb_request *requests;
	uint16_t port;
	int epoll_fd;
	bool stopping;
};

struct sb_request {
	struct sb_server *server;
	struct MHD_Connection *connection;
	struct sb_request *next, **link;
	char *method, *path, *target;
	struct buf body;
	struct loop_timer timer;
	bool suspended, handled, answered, lost, queued;
	int64_t delay_ms;
	bool cutting;
	size_t cut_after, sent;
	int status;
	char *type;
	struct buf out;
	struct sb_stream stream;
	char *header_names[MAX_HEADERS], *header_values[MAX_HEADERS];
	size_t header_count;
};

static void server_run(struct sb_server *server);

static void server_wake(void *ctx)
{
	server_run(ctx);
}

static void server_run(struct sb_server *server)
{
	MHD_UNSIGNED_LONG_LONG wait = 0;
	if (server->daemon == NULL)
		return;
	MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &wait) == MHD_YES && !server->stopping)
		loop_timer_set(server->loop, &server->wake, wait > 1000 ? 1000 : (int64_t)wait, server_wake, server);
}

static void server_ready(void *ctx, int fd, int events)
{
	(void)fd;
	(void)events;
	server_run(ctx);
}

/* Requests */

static struct sb_request *request_new(struct sb_server *server, struct MHD_Connection *connection, const char *method, const char *path)
{
	struct sb_request *request = mem_new(1, sizeof(*request));
	request->server = server;
	request->connection = connection;
	request->method = mem_strdup(method);
	request->path = mem_strdup(path);
	buf_init(&request->body, LIMIT_HTTP_BODY);
	request->next = server->requests;
	request->link = &server->requests;
	if (request->next != NULL)
		request->next->link = &request->next;
	server->requests = request;
	return request;
}

static void request_free(struct sb_request *request)
{
	loop_timer_cancel(&request->timer);
	*request->link = request->next;
	if (request->next != NULL)
		request->next->link = request->link;
	if (request->stream.free != NULL)
		request->stream.free(request->stream.ctx);
	for (size_t i = 0; i < request->header_count; i++) {
		free(request->header_names[i]);
		free(request->header_values[i]);
	}
	buf_clear(&request->body);
	buf_clear(&request->out);
	free(request->method);
	free(request->path);
	free(request->target);
	free(request->type);
	free(request);
}

static void request_resume(void *ctx)
{
	struct sb_request *request = ctx;
	if (!request->suspended)
		return;
	request->suspended = false;
	MHD_resume_connection(request->connection);
	server_run(request->server);
}

static void request_suspend(struct sb_request *request, int64_t ms)
{
	request->suspended = true;
	MHD_suspend_connection(request->connection);
	loop_timer_set(request->server->loop, &request->timer, ms < 1 ? 1 : ms, request_resume, request);
}

/* Answers */

/* Moves what is pending into max bytes; keeps to the place where it is to be cut. */
static size_t request_take(struct sb_request *request, char *bytes, size_t max)
{
	size_t n = request->out.len < max ? request->out.len : max;
	if (request->cutting && n > request->cut_after - request->sent)
		n = request->cut_after - request->sent;
	if (n > 0) {
		memcpy(bytes, request->out.data, n);
		buf_shift(&request->out, n);
		request->sent += n;
	}
	return n;
}

static bool request_is_cut(const struct sb_request *request)
{
	return request->cutting && request->sent >= request->cut_after;
}

static ssize_t request_read(void *ctx, uint64_t pos, char *bytes, size_t max)
{
	struct sb_request *request = ctx;
	int64_t wait = 0;
	(void)pos;
	if (request->server->stopping || request_is_cut(request))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (request->out.len == 0) {
		if (request->stream.pull == NULL)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		wait = request->stream.pull(request->stream.ctx, &request->out);
	}
	if (request->out.len > 0)
		return (ssize_t)request_take(request, bytes, max);
	if (wait == SB_STREAM_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	request_suspend(request, wait);
	return 0;
}

/* A body that is to be cut promises its full length and breaks off before. */
static struct MHD_Response *request_response(struct sb_request *request)
{
	if (request->stream.pull != NULL)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, request_read, request, NULL);
	if (request->cutting && request->out.len > 0)
		return MHD_create_response_from_callback(request->out.len + (request->cut_after >= request->out.len), STREAM_BLOCK,
			request_read, request, NULL);
	size_t len = request->out.len;
	return MHD_create_response_from_buffer(len, buf_take(&request->out), MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result request_queue(struct sb_request *request)
{
	if (request->lost || !request->answered || request->server->stopping)
		return MHD_NO;
	struct MHD_Response *response = request_response(request);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", request->type);
	for (size_t i = 0; i < request->header_count; i++)
		MHD_add_response_header(response, request->header_names[i], request->header_values[i]);
	enum MHD_Result result = MHD_queue_response(request->connection, (unsigned)request->status, response);
	MHD_destroy_response(response);
	request->queued = true;
	return result;
}

static enum MHD_Result request_handle(struct sb_request *request)
{
	if (!request->handled) {
		request->handled = true;
		request->server->fn(request->server->ctx, request);
		if (request->delay_ms > 0) {
			request_suspend(request, request->delay_ms);
			return MHD_YES;
		}
	}
	return request->queued ? MHD_YES : request_queue(request);
}

static enum MHD_Result server_access(void *ctx, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *data, size_t *data_size, void **state)
{
	struct sb_request *request = *state;
	(void)version;
	if (request->connection == NULL) {
		struct sb_request *begun = request_new(ctx, connection, method, path);
		begun->target = request->target;
		free(request);
		*state = begun;
		return MHD_YES;
	}
	if (*data_size > 0) {
		buf_add(&request->body, data, *data_size);
		*data_size = 0;
		return MHD_YES;
	}
	return request_handle(request);
}

/* The target as it was sent is known only here; a bare request carries it to server_access. */
static void *server_uri(void *ctx, const char *uri, struct MHD_Connection *connection)
{
	struct sb_request *request = mem_new(1, sizeof(*request));
	(void)ctx;
	(void)connection;
	request->target = mem_strdup(uri);
	return request;
}

static void server_completed(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct sb_request *request = *state;
	(void)ctx;
	(void)connection;
	(void)code;
	*state = NULL;
	if (request == NULL)
		return;
	if (request->connection != NULL) {
		request_free(request);
		return;
	}
	free(request->target);
	free(request);
}

/* The server */

static bool server_watch(struct sb_server *server, struct error *err)
{
	const union MHD_DaemonInfo *fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	const union MHD_DaemonInfo *port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	if (fd == NULL || port == NULL || port->port == 0)
		return error_set(err, STATUS_INPUT, "no-listener", "the sandbox cannot watch its own listener");
	server->port = port->port;
	server->epoll_fd = fd->epoll_fd;
	loop_fd(server->loop, server->epoll_fd, LOOP_READ, server_ready, server);
	return true;
}

struct sb_server *sb_serve_new(struct loop *loop, const char *host, uint16_t port, sb_serve_fn *fn, void *ctx, struct error *err)
{
	struct sb_server *server = mem_new(1, sizeof(*server));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	server->loop = loop;
	server->fn = fn;
	server->ctx = ctx;
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		error_set(err, STATUS_USAGE, "bad-host", "%s is no IPv4 address", host);
		goto failed;
	}
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, server_access, server,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, server_completed, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, server_uri, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(128 * 1024), MHD_OPTION_END);
	if (server->daemon == NULL) {
		error_set(err, STATUS_INPUT, "port-in-use", "port %u of %s cannot be listened on", port, host);
		error_next(err, "give another port, or none for a free one");
		goto failed;
	}
	if (!server_watch(server, err))
		goto failed;
	return server;
failed:
	sb_serve_free(server);
	return NULL;
}

/* Suspended connections must go on before the daemon may stop; they then find `stopping`. */
void sb_serve_free(struct sb_server *server)
{
	if (server == NULL)
		return;
	server->stopping = true;
	for (struct sb_request *request = server->requests; request != NULL; request = request->next) {
		loop_timer_cancel(&request->timer);
		if (request->suspended) {
			request->suspended = false;
			MHD_resume_connection(request->connection);
		}
	}
	if (server->daemon != NULL) {
		MHD_run(server->daemon);
		loop_fd(server->loop, server->epoll_fd, 0, NULL, NULL);
		MHD_stop_daemon(server->daemon);
	}
	loop_timer_cancel(&server->wake);
	free(server);
}

uint16_t sb_serve_port(const struct sb_server *server)
{
	return server->port;
}

const char *sb_request_method(const struct sb_request *request)
{
	return request->method;
}

const char *sb_request_path(const struct sb_request *request)
{
	return request->path;
}

const char *sb_request_target(const struct sb_request *request)
{
	return request->target;
}

const char *sb_request_header(const struct sb_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct query_search {
	const char *name;
	const char *value;
};

static enum MHD_Result query_match(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_search *search = ctx;
	(void)kind;
	if (strcmp(name, search->name) != 0)
		return MHD_YES;
	search->value = value == NULL ? "" : value;
	return MHD_NO;
}

const char *sb_request_query(const struct sb_request *request, const char *name)
{
	struct query_search search = { .name = name };
	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, query_match, &search);
	return search.value;
}

const struct buf *sb_request_body(const struct sb_request *request)
{
	return &request->body;
}

struct header_walk {
	void (*fn)(void *ctx, const char *name, const char *value);
	void *ctx;
};

static enum MHD_Result header_each(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	const struct header_walk *walk = ctx;
	(void)kind;
	walk->fn(walk->ctx, name, value == NULL ? "" : value);
	return MHD_YES;
}

void sb_request_headers(struct sb_request *request, void (*fn)(void *ctx, const char *name, const char *value), void *ctx)
{
	struct header_walk walk = { .fn = fn, .ctx = ctx };
	MHD_get_connection_values(request->connection, MHD_HEADER_KIND, header_each, &walk);
}

void sb_request_set_header(struct sb_request *request, const char *name, const char *value)
{
	if (request->header_count == MAX_HEADERS)
		return;
	request->header_names[request->header_count] = mem_strdup(name);
	request->header_values[request->header_count++] = mem_strdup(value);
}

void sb_request_delay(struct sb_request *request, int64_t ms)
{
	request->delay_ms += ms;
}

void sb_request_cut(struct sb_request *request, size_t after)
{
	request->cutting = true;
	request->cut_after = after;
}

void sb_request_lose(struct sb_request *request)
{
	request->lost = true;
	request->answered = true;
}

bool sb_request_answered(const struct sb_request *request)
{
	return request->answered;
}

void sb_reply(struct sb_request *request, int status, const char *type, struct buf *body)
{
	if (request->answered) {
		buf_clear(body);
		return;
	}
	request->answered = true;
	request->status = status;
	request->type = mem_strdup(type);
	request->out = *body;
	*body = (struct buf)BUF_INIT;
}

void sb_reply_text(struct sb_request *request, int status, const char *type, const char *text)
{
	struct buf body = BUF_INIT;
	buf_add_text(&body, text);
	sb_reply(request, status, type, &body);
}

void sb_reply_stream(struct sb_request *request, int status, const char *type, const struct sb_stream *stream)
{
	if (request->answered) {
		if (stream->free != NULL)
			stream->free(stream->ctx);
		return;
	}
	request->answered = true;
	request->status = status;
	request->type = mem_strdup(type);
	request->stream = *stream;
}
