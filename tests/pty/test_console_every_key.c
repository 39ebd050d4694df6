/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key of the program's own table, in every context it is bound in, does
 * something that is seen, or says why not. Driven from `cvmdeck --dump-keys`,
 * over the sandbox, with a rollout, a history and a prepared update there, and
 * logs that stand still.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "pty/desk.h"
#include "pty/places.h"

/* A line of each source in a day: nothing moves by itself. */
#define STILL "{\"logs\":{\"rate\":0.00001,\"history\":80}}"

enum { EFFECT_MS = 2000, SETTLE_MS = 15, STEPS_BACK = 12 };

static struct key_table table;
static struct desk desk;

/* ---- the world ---- */

/* Many lines of which every tenth is long: there is something to scroll, both ways. */
static void write_compose(const char *image)
{
	char *path = mem_printf("%s/compose.yml", desk.home);
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	int i;

	buf_add_format(&text, "services:\n  web:\n    image: nginx:%s\n    environment:\n", image);
	for (i = 0; i < 60; i++)
		buf_add_format(&text, "      - LINE_%s_%d=%s\n", image, i, i % 10 ? "x" : "a long line, longer than any window here is wide, so that it can be read "
		                                                                   "sideways, and longer still");
	assert_true(file_write(path, buf_text(&text), text.len, 0600, &err));
	buf_clear(&text);
	free(path);
}

/* By another machine, as it were: with a journal of its own. */
static void prepare_elsewhere(void)
{
	char *path = mem_printf("%s/compose.yml", desk.home), *state = mem_printf("XDG_STATE_HOME=%s/elsewhere", desk.home);
	const char *const arguments[] = { "deploy", "--cvm-id", "treasury-signer", "-c", path, "--prepare-only", "--yes", NULL };

	desk.extra[1] = state;
	json_free(desk_ask(&desk, arguments));
	desk.extra[1] = NULL;
	free(state);
	free(path);
}

static int set_up(void **state)
{
	(void)state;
	places_read_keys(&table);
	desk_begin(&desk, STILL);
	desk.extra[0] = "EDITOR=true";
	write_compose("1.27");
	prepare_elsewhere();
	desk_open(&desk);
	desk_go_to(&desk, "checkout-web");
	desk_update(&desk);
	terminal_key(desk.terminal, "esc");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* ---- from place to place ---- */

static bool is_at(const char *place)
{
	return !strcmp(places_now(desk.terminal), place);
}

static void expect_place(const char *place)
{
	desk_until(&desk, is_at(place));
	terminal_wait_quiet(desk.terminal, SETTLE_MS);
}

/* Home, with the one CVM in the list. */
static void go_to(const char *cvm)
{
	char *filter = mem_printf("/%s\r", cvm);

	terminal_key(desk.terminal, "esc"); /* an older filter */
	terminal_expect_gone(desk.terminal, "1 of 56 CVMs");
	terminal_type(desk.terminal, filter);
	terminal_expect(desk.terminal, "1 of 56 CVMs");
	terminal_wait_quiet(desk.terminal, SETTLE_MS);
	free(filter);
}

/* One with the least to wait for: a change of the device allowlist, at its card. */
static void open_card(void)
{
	go_to("payments-api");
	terminal_type(desk.terminal, "d");
	terminal_expect(desk.terminal, "this CVM");
	terminal_type(desk.terminal, "A");
	desk_press(&desk, "y yes   N no", "y");
	terminal_expect(desk.terminal, "[ y sign and send ]");
	terminal_wait_quiet(desk.terminal, 100);
}

static void open_rollout(void)
{
	terminal_type(desk.terminal, "r");
	desk_until(&desk, is_at("rollout") || terminal_find(desk.terminal, "no rollout is under way", NULL) >= 0);
	if (is_at("rollout"))
		return;
	open_card();
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "allowlist is changed");
	terminal_expect(desk.terminal, "dstack-guest"); /* lines of the log */
}

static void open_allowlist(void)
{
	open_rollout();
	terminal_type(desk.terminal, "a");
}

