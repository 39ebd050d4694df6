/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in a random order, a few hundred from a fixed seed: whatever is
 * pressed, the program lives, its screen has a header and a footer, it ends
 * by its own keys alone and then with 0 (under the sanitizers: nothing
 * leaked), and nothing is sent or signed but by a yes to what was drawn.
 * CVMDECK_MONKEY_SEED and CVMDECK_MONKEY_KEYS choose another walk, or a longer one.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "pty/desk.h"
#include "pty/places.h"

enum { KEYS = 300, REMEMBERED = 16, LOOK_EVERY = 25, SETTLE_MS = 8 };

static const int sizes[][2] = { { 80, 24 }, { 100, 30 }, { 120, 40 }, { 200, 60 }, { 60, 20 } };

struct monkey {
	struct desk desk;
	struct key_table table;
	uint64_t seed, random;
	unsigned pressed, quits;
	unsigned signed_for, sent_for; /* yes to a card that offered a signature; to “Send this update?” */
	char last[REMEMBERED][64];
	bool small;
};

/* xorshift64* */
static unsigned below(struct monkey *monkey, unsigned limit)
{
	monkey->random ^= monkey->random >> 12;
	monkey->random ^= monkey->random << 25;
	monkey->random ^= monkey->random >> 27;
	return (unsigned)((monkey->random * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void give_up(struct monkey *monkey, const char *what)
{
	struct buf keys = BUF_INIT;
	unsigned i;

	for (i = monkey->pressed > REMEMBERED ? monkey->pressed - REMEMBERED : 0; i < monkey->pressed; i++)
		buf_add_format(&keys, "\n  %s", monkey->last[i % REMEMBERED]);
	fail_msg("%s (CVMDECK_MONKEY_SEED=%llu, key %u); the last keys, each with where it was pressed:%s\n%s", what, (unsigned long long)monkey->seed,
	         monkey->pressed, buf_text(&keys), terminal_screen(monkey->desk.terminal));
}

/* ---- choosing ---- */

/* A key of the table, of one context or of any. */
static void any_key(struct monkey *monkey, const char *context, char name[16])
{
	const struct key_row *row;
	const char *at;
	unsigned skip;

	do
		row = &monkey->table.rows[below(monkey, (unsigned)monkey->table.count)];
	while (context && strcmp(row->context, context) != 0);
	for (at = row->keys, skip = below(monkey, 3); places_next_key(&at, name) && skip && *at; skip--)
		continue;
}

/* Leaving is no way to see much; now and then it is tried all the same. */
static bool leaves(const char *place, const char *name)
{
	return !strcmp(name, "<C-c>") || (!strcmp(place, "workspace") && !strcmp(name, "q"));
}

static void key_for_place(struct monkey *monkey, const char *place, char name[16])
{
	bool known = below(monkey, 6) != 0;
	size_t i;

	for (i = 0; known && i < monkey->table.count && strcmp(monkey->table.rows[i].context, place) != 0; i++)
		continue;
	do
		any_key(monkey, known && i < monkey->table.count ? place : NULL, name);
	while (leaves(place, name) && below(monkey, 12) != 0);
}

static void key_for_prompt(struct monkey *monkey, char name[16])
{
	static const char *const usual[] = { "<Enter>", "<Enter>", "<Esc>", "<Tab>", "<BS>", "<Left>", "a", "e", "1", "/", "<Space>" };

	snprintf(name, 16, "%s", below(monkey, 4) ? usual[below(monkey, sizeof(usual) / sizeof(usual[0]))] : "compose.yml");
}

/* What leads on: a walk that only wanders never comes to a signature. NULL: nothing special. */
static const char *way_on(struct monkey *monkey, const char *place)
{
	static const struct { const char *place, *keys[3]; } ways[] = {
		{ "workspace", { "<Enter>", "d", "r" } }, { "review", { "a", "a", "2" } }, { "devices", { "a", "A", "x" } },
		{ "confirm", { "y", "y", "y" } },         { "card", { "y", "y", "x" } },   { "history", { "d", "u", "r" } },
	};
	struct terminal *terminal = monkey->desk.terminal;
	size_t i;

	if (!strcmp(place, "prompt") && terminal_find(terminal, "compose file:", NULL) >= 0)
		return terminal_find(terminal, "compose.yml", NULL) >= 0 ? "<Enter>" : "compose.yml";
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].place, place))
			return ways[i].keys[below(monkey, 3)];
	return NULL;
}

static void choose(struct monkey *monkey, const char *place, char name[16])
{
	const char *on = below(monkey, 2) ? NULL : way_on(monkey, place);

	if (on)
		snprintf(name, 16, "%s", on);
	else if (!strcmp(place, "prompt"))
		key_for_prompt(monkey, name);
	else if (!strcmp(place, "confirm") && below(monkey, 3))
		snprintf(name, 16, "%s", below(monkey, 3) ? "y" : "n");
	else if (!strcmp(place, "card") && below(monkey, 3))
		snprintf(name, 16, "y");
	else
		key_for_place(monkey, place, name);
}

/* ---- pressing ---- */

static void remember(struct monkey *monkey, const char *place, const char *name)
{
	snprintf(monkey->last[monkey->pressed % REMEMBERED], sizeof(monkey->last[0]), "%-12s %s", name, place);
	monkey->pressed++;
}

