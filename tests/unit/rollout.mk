# The update: its machine, journal and everything around them.
check_PROGRAMS += tests/unit/test_journal tests/unit/test_machine tests/unit/test_machine_crash
TESTS += tests/unit/test_journal tests/unit/test_machine tests/unit/test_machine_crash
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c tests/unit/unit.h
tests_unit_test_journal_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_journal_LDADD = $(TEST_LIBS)
tests_unit_test_machine_SOURCES = tests/unit/test_machine.c tests/unit/machine_world.c tests/unit/machine_world.h tests/unit/unit.h
tests_unit_test_machine_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_machine_LDADD = $(TEST_LIBS)
tests_unit_test_machine_crash_SOURCES = tests/unit/test_machine_crash.c tests/unit/machine_world.c tests/unit/machine_world.h \
	tests/unit/unit.h
tests_unit_test_machine_crash_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_machine_crash_LDADD = $(TEST_LIBS)