static void open_logs(void)
{
	go_to("payments-api");
	terminal_type(desk.terminal, "l");
	terminal_expect(desk.terminal, "worker");
	terminal_expect(desk.terminal, "\"INFO\"");
}

static void open_review(void)
{
	go_to("payments-api");
	terminal_key(desk.terminal, "enter");
	expect_place("prompt");
	terminal_type(desk.terminal, "compose.yml\r");
	terminal_expect(desk.terminal, "nothing was sent yet");
	terminal_type(desk.terminal, "2");
}

static void open_history(void)
{
	go_to("checkout-web");
	terminal_type(desk.terminal, "h");
	terminal_expect(desk.terminal, "› history");
	terminal_expect(desk.terminal, " here ");
	terminal_expect(desk.terminal, "create");
}

static void open_diff(void)
{
	open_history();
	terminal_type(desk.terminal, "gm");
	terminal_key(desk.terminal, "end");
	terminal_type(desk.terminal, "md");
}

static void open_devices(void)
{
	go_to("payments-api");
	terminal_type(desk.terminal, "d");
	terminal_expect(desk.terminal, "this CVM");
}

static void open_pending(void)
{
	go_to("treasury-signer");
	terminal_type(desk.terminal, "p");
	terminal_expect(desk.terminal, "waits for its owners");
}

static void open_help(void)
{
	open_logs();
	terminal_key(desk.terminal, "f1");
}

/* Every CVM is in the list, and the cursor in the middle. */
static void open_workspace(void)
{
	terminal_key(desk.terminal, "esc");
	terminal_expect_gone(desk.terminal, "1 of 56 CVMs");
	terminal_type(desk.terminal, "gjj");
}

static const struct place {
	const char *context;
	void (*open)(void); /* from home */
} places[] = {
	{ "workspace", open_workspace }, { "rollout", open_rollout }, { "allowlist", open_allowlist }, { "card", open_card },
	{ "review", open_review },       { "logs", open_logs },       { "help", open_help },           { "history", open_history },
	{ "difference", open_diff },     { "devices", open_devices }, { "pending updates", open_pending },
};

/* One step out of wherever a key has led. */
static void step_back(void)
{
	if (is_at("confirm"))
		terminal_type(desk.terminal, "n");
	else if (is_at("card"))
		desk_press(&desk, "┌ Signature ", "N");
	else
		terminal_key(desk.terminal, "esc");
	terminal_wait_quiet(desk.terminal, 40); /* longer than a lone Esc is held */
}

/* Where the last key has led away, anew from home. */
static void go(const struct place *place, bool anew)
{
	int steps;

	if (!anew && terminal_alternate(desk.terminal) && is_at(place->context))
		return;

	/* Out of its screen it is about to end. */
	if (terminal_wait_exit(desk.terminal, terminal_alternate(desk.terminal) ? 0 : child_deadline_ms()) >= 0) {
		terminal_free(desk.terminal);
		desk_open(&desk);
	}
	for (steps = 0; !is_at("workspace"); steps++) {
		if (steps == STEPS_BACK)
			fail_msg("no way home from here:\n%s", terminal_screen(desk.terminal));
		step_back();
	}
	place->open();
	expect_place(place->context);
}

/* ---- what a key does ---- */

/* Keys that move need room to move in. */
static const char *prelude_of(const char *id)
{
	static const struct { const char *ids, *keys; } preludes[] = {
		{ " up page-up top ", "G" }, { " down page-down bottom newest ", "g" }, { " left ", "\033OC" }, { " compose manifest env ", "1" }, { " summary ", "2" },
	};
	char *word = mem_printf(" %s ", id);
	const char *keys = NULL;
	size_t i;

	for (i = 0; !keys && i < sizeof(preludes) / sizeof(preludes[0]); i++)
		keys = strstr(preludes[i].ids, word) ? preludes[i].keys : NULL;
	free(word);
	return keys;
}

/* Where what is there fits the window, and one line is all there is, nothing moves, and rightly so. */
static bool may_do_nothing(const struct key_row *row)
{
	static const char moves[] = " up down page-up page-down top bottom left right ";
	char *word = mem_printf(" %s ", row->id);
	bool moving = strstr(moves, word) != NULL;

	free(word);
	return moving && (!strcmp(row->context, "card") || !strcmp(row->context, "allowlist") || !strcmp(row->context, "pending updates"));
}

