# What tests start beside themselves (tests/child.h) and programs in a terminal (tests/pty/terminal.h).
# A test in a terminal: tests_pty_test_NAME_CFLAGS = $(TEST_CFLAGS), …_LDADD = $(PTY_LIBS).
PTY_LIBS = tests/libharness.a libcvmdeck.a $(CORE_LIBS) $(CMOCKA_LIBS) $(VTERM_LIBS) -lutil
check_LIBRARIES += tests/libharness.a
tests_libharness_a_SOURCES = tests/child.c tests/child.h \
	tests/pty/terminal.c tests/pty/terminal.h tests/pty/terminal_private.h tests/pty/screen.c tests/pty/golden.c tests/pty/golden.h
tests_libharness_a_CFLAGS = $(TEST_CFLAGS) $(VTERM_CFLAGS)
EXTRA_DIST += tests/pty/golden

check_PROGRAMS += tests/pty/test_terminal
tests_pty_test_terminal_SOURCES = tests/pty/test_terminal.c
tests_pty_test_terminal_CFLAGS = $(TEST_CFLAGS)
tests_pty_test_terminal_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_terminal

# The console in a terminal, over the example records of console_demo (tests/unit/ui.mk).
check_PROGRAMS += tests/pty/test_console_terminal
tests_pty_test_console_terminal_SOURCES = tests/pty/test_console_terminal.c
tests_pty_test_console_terminal_CFLAGS = $(TEST_CFLAGS)
tests_pty_test_console_terminal_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_terminal

# The whole product in a terminal, against the sandbox.
check_PROGRAMS += tests/pty/test_console
tests_pty_test_console_SOURCES = tests/pty/test_console.c tests/unit/rollout_drive.c tests/unit/rollout_drive.h
tests_pty_test_console_CFLAGS = $(TEST_CFLAGS) $(PTHREAD_CFLAGS) -I$(srcdir)/tests/unit
tests_pty_test_console_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console
check_PROGRAMS += tests/pty/test_history
tests_pty_test_history_SOURCES = tests/pty/test_history.c tests/unit/rollout_drive.c tests/unit/rollout_drive.h
tests_pty_test_history_CFLAGS = $(TEST_CFLAGS) $(PTHREAD_CFLAGS) -I$(srcdir)/tests/unit
tests_pty_test_history_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_history

# What an operator does in the console, each proved beside the screen (tests/pty/desk.h).
DESK_SOURCES = tests/pty/desk.c tests/pty/desk.h tests/unit/rollout_drive.c tests/unit/rollout_drive.h
PLACES_SOURCES = tests/pty/places.c tests/pty/places.h
DESK_CFLAGS = $(TEST_CFLAGS) $(PTHREAD_CFLAGS)
check_PROGRAMS += tests/pty/test_console_keys
tests_pty_test_console_keys_SOURCES = tests/pty/test_console_keys.c $(DESK_SOURCES)
tests_pty_test_console_keys_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_keys_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_keys
check_PROGRAMS += tests/pty/test_headless
tests_pty_test_headless_SOURCES = tests/pty/test_headless.c $(DESK_SOURCES)
tests_pty_test_headless_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_headless_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_headless
check_PROGRAMS += tests/pty/test_console_devices
tests_pty_test_console_devices_SOURCES = tests/pty/test_console_devices.c $(DESK_SOURCES)
tests_pty_test_console_devices_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_devices_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_devices
check_PROGRAMS += tests/pty/test_console_waiting
tests_pty_test_console_waiting_SOURCES = tests/pty/test_console_waiting.c $(DESK_SOURCES)
tests_pty_test_console_waiting_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_waiting_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_waiting
check_PROGRAMS += tests/pty/test_console_override
tests_pty_test_console_override_SOURCES = tests/pty/test_console_override.c $(DESK_SOURCES)
tests_pty_test_console_override_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_override_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_override
check_PROGRAMS += tests/pty/test_console_unhappy
tests_pty_test_console_unhappy_SOURCES = tests/pty/test_console_unhappy.c $(DESK_SOURCES)
tests_pty_test_console_unhappy_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_unhappy_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_unhappy
check_PROGRAMS += tests/pty/test_console_views
tests_pty_test_console_views_SOURCES = tests/pty/test_console_views.c $(DESK_SOURCES)
tests_pty_test_console_views_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_views_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_views
check_PROGRAMS += tests/pty/test_console_reading
tests_pty_test_console_reading_SOURCES = tests/pty/test_console_reading.c $(DESK_SOURCES)
tests_pty_test_console_reading_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_reading_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_reading
check_PROGRAMS += tests/pty/test_console_jobs
tests_pty_test_console_jobs_SOURCES = tests/pty/test_console_jobs.c $(DESK_SOURCES)
tests_pty_test_console_jobs_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_jobs_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_jobs
check_PROGRAMS += tests/pty/test_console_every_key
tests_pty_test_console_every_key_SOURCES = tests/pty/test_console_every_key.c $(PLACES_SOURCES) $(DESK_SOURCES)
tests_pty_test_console_every_key_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_every_key_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_every_key
check_PROGRAMS += tests/pty/test_console_monkey
tests_pty_test_console_monkey_SOURCES = tests/pty/test_console_monkey.c $(PLACES_SOURCES) $(DESK_SOURCES)
tests_pty_test_console_monkey_CFLAGS = $(DESK_CFLAGS)
tests_pty_test_console_monkey_LDADD = $(PTY_LIBS)
TESTS += tests/pty/test_console_monkey
