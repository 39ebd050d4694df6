/* SPDX-License-Identifier: Apache-2.0 */
/* Overrides: for one finding, typed out, and of no use before they are on disk. */
#include "unit/unit.h"

#include <string.h>

#include "rollout/checks.h"

static struct error err;

static void set_red(struct checks *checks, const char *value)
{
	checks_set(checks, CHECK_TARGET_PIN, MARK_BAD, value, "another one");
}

static void override_is_for_what_was_red(void **state)
{
	struct checks checks = { 0 };

	(void)state;
	set_red(&checks, "a");
	assert_non_null(checks_red(&checks));
	assert_true(checks_override(&checks, "target-pin because we moved", &err));
	assert_null(checks_red(&checks));
	set_red(&checks, "b");
	assert_non_null(checks_red(&checks));
	set_red(&checks, "a");
	assert_null(checks_red(&checks));
	checks_set(&checks, CHECK_TARGET_PIN, MARK_BAD, "a", "for another reason");
	assert_non_null(checks_red(&checks));
}

static void override_given_in_advance_takes_the_first(void **state)
{
	struct checks checks = { 0 };

	(void)state;
	assert_true(checks_expect_override(&checks, "target-pin=we moved", &err));
	checks_set(&checks, CHECK_TARGET_PIN, MARK_GOOD, "good", "");
	assert_false(checks_find(&checks, CHECK_TARGET_PIN)->overridden); /* there was nothing to override */
	set_red(&checks, "a");
	assert_null(checks_red(&checks));
	set_red(&checks, "b");
	assert_non_null(checks_red(&checks));
}

static void override_wants_its_record(void **state)
{
	struct checks checks = { 0 }, later = { 0 };
	char text[320];
	const char *of;

	(void)state;
	set_red(&checks, "a");
	assert_null(checks_unrecorded(&checks));
	assert_true(checks_override(&checks, "target-pin because we moved", &err));
	assert_non_null(checks_unrecorded(&checks));
	checks_override_text(&checks, checks_unrecorded(&checks), text, &of);
	assert_string_equal(text, "target-pin because we moved");
	assert_int_equal(strlen(of), 64);
	assert_true(checks_recall_override(&later, text, of, &err));
	set_red(&later, "a");
	assert_null(checks_red(&later));
	assert_null(checks_unrecorded(&later));
	set_red(&later, "b");
	assert_non_null(checks_red(&later));
	assert_false(checks_recall_override(&later, text, "", &err)); /* one that says not what for is none */
	checks_recorded(&checks, "target-pin");
	assert_null(checks_unrecorded(&checks));
}

static void override_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "target-pin", "target-pin because ", "target-pin=", "nothing because x", "owner because x", "implementation because it is not red",
	};
	struct checks checks = { 0 };
	size_t i;

	(void)state;
	set_red(&checks, "a");
	checks_set(&checks, CHECK_OWNER, MARK_BAD, "a", "b");
	checks_set(&checks, CHECK_IMPLEMENTATION, MARK_GOOD, "a", "b");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (checks_override(&checks, texts[i], &err))
			fail_msg("\"%s\" was taken", texts[i]);
	assert_non_null(checks_red(&checks));
	assert_null(checks_unrecorded(&checks));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(override_is_for_what_was_red),
		cmocka_unit_test(override_given_in_advance_takes_the_first),
		cmocka_unit_test(override_wants_its_record),
		cmocka_unit_test(override_is_refused),
	};

	return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
