/* SPDX-License-Identifier: Apache-2.0 */
/* See deck.h. The sandbox is asked over plain blocking sockets, so that nothing of the program under test is in between. */
#include "unit/unit.h"

#include "fault/deck.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

enum { VALUES = 10, ENVIRONMENT = 24 };

struct deck {
	struct child *sandbox;
	char values[VALUES][2][128];
	size_t value_count;
	uint16_t api_port, rpc_port;
	char *dir, *compose;
	const char *program;
	uint64_t nonce; /* the owner's, after the reset */
};

static const char compose_text[] = "services:\n"
				   "  web:\n"
				   "    image: nginx:1.29\n"
				   "    ports:\n"
				   "      - \"80:80\"\n"
				   "  worker:\n"
				   "    image: busybox:1.37\n"
				   "    command: [\"sleep\", \"infinity\"]\n";

/* ---- the sandbox ---- */

static void read_values(struct deck *deck, const char *text)
{
	const char *line = text;

	while (*line && deck->value_count < VALUES) {
		char(*pair)[128] = deck->values[deck->value_count];

		if (sscanf(line, "%127[^ \n] %127[^\n]", pair[0], pair[1]) == 2)
			deck->value_count++;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

static uint16_t port_of(const char *url)
{
	const char *colon = strrchr(url, ':');

	return (uint16_t)strtoul(colon ? colon + 1 : "0", NULL, 10);
}

struct deck *deck_new(const char *const options[])
{
	struct deck *deck = mem_new(1, sizeof(*deck));
	const char *argv[DECK_ARGS] = { "--speed", "40", "--mine-ms", "15", "--cvms", "16" };
	size_t i, count = 6;

	for (i = 0; options && options[i] && count < DECK_ARGS - 1; i++)
		argv[count++] = options[i];
	deck->program = "cvmdeck";
	deck->sandbox = child_start_sandbox(argv);
	read_values(deck, child_output(deck->sandbox));
	deck->api_port = port_of(deck_value(deck, "api"));
	deck->rpc_port = port_of(deck_value(deck, "rpc"));
	deck_reset(deck, NULL);
	return deck;
}

static void drop_dir(struct deck *deck)
{
	if (deck->dir)
		child_remove_dir(deck->dir);
	free(deck->dir);
	free(deck->compose);
	deck->dir = deck->compose = NULL;
}

void deck_free(struct deck *deck)
{
	if (!deck)
		return;
	child_free(deck->sandbox);
	drop_dir(deck);
	free(deck);
}

/* cmocka hands nothing to a group's setup. */
static struct deck **group_deck;
static const char *group_program;

static int set_up(void **state)
{
	(void)state;
	*group_deck = deck_new(NULL);
	if (group_program)
		deck_use_program(*group_deck, group_program);
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	deck_free(*group_deck);
	return 0;
}

int deck_run_tests(const char *name, struct deck **deck, const char *program, const struct CMUnitTest tests[], size_t count)
{
	group_deck = deck;
	group_program = program;
	return _cmocka_run_group_tests(name, tests, count, set_up, take_down);
}

void deck_use_program(struct deck *deck, const char *name)
{
	deck->program = name;
}

const char *deck_value(const struct deck *deck, const char *name)
{
	size_t i;

	for (i = 0; i < deck->value_count; i++)
		if (strcmp(deck->values[i][0], name) == 0)
			return deck->values[i][1];
	fail_msg("the sandbox printed no %s", name);
	return "";
}

/* ---- asking it ---- */

static int dial(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static json *ask(uint16_t port, const char *method, const char *path, const char *body)
{
	struct buf text = BUF_INIT;
	char bytes[8192];
	const char *split;
	ssize_t n;
	int fd = dial(port);
	json *tree;

	buf_add_format(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, path);
	buf_add_text(&text, "X-API-Key: sandbox\r\nX-Phala-Version: 2026-01-21\r\n");
	buf_add_format(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	assert_int_equal(send(fd, text.data, text.len, MSG_NOSIGNAL), (ssize_t)text.len);
	buf_reset(&text);
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_add(&text, bytes, (size_t)n);
	close(fd);
	split = strstr(buf_text(&text), "\r\n\r\n");
	assert_non_null(split);
	tree = json_parse(split + 4, strlen(split + 4), NULL);
	if (!tree || !strstr(text.data, " 200 "))
		fail_msg("%s %s: %s", method, path, buf_text(&text));
	buf_clear(&text);
	return tree;
}

json *deck_api(const struct deck *deck, const char *method, const char *path, const char *body)
{
	return ask(deck->api_port, method, path, body);
}

static uint64_t nonce_now(const struct deck *deck)
{
	char *body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getTransactionCount\",\"params\":[\"%s\",\"latest\"]}",
				deck_value(deck, "owner"));
	json *answer = ask(deck->rpc_port, "POST", "/", body);
	uint64_t nonce = strtoull(json_text(answer, "result"), NULL, 16);

	json_free(answer);
	free(body);
	return nonce;
}

size_t deck_mined(const struct deck *deck)
{
	return (size_t)(nonce_now(deck) - deck->nonce);
}

void deck_faults(struct deck *deck, const char *faults)
{
	json_free(deck_api(deck, "POST", "/__faults", faults ? faults : "{}"));
}

void deck_reset(struct deck *deck, const char *faults)
{
	json_free(deck_api(deck, "POST", "/__reset", ""));
	drop_dir(deck);
	deck->dir = child_make_dir();
	deck->compose = deck_write(deck, "compose.yml", compose_text, sizeof(compose_text) - 1);
	deck->nonce = nonce_now(deck);
	if (faults)
		deck_faults(deck, faults);
}

json *deck_cvm(const struct deck *deck, const char *name)
{
	char *path = mem_printf("/api/v1/cvms/%s", name);
	json *cvm = deck_api(deck, "GET", path, "");

	free(path);
	return cvm;
}

static size_t count_names(const json *names, const char *name)
{
	size_t count = 0;
	const json *at;

	for (at = json_first(names); at; at = json_next(at))
		count += text_equal(json_string(at, ""), name);
	return count;
}

size_t deck_seen(const struct deck *deck, const char *host, const char *method)
{
	json *answer = deck_api(deck, "GET", "/__requests", "");
	size_t count = 0;
	const json *at;

	for (at = json_first(json_member(answer, "requests")); at; at = json_next(at)) {
		if (!text_equal(json_text(at, "host"), host))
			continue;
		count += strcmp(host, "rpc") == 0 ? count_names(json_member(at, "calls"), method) : text_equal(json_text(at, "method"), method);
	}
	json_free(answer);
	return count;
}

void deck_expect_unsigned(const struct deck *deck)
{
	assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), 0);
	assert_int_equal(deck_mined(deck), 0);
}

void deck_expect_untouched(const struct deck *deck)
{
	assert_int_equal(deck_seen(deck, "api", "PATCH"), 0);
	deck_expect_unsigned(deck);
}

/* ---- files ---- */

char *deck_path(const struct deck *deck, const char *name)
{
	return mem_printf("%s/%s", deck->dir, name);
}

char *deck_write(const struct deck *deck, const char *name, const char *bytes, size_t len)
{
	char *path = deck_path(deck, name);
	struct error err;

	if (!file_write(path, bytes, len, 0600, &err))
		fail_msg("%s", err.message);
	return path;
}

char *deck_state_dir(const struct deck *deck)
{
	return deck_path(deck, "state/cvmdeck");
}

const char *deck_compose(const struct deck *deck)
{
	return deck->compose;
}

/* ---- runs ---- */

struct child *deck_start_under(struct deck *deck, const char *shell, const char *const extra[], const char *const args[])
{
	char *program = child_build_path(deck->program), *script = shell ? mem_printf("%s; exec \"$0\" \"$@\"", shell) : NULL;
	const char *argv[DECK_ARGS] = { "/bin/sh", "-c", script, program };
	const char *env[ENVIRONMENT] = { "PHALA_CLOUD_API_KEY=sandbox", "PHALA_CLOUD_DIR", "NO_COLOR=1" };
	char *made[] = {
		mem_printf("PHALA_CLOUD_API_PREFIX=%s", deck_value(deck, "api")), mem_printf("ETH_RPC_URL=%s", deck_value(deck, "rpc")),
		mem_printf("PRIVATE_KEY=%s", deck_value(deck, "private-key")), mem_printf("HOME=%s", deck->dir),
		mem_printf("XDG_STATE_HOME=%s/state", deck->dir),
	};
	size_t i, count = 3, argc = 4;
	struct child *child;

	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		env[count++] = made[i];
	for (i = 0; extra && extra[i] && count < ENVIRONMENT - 1; i++)
		env[count++] = extra[i];
	for (i = 0; args[i] && argc < DECK_ARGS - 1; i++)
		argv[argc++] = args[i];
	child = child_start(shell ? argv : argv + 3, env);
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		free(made[i]);
	free(program);
	free(script);
	return child;
}

struct child *deck_start(struct deck *deck, const char *const extra[], const char *const args[])
{
	return deck_start_under(deck, NULL, extra, args);
}

static json *line_json(const char *line)
{
	size_t len = strcspn(line, "\n");

	return *line == '{' ? json_parse(line, len, NULL) : NULL;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : NULL;
}

void deck_finish(struct child *child, struct deck_run *run)
{
	const char *line;

	*run = (struct deck_run){ .status = child_wait(child, child_deadline_ms()) };
	run->output = mem_strdup(child_output(child));
	child_free(child);
	for (line = run->output; line && *line; line = next_line(line)) {
		json *tree = line_json(line);

		if (!tree)
			continue;
		json_free(run->result);
		run->result = tree;
	}
	if (run->status < 0)
		fail_msg("cvmdeck did not end: %s", run->output);
}

void deck_run(struct deck *deck, const char *const extra[], const char *const args[], struct deck_run *run)
{
	deck_finish(deck_start(deck, extra, args), run);
}

void deck_run_clear(struct deck_run *run)
{
	free(run->output);
	json_free(run->result);
	*run = (struct deck_run){ 0 };
}

json *deck_event(const struct deck_run *run, const char *event, const char *id)
{
	json *found = NULL;
	const char *line;

	for (line = run->output; line && *line; line = next_line(line)) {
		json *tree = line_json(line);

		if (text_equal(json_text(tree, "event"), event) && (!id || text_equal(json_text(tree, "id"), id))) {
			json_free(found);
			found = tree;
		} else {
			json_free(tree);
		}
	}
	return found;
}

size_t deck_events(const struct deck_run *run, const char *event)
{
	size_t count = 0;
	const char *line;

	for (line = run->output; line && *line; line = next_line(line)) {
		json *tree = line_json(line);

		count += text_equal(json_text(tree, "event"), event);
		json_free(tree);
	}
	return count;
}

void deck_expect(const struct deck_run *run, int status, const char *code)
{
	const json *result = run->result;
	bool fits = run->status == status && text_equal(json_text(result, "event"), "result") &&
		    json_flag(result, "success", status != 0) == (status == 0);

	if (status)
		fits = fits && *json_text(result, "message") && *json_text(result, "next") && *json_text(result, "error_code") &&
		       (!code || text_equal(json_text(result, "error_code"), code));
	if (!fits) {
		fputs(run->output, stderr);
		fail_msg("wanted exit %d %s, got %d", status, code ? code : "", run->status);
	}
}
