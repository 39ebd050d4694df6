/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define V(verb) (1u << VERB_##verb)

enum {
	ALL = (1u << VERB_COUNT) - 1,
	UPDATES = V(DEPLOY) | V(PLAN) | V(CONSOLE),
	SIGNS = V(DEPLOY) | V(APPLY) | V(RESUME) | V(CONSOLE),
	CHANGES = V(DEPLOY) | V(PLAN) | V(DIFF) | V(HASH) | V(CONSOLE),
	LOGS_ONLY = V(LOGS),
	CLOUD = ALL & ~V(COMPLETION),
};

struct verb_row {
	const char *name, *arguments, *help;
	size_t most; /* positional arguments */
};

static const struct verb_row verbs[VERB_COUNT] = {
	[VERB_CONSOLE] = { "", "", "open the console", 0 },
	[VERB_DEPLOY] = { "deploy", "", "update one CVM: review, sign, confirm, follow", 0 },
	[VERB_LIST] = { "list", "", "the workspace's CVMs", 0 },
	[VERB_SHOW] = { "show", "ID", "one CVM, whole", 1 },
	[VERB_DIFF] = { "diff", "", "what a compose file would change", 0 },
	[VERB_HASH] = { "hash", "", "compose hash of a CVM, of a change to it, or of an app-compose.json", 0 },
	[VERB_LOGS] = { "logs", "[CONTAINER]...", "logs of a CVM and its containers", 7 },
	[VERB_PLAN] = { "plan", "", "write down a reviewed update, to be applied later", 0 },
	[VERB_APPLY] = { "apply", "FILE", "do exactly what a plan says", 1 },
	[VERB_RESUME] = { "resume", "[ROLLOUT]", "go on with an interrupted rollout", 1 },
	[VERB_HISTORY] = { "history", "[ROLLOUT]", "this machine's record of rollouts", 1 },
	[VERB_COMPLETION] = { "completion", "SHELL", "print completions for bash, zsh or fish", 1 },
};

struct option_row {
	const char *name;
	char letter;
	const char *argument; /* NULL: a flag */
	unsigned verbs;
	const char *help;
};

static const struct option_row rows[OPTION_COUNT] = {
	[OPT_CVM_ID] = { "cvm-id", 0, "ID", CHANGES | V(LOGS) | V(SHOW), "the CVM: name, UUID or app id" },
	[OPT_COMPOSE] = { "compose", 'c', "FILE", CHANGES, "the new docker compose file" },
	[OPT_ENV] = { "env", 'e', "KEY=VALUE|FILE", CHANGES, "an env value or an env file; may be repeated" },
	[OPT_SCRIPT] = { "pre-launch-script", 0, "FILE", CHANGES, "the new pre-launch script" },
	[OPT_PUBLIC_LOGS] = { "public-logs", 0, NULL, CHANGES, "make the logs readable without a key" },
	[OPT_NO_PUBLIC_LOGS] = { "no-public-logs", 0, NULL, CHANGES, "and take that back" },
	[OPT_PUBLIC_SYSINFO] = { "public-sysinfo", 0, NULL, CHANGES, "make the system information public" },
	[OPT_NO_PUBLIC_SYSINFO] = { "no-public-sysinfo", 0, NULL, CHANGES, "and take that back" },
	[OPT_APP_COMPOSE] = { "app-compose", 0, "FILE", V(HASH), "hash this app-compose.json in every known form" },
	[OPT_OUTPUT] = { "output", 'o', "FILE", V(PLAN), "where the plan is written" },
	[OPT_WAIT] = { "wait", 0, NULL, SIGNS, "follow until the CVM runs and is verified" },
	[OPT_YES] = { "yes", 'y', NULL, SIGNS, "approve the review and every signature whose checks are good" },
	[OPT_PREPARE_ONLY] = { "prepare-only", 0, NULL, V(DEPLOY), "prepare for an owner that is a contract, sign nothing" },
	[OPT_COMMIT] = { "commit", 0, NULL, V(DEPLOY), "finish what was prepared" },
	[OPT_TOKEN] = { "token", 0, "TOKEN", V(DEPLOY), "the commit token of --prepare-only" },
	[OPT_COMPOSE_HASH] = { "compose-hash", 0, "HASH", V(DEPLOY), "with --commit: the hash that was registered" },
	[OPT_TRANSACTION_HASH] = { "transaction-hash", 0, "HASH", V(DEPLOY), "with --commit: the transaction, or already-registered" },
	[OPT_WATCH] = { "watch", 0, NULL, V(DEPLOY), "with --commit: wait for the allowlist to show the hash first" },
	[OPT_ALREADY_REGISTERED] = { "already-registered", 0, NULL, SIGNS, "where the hash is allowed, confirm by state and send no transaction" },
	[OPT_CONFIRMATIONS] = { "confirmations", 0, "N", SIGNS, "blocks to wait for (default 1)" },
	[OPT_MAX_COST] = { "max-cost", 0, "ETHER", SIGNS, "stop when one transaction could cost more" },
	[OPT_OVERRIDE] = { "override", 0, "CHECK=REASON", SIGNS, "go on although this check is red; journalled" },
	[OPT_PRIVATE_KEY] = { "private-key", 0, "HEX", SIGNS, "the signing key; safer in PRIVATE_KEY, a file or a keystore" },
	[OPT_KEY_FILE] = { "private-key-file", 0, "FILE", SIGNS, "a file that holds the signing key" },
	[OPT_KEYSTORE] = { "keystore", 0, "FILE", SIGNS, "an Ethereum keystore (V3)" },
	[OPT_ACCOUNT] = { "account", 0, "NAME", SIGNS, "a keystore by name, in ~/.foundry/keystores" },
	[OPT_PASSWORD_FILE] = { "password-file", 0, "FILE", SIGNS, "the keystore's password" },
	[OPT_SIGNER_URL] = { "signer-url", 0, "URL", SIGNS, "an external signer over JSON-RPC" },
	[OPT_WATCH_ONLY] = { "watch-only", 0, "ADDRESS", SIGNS, "no key: end in the unsigned transaction" },
	[OPT_RPC_URL] = { "rpc-url", 0, "URL", SIGNS | V(PLAN) | V(HASH), "the chain's RPC; more than one must agree" },
	[OPT_FOLLOW] = { "follow", 'f', NULL, LOGS_ONLY, "keep reading as lines come" },
	[OPT_TAIL] = { "tail", 'n', "N", LOGS_ONLY, "begin with the last N lines" },
	[OPT_SERIAL] = { "serial", 0, NULL, LOGS_ONLY, "the serial console" },
	[OPT_CVM_STDOUT] = { "cvm-stdout", 0, NULL, LOGS_ONLY, "the CVM's standard output" },
	[OPT_CVM_STDERR] = { "cvm-stderr", 0, NULL, LOGS_ONLY, "the CVM's standard error" },
	[OPT_ALL_CONTAINERS] = { "all-containers", 0, NULL, LOGS_ONLY, "every container, also those that come later" },
	[OPT_SINCE] = { "since", 0, "TIME", LOGS_ONLY, "from this time on (RFC 3339, or 42m)" },
	[OPT_UNTIL] = { "until", 0, "TIME", LOGS_ONLY, "up to this time" },
	[OPT_GREP] = { "grep", 0, "REGEX", LOGS_ONLY, "only lines that match" },
	[OPT_TIMESTAMPS] = { "timestamps", 't', NULL, LOGS_ONLY, "show the server's time before each line" },
	[OPT_LOG_MEMORY] = { "log-memory", 0, "MIB", V(CONSOLE) | V(DEPLOY) | V(LOGS), "memory for log lines (default 256)" },
	[OPT_API_KEY] = { "api-key", 0, "KEY", CLOUD, "the API key; safer in PHALA_CLOUD_API_KEY" },
	[OPT_API_TOKEN] = { "api-token", 0, "KEY", CLOUD, "the same as --api-key" },
	[OPT_PROFILE] = { "profile", 0, "NAME", CLOUD, "a profile or workspace of credentials.json" },
	[OPT_JSON] = { "json", 'j', NULL, ALL & ~(V(CONSOLE) | V(COMPLETION)), "one JSON object a line" },
	[OPT_PLAIN] = { "plain", 0, NULL, SIGNS, "lines instead of the console" },
	[OPT_SANDBOX] = { "sandbox", 0, NULL, CLOUD, "against a local Phala Cloud and chain, with throw-away keys" },
	[OPT_DUMP_OPTIONS] = { "dump-options", 0, NULL, 0, "" },
	[OPT_DUMP_CHECKS] = { "dump-checks", 0, NULL, 0, "" },
	[OPT_DUMP_KEYS] = { "dump-keys", 0, NULL, 0, "" },
	[OPT_HELP] = { "help", 'h', NULL, ALL, "this list" },
	[OPT_VERSION] = { "version", 'V', NULL, ALL, "the version" },
};

static bool is_secret(size_t option)
{
	return option == OPT_PRIVATE_KEY || option == OPT_API_KEY || option == OPT_API_TOKEN;
}

/* Moves the text out of argv into locked memory. */
static void keep_secret(struct options *options, enum option_id option, char *text)
{
	struct secret *to = option == OPT_PRIVATE_KEY ? &options->private_key : &options->api_key;
	size_t len = strlen(text);

	secret_set(to, text, len, false);
	memset(text, '*', len);
}

static void keep(struct options *options, enum option_id option, char *value)
{
	if (value && is_secret(option)) {
		keep_secret(options, option, value);
		value = NULL;
	}
	options->uses = mem_grow(options->uses, options->use_count, &options->use_cap, sizeof(*options->uses));
	options->uses[options->use_count++] = (struct option_use){ option, value };
}

static bool usage(struct error *err, const char *what, const char *which)
{
	error_set(err, STATUS_USAGE, "usage", "%s: %s", what, which);
	return error_next(err, "see cvmdeck --help");
}

/* The verb is the first word that is no option; none: the console. */
static bool read_verb(struct options *options, int *argc, char **argv, struct error *err)
{
	size_t i;

	options->verb = VERB_CONSOLE;
	if (*argc < 2 || argv[1][0] == '-')
		return true;
	for (i = 1; i < VERB_COUNT; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			break;
	if (i == VERB_COUNT)
		return usage(err, "there is no such command", argv[1]);
	options->verb = (enum verb)i;
	memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof(*argv));
	(*argc)--;
	return true;
}

enum { LONG_BASE = 256 };

static void make_getopt_tables(struct option *longs, char *shorts)
{
	size_t i;

	*shorts++ = ':';
	for (i = 0; i < OPTION_COUNT; i++) {
		longs[i] = (struct option){ rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, LONG_BASE + (int)i };
		if (!rows[i].letter)
			continue;
		*shorts++ = rows[i].letter;
		if (rows[i].argument)
			*shorts++ = ':';
	}
	longs[OPTION_COUNT] = (struct option){ 0 };
	*shorts = '\0';
}

static size_t option_of(int got)
{
	size_t i;

	if (got >= LONG_BASE)
		return (size_t)(got - LONG_BASE);
	for (i = 0; i < OPTION_COUNT; i++)
		if (rows[i].letter == got)
			return i;
	return OPTION_COUNT;
}

static bool misplaced(const struct options *options, size_t option, struct error *err)
{
	const char *verb = verbs[options->verb].name;

	error_set(err, STATUS_USAGE, "usage", "--%s does not go with %s", rows[option].name, *verb ? verb : "the console");
	return error_next(err, "see cvmdeck %s%s--help", verb, *verb ? " " : "");
}

static bool read_options(struct options *options, int argc, char **argv, struct error *err)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[2 * OPTION_COUNT + 2];
	int got;

	make_getopt_tables(longs, shorts);
	opterr = 0;
	optind = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t option = option_of(got);

		if (got == ':')
			return usage(err, "this option needs a value", argv[optind - 1]);
		if (got == '?' || option >= OPTION_COUNT)
			return usage(err, "there is no such option", argv[optind - 1]);
		if (rows[option].verbs && !(rows[option].verbs & 1u << options->verb))
			return misplaced(options, option, err);
		keep(options, (enum option_id)option, optarg);
	}
	while (optind < argc) {
		if (options->argument_count >= verbs[options->verb].most)
			return usage(err, "this argument is one too many", argv[optind]);
		options->arguments[options->argument_count++] = argv[optind++];
	}
	return true;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	*options = (struct options){ 0 };
	return read_verb(options, &argc, argv, err) && read_options(options, argc, argv, err);
}

