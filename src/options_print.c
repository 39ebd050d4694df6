/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed from the tables: --help, the dump for the check of the manual, completions. */
#include <string.h>

#include "base/text.h"
#include "options_table.h"

enum { HELP_COLUMNS = 80, HELP_LEFT = 32 };

/* One entry within 80 columns: what it means begins at one column, and goes on below itself. */
static void help_entry(FILE *out, const char *left, const char *text)
{
	size_t room = HELP_COLUMNS - HELP_LEFT;

	fprintf(out, "  %-*s", HELP_LEFT - 2, left);
	if (strlen(left) > HELP_LEFT - 4)
		fprintf(out, "\n%*s", HELP_LEFT, "");
	for (;;) {
		size_t len = strlen(text);

		if (len > room)
			for (len = room; len && text[len] != ' ';)
				len--;
		fprintf(out, "%.*s\n", (int)len, text);
		text += len;
		if (!*text)
			return;
		text++;
		fprintf(out, "%*s", HELP_LEFT, "");
	}
}

static void help_option(FILE *out, const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", row->letter ? "-" : "", row->letter ? row->letter : ' ', row->letter ? ", " : "   ", row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	help_entry(out, left, row->help);
}

static void help_options(FILE *out, enum verb verb)
{
	size_t i;

	fputs("\nOptions:\n", out);
	for (i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].verbs & 1u << verb)
			help_option(out, &option_rows[i]);
}

void options_help(FILE *out, enum verb verb)
{
	size_t i;

	if (verb != VERB_CONSOLE) {
		fprintf(out, "Usage: cvmdeck %s [OPTION]...%s%s\n%s\n", verb_rows[verb].name, *verb_rows[verb].arguments ? " " : "", verb_rows[verb].arguments,
			verb_rows[verb].help);
		help_options(out, verb);
		return;
	}
	fputs("Usage: cvmdeck [COMMAND] [OPTION]...\nThe deploy console for confidential VMs on Phala Cloud.\n\nCommands:\n", out);
	help_entry(out, "(none)", verb_rows[0].help);
	for (i = 1; i < VERB_COUNT; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", verb_rows[i].name, verb_rows[i].arguments);
		help_entry(out, left, verb_rows[i].help);
	}
	help_options(out, verb);
	fputs("\ncvmdeck COMMAND --help lists the options of a command. The manual: man cvmdeck\n", out);
}

void options_dump(FILE *out)
{
	size_t i;

	for (i = 1; i < VERB_COUNT; i++)
		fprintf(out, "verb\t%s\t%s\t%s\n", verb_rows[i].name, verb_rows[i].arguments, verb_rows[i].help);
	for (i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].verbs)
			fprintf(out, "option\t--%s\t%c\t%s\t%s\n", option_rows[i].name, option_rows[i].letter ? option_rows[i].letter : '-', option_rows[i].argument ? option_rows[i].argument : "-", option_rows[i].help);
	for (i = 0; i < stranger_count; i++)
		if (stranger_rows[i].name)
			fprintf(out, "official\t--%s\t%s\n", stranger_rows[i].name, stranger_rows[i].why ? stranger_rows[i].why : "");
}

static void words(FILE *out, enum verb verb)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (option_rows[i].verbs & 1u << verb)
			fprintf(out, "--%s ", option_rows[i].name);
}

static void verbs(FILE *out, const char *between)
{
	size_t i;

	for (i = 1; i < VERB_COUNT; i++)
		fprintf(out, "%s%s", i > 1 ? between : "", verb_rows[i].name);
}

/* The options that take a value, as patterns of a case. */
static void valued(FILE *out)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (!option_rows[i].verbs || !option_rows[i].argument)
			continue;
		fprintf(out, "%s--%s", between, option_rows[i].name);
		between = "|";
		if (option_rows[i].letter)
			fprintf(out, "|-%c", option_rows[i].letter);
	}
}

/*
 * The command is the first word that is none of an option, wherever it stands.
 * For an option's value, and where nothing is known, the shell's own file names
 * are the better guess; but for a few words of ours.
 */
