/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the command line by the tables of options_table.c. */
#include "options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "options_table.h"

const char *verb_name(enum verb verb)
{
	return verb_rows[verb].name;
}

const char *option_name(enum option_id option)
{
	return option_rows[option].name;
}

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

/* ---- what is wrong with a command line ---- */

/* An argument as it may be shown: what stands behind = can be a key. */
static const char *shown(char out[64], const char *argument)
{
	text_safe_copy(out, 64, argument, strcspn(argument, "="));
	return out;
}

static bool usage(const struct options *options, struct error *err, const char *what, const char *which)
{
	const char *verb = verb_rows[options->verb].name;
	char safe[64];

	error_set(err, STATUS_USAGE, "usage", "%s: %s", what, shown(safe, which));
	return error_next(err, "see cvmdeck %s%s--help", verb, *verb ? " " : "");
}

static bool misplaced(const struct options *options, size_t option, struct error *err)
{
	const char *verb = verb_rows[options->verb].name;

	error_set(err, STATUS_USAGE, "usage", "--%s does not go with %s", option_rows[option].name, *verb ? verb : "the console");
	return error_next(err, "see cvmdeck %s%s--help", verb, *verb ? " " : "");
}

static bool no_such_command(const char *word, struct error *err)
{
	char safe[64];
	size_t i;

	error_set(err, STATUS_USAGE, "usage", "there is no such command: %s", shown(safe, word));
	for (i = 0; i < foreign_verb_count; i++)
		if (strcmp(word, foreign_verbs[i].name) == 0)
			return error_next(err, "%s", foreign_verbs[i].instead);
	return error_next(err, "see cvmdeck --help");
}

/* ---- the command ---- */

static const struct option_row *row_of_word(const char *word)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (word[1] == '-' ? strcmp(word + 2, option_rows[i].name) == 0 : word[1] == option_rows[i].letter && !word[2])
			return &option_rows[i];
	return NULL;
}

/* Where the first word stands that is no option and no option's value; 0: nowhere. */
static int first_word(int argc, char **argv)
{
	const struct option_row *row;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
		row = row_of_word(argv[i]);
		i += row && row->argument;
	}
	return i < argc && argv[i][0] != '-' ? i : 0;
}

/* None: the console. */
static bool read_verb(struct options *options, int *argc, char **argv, struct error *err)
{
	int at = first_word(*argc, argv);
	size_t i;

	options->verb = VERB_CONSOLE;
	if (!at)
		return true;
	for (i = 1; i < VERB_COUNT; i++)
		if (strcmp(argv[at], verb_rows[i].name) == 0)
			break;
	if (i == VERB_COUNT)
		return no_such_command(argv[at], err);
	options->verb = (enum verb)i;
	memmove(argv + at, argv + at + 1, (size_t)(*argc - at) * sizeof(*argv));
	(*argc)--;
	return true;
}

/* ---- the options ---- */

/* What getopt gives back for the rows of both tables; a letter is looked up. */
enum { LONG_BASE = 256, STRANGER_BASE = LONG_BASE + OPTION_COUNT, STRANGERS_MOST = 64 };

struct tables {
	struct option longs[OPTION_COUNT + STRANGERS_MOST + 1];
	char shorts[3 * (OPTION_COUNT + STRANGERS_MOST) + 2];
	int letters[128]; /* a letter's value, of this command before those of others; 0: none */
	size_t long_count, short_count;
};

static void add_long(struct tables *tables, const char *name, const char *argument, int value)
{
	tables->longs[tables->long_count++] = (struct option){ name, argument ? required_argument : no_argument, NULL, value };
}

static void add_letter(struct tables *tables, char letter, const char *argument, int value)
{
	if (!letter || tables->letters[(unsigned char)letter])
		return;
	tables->letters[(unsigned char)letter] = value;
	tables->shorts[tables->short_count++] = letter;
	if (argument)
		tables->shorts[tables->short_count++] = ':';
}

static bool is_ours(enum verb verb, size_t option)
{
	return !option_rows[option].verbs || option_rows[option].verbs & 1u << verb;
}

