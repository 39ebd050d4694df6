/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum { MAX_CONNECTIONS = 8192 };

struct connection {
	struct server *server;
	pthread_t thread;
	int fd, number;
};

struct server {
	server_fn *fn;
	void *ctx;
	int fd, port;
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	struct connection connections[MAX_CONNECTIONS];
	int count, requests;
};

void server_write(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t put = send(fd, at, len, MSG_NOSIGNAL);

		if (put <= 0)
			return;
		at += put;
		len -= (size_t)put;
	}
}

void server_print(int fd, const char *text)
{
	server_write(fd, text, strlen(text));
}

void server_answer(int fd, int status, const char *reason, const char *type, const char *extra, const char *body, size_t len)
{
	char *head = mem_printf("HTTP/1.1 %d %s\r\n%s%s%s%sContent-Length: %zu\r\n\r\n", status, reason, type ? "Content-Type: " : "",
		type ? type : "", type ? "\r\n" : "", extra, len);
	char *all = mem_new(1, strlen(head) + len + 1);

	memcpy(all, head, strlen(head));
	memcpy(all + strlen(head), body, len);
	server_write(fd, all, strlen(head) + len);
	free(all);
	free(head);
}

void server_json(int fd, int status, const char *body)
{
	server_answer(fd, status, status < 300 ? "OK" : "No", "application/json", "", body, strlen(body));
}

bool server_header(const struct server_request *request, const char *name, char *out, size_t size)
{
	const char *line;
	size_t n = strlen(name);

	for (line = strchr(request->head, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		if (strncasecmp(line + 1, name, n) != 0 || line[1 + n] != ':')
			continue;
		line += 2 + n;
		line += strspn(line, " ");
		snprintf(out, size, "%.*s", (int)strcspn(line, "\r\n"), line);
		return true;
	}
	return false;
}

/* Reads until the end of the head is there, then the body; NULL at the end. */
static char *read_request(int fd, char **spare, size_t *spare_len, struct server_request *request)
{
	size_t len = *spare_len, head = 0, cap = len + 65536;
	char *text = mem_resize(*spare, cap + 1, 1);
	char length[32] = "0";

	*spare = NULL;
	for (;;) {
		char *end;

		text[len] = '\0';
		end = head ? NULL : strstr(text, "\r\n\r\n");
		if (end) {
			head = (size_t)(end - text) + 4;
			request->head = mem_copy(text, head);
			if (!server_header(request, "content-length", length, sizeof(length)))
				length[0] = '0';
			request->body_len = strtoul(length, NULL, 10);
		}
		if (head && len >= head + request->body_len)
			break;
		if (cap - len < 4096)
			text = mem_resize(text, (cap *= 2) + 1, 1);
		ssize_t got = recv(fd, text + len, cap - len, 0);

		if (got <= 0) {
			free(text);
			return NULL;
		}
		len += (size_t)got;
	}
	request->body = mem_copy(text + head, request->body_len);
	*spare_len = len - head - request->body_len;
	memmove(text, text + head + request->body_len, *spare_len);
	*spare = text;
	sscanf(request->head, "%15s %2047s", request->method, request->path);
	return text;
}

static void *serve(void *ctx)
{
	struct connection *connection = ctx;
	struct server *server = connection->server;
	char *spare = NULL;
	size_t spare_len = 0;
	bool open = true;

	while (open) {
		struct server_request request = { .connection = connection->number };

		if (!read_request(connection->fd, &spare, &spare_len, &request)) {
			free(request.head);
			break;
		}
		pthread_mutex_lock(&server->lock);
		request.number = server->requests++;
		pthread_mutex_unlock(&server->lock);
		open = server->fn(server->ctx, connection->fd, &request);
		free(request.head);
		free(request.body);
	}
	free(spare);
	shutdown(connection->fd, SHUT_RDWR);
	return NULL;
}

static void *listen_on(void *ctx)
{
	struct server *server = ctx;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		struct connection *connection = &server->connections[server->count];

		if (server->count == MAX_CONNECTIONS)
			mem_die("too many connections for the test server");
		*connection = (struct connection){ .server = server, .fd = fd, .number = server->count };
		pthread_mutex_lock(&server->lock);
		server->count++;
		pthread_mutex_unlock(&server->lock);
		if (pthread_create(&connection->thread, NULL, serve, connection))
			mem_die("no thread for the test server");
	}
	return NULL;
}

static int listener(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 512) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		mem_die("the test server has no port");
	*port = ntohs(address.sin_port);
	return fd;
}

struct server *server_start(server_fn *fn, void *ctx)
{
	struct server *server = mem_new(1, sizeof(*server));

	signal(SIGPIPE, SIG_IGN);
	server->fn = fn;
	server->ctx = ctx;
	server->fd = listener(&server->port);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", server->port);
	pthread_mutex_init(&server->lock, NULL);
	if (pthread_create(&server->thread, NULL, listen_on, server))
		mem_die("no thread for the test server");
	return server;
}

void server_stop(struct server *server)
{
	int i;

	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	for (i = 0; i < server->count; i++)
		shutdown(server->connections[i].fd, SHUT_RDWR);
	for (i = 0; i < server->count; i++) {
		pthread_join(server->connections[i].thread, NULL);
		close(server->connections[i].fd);
	}
	close(server->fd);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int server_port(const struct server *server)
{
	return server->port;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

static int locked(struct server *server, const int *number)
{
	int value;

	pthread_mutex_lock(&server->lock);
	value = *number;
	pthread_mutex_unlock(&server->lock);
	return value;
}

int server_requests(struct server *server)
{
	return locked(server, &server->requests);
}

int server_connections(struct server *server)
{
	return locked(server, &server->count);
}

int server_dead_port(void)
{
	int port, fd = listener(&port);

	close(fd);
	return port;
}
