# The log viewer in a terminal, over the example records of tests/unit/ui_fake.c.
check_PROGRAMS += tests/pty/logs_demo tests/pty/test_logs_terminal
tests_pty_logs_demo_SOURCES = tests/pty/logs_demo.c tests/unit/ui_fake.c tests/unit/ui_fake_rollout.c tests/unit/ui_fake.h
tests_pty_logs_demo_CFLAGS = $(UI_TEST_CFLAGS)
tests_pty_logs_demo_LDADD = $(UI_LIBS)
tests_pty_test_logs_terminal_SOURCES = tests/pty/test_logs_terminal.c
tests_pty_test_logs_terminal_CFLAGS = $(TEST_CFLAGS)
tests_pty_test_logs_terminal_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_logs_terminal

# The logs without a screen, over the sandbox.
check_PROGRAMS += tests/pty/test_logs_verb
tests_pty_test_logs_verb_SOURCES = tests/pty/test_logs_verb.c
tests_pty_test_logs_verb_CFLAGS = $(TEST_CFLAGS)
tests_pty_test_logs_verb_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_logs_verb

# Containers that come and go.
check_PROGRAMS += tests/unit/test_log_feed
tests_unit_test_log_feed_SOURCES = tests/unit/test_log_feed.c tests/unit/ui_fake.c tests/unit/ui_fake_rollout.c tests/unit/ui_fake.h
tests_unit_test_log_feed_CFLAGS = $(UI_TEST_CFLAGS)
tests_unit_test_log_feed_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_log_feed
