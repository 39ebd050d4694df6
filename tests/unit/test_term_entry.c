/* SPDX-License-Identifier: Apache-2.0 */
/* The edited terminal description, as the terminfo library reads it: tput no longer finds what was taken out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/term_entry.h"
#include "unit/unit.h"

static int tput(const char *capability)
{
	char command[128];

	snprintf(command, sizeof(command), "tput %s 3 >/dev/null 2>&1", capability);
	return system(command);
}

static void test_entry(void **state)
{
	(void)state;
	setenv("TERM", "xterm-256color", 1);
	unsetenv("TERMINFO");
	if (tput("indn") != 0)
		skip();
	term_entry_begin();
	assert_int_not_equal(tput("indn"), 0);
	assert_int_not_equal(tput("rin"), 0);
	
	assert_int_equal(tput("cuf"), 0);
	term_entry_end();
	assert_null(getenv("TERMINFO"));
	assert_int_equal(tput("indn"), 0);
}

static void test_no_entry(void **state)
{
	unsigned char cut[64] = { 0x1e, 0x02, 200, 0, 9, 0, 9, 0, 200, 0 };

	(void)state;
	assert_false(term_entry_edit(cut, sizeof(cut)));
	assert_false(term_entry_edit(cut, 5));
	setenv("TERM", "../../etc/passwd", 1);
	term_entry_begin();
	assert_null(getenv("TERMINFO"));
	term_entry_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_entry), cmocka_unit_test(test_no_entry) };

	return cmocka_run_group_tests_name("term entry", tests, NULL, NULL);
}