/* Options of other commands are in the tables too, so that they can be named; the official CLI's where none of this command is. */
static void make_tables(struct tables *tables, enum verb verb)
{
	size_t i, of_others;

	*tables = (struct tables){ .shorts = ":", .short_count = 1 };
	for (of_others = 0; of_others < 2; of_others++) {
		for (i = 0; i < OPTION_COUNT; i++)
			if (is_ours(verb, i) != of_others)
				add_letter(tables, option_rows[i].letter, option_rows[i].argument, LONG_BASE + (int)i);
		for (i = 0; i < stranger_count && !of_others; i++)
			if (stranger_rows[i].verbs & 1u << verb)
				add_letter(tables, stranger_rows[i].letter, stranger_rows[i].argument, STRANGER_BASE + (int)i);
	}
	for (i = 0; i < stranger_count; i++)
		if (stranger_rows[i].name && stranger_rows[i].verbs & 1u << verb)
			add_long(tables, stranger_rows[i].name, stranger_rows[i].argument, STRANGER_BASE + (int)i);
	for (i = 0; i < OPTION_COUNT; i++)
		if (is_ours(verb, i))
			add_long(tables, option_rows[i].name, option_rows[i].argument, LONG_BASE + (int)i);
	for (i = 0; i < OPTION_COUNT; i++)
		if (!is_ours(verb, i))
			add_long(tables, option_rows[i].name, option_rows[i].argument, LONG_BASE + (int)i);
}

static bool take_stranger(struct options *options, size_t at, char *value, struct error *err)
{
	const struct stranger_row *row = &stranger_rows[at];

	if (row->fate == STRANGER_ALIAS) {
		keep(options, row->as, value);
		return true;
	}
	if (row->fate == STRANGER_ASIDE) {
		options->aside = mem_grow(options->aside, options->aside_count, &options->aside_cap, sizeof(*options->aside));
		options->aside[options->aside_count++] = at;
		return true;
	}
	error_set(err, STATUS_USAGE, "usage", "--%s is only in the official CLI: %s", row->name, row->why);
	return error_next(err, "leave it out, or use the official CLI for this");
}

static bool take_option(struct options *options, int got, char *value, struct error *err)
{
	size_t option = (size_t)(got - LONG_BASE);

	if (got >= STRANGER_BASE)
		return take_stranger(options, (size_t)(got - STRANGER_BASE), value, err);
	keep(options, (enum option_id)option, value); /* also where it does not go: a secret is out of argv, and --json tells the form */
	return is_ours(options->verb, option) || misplaced(options, option, err);
}

/* getopt names a letter in optopt; a long option stands before optind. */
static bool bad_option(const struct options *options, int got, char **argv, struct error *err)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = !optopt || optopt >= LONG_BASE;

	return usage(options, err, got == ':' ? "this option needs a value" : !optopt || !is_long ? "there is no such option" : "this option takes no value",
		     is_long ? argv[optind - 1] : letter);
}

/* Read to the end also where something is wrong: the first fault is told, and in the form that is asked for behind it. */
static bool read_options(struct options *options, int argc, char **argv, struct error *err)
{
	struct error later;
	struct tables tables;
	bool ok = true;
	int got;

	make_tables(&tables, options->verb);
	opterr = 0;
	optind = 0;
	while ((got = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		struct error *to = ok ? err : &later;

		if (got == ':' || got == '?')
			ok = bad_option(options, got, argv, to);
		else
			ok = take_option(options, got < LONG_BASE ? tables.letters[got] : got, optarg, to) && ok;
	}
	for (; ok && optind < argc; optind++) {
		if (options->argument_count >= verb_rows[options->verb].most)
			return usage(options, err, "this argument is one too many", argv[optind]);
		options->arguments[options->argument_count++] = argv[optind];
	}
	return ok;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	struct error later;
	bool known;

	*options = (struct options){ 0 };
	known = read_verb(options, &argc, argv, err);
	return read_options(options, argc, argv, known ? err : &later) && known;
}

void options_tell_aside(const struct options *options, FILE *out)
{
	size_t i;

	for (i = 0; i < options->aside_count; i++)
		fprintf(out, "cvmdeck: --%s is left aside: %s\n", stranger_rows[options->aside[i]].name, stranger_rows[options->aside[i]].why);
}

bool options_json(const struct options *options)
{
	size_t i;

	for (i = options->use_count; i-- > 0;)
		if (options->uses[i].option == OPT_JSON || options->uses[i].option == OPT_NO_JSON)
			return options->uses[i].option == OPT_JSON;
	return false;
}

void options_clear(struct options *options)
{
	secret_clear(&options->private_key);
	secret_clear(&options->api_key);
	free(options->uses);
	free(options->aside);
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
