/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line. One table of verbs and one of options: parsing, --help,
 * the completions and the check of the man page all read them.
 */
#ifndef CVMDECK_OPTIONS_H
#define CVMDECK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/secret.h"
#include "base/status.h"

enum verb {
	VERB_CONSOLE,
	VERB_DEPLOY,
	VERB_LIST,
	VERB_SHOW,
	VERB_DIFF,
	VERB_HASH,
	VERB_LOGS,
	VERB_PLAN,
	VERB_APPLY,
	VERB_RESUME,
	VERB_HISTORY,
	VERB_COMPLETION,
	VERB_COUNT
};

enum option_id {
	OPT_CVM_ID, OPT_COMPOSE, OPT_ENV, OPT_SCRIPT, OPT_PUBLIC_LOGS, OPT_NO_PUBLIC_LOGS, OPT_PUBLIC_SYSINFO,
	OPT_NO_PUBLIC_SYSINFO, OPT_APP_COMPOSE, OPT_OUTPUT, OPT_WAIT, OPT_YES, OPT_PREPARE_ONLY, OPT_COMMIT, OPT_TOKEN,
	OPT_COMPOSE_HASH, OPT_TRANSACTION_HASH, OPT_WATCH, OPT_ALREADY_REGISTERED, OPT_CONFIRMATIONS, OPT_MAX_COST, OPT_MAX_FEE,
	OPT_OVERRIDE, OPT_PRIVATE_KEY, OPT_KEY_FILE, OPT_KEYSTORE, OPT_ACCOUNT, OPT_PASSWORD_FILE, OPT_SIGNER_URL,
	OPT_WATCH_ONLY, OPT_RPC_URL, OPT_FOLLOW, OPT_TAIL, OPT_SERIAL, OPT_CVM_STDOUT, OPT_CVM_STDERR, OPT_ALL_CONTAINERS,
	OPT_SINCE, OPT_UNTIL, OPT_GREP, OPT_TIMESTAMPS, OPT_LOG_MEMORY, OPT_LOG_DISK, OPT_LOG_DISK_DIR,
	OPT_API_KEY, OPT_API_TOKEN, OPT_PROFILE,
	OPT_SEARCH, OPT_STATUS, OPT_KMS_TYPE, OPT_NODE, OPT_REGION, OPT_PAGE, OPT_PAGE_SIZE, OPT_JSON, OPT_NO_JSON, OPT_PLAIN,
	OPT_SANDBOX, OPT_DUMP_OPTIONS, OPT_DUMP_CHECKS, OPT_DUMP_KEYS, OPT_HELP, OPT_VERSION,
	OPTION_COUNT
};

struct option_use {
	enum option_id option;
	const char *value; /* NULL for a flag; secrets are not kept here */
};

struct options {
	enum verb verb;
	const char *arguments[8]; /* positional, borrowed from argv */
	size_t argument_count;
	struct option_use *uses;  /* in the order given */
	size_t use_count, use_cap;
	size_t *aside;            /* of the official CLI alone, left aside */
	size_t aside_count, aside_cap;
	struct secret private_key; /* the text given; argv was wiped */
	struct secret api_key;
};

/*
 * Reads argv. A secret's value is moved into locked memory and its text in
 * argv is overwritten before anything else happens.
 * Errors: STATUS_USAGE with the option named and how to see the list; what else was understood is there then too, so
 * that options_json tells in which form the error is wanted.
 */
bool options_parse(struct options *options, int argc, char **argv, struct error *err) MUST_CHECK;
void options_clear(struct options *options);

/* A line for each option of the official CLI that was left aside, with the reason. */
void options_tell_aside(const struct options *options, FILE *out);

/* The last of --json and --no-json. */
bool options_json(const struct options *options);
bool options_has(const struct options *options, enum option_id option);
/* The last value given, or fallback. */
const char *options_value(const struct options *options, enum option_id option, const char *fallback);
/* Fills out with the values in the order given; returns how many there were (at most max). */
size_t options_values(const struct options *options, enum option_id option, const char **out, size_t max);

/* Overwrites in argv what stands behind the first '=' of this option's values: it was taken, and others can read argv. */
void options_hide_values(const struct options *options, enum option_id option);

/* --help, for everything or for one verb. */
void options_help(FILE *out, enum verb verb);
/* Every verb and option as tab-separated lines, for the check of the man page. */
void options_dump(FILE *out);
/* A completion script for bash, zsh or fish. */
bool options_completion(FILE *out, const char *shell, struct error *err) MUST_CHECK;

const char *verb_name(enum verb verb);
/* Without its dashes. */
const char *option_name(enum option_id option);

#endif