struct before {
	struct buf picture;
	size_t bytes;
	unsigned lists;
};

static unsigned lists(void)
{
	return drive_requests(&desk.drive, "GET", "/cvms/paginated");
}

/* What is not on the screen: something copied, the terminal cleared or left, the list asked for again, the end. */
static bool did_beside(const struct before *before, const struct key_row *row)
{
	size_t len, fresh = terminal_bytes(desk.terminal) - before->bytes;
	const char *output = terminal_output(desk.terminal, &len);

	output += len > fresh ? len - fresh : 0;
	if (strstr(output, "\033]52;") || strstr(output, "\033[2J") || strstr(output, "\033[?1049l"))
		return true;
	if (!strcmp(row->id, "refresh") && lists() > before->lists)
		return true;
	return false;
}

static bool did_something(const struct before *before, const struct key_row *row)
{
	int64_t until_ms = clock_mono_ms() + (may_do_nothing(row) ? SETTLE_MS : EFFECT_MS);
	struct buf now = BUF_INIT;
	bool did = false;

	while (!did && clock_mono_ms() < until_ms) {
		terminal_wait_quiet(desk.terminal, 5);
		places_picture(desk.terminal, &now);
		did = strcmp(buf_text(&now), buf_text(&before->picture)) != 0 || did_beside(before, row) || terminal_wait_exit(desk.terminal, 0) >= 0;
	}
	buf_clear(&now);
	return did;
}

/* One key; what is dead is added to the list. */
static void try_key(const struct place *place, const struct key_row *row, const char *name, struct buf *dead)
{
	static bool anew;
	struct before before = { .picture = BUF_INIT };

	go(place, anew);
	anew = !strcmp(row->id, "tab"); /* what it shows may be empty, and then no key has anything to do */
	terminal_key(desk.terminal, "f9"); /* bound nowhere: takes an older message away */
	if (prelude_of(row->id))
		terminal_type(desk.terminal, prelude_of(row->id));
	terminal_wait_quiet(desk.terminal, 25);
	places_picture(desk.terminal, &before.picture);
	before.bytes = terminal_bytes(desk.terminal);
	before.lists = strcmp(row->id, "refresh") ? 0 : lists();
	places_type(desk.terminal, name);
	if (!did_something(&before, row) && !may_do_nothing(row))
		buf_add_format(dead, "\n%s: %s (%s)", row->context, name, row->id);
	buf_clear(&before.picture);
	if (terminal_wait_exit(desk.terminal, 0) > 0)
		fail_msg("%s: %s (%s) ended the program with %d", row->context, name, row->id, terminal_wait_exit(desk.terminal, 0));
}

static void test_context(void **state)
{
	const struct place *place = *state;
	struct buf dead = BUF_INIT;
	size_t i, tried = 0;

	for (i = 0; i < table.count; i++) {
		const char *at = table.rows[i].keys;
		char name[16];

		while (!strcmp(table.rows[i].context, place->context) && places_next_key(&at, name)) {
			try_key(place, &table.rows[i], name, &dead);
			tried++;
		}
	}
	if (dead.len)
		fail_msg("dead keys:%s", buf_text(&dead));
	assert_true(tried > 5);
}

/* No context of the table is left out. */
static void test_all_contexts(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < table.count; i++) {
		for (j = 0; j < sizeof(places) / sizeof(places[0]) && strcmp(places[j].context, table.rows[i].context) != 0; j++)
			continue;
		if (j == sizeof(places) / sizeof(places[0]))
			fail_msg("no way to the %s screen is known here", table.rows[i].context);
	}
}

int main(void)
{
	struct CMUnitTest tests[1 + sizeof(places) / sizeof(places[0])] = { cmocka_unit_test(test_all_contexts) };
	struct error err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		tests[i + 1] = (struct CMUnitTest){ places[i].context, test_context, NULL, NULL, (void *)(uintptr_t)&places[i] };
	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console, every key", tests, set_up, tear_down);
}