void options_clear(struct options *options)
{
	secret_clear(&options->private_key);
	secret_clear(&options->api_key);
	free(options->uses);
	*options = (struct options){ 0 };
}

bool options_has(const struct options *options, enum option_id option)
{
	size_t i;

	for (i = 0; i < options->use_count; i++)
		if (options->uses[i].option == option)
			return true;
	return false;
}

const char *options_value(const struct options *options, enum option_id option, const char *fallback)
{
	size_t i;

	for (i = options->use_count; i-- > 0;)
		if (options->uses[i].option == option)
			return options->uses[i].value;
	return fallback;
}

size_t options_values(const struct options *options, enum option_id option, const char **out, size_t max)
{
	size_t i, count = 0;

	for (i = 0; i < options->use_count && count < max; i++)
		if (options->uses[i].option == option)
			out[count++] = options->uses[i].value;
	return count;
}

void options_hide_values(const struct options *options, enum option_id option)
{
	size_t i;

	for (i = 0; i < options->use_count; i++) {
		const char *value = options->uses[i].option == option ? options->uses[i].value : NULL;
		char *equals = value ? strchr((char *)(uintptr_t)value, '=') : NULL;

		if (equals)
			memset(equals + 1, '*', strlen(equals + 1));
	}
}

/* ---- what is printed from the tables ---- */

