/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that end, vanish and come again while their logs are followed: no line lost, none twice. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ui/log_feed.h"
#include "ui_fake.h"

struct scene {
	struct loop *loop;
	struct session *session;
	struct log_feed *feed;
	struct buf got;
	bool full; /* no more for now */
};

static bool on_line(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len)
{
	struct scene *scene = ctx;

	(void)stamp_ns;
	(void)is_stderr;
	(void)continued;
	buf_add_format(&scene->got, "%s:", log_feed_source(scene->feed, source)->name);
	buf_add(&scene->got, text, len);
	buf_add_byte(&scene->got, ' ');
	return !scene->full;
}

static void on_changed(void *ctx)
{
	(void)ctx;
}

static void turn(struct scene *scene)
{
	int i;

	for (i = 0; i < 8; i++)
		loop_turn(scene->loop, 0);
}

static void look(struct scene *scene)
{
	log_feed_look(scene->feed);
	turn(scene);
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct feed_handler handler = { .line = on_line, .changed = on_changed, .ctx = scene };
	struct error err = { 0 };

	fake_container("running");
	scene->loop = loop_new(&err);
	scene->session = fake_session(scene->loop, 3);
	scene->feed = log_feed_new(scene->session, NULL, &handler);
	assert_true(log_feed_add(scene->feed, fake_cvm()));
	assert_false(log_feed_add(scene->feed, fake_cvm()));
	turn(scene);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	log_feed_free(scene->feed);
	fake_session_free(scene->session);
	loop_free(scene->loop);
	buf_clear(&scene->got);
	free(scene);
	return 0;
}

static const struct feed_source *web(const struct scene *scene)
{
	size_t i;

	for (i = 0; i < log_feed_count(scene->feed); i++)
		if (strcmp(log_feed_source(scene->feed, i)->name, "web") == 0)
			return log_feed_source(scene->feed, i);
	return NULL;
}

/* The clock stands still (CVMDECK_NOW), so that all lines have one stamp: the hardest case. */
static void test_restart(void **state)
{
	struct scene *scene = *state;
	unsigned opened = fake_log_opened();

	fake_log_line("web", "a");
	fake_log_line("web", "b");
	fake_container("exited");
	look(scene);
	assert_int_equal(web(scene)->state, FEED_STREAMING); /* its last lines may still come */
	fake_log_line("web", "c");
	fake_log_cut("web");
	assert_int_equal(web(scene)->state, FEED_ENDED);
	look(scene);
	fake_log_line("web", "nobody listens");
	assert_int_equal(fake_log_opened(), opened);
	fake_container("running");
	look(scene);
	assert_int_equal(fake_log_opened(), opened + 1);
	fake_log_line("web", "a");
	fake_log_line("web", "b");
	fake_log_line("web", "c");
	fake_log_line("web", "d");
	assert_string_equal(buf_text(&scene->got), "web:a web:b web:c web:d ");
	assert_int_equal(web(scene)->lines, 4);
}

static void test_gone(void **state)
{
	struct scene *scene = *state;
	size_t sources = log_feed_count(scene->feed);

	fake_log_line("web", "a");
	fake_log_cut("web");
	assert_int_equal(web(scene)->state, FEED_RETRYING);
	fake_container("");
	look(scene);
	assert_string_equal(web(scene)->container_state, "gone");
	assert_int_equal(web(scene)->state, FEED_ENDED);
	assert_int_equal(log_feed_count(scene->feed), sources);
	fake_log_line("worker", "goes on");
	assert_string_equal(buf_text(&scene->got), "web:a worker:goes on ");
}

static size_t webs(const struct scene *scene)
{
	size_t i, count = 0;

	for (i = 0; i < log_feed_count(scene->feed); i++)
		count += strcmp(log_feed_source(scene->feed, i)->name, "web") == 0;
	return count;
}

/* A rollout replaces the container; the address, by name, is the same: one source, one stream, each line once. */
static void test_replaced(void **state)
{
	struct scene *scene = *state;
	unsigned opened = fake_log_opened();

	fake_log_line("web", "a");
	fake_container_replaced(true);
	look(scene);
	fake_log_line("web", "b");
	assert_int_equal(webs(scene), 1);
	assert_int_equal(fake_log_opened(), opened);
	assert_string_equal(web(scene)->container_state, "running");
	assert_string_equal(buf_text(&scene->got), "web:a web:b ");
}

/* With an address of its own it is another source; the old one keeps its lines. */
static void test_replaced_elsewhere(void **state)
{
	struct scene *scene = *state;

	fake_log_line("web", "a");
	fake_log_cut("web");
	fake_container_replaced(false);
	look(scene);
	assert_int_equal(webs(scene), 2);
	assert_string_equal(web(scene)->container_state, "gone");
	fake_log_line("web", "b");
	assert_string_equal(buf_text(&scene->got), "web:a web:b ");
}

/* Nobody is asked for what is not public; when it is made public, it is followed. */
static void test_logs_off(void **state)
{
	struct scene *scene = *state;
	struct feed_handler handler = { .line = on_line, .changed = on_changed, .ctx = scene };
	unsigned opened;

	log_feed_free(scene->feed);
	opened = fake_log_opened();
	fake_logs_off(true);
	scene->feed = log_feed_new(scene->session, NULL, &handler);
	log_feed_add(scene->feed, fake_cvm());
	look(scene);
	assert_int_equal(log_feed_count(scene->feed), 0);
	assert_int_equal(fake_log_opened(), opened);
	assert_non_null(strstr(log_feed_problem(scene->feed), "are off"));
	fake_logs_off(false);
	look(scene);
	assert_int_equal(log_feed_count(scene->feed), 4);
	assert_string_equal(log_feed_problem(scene->feed), "");
}

static void test_back_pressure(void **state)
{
	struct scene *scene = *state;

	scene->full = true;
	assert_false(fake_log_bytes("web", "x", 1));
	scene->full = false;
	assert_true(fake_log_bytes("web", "y", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_logs_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_back_pressure, setup, teardown),
	};

	setenv("CVMDECK_NOW", "1767225600", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
