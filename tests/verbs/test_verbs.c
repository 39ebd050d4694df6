/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each verb prints, in words and in JSON: the real program against the
 * real sandbox, as a table of runs (stories.c), compared with golden/NAME.txt.
 * At the end every member of the JSON is held against the manual.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"
#include "pty/golden.h"
#include "pty/terminal.h"
#include "verbs/members.h"
#include "verbs/settled.h"
#include "verbs/stories.h"

enum { OUTPUT_MAX = 1 << 20 };

/* How long a CVM has run: the last column. */
#define UPTIME "([0-9]+d )?([0-9]+h )?[0-9]+[hm]( [0-9]+s)?$"

/* What differs from run to run. */
static const char *const masks[] = {
	"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z",     /* times of the sandbox; the program's own clock stands still */
	"20260101-[0-9]{6}-[0-9a-f]{6}",            /* rollouts */
	"127\\.0\\.0\\.[0-9]:[0-9]+",               /* ports */
	"31[ ,]?245[ ,]?[0-9]{3}",                  /* blocks: one comes every two seconds */
	UPTIME,
	"\"uptime(_seconds)?\":(\"[^\"]*\"|[0-9]+)",
	/* which state the start was seen by */
	"\"id\":\"after-started\".*\"value\":\"[a-z]+", "seen to start: [a-z]+", "\"id\":\"rolling\",\"state\":\"done\",\"note\":\"[a-z]+", "the CVM restarts  +[a-z]+",
	"\"expires_ms\":[0-9]+", "\"block_hash\\\\\":\\\\\"[0-9a-fx]+",
	"\"ppid\\\\\":\\\\\"[0-9a-f]+", NULL,
};

static struct members members;

/* ---- the home ---- */

static const struct { const char *name, *text; } files[] = {
	{ "all.env", "DATABASE_URL=postgres://db\nSTRIPE_KEY=secret\n" },
	{ "values.env", "# what it needs\nREGION=eu\nAPI_KEY=secret\n" },
	{ "hostile.sh", "#!/bin/sh\necho '\033]0;owned\007'\n" },
	{ "hostile.yml", "services:\n  \"we\\e[31mb\":\n    image: \"nginx\\e]0;owned\\a:1\"\n    privileged: true\n    command: \"\xe2\x80\xae" "txt.exe\"\n" },
	{ "broken.yml", "services:\n  web:\n    image: [nginx\n" },
	{ "app-compose.json", "{\"runner\":\"docker-compose\",\"name\":\"a\",\"docker_compose_file\":\"services: {}\\n\",\"pre_launch_script\":\"\",\"manifest_version\":2}" },
};

static struct deck *furnished_deck(void)
{
	static const char *const options[] = { "--speed", "4", "--seed", "1", NULL };
	struct deck *deck = deck_new(options);
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		free(deck_write(deck, files[i].name, files[i].text, strlen(files[i].text)));
	return deck;
}

/* ---- one run ---- */

static char *newest_rollout(struct deck *deck)
{
	static const char *const args[] = { "history", "--json", NULL };
	struct deck_run run;
	char *id;

	deck_run(deck, NULL, args, &run);
	id = strstr(run.output, "\"rollout\":\"");
	assert_non_null(id);
	id += strlen("\"rollout\":\"");
	id = mem_printf("%.*s", (int)strcspn(id, "\""), id);
	deck_run_clear(&run);
	return id;
}

static char *meant(struct deck *deck, const char *arg)
{
	if (*arg == '@')
		return deck_path(deck, arg + 1);
	return text_equal(arg, "%ROLLOUT") ? newest_rollout(deck) : mem_strdup(arg);
}

static void replace_all(struct buf *text, const char *from, const char *to)
{
	struct buf out = BUF_INIT;
	const char *at = buf_text(text), *found;

	for (; (found = strstr(at, from)); at = found + strlen(from)) {
		buf_add(&out, at, (size_t)(found - at));
		buf_add_text(&out, to);
	}
	buf_add_text(&out, at);
	buf_clear(text);
	*text = out;
}