static void help_option(FILE *out, const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", row->letter ? "-" : "", row->letter ? row->letter : ' ', row->letter ? ", " : "   ", row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	fprintf(out, "  %-34s %s\n", left, row->help);
}

static void help_options(FILE *out, enum verb verb)
{
	size_t i;

	fputs("\nOptions:\n", out);
	for (i = 0; i < OPTION_COUNT; i++)
		if (rows[i].verbs & 1u << verb)
			help_option(out, &rows[i]);
}

void options_help(FILE *out, enum verb verb)
{
	size_t i;

	if (verb != VERB_CONSOLE) {
		fprintf(out, "Usage: cvmdeck %s [OPTION]... %s\n%s\n", verbs[verb].name, verbs[verb].arguments, verbs[verb].help);
		help_options(out, verb);
		return;
	}
	fputs("Usage: cvmdeck [COMMAND] [OPTION]...\nThe deploy console for confidential VMs on Phala Cloud.\n\nCommands:\n", out);
	fprintf(out, "  %-34s %s\n", "(none)", verbs[0].help);
	for (i = 1; i < VERB_COUNT; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", verbs[i].name, verbs[i].arguments);
		fprintf(out, "  %-34s %s\n", left, verbs[i].help);
	}
	help_options(out, verb);
	fputs("\ncvmdeck COMMAND --help lists the options of a command. The manual: man cvmdeck\n", out);
}

