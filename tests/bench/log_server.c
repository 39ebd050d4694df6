/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/log_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";

enum { STREAMS_MOST = 1000, STEP_MS = 20 };

static int listen_on(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, STREAMS_MOST) || getsockname(fd, (struct sockaddr *)&address, &len))
		mem_die("the log server cannot listen");
	*port = ntohs(address.sin_port);
	return fd;
}

/* In the child: true. */
static bool begin(struct log_server *server, int *fd)
{
	*fd = listen_on(&server->port);
	fflush(NULL);
	server->pid = fork();
	if (server->pid != 0) {
		close(*fd);
		return false;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	return true;
}

/* Takes a connection and reads its request; the number in its path goes to *number. */
static int take(int listener, int *number)
{
	char text[4096];
	size_t len = 0;
	int fd = accept(listener, NULL, NULL);

	for (;;) {
		ssize_t got = recv(fd, text + len, sizeof(text) - 1 - len, 0);

		if (got <= 0)
			_exit(1);
		len += (size_t)got;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n"))
			break;
	}
	*number = atoi(strchr(text, '/') + 1);
	if (send(fd, head, sizeof(head) - 1, 0) < 0)
		_exit(1);
	return fd;
}

void log_server_file(struct log_server *server, const char *path)
{
	int listener, number, fd, file;
	off_t at = 0;

	if (!begin(server, &listener))
		return;
	file = open(path, O_RDONLY);
	fd = take(listener, &number);
	while (sendfile(fd, file, &at, 1 << 20) > 0)
		continue;
	_exit(0);
}

static void send_line(int fd, int stream, int line)
{
	char text[200], stamp[CLOCK_TEXT_SIZE];
	struct timespec now;
	int len;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_format(stamp, (int64_t)now.tv_sec * 1000);
	len = snprintf(text, sizeof(text), "%.19s.%09ldZ stream %d line %d of the log of a container that has a usual length\n", stamp, now.tv_nsec, stream, line);
	if (send(fd, text, (size_t)len, 0) < 0)
		_exit(1);
}

void log_server_streams(struct log_server *server, int streams, int per_second, int lines)
{
	int listener, fds[STREAMS_MOST], i;
	int64_t began, sent, all = (int64_t)streams * lines;

	if (!begin(server, &listener))
		return;
	for (i = 0; i < streams; i++) {
		int number, fd = take(listener, &number);

		fds[number] = fd;
	}
	began = clock_mono_us();
	for (sent = 0; sent < all; usleep(STEP_MS * 1000)) {
		int64_t due = (clock_mono_us() - began) * per_second / 1000000;

		for (; sent < due && sent < all; sent++)
			send_line(fds[sent % streams], (int)(sent % streams), (int)(sent / streams));
	}
	_exit(0);
}

void log_server_end(struct log_server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}
