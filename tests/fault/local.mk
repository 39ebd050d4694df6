# The real program against the sandbox: bad input, hostile backends, crashes, secrets.
# A test here: tests_fault_test_NAME_CFLAGS = $(TEST_CFLAGS), …_LDADD = $(FAULT_LIBS).
FAULT_LIBS = tests/libdeck.a $(PTY_LIBS)
check_LIBRARIES += tests/libdeck.a
tests_libdeck_a_SOURCES = tests/fault/deck.c tests/fault/deck.h
tests_libdeck_a_CFLAGS = $(TEST_CFLAGS)

# cvmdeck with a clock that runs faster: what takes minutes by design is tried in seconds.
check_PROGRAMS += tests/fault/cvmdeck_fast
tests_fault_cvmdeck_fast_SOURCES = $(cvmdeck_SOURCES) tests/fault/fast_clock.c
tests_fault_cvmdeck_fast_CFLAGS = $(cvmdeck_CFLAGS)
tests_fault_cvmdeck_fast_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime -Wl,--wrap=epoll_wait
tests_fault_cvmdeck_fast_LDADD = $(cvmdeck_LDADD)

check_PROGRAMS += tests/fault/test_checks
tests_fault_test_checks_SOURCES = tests/fault/test_checks.c
tests_fault_test_checks_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_checks_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_checks

check_PROGRAMS += tests/fault/test_inputs
tests_fault_test_inputs_SOURCES = tests/fault/test_inputs.c
tests_fault_test_inputs_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_inputs_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_inputs

check_PROGRAMS += tests/fault/test_crash
tests_fault_test_crash_SOURCES = tests/fault/test_crash.c
tests_fault_test_crash_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_crash_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_crash

check_PROGRAMS += tests/fault/test_crash_matrix
tests_fault_test_crash_matrix_SOURCES = tests/fault/test_crash_matrix.c
tests_fault_test_crash_matrix_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_crash_matrix_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_crash_matrix

check_PROGRAMS += tests/fault/test_patience
tests_fault_test_patience_SOURCES = tests/fault/test_patience.c
tests_fault_test_patience_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_patience_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_patience

check_PROGRAMS += tests/fault/test_disk
tests_fault_test_disk_SOURCES = tests/fault/test_disk.c
tests_fault_test_disk_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_disk_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_disk

check_PROGRAMS += tests/fault/test_hostile
tests_fault_test_hostile_SOURCES = tests/fault/test_hostile.c
tests_fault_test_hostile_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_hostile_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_hostile

check_PROGRAMS += tests/fault/test_secrets
tests_fault_test_secrets_SOURCES = tests/fault/test_secrets.c
tests_fault_test_secrets_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_secrets_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_secrets

check_PROGRAMS += tests/fault/test_plan
tests_fault_test_plan_SOURCES = tests/fault/test_plan.c
tests_fault_test_plan_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_plan_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_plan

check_PROGRAMS += tests/fault/test_project
tests_fault_test_project_SOURCES = tests/fault/test_project.c
tests_fault_test_project_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_project_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_project

check_PROGRAMS += tests/fault/test_surroundings
tests_fault_test_surroundings_SOURCES = tests/fault/test_surroundings.c
tests_fault_test_surroundings_CFLAGS = $(TEST_CFLAGS)
tests_fault_test_surroundings_LDADD = $(FAULT_LIBS)
TESTS += tests/fault/test_surroundings
