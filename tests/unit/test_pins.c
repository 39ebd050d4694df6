/* SPDX-License-Identifier: Apache-2.0 */
/* What is pinned at a first use: kept, found under any of an app's CVMs, compared in two parts, and never read wrongly. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "child.h"
#include "rollout/pins.h"

static struct error err;

static const struct pin first = {
	.key = "uuid-1", .app_id = "aa11", .chain_id = 8453, .contract = "0xAA11", .kms = "0xBB22", .implementation = "0xCC33", .code_hash = "0xdd44",
};

static void pins_are_kept_and_found(void **state)
{
	char *dir = *state, *path = mem_printf("%s/pins.json", dir);
	struct pin known, other = first, third = first;
	char was[67], is[67];
	struct stat info;
	bool found;

	assert_true(pins_find(dir, &first, &known, &found, &err));
	assert_false(found);
	assert_true(pins_store(dir, &first, &err));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(pins_find(dir, &first, &known, &found, &err));
	assert_true(found);
	assert_null(pins_difference(&known, &first, PIN_TARGET, was, is));
	assert_null(pins_difference(&known, &first, PIN_CODE, was, is));

	strcpy(other.key, "uuid-2"); /* the same app under another name is no first use */
	assert_true(pins_find(dir, &other, &known, &found, &err));
	assert_true(found);
	assert_string_equal(known.key, "uuid-1");
	strcpy(third.key, "uuid-3");
	strcpy(third.app_id, "ee55");
	assert_true(pins_find(dir, &third, &known, &found, &err));
	assert_false(found);
	free(path);
}

/* A change of the target does not hide one of the code. */
static void pins_tell_both_differences(void **state)
{
	struct pin seen = first;
	char was[67], is[67];

	(void)state;
	strcpy(seen.kms, "0xBB23");
	strcpy(seen.code_hash, "0xdd45");
	assert_string_equal(pins_difference(&first, &seen, PIN_TARGET, was, is), "kms");
	assert_string_equal(was, "0xBB22");
	assert_string_equal(is, "0xBB23");
	assert_string_equal(pins_difference(&first, &seen, PIN_CODE, was, is), "code_hash");
	seen.chain_id = 1;
	assert_string_equal(pins_difference(&first, &seen, PIN_TARGET, was, is), "chain");
}

static void pins_that_are_damaged_decide_nothing(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "\"x\"", "{\"a\":1}}", "\xff\xfe" };
	char *dir = *state, *path = mem_printf("%s/pins.json", dir);
	struct pin known;
	bool found;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(file_write(path, texts[i], strlen(texts[i]), 0600, &err));
		assert_false(pins_find(dir, &first, &known, &found, &err));
		assert_string_equal(err.code, "pins-damaged");
		assert_false(pins_store(dir, &first, &err)); /* nor is what is left of it written over */
	}
	free(path);
}

static int make_dir(void **state)
{
	*state = child_make_dir();
	return 0;
}

static int remove_dir(void **state)
{
	child_remove_dir(*state);
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pins_are_kept_and_found, make_dir, remove_dir),
		cmocka_unit_test(pins_tell_both_differences),
		cmocka_unit_test_setup_teardown(pins_that_are_damaged_decide_nothing, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
