/* SPDX-License-Identifier: Apache-2.0 */
/* cvmdeck-sandbox: options, listeners, what is printed, and when to go. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/secret.h"
#include "sandbox/sandbox.h"

enum { CVMS_DEFAULT = 56, MINE_MS_DEFAULT = 300 };

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "rpc-port", required_argument, NULL, 'r' },
	{ "log-port", required_argument, NULL, 'l' },
	{ "seed", required_argument, NULL, 's' },
	{ "cvms", required_argument, NULL, 'c' },
	{ "speed", required_argument, NULL, 'x' },
	{ "mine-ms", required_argument, NULL, 'm' },
	{ "faults", required_argument, NULL, 'f' },
	{ "chain-rpc", required_argument, NULL, 'C' },
	{ "bind", required_argument, NULL, 'B' },
	{ "stdin-watch", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: cvmdeck-sandbox [--port N] [--rpc-port N] [--log-port N] [--seed N]\n"
	"                       [--cvms N] [--speed FACTOR] [--mine-ms N] [--faults JSON]\n"
	"                       [--stdin-watch] [--chain-rpc URL --bind NAME=APP,KMS...]\n"
	"A local Phala Cloud and chain for trying things out; see cvmdeck-sandbox(1).\n";

static bool read_number(const char *text, long long min, long long max, long long *out)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || value < min || value > max)
		return false;
	*out = value;
	return true;
}

static bool read_speed(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out > 0.001 && *out <= 1000;
}

static bool read_option(int option, const char *value, struct sb_options *options)
{
	long long number = 0;
	switch (option) {
	case 'p':
	case 'r':
	case 'l':
		if (!read_number(value, 0, 65535, &number))
			return false;
		*(option == 'p' ? &options->port : option == 'r' ? &options->rpc_port : &options->log_port) = (uint16_t)number;
		return true;
	case 's':
		options->seed = read_number(value, 0, INT64_MAX, &number) ? (uint64_t)number : 0;
		return number != 0 || strcmp(value, "0") == 0;
	case 'c':
		options->cvms = read_number(value, 1, LIMIT_CVMS, &number) ? (size_t)number : 0;
		return options->cvms > 0;
	case 'm':
		options->mine_ms = read_number(value, 1, 3600000, &number) ? number : 0;
		return options->mine_ms > 0;
	case 'x':
		return read_speed(value, &options->speed);
	case 'f':
		options->faults = value;
		return true;
	case 'C':
		options->chain_rpc = value;
		return true;
	case 'B':
		if (options->bind_count == SB_BINDS_MAX)
			return false;
		options->binds[options->bind_count++] = value;
		return true;
	case 'w':
		options->stdin_watch = true;
		return true;
	default:
		return false;
	}
}

static void stop_on_signal(void *ctx, int signo)
{
	(void)signo;
	loop_stop(ctx);
}

/* The parent holds the other end of stdin; when it is gone, nobody needs this any more. */
static void stop_on_eof(void *ctx, int fd, int events)
{
	char bytes[256];
	(void)events;
	if (read(fd, bytes, sizeof(bytes)) <= 0)
		loop_stop(ctx);
}

static void print_hex(const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * 64 + 3];
	hex_encode_0x(text, bytes, len);
	printf("%s %s\n", name, text);
}

static void announce(const struct sb_sandbox *sandbox)
{
	printf("api http://127.0.0.1:%u/api/v1\n", sb_serve_port(sandbox->api));
	printf("rpc http://127.0.0.1:%u\n", sb_serve_port(sandbox->rpc));
	printf("logs %s\n", sandbox->world->log_base);
	printf("api-key sandbox\n");
	print_hex("private-key", sandbox->world->owner_key, SB_KEY_SIZE);
	print_hex("other-key", sandbox->world->other_key, SB_KEY_SIZE);
	print_hex("owner", sandbox->world->owner, SB_ADDRESS_SIZE);
	print_hex("kms-key", sandbox->world->kms[0].root_public, sizeof(sandbox->world->kms[0].root_public));
	print_hex("os-image", sandbox->world->os_image, HASH_SIZE);
	puts("ready");
	fflush(stdout);
}

static int run(const struct sb_options *options)
{
	struct error err;
	struct loop *loop = loop_new(&err);
	struct sb_sandbox *sandbox = loop == NULL ? NULL : sb_sandbox_new(loop, options, &err);
	if (sandbox == NULL) {
		fprintf(stderr, "cvmdeck-sandbox: %s\n", err.message);
		loop_free(loop);
		return (int)err.status;
	}
	loop_signal(loop, SIGTERM, stop_on_signal, loop);
	loop_signal(loop, SIGINT, stop_on_signal, loop);
	if (options->stdin_watch)
		loop_fd(loop, STDIN_FILENO, LOOP_READ, stop_on_eof, loop);
	announce(sandbox);
	loop_run(loop);
	sb_sandbox_free(sandbox);
	loop_free(loop);
	return 0;
}

int main(int argc, char **argv)
{
	struct sb_options options = { .cvms = CVMS_DEFAULT, .speed = 1, .mine_ms = MINE_MS_DEFAULT, .seed = 1 };
	struct error err;
	int option;
	if (!file_hold_standard())
		return STATUS_INPUT;
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (!read_option(option, optarg, &options)) {
			if (option != '?')
				fprintf(stderr, "cvmdeck-sandbox: \"%s\" is no value for this option\n", optarg);
			fputs(usage, stderr);
			return STATUS_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	if (!secret_setup(&err)) {
		fprintf(stderr, "cvmdeck-sandbox: %s\n", err.message);
		return (int)err.status;
	}
	return run(&options);
}