static void tell_lines(struct buf *transcript, const char *text, const char *before, const char *verb)
{
	const char *line;

	for (line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (*line == '{')
			members_note(&members, verb, line, strcspn(line, "\n"));
	settled_add(transcript, text, before);
}

static void tell_command(struct buf *transcript, const struct verb_run *run)
{
	size_t i;

	if (run->faults)
		buf_add_format(transcript, "# from here on: %s\n", run->faults);
	buf_add_byte(transcript, '$');
	if (run->env)
		buf_add_format(transcript, " %s%s", strchr(run->env, '=') ? "" : "env -u ", run->env);
	buf_add_text(transcript, " cvmdeck");
	for (i = 0; run->args[i]; i++)
		buf_add_format(transcript, " %s", *run->args[i] == '@' ? run->args[i] + 1 : run->args[i]);
	buf_add_byte(transcript, '\n');
}

/* The clock stands still in each, and goes on by a minute from one to the next: what is newest is certain. */
static void tell_run(struct deck *deck, const struct verb_run *run, size_t nth, struct buf *transcript)
{
	char *now = mem_printf("CVMDECK_NOW=%zu", 1767225600 + 60 * nth);
	const char *const env[] = { now, run->env, NULL };
	const char *args[16] = { NULL };
	char *errors = deck_path(deck, "stderr"), *shell = mem_printf("exec 2>'%s'", errors);
	struct buf text = BUF_INIT;
	struct deck_run done;
	struct error err;
	size_t i;

	for (i = 0; run->args[i]; i++)
		args[i] = meant(deck, run->args[i]);
	if (run->faults)
		deck_faults(deck, run->faults);
	tell_command(transcript, run);
	deck_finish(deck_start_under(deck, shell, env, args), &done);
	tell_lines(transcript, done.output, "", run->args[0]);
	assert_true(file_read(errors, "errors", OUTPUT_MAX, &text, &err));
	tell_lines(transcript, buf_text(&text), "2> ", run->args[0]);
	buf_add_format(transcript, "(exit %d)\n\n", done.status);
	deck_run_clear(&done);
	buf_clear(&text);
	for (i = 0; args[i]; i++)
		free((void *)(uintptr_t)args[i]);
	free(errors);
	free(shell);
	free(now);
}

static void test_story(void **state)
{
	const struct story *story = *state;
	struct deck *deck = furnished_deck();
	char *dir = deck_path(deck, ""), *golden = mem_printf("tests/verbs/golden/%s.txt", story->name);
	struct buf transcript = BUF_INIT;
	size_t i;

	for (i = 0; i < story->count; i++)
		tell_run(deck, &story->runs[i], i, &transcript);
	replace_all(&transcript, dir, "");
	for (i = 0; masks[i]; i++)
		golden_mask(&transcript, masks[i]);
	golden_text(golden, &transcript);
	buf_clear(&transcript);
	free(golden);
	free(dir);
	deck_free(deck);
}

/* ---- on a terminal ---- */

static struct terminal *start_on_terminal(struct deck *deck, const char *const args[], int columns, int rows)
{
	char *home = deck_path(deck, ""), *program = child_build_path("cvmdeck");
	char *api = mem_printf("PHALA_CLOUD_API_PREFIX=%s", deck_value(deck, "api")), *rpc = mem_printf("ETH_RPC_URL=%s", deck_value(deck, "rpc"));
	char *key = mem_printf("PRIVATE_KEY=%s", deck_value(deck, "private-key"));
	const char *const env[] = { api, rpc, key, "PHALA_CLOUD_API_KEY=sandbox", "CVMDECK_NOW=1767225600", NULL };
	const struct terminal_options options = { columns, rows, env, home, NULL };
	const char *argv[16] = { program };
	struct terminal *terminal;
	size_t i;

	for (i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	terminal = terminal_start(argv, &options);
	free(key);
	free(rpc);
	free(api);
	free(program);
	free(home);
	return terminal;
}

/* A table is as wide as the terminal: what is too long in it is cut, and only there. */
static void test_list_on_terminal(void **state)
{
	static const char *const args[] = { "list", NULL }, *const uptime[] = { UPTIME, NULL };
	struct deck *deck = furnished_deck();
	struct terminal *terminal = start_on_terminal(deck, args, 80, 24);

	(void)state;
	terminal_expect_exit(terminal, 0);
	terminal_golden(terminal, "list_80x24", uptime);
	terminal_free(terminal);
	deck_free(deck);
}

/* Where nobody said --yes, the review and each card are shown and asked about. */
static void test_questions(void **state)
{
	static const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-c", "compose.yml", "--wait", "--plain", NULL };
	struct deck *deck = furnished_deck();
	struct terminal *terminal = start_on_terminal(deck, args, 230, 70);
	struct buf screen = BUF_INIT;

	(void)state;
	terminal_expect(terminal, "[y/N]");
	terminal_type(terminal, "n\n");
	terminal_expect(terminal, "you answered no");
	terminal_expect_exit(terminal, 3);
	deck_expect_untouched(deck);
	terminal_free(terminal);
	terminal = start_on_terminal(deck, args, 230, 70);
	terminal_expect(terminal, "Send this update? [y/N]");
	terminal_type(terminal, "y\n");
	terminal_expect(terminal, "Sign and send this transaction? [y/N]");
	settled_add(&screen, terminal_screen(terminal), "");
	golden_text("tests/verbs/golden/questions.txt", &screen);
	buf_clear(&screen);
	terminal_type(terminal, "Yes\n");
	terminal_expect_exit(terminal, 0);
	terminal_expect(terminal, "correlation id");
	assert_int_equal(deck_mined(deck), 1);
	terminal_free(terminal);
	deck_free(deck);
}

static void test_manual(void **state)
{
	char *path = child_source_path("man/cvmdeck.1");

	(void)state;
	members_compare(&members, path);
	members_clear(&members);
	free(path);
}

int main(void)
{
	struct CMUnitTest tests[16] = { 0 };
	size_t i;

	for (i = 0; i < story_count; i++)
		tests[i] = (struct CMUnitTest){ stories[i].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	tests[i++] = (struct CMUnitTest){ "a list on a terminal", test_list_on_terminal, NULL, NULL, NULL };
	tests[i++] = (struct CMUnitTest){ "questions on a terminal", test_questions, NULL, NULL, NULL };
	tests[i] = (struct CMUnitTest){ "every member is in the manual", test_manual, NULL, NULL, NULL };
	return _cmocka_run_group_tests("verbs", tests, i + 1, NULL, NULL);
}
