# The update: its machine, journal and everything around them.
check_PROGRAMS += tests/unit/test_journal tests/unit/test_machine tests/unit/test_machine_crash tests/unit/test_machine_end
TESTS += tests/unit/test_journal tests/unit/test_machine tests/unit/test_machine_crash tests/unit/test_machine_end
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
tests_unit_test_machine_end_SOURCES = tests/unit/test_machine_end.c tests/unit/machine_world.c tests/unit/machine_world.h tests/unit/unit.h
tests_unit_test_machine_end_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_machine_end_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_checks tests/unit/test_pins
TESTS += tests/unit/test_checks tests/unit/test_pins
tests_unit_test_checks_SOURCES = tests/unit/test_checks.c tests/unit/unit.h
tests_unit_test_checks_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_checks_LDADD = $(TEST_LIBS)
tests_unit_test_pins_SOURCES = tests/unit/test_pins.c tests/child.c tests/child.h tests/unit/unit.h
tests_unit_test_pins_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_pins_LDADD = $(TEST_LIBS)

# Whole rollouts against a sandbox.
ROLLOUT_DRIVE = tests/unit/rollout_drive.c tests/unit/rollout_drive.h tests/child.c tests/child.h tests/unit/unit.h
check_PROGRAMS += tests/unit/test_rollout tests/unit/test_rollout_hostile tests/unit/test_rollout_owners
TESTS += tests/unit/test_rollout tests/unit/test_rollout_hostile tests/unit/test_rollout_owners
tests_unit_test_rollout_SOURCES = tests/unit/test_rollout.c $(ROLLOUT_DRIVE)
tests_unit_test_rollout_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_rollout_LDADD = $(TEST_LIBS)
tests_unit_test_rollout_hostile_SOURCES = tests/unit/test_rollout_hostile.c $(ROLLOUT_DRIVE)
tests_unit_test_rollout_hostile_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_rollout_hostile_LDADD = $(TEST_LIBS)
tests_unit_test_rollout_owners_SOURCES = tests/unit/test_rollout_owners.c $(ROLLOUT_DRIVE)
tests_unit_test_rollout_owners_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_rollout_owners_LDADD = $(TEST_LIBS)
check_PROGRAMS += tests/unit/test_rollout_crash
TESTS += tests/unit/test_rollout_crash
tests_unit_test_rollout_crash_SOURCES = tests/unit/test_rollout_crash.c $(ROLLOUT_DRIVE)
tests_unit_test_rollout_crash_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_rollout_crash_LDADD = $(TEST_LIBS)
FUZZ_TARGETS += plan
EXTRA_DIST += tests/fuzz/corpus/plan/record.json

# What the workspace shows of the chain, against a scripted node.
check_PROGRAMS += tests/unit/test_glance
TESTS += tests/unit/test_glance
tests_unit_test_glance_SOURCES = tests/unit/test_glance.c tests/unit/chain_node.c tests/unit/chain_node.h $(TEST_SERVER)
tests_unit_test_glance_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_glance_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_again
TESTS += tests/unit/test_again
tests_unit_test_again_SOURCES = tests/unit/test_again.c $(ROLLOUT_DRIVE)
tests_unit_test_again_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_again_LDADD = $(TEST_LIBS)
