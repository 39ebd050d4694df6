/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/plain_http.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/unit.h"

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			fail_msg("the server does not take the request");
		bytes += n;
		len -= (size_t)n;
	}
}

int plain_http(uint16_t port, const char *method, const char *target, const char *headers, const char *body, struct buf *out)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct buf all = BUF_INIT;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	char bytes[8192];
	const char *split;
	ssize_t n;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		fail_msg("nobody listens on port %u any more", port);
	buf_add_format(&all, "%s %s HTTP/1.0\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", method, target, headers,
	               body ? strlen(body) : 0);
	if (body)
		buf_add_text(&all, body);
	write_all(fd, all.data, all.len);
	buf_reset(&all);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(&all, bytes, (size_t)n);
	close(fd);
	split = strstr(buf_text(&all), "\r\n\r\n");
	status = split && strncmp(all.data, "HTTP/1.", 7) == 0 ? atoi(all.data + 9) : 0;
	if (split)
		buf_add(out, split + 4, all.len - (size_t)(split + 4 - all.data));
	buf_clear(&all);
	return status;
}
