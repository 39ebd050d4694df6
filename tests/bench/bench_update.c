/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One whole headless update of the same CVM on the same sandbox, by this
 * program and by the official CLI (where CVMDECK_NODE_MODULES has it): CPU
 * time and memory of the process, beside each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "child.h"

enum { LESS_CPU = 20, LESS_MEMORY = 10 };

struct figures {
	double cpu_ms;
	long kib;
};

struct stage {
	struct child *sandbox;
	char *api, *rpc, *key;
	char *home;
	int versions;
};

static void open_stage(struct stage *stage)
{
	static const char *const options[] = { "--seed", "1", "--speed", "20", "--mine-ms", "20", NULL };

	stage->sandbox = child_start_sandbox(options);
	stage->api = child_told(stage->sandbox, "api");
	stage->rpc = child_told(stage->sandbox, "rpc");
	stage->key = child_told(stage->sandbox, "private-key");
	stage->home = child_make_dir();
}

static void close_stage(struct stage *stage)
{
	child_free(stage->sandbox);
	child_remove_dir(stage->home);
	free(stage->api);
	free(stage->rpc);
	free(stage->key);
	free(stage->home);
}

/* Another compose each time, so that each run registers a hash. */
static char *write_compose(struct stage *stage)
{
	char *path = mem_printf("%s/compose.yml", stage->home);
	struct buf text = BUF_INIT;
	struct error err;

	buf_add_format(&text, "services:\n  web:\n    image: caddy:2.7.%d\n    ports:\n      - \"80:80\"\n", ++stage->versions);
	if (!file_write(path, text.data, text.len, 0600, &err))
		mem_die(err.message);
	buf_clear(&text);
	return path;
}

/* `proof`: what its output must hold, so that a program that does nothing is not the fastest. */
static bool run(struct stage *stage, const char *const program[2], const char *const last[2], const char *proof,
                struct figures *out)
{
	char *compose = write_compose(stage);
	char *home = mem_printf("HOME=%s", stage->home), *prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", stage->api);
	const char *argv[20] = { program[0] };
	const char *const env[] = { home, prefix, "PHALA_CLOUD_API_KEY=sandbox", "CI=true", NULL };
	size_t n = 1;
	const char *const rest[] = { "deploy", "--cvm-id", "checkout-web", "-c", compose, "--private-key", stage->key, "--rpc-url",
		                     stage->rpc, NULL };
	struct child *child;
	int status;

	if (program[1])
		argv[n++] = program[1];
	for (size_t i = 0; rest[i]; i++)
		argv[n++] = rest[i];
	for (size_t i = 0; i < 2 && last[i]; i++)
		argv[n++] = last[i];
	child = child_start(argv, env);
	status = child_wait(child, 4 * child_deadline_ms());
	child_usage(child, &out->cpu_ms, &out->kib);
	if (status == 0 && !strstr(child_output(child), proof))
		status = -1;
	if (status != 0)
		fprintf(stderr, "%s ended with %d:\n%s\n", program[0], status, child_output(child));
	child_free(child);
	free(compose);
	free(home);
	free(prefix);
	return status == 0;
}

static void print_row(const char *what, double ours, double peers, int factor, const char *unit)
{
	if (peers > 0)
		printf("%s\t%.1f %s\t%d× less\t%.1f %s (%.0f×)\t%s\n", what, ours, unit, factor, peers, unit, peers / ours,
		       peers >= factor * ours ? "ok" : "missed");
	else
		printf("%s\t%.1f %s\t%d× less\t-\tok\n", what, ours, unit, factor);
}

int main(void)
{
	const char *modules = getenv("CVMDECK_NODE_MODULES");
	char *cvmdeck = child_build_path("cvmdeck"), *cli = mem_printf("%s/phala/dist/index.js", modules ? modules : "");
	const char *const ours[2] = { cvmdeck, NULL }, *const theirs[2] = { "node", cli };
	static const char *const yes[2] = { "--yes", "--json" }, *const none[2] = { NULL, NULL };
	struct figures mine = { 0 }, peer = { 0 };
	struct stage stage = { 0 };
	bool done;

	open_stage(&stage);
	done = run(&stage, ours, yes, "\"success\":true", &mine);
	if (done && modules && *modules)
		done = run(&stage, theirs, none, "0x", &peer);
	close_stage(&stage);
	free(cvmdeck);
	free(cli);
	if (!done)
		return 1;
	print_row("headless update, CPU time (peer: phala deploy)", mine.cpu_ms, peer.cpu_ms, LESS_CPU, "ms");
	print_row("headless update, memory (peer: phala deploy)", (double)mine.kib / 1024, (double)peer.kib / 1024, LESS_MEMORY, "MiB");
	return 0;
}
