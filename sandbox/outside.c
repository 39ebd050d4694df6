/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.0, so that the answer ends where the connection does. */
#include "sandbox/outside.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum { PATIENCE_S = 20 };

bool sb_outside_parse(struct sb_outside *outside, const char *url, struct error *err)
{
	static const char scheme[] = "http://";
	const char *host = url + sizeof(scheme) - 1, *colon;
	size_t len, digits;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || (colon = strchr(host, ':')) == NULL)
		return error_set(err, STATUS_USAGE, "usage", "--chain-rpc takes http://HOST:PORT, not %s", url);
	len = (size_t)(colon - host);
	digits = strspn(colon + 1, "0123456789");
	if (len == 0 || len >= sizeof(outside->host) || digits == 0 || digits > 5 || (colon[1 + digits] != '\0' && !text_equal(colon + 1 + digits, "/")))
		return error_set(err, STATUS_USAGE, "usage", "--chain-rpc takes http://HOST:PORT, not %s", url);
	memcpy(outside->host, host, len);
	outside->host[len] = '\0';
	memcpy(outside->port, colon + 1, digits);
	outside->port[digits] = '\0';
	return true;
}

static int dial(const struct sb_outside *outside)
{
	const struct addrinfo wanted = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct addrinfo *found = NULL;
	int fd;

	if (getaddrinfo(outside->host, outside->port, &wanted, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static bool send_all(int fd, const struct buf *bytes)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t n = send(fd, bytes->data + done, bytes->len - done, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static json *receive(int fd, struct error *err)
{
	struct buf all;
	char bytes[8192];
	const char *split;
	json *answer = NULL;
	ssize_t n;

	buf_init(&all, LIMIT_HTTP_BODY);
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_add(&all, bytes, (size_t)n);
	split = strstr(buf_text(&all), "\r\n\r\n");
	if (n == 0 && split != NULL)
		answer = json_parse(split + 4, all.len - (size_t)(split + 4 - all.data), err);
	buf_clear(&all);
	return answer;
}

json *sb_outside_call(const struct sb_outside *outside, const char *method, const char *params, struct error *err)
{
	struct buf request = BUF_INIT;
	char *body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
	int fd = dial(outside);
	json *answer = NULL;

	buf_add_format(&request, "POST / HTTP/1.0\r\nHost: %s:%s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", outside->host,
		outside->port, strlen(body), body);
	if (fd >= 0 && send_all(fd, &request))
		answer = receive(fd, err);
	if (fd >= 0)
		close(fd);
	if (answer == NULL || json_member(answer, "result") == NULL) {
		error_set(err, STATUS_CHAIN, "chain-outside", "the node of --chain-rpc does not answer %s: %s", method, json_text(answer, "error.message"));
		json_free(answer);
		answer = NULL;
	}
	buf_clear(&request);
	free(body);
	return answer;
}