void options_dump(FILE *out)
{
	size_t i;

	for (i = 1; i < VERB_COUNT; i++)
		fprintf(out, "verb\t%s\t%s\t%s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
	for (i = 0; i < OPTION_COUNT; i++)
		if (rows[i].verbs)
			fprintf(out, "option\t--%s\t%c\t%s\t%s\n", rows[i].name, rows[i].letter ? rows[i].letter : '-', rows[i].argument ? rows[i].argument : "-", rows[i].help);
}

static void words(FILE *out, enum verb verb)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (rows[i].verbs & 1u << verb)
			fprintf(out, "--%s ", rows[i].name);
}

/* After an option's value, and where no option was begun, the shell's own file names are the better guess. */
static void completion_bash(FILE *out)
{
	size_t i;

	fputs("_cvmdeck() {\n\tlocal words word=\"${COMP_WORDS[COMP_CWORD]}\"\n\tcase \"${COMP_WORDS[1]}\" in\n", out);
	for (i = 1; i < VERB_COUNT; i++) {
		fprintf(out, "\t%s) words=\"", verbs[i].name);
		words(out, (enum verb)i);
		fputs("\" ;;\n", out);
	}
	fputs("\t*) words=\"", out);
	for (i = 1; i < VERB_COUNT; i++)
		fprintf(out, "%s ", verbs[i].name);
	words(out, VERB_CONSOLE);
	fputs("\" ;;\n\tesac\n\tCOMPREPLY=()\n"
	      "\t[[ $COMP_CWORD -gt 1 && $word != -* ]] || COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	      "complete -o default -F _cvmdeck cvmdeck\n",
	      out);
}

