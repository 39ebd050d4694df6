/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the sandbox and talks to it; see sandbox_child.h. */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit/sandbox_child.h"

enum { OPTIONS_MAX = 12 };

static void run_child(const char *const options[], int input, int output)
{
	const char *dir = getenv("builddir");
	char *program = mem_printf("%s/cvmdeck-sandbox", dir != NULL ? dir : ".");
	char *args[OPTIONS_MAX + 3] = { program, mem_strdup("--stdin-watch") };
	for (size_t i = 0; i < OPTIONS_MAX && options[i] != NULL; i++)
		args[i + 2] = mem_strdup(options[i]);
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	execv(program, args);
	_exit(127);
}

static void read_line(struct child *child, const char *line)
{
	unsigned port = 0;
	if (sscanf(line, "api http://127.0.0.1:%u/", &port) == 1)
		child->api = (uint16_t)port;
	else if (sscanf(line, "rpc http://127.0.0.1:%u", &port) == 1)
		child->rpc = (uint16_t)port;
	else if (sscanf(line, "logs http://%31[0-9.]:%u", child->log_host, &port) == 2)
		child->logs = (uint16_t)port;
}

void child_start(struct child *child, const char *const options[])
{
	int in[2], out[2];
	char line[256];
	bool ready = false;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	*child = (struct child){ .input = in[1] };
	fflush(NULL);
	child->pid = fork();
	assert_true(child->pid >= 0);
	if (child->pid == 0) {
		close(in[1]);
		close(out[0]);
		run_child(options, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	FILE *lines = fdopen(out[0], "r");
	while (!ready && fgets(line, sizeof(line), lines) != NULL) {
		read_line(child, line);
		ready = strcmp(line, "ready\n") == 0;
	}
	fclose(lines);
	assert_true(ready);
}

int child_end(struct child *child)
{
	int status = 0;
	close(child->input);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* HTTP */

static int dial(const char *host, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	const struct timeval patience = { .tv_sec = 30 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

static void receive_all(int fd, struct buf *out, size_t limit)
{
	char bytes[16384];
	ssize_t n;
	while ((limit == 0 || out->len < limit) && (n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_add(out, bytes, (size_t)n);
}

/* Takes chunks apart; returns true when the last, empty one came. */
static bool unchunk(const char *at, const char *end, struct buf *out)
{
	while (at < end) {
		char *after;
		size_t size = strtoull(at, &after, 16);
		const char *data = strstr(after, "\r\n");
		if (data == NULL)
			return false;
		data += 2;
		if (size == 0)
			return true;
		size_t left = (size_t)(end - data);
		buf_add(out, data, size < left ? size : left);
		if (size + 2 > left)
			return false;
		at = data + size + 2;
	}
	return false;
}

static void read_answer(const struct buf *all, struct answer *answer)
{
	const char *text = buf_text(all), *split = strstr(text, "\r\n\r\n");
	*answer = (struct answer){ 0 };
	if (split == NULL || sscanf(text, "HTTP/1.1 %d", &answer->status) != 1)
		return;
	buf_add(&answer->head, text, (size_t)(split - text));
	const char *length = strcasestr(answer->head.data, "content-length:"), *end = all->data + all->len;
	if (length != NULL) {
		buf_add(&answer->body, split + 4, (size_t)(end - split - 4));
		answer->whole = answer->body.len == strtoull(length + 15, NULL, 10);
	} else if (strcasestr(answer->head.data, "transfer-encoding: chunked") != NULL) {
		answer->whole = unchunk(split + 4, end, &answer->body);
	}
}

void child_ask(const char *host, uint16_t port, const char *method, const char *target, const char *headers, const char *body, size_t limit,
	struct answer *answer)
{
	struct buf request = BUF_INIT, all = BUF_INIT;
	int fd = dial(host, port);
	buf_add_format(&request, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s", method, target, host, headers);
	if (body != NULL)
		buf_add_format(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
	buf_add_text(&request, "\r\n");
	if (body != NULL)
		buf_add_text(&request, body);
	send_all(fd, request.data, request.len);
	receive_all(fd, &all, limit);
	close(fd);
	read_answer(&all, answer);
	buf_clear(&request);
	buf_clear(&all);
}

void answer_clear(struct answer *answer)
{
	buf_clear(&answer->head);
	buf_clear(&answer->body);
}

json *child_api(const struct child *child, const char *method, const char *path, const char *body, int status)
{
	struct answer answer;
	char *target = path[0] == '/' ? mem_strdup(path) : mem_printf("/api/v1/%s", path);
	child_ask("127.0.0.1", child->api, method, target, "X-API-Key: sandbox\r\nX-Phala-Version: 2026-01-21\r\n", body, 0, &answer);
	if (answer.status != status)
		fail_msg("%s %s: %d %s", method, path, answer.status, buf_text(&answer.body));
	json *tree = json_parse(buf_text(&answer.body), answer.body.len, NULL);
	assert_non_null(tree);
	answer_clear(&answer);
	free(target);
	return tree;
}

json *child_rpc(const struct child *child, const char *method, const char *params)
{
	struct answer answer;
	char *body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
	child_ask("127.0.0.1", child->rpc, "POST", "/", "", body, 0, &answer);
	json *tree = json_parse(buf_text(&answer.body), answer.body.len, NULL);
	assert_non_null(tree);
	answer_clear(&answer);
	free(body);
	return tree;
}