static void completion_bash(FILE *out)
{
	size_t i;

	fputs("_cvmdeck_valued() {\n\tcase \"$1\" in\n\t", out);
	valued(out);
	fputs(") return 0 ;;\n\tesac\n\treturn 1\n}\n"
	      "_cvmdeck() {\n\tlocal i verb= words choices= word=\"${COMP_WORDS[COMP_CWORD]}\"\n\tCOMPREPLY=()\n"
	      "\t_cvmdeck_valued \"${COMP_WORDS[COMP_CWORD-1]}\" && return\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\t_cvmdeck_valued \"${COMP_WORDS[i]}\" && { ((i++)); continue; }\n"
	      "\t\t[[ ${COMP_WORDS[i]} == -* ]] || { verb=\"${COMP_WORDS[i]}\"; break; }\n\tdone\n\tcase \"$verb\" in\n", out);
	for (i = 1; i < VERB_COUNT; i++) {
		fprintf(out, "\t%s) words=\"", verb_rows[i].name);
		words(out, (enum verb)i);
		fprintf(out, "\" choices=\"%s\" ;;\n", verb_rows[i].choices ? verb_rows[i].choices : "");
	}
	fputs("\t'') words=\"", out);
	verbs(out, " ");
	fputc(' ', out);
	words(out, VERB_CONSOLE);
	fputs("\" ;;\n\tesac\n"
	      "\t[[ -n $verb && $word != -* ]] && words=$choices\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
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
		if (!(option_rows[i].verbs & 1u << verb))
			continue;
		snprintf(name, sizeof(name), "--%s", option_rows[i].name);
		zsh_option(out, name, &option_rows[i]);
		snprintf(name, sizeof(name), "-%c", option_rows[i].letter);
		if (option_rows[i].letter)
			zsh_option(out, name, &option_rows[i]);
	}
}

/* Does as a file of the function path and when it is read into a shell: only in the first is it called at once. */
static void completion_zsh(FILE *out)
{
	size_t i;

	fputs("#compdef cvmdeck\n_cvmdeck() {\n\tlocal -a commands=(", out);
	for (i = 1; i < VERB_COUNT; i++) {
		fprintf(out, "\n\t\t'%s:", verb_rows[i].name);
		zsh_text(out, verb_rows[i].help);
		fputc('\'', out);
	}
	fputs(")\n\t(( CURRENT == 2 )) && [[ $PREFIX != -* ]] && { _describe command commands; return }\n\tcase $words[2] in\n", out);
	for (i = 1; i <= VERB_COUNT; i++) {
		enum verb verb = (enum verb)(i % VERB_COUNT); /* the console last: it is the case of every other word */

		fprintf(out, "\t%s) _arguments", verb ? verb_rows[verb].name : "*");
		zsh_options(out, verb);
		if (verb_rows[verb].choices) /* the command itself is the first */
			fprintf(out, " \\\n\t\t'2:shell:(%s)' ;;\n", verb_rows[verb].choices);
		else
			fputs(" \\\n\t\t'*:file:_files' ;;\n", out);
	}
	fputs("\tesac\n}\nif [[ $funcstack[1] == _cvmdeck ]]; then _cvmdeck \"$@\"; else compdef _cvmdeck cvmdeck; fi\n", out);
}

static void fish_option(FILE *out, enum verb verb, const struct option_row *row)
{
	const char *at;

	fprintf(out, "complete -c cvmdeck -n '%s%s' -l %s", verb ? "__fish_seen_subcommand_from " : "__fish_use_subcommand", verb_rows[verb].name, row->name);
	if (row->letter)
		fprintf(out, " -s %c", row->letter);
	fprintf(out, "%s -d '", row->argument ? " -r" : "");
	for (at = row->help; *at; at++)
		fprintf(out, "%s%c", *at == '\'' ? "\\" : "", *at);
	fputs("'\n", out);
}

static void fish_verb(FILE *out, const struct verb_row *row)
{
	fprintf(out, "complete -c cvmdeck -n __fish_use_subcommand -a %s -d \"%s\"\n", row->name, row->help);
	if (row->choices)
		fprintf(out, "complete -c cvmdeck -n '__fish_seen_subcommand_from %s' -f -a '%s'\n", row->name, row->choices);
}

static void completion_fish(FILE *out)
{
	size_t i, j;

	for (i = 1; i < VERB_COUNT; i++)
		fish_verb(out, &verb_rows[i]);
	for (i = 0; i < VERB_COUNT; i++)
		for (j = 0; j < OPTION_COUNT; j++)
			if (option_rows[j].verbs & 1u << i)
				fish_option(out, (enum verb)i, &option_rows[j]);
}

static bool no_such_shell(const char *shell, struct error *err)
{
	char safe[64];

	text_safe_copy(safe, sizeof(safe), shell ? shell : "no shell named", strlen(shell ? shell : "no shell named"));
	error_set(err, STATUS_USAGE, "usage", "completions are there for bash, zsh and fish, not for: %s", safe);
	return error_next(err, "give one of the three, such as: cvmdeck completion bash");
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
		return no_such_shell(shell, err);
	return true;
}