/* What this key may bring about, by what is on the screen now. */
static void note_yes(struct monkey *monkey, const char *name)
{
	struct terminal *terminal = monkey->desk.terminal;

	if (strcmp(name, "y") != 0)
		return;
	monkey->signed_for += terminal_find(terminal, "[ y sign and send ]", NULL) >= 0;
	monkey->sent_for += terminal_find(terminal, "Send this update?", NULL) >= 0;
}

static void resize(struct monkey *monkey)
{
	const int *size = sizes[below(monkey, sizeof(sizes) / sizeof(sizes[0]))];

	remember(monkey, "", "(resize)");
	terminal_resize(monkey->desk.terminal, size[0], size[1]);
	monkey->small = size[0] < 80;
}

/* Neither a key of the table nor a yes: a paste, sequences nobody knows, other letters. */
static void noise(struct monkey *monkey)
{
	static const char *const noises[] = { "\033[200~y\ny\n\033[201~", "\033[99~", "é", "\033[1;5C", "\033OZ", "語", "\033[200~\033[201~" };
	unsigned which = below(monkey, sizeof(noises) / sizeof(noises[0]));
	char name[16];

	snprintf(name, sizeof(name), "(noise %u)", which);
	remember(monkey, places_now(monkey->desk.terminal), name);
	terminal_type(monkey->desk.terminal, noises[which]);
}

static void press(struct monkey *monkey)
{
	const char *place = places_now(monkey->desk.terminal);
	char name[16];

	if (monkey->small || !below(monkey, 40)) {
		resize(monkey);
	} else if (!below(monkey, 25)) {
		noise(monkey);
	} else {
		choose(monkey, place, name);
		remember(monkey, place, name);
		note_yes(monkey, name);
		places_type(monkey->desk.terminal, name);
	}
	terminal_wait_quiet(monkey->desk.terminal, SETTLE_MS);
}

/* ---- looking ---- */

static bool is_whole(struct terminal *terminal, const void *ctx)
{
	const struct monkey *monkey = ctx;
	const char *header = terminal_line(terminal, 0);
	int rows = 0;

	if (monkey->small)
		return terminal_find(terminal, "cvmdeck needs 80×24 or more", NULL) >= 0;
	if (strncmp(header, " cvmdeck", 8) != 0)
		return false;
	while (rows < 100 && terminal_cell_at(terminal, rows, 0).width)
		rows++;
	return terminal_line(terminal, rows - 1)[0] != '\0';
}

/* It has ended by a key that ends it, with 0; it is opened again. */
static bool has_left(struct monkey *monkey)
{
	int status = terminal_wait_exit(monkey->desk.terminal, terminal_alternate(monkey->desk.terminal) ? 0 : child_deadline_ms());

	if (status < 0 && terminal_alternate(monkey->desk.terminal))
		return false;
	if (status != 0)
		give_up(monkey, status < 0 ? "the screen was left, and the program not ended" : "the program ended with an error");
	monkey->quits++;
	monkey->small = false;
	terminal_free(monkey->desk.terminal);
	desk_open(&monkey->desk);
	return true;
}

static void look(struct monkey *monkey)
{
	/* Out of its screen for a moment: an editor has it. */
	terminal_wait_until(monkey->desk.terminal, is_whole, monkey, 1000);
	if (has_left(monkey))
		return;
	if (!terminal_wait_until(monkey->desk.terminal, is_whole, monkey, child_deadline_ms()) && !has_left(monkey))
		give_up(monkey, "the screen has no header or no footer");
}

/* What the world outside has seen. */
static void look_outside(struct monkey *monkey)
{
	if (drive_sent(&monkey->desk.drive) > monkey->signed_for)
		give_up(monkey, "more was signed than cards were answered with yes");
	if (!monkey->sent_for && drive_requests(&monkey->desk.drive, "PATCH", "") > 0)
		give_up(monkey, "an update was sent that nobody has approved");
}

static void leave(struct monkey *monkey)
{
	struct terminal *terminal = monkey->desk.terminal;
	int64_t until_ms = clock_mono_ms() + child_deadline_ms();

	while (terminal_wait_exit(terminal, 50) < 0) {
		if (clock_mono_ms() > until_ms)
			give_up(monkey, "it cannot be left");
		if (terminal_find(terminal, "Leave now?", NULL) >= 0)
			terminal_type(terminal, "y");
		else
			terminal_key(terminal, "ctrl-c");
	}
	assert_int_equal(terminal_wait_exit(terminal, 0), 0);
	assert_false(terminal_alternate(terminal));
	terminal_free(terminal);
	monkey->desk.terminal = NULL;
}

static void test_monkey(void **state)
{
	static struct monkey monkey;
	uint64_t keys = number_of("CVMDECK_MONKEY_KEYS", KEYS);

	(void)state;
	monkey.seed = number_of("CVMDECK_MONKEY_SEED", 1);
	monkey.random = monkey.seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
	places_read_keys(&monkey.table);
	desk_begin(&monkey.desk, NULL);
	monkey.desk.extra[0] = "EDITOR=true";
	desk_open(&monkey.desk);
	while (monkey.pressed < keys) {
		press(&monkey);
		look(&monkey);
		if (monkey.pressed % LOOK_EVERY == 0)
			look_outside(&monkey);
	}
	leave(&monkey);
	look_outside(&monkey);
	print_message("seed %llu: %u keys, %u updates approved, %u cards answered with yes, %u transactions, %u times left\n", (unsigned long long)monkey.seed,
	              monkey.pressed, monkey.sent_for, monkey.signed_for, drive_sent(&monkey.desk.drive), monkey.quits);
	desk_end(&monkey.desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_monkey) };
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console, monkey", tests, NULL, NULL);
}
