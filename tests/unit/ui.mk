# The console over example records: no wire, no terminal (test_ui), and a terminal to look at (console_demo).
UI_LIBS = libcvmui.a libcvmdeck.a $(CORE_LIBS) $(NCURSES_LIBS)
UI_TEST_CFLAGS = $(TEST_CFLAGS) $(NCURSES_CFLAGS) -I$(srcdir)/tests/unit
check_PROGRAMS += tests/pty/console_demo
tests_pty_console_demo_SOURCES = tests/pty/console_demo.c tests/unit/ui_fake.c tests/unit/ui_fake_rollout.c tests/unit/ui_fake.h
tests_pty_console_demo_CFLAGS = $(UI_TEST_CFLAGS)
tests_pty_console_demo_LDADD = $(UI_LIBS)

check_PROGRAMS += tests/unit/test_ui_parts tests/unit/test_ui
tests_unit_test_ui_parts_SOURCES = tests/unit/test_ui_parts.c
tests_unit_test_ui_parts_CFLAGS = $(UI_TEST_CFLAGS)
tests_unit_test_ui_parts_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
tests_unit_test_ui_SOURCES = tests/unit/test_ui.c tests/unit/ui_hand.c tests/unit/ui_hand.h tests/unit/ui_fake.c tests/unit/ui_fake_rollout.c tests/unit/ui_fake.h
tests_unit_test_ui_CFLAGS = $(UI_TEST_CFLAGS)
tests_unit_test_ui_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_ui_parts tests/unit/test_ui
EXTRA_DIST += tests/unit/golden

check_PROGRAMS += tests/unit/test_log_save
tests_unit_test_log_save_SOURCES = tests/unit/test_log_save.c tests/child.c tests/child.h
tests_unit_test_log_save_CFLAGS = $(UI_TEST_CFLAGS)
tests_unit_test_log_save_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_log_save

check_PROGRAMS += tests/unit/test_log_merge
tests_unit_test_log_merge_SOURCES = tests/unit/test_log_merge.c tests/unit/unit.h
tests_unit_test_log_merge_CFLAGS = $(UI_TEST_CFLAGS)
tests_unit_test_log_merge_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_log_merge
