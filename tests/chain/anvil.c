/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anvil is a child of the test itself, so that it dies with it; node is only
 * run for the moment of deploying.
 */
#include "chain/anvil.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "chain/plain_http.h"
#include "child.h"

#if defined(__aarch64__)
#define ANVIL_PACKAGE "anvil-linux-arm64"
#else
#define ANVIL_PACKAGE "anvil-linux-amd64"
#endif

struct anvil {
	struct child *child;
	uint16_t port;
	char *url;
	json *deployed;
};

bool anvil_available(void)
{
	const char *modules = getenv("CVMDECK_NODE_MODULES"), *contracts = getenv("CVMDECK_CONTRACTS");

	if (modules && *modules && contracts && *contracts)
		return true;
	puts("1..0 # SKIP CVMDECK_NODE_MODULES or CVMDECK_CONTRACTS is not set (scripts/test sets them)");
	return false;
}

static void deploy(struct anvil *anvil)
{
	char *script = child_source_path("tests/contracts/deploy.mjs");
	const char *const argv[] = { "node", script, anvil->url, NULL };
	struct child *child = child_start(argv, NULL);
	int status = child_wait(child, 2 * child_deadline_ms());
	const char *output = child_output(child);
	struct error err;

	if (status != 0)
		fail_msg("the contracts were not deployed (%d): %s", status, output);
	anvil->deployed = json_parse(output, strlen(output), &err);
	if (!anvil->deployed)
		fail_msg("deploy.mjs printed no JSON: %s", output);
	child_free(child);
	free(script);
}

struct anvil *anvil_start(void)
{
	struct anvil *anvil = mem_new(1, sizeof(*anvil));
	char *program = mem_printf("%s/@foundry-rs/" ANVIL_PACKAGE "/bin/anvil", getenv("CVMDECK_NODE_MODULES"));
	const char *const argv[] = { program, "--port", "0", "--chain-id", "8453", NULL };
	static const char listening[] = "Listening on 127.0.0.1:";
	const char *line;

	anvil->child = child_start(argv, NULL);
	line = child_wait_text(anvil->child, listening, child_deadline_ms());
	if (!line || !child_wait_text(anvil->child, "\n", child_deadline_ms()))
		fail_msg("anvil did not start: %s", child_output(anvil->child));
	line = strstr(child_output(anvil->child), listening);
	anvil->port = (uint16_t)atoi(line + strlen(listening));
	anvil->url = mem_printf("http://127.0.0.1:%u", anvil->port);
	free(program);
	deploy(anvil);
	return anvil;
}

void anvil_free(struct anvil *anvil)
{
	if (!anvil)
		return;
	child_free(anvil->child);
	json_free(anvil->deployed);
	free(anvil->url);
	free(anvil);
}

const char *anvil_url(const struct anvil *anvil)
{
	return anvil->url;
}

const char *anvil_value(const struct anvil *anvil, const char *path)
{
	const char *text = json_text(anvil->deployed, path);

	if (!*text)
		fail_msg("the deployment has no %s", path);
	return text;
}

static __attribute__((format(printf, 3, 0))) json *call(struct anvil *anvil, const char *method, const char *params, va_list args)
{
	struct buf body = BUF_INIT, answer = BUF_INIT;
	char text[65536];
	struct error err;
	json *tree = NULL;

	vsnprintf(text, sizeof(text), params, args);
	buf_add_format(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":", method);
	buf_add_text(&body, text);
	buf_add_text(&body, "}");
	plain_http(anvil->port, "POST", "/", "", buf_text(&body), &answer);
	tree = json_parse(buf_text(&answer), answer.len, &err);
	if (!tree || json_kind(json_member(tree, "error")) != JSON_MISSING)
		fail_msg("%s %s: %s", method, text, buf_text(&answer));
	buf_clear(&body);
	buf_clear(&answer);
	return tree;
}

json *anvil_call(struct anvil *anvil, const char *method, const char *params, ...)
{
	va_list args;
	json *tree;

	va_start(args, params);
	tree = call(anvil, method, params, args);
	va_end(args);
	return tree;
}

void anvil_do(struct anvil *anvil, const char *method, const char *params, ...)
{
	va_list args;

	va_start(args, params);
	json_free(call(anvil, method, params, args));
	va_end(args);
}

char *anvil_text(struct anvil *anvil, const char *method, const char *params, ...)
{
	struct buf text = BUF_INIT;
	va_list args;
	json *tree;

	va_start(args, params);
	tree = call(anvil, method, params, args);
	va_end(args);
	if (json_kind(json_member(tree, "result")) == JSON_STRING)
		buf_add_text(&text, json_text(tree, "result"));
	else
		json_print(&text, json_member(tree, "result"));
	json_free(tree);
	return buf_take(&text);
}

char *anvil_snapshot(struct anvil *anvil)
{
	return anvil_text(anvil, "evm_snapshot", "[]");
}

void anvil_revert(struct anvil *anvil, char *id)
{
	char *done = anvil_text(anvil, "evm_revert", "[\"%s\"]", id);

	assert_string_equal(done, "true");
	free(done);
	free(id);
}