/* Brackets, colons and quotes mean something in an argument of _arguments. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr("[]:", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void zsh_option(FILE *out, const char *name, const struct option_row *row)
{
	fprintf(out, " \\\n\t\t'*%s[", name);
	zsh_text(out, row->help);
	fputc(']', out);
	if (row->argument) {
		fputc(':', out);
		zsh_text(out, row->argument);
		fputs(strstr(row->argument, "FILE") ? ":_files" : ": ", out);
	}
	fputc('\'', out);
}

static void zsh_options(FILE *out, enum verb verb)
{
	char name[64];
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (!(rows[i].verbs & 1u << verb))
			continue;
		snprintf(name, sizeof(name), "--%s", rows[i].name);
		zsh_option(out, name, &rows[i]);
		snprintf(name, sizeof(name), "-%c", rows[i].letter);
		if (rows[i].letter)
			zsh_option(out, name, &rows[i]);
	}
}

/* Does as a file of the function path and when it is read into a shell: only in the first is it called at once. */
static void completion_zsh(FILE *out)
{
	size_t i;

	fputs("#compdef cvmdeck\n_cvmdeck() {\n\tlocal -a commands=(", out);
	for (i = 1; i < VERB_COUNT; i++) {
		fprintf(out, "\n\t\t'%s:", verbs[i].name);
		zsh_text(out, verbs[i].help);
		fputc('\'', out);
	}
	fputs(")\n\t(( CURRENT == 2 )) && [[ $PREFIX != -* ]] && { _describe command commands; return }\n\tcase $words[2] in\n", out);
	for (i = 1; i <= VERB_COUNT; i++) {
		enum verb verb = (enum verb)(i % VERB_COUNT); /* the console last: it is the case of every other word */

		fprintf(out, "\t%s) _arguments", verb ? verbs[verb].name : "*");
		zsh_options(out, verb);
		fputs(" \\\n\t\t'*:file:_files' ;;\n", out);
	}
	fputs("\tesac\n}\nif [[ $funcstack[1] == _cvmdeck ]]; then _cvmdeck \"$@\"; else compdef _cvmdeck cvmdeck; fi\n", out);
}

static void fish_option(FILE *out, enum verb verb, const struct option_row *row)
{
	const char *at;

	fprintf(out, "complete -c cvmdeck -n '%s%s' -l %s", verb ? "__fish_seen_subcommand_from " : "__fish_use_subcommand", verbs[verb].name, row->name);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	fprintf(out, "%s -d '", row->argument ? " -r" : "");
	for (at = row->help; *at; at++)
		fprintf(out, "%s%c", *at == '\'' ? "\\" : "", *at);
	fputs("'\n", out);
}

static void completion_fish(FILE *out)
{
	size_t i, j;

	for (i = 1; i < VERB_COUNT; i++)
		fprintf(out, "complete -c cvmdeck -n __fish_use_subcommand -a %s -d \"%s\"\n", verbs[i].name, verbs[i].help);
	for (i = 0; i < VERB_COUNT; i++)
		for (j = 0; j < OPTION_COUNT; j++)
			if (rows[j].verbs & 1u << i)
				fish_option(out, (enum verb)i, &rows[j]);
}

bool options_completion(FILE *out, const char *shell, struct error *err)
{
	if (text_equal(shell, "bash"))
		completion_bash(out);
	else if (text_equal(shell, "zsh"))
		completion_zsh(out);
	else if (text_equal(shell, "fish"))
		completion_fish(out);
	else
		return usage(err, "completions are there for bash, zsh and fish, not for", shell ? shell : "(no shell named)");
	return true;
}
