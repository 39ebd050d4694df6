check_PROGRAMS += tests/unit/test_logs
tests_unit_test_logs_SOURCES = tests/unit/test_logs.c tests/unit/unit.h
tests_unit_test_logs_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_logs_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_logs
FUZZ_TARGETS += logs_render logs_pretty

check_PROGRAMS += tests/unit/test_logs_spill
tests_unit_test_logs_spill_SOURCES = tests/unit/test_logs_spill.c tests/unit/unit.h
tests_unit_test_logs_spill_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_logs_spill_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_logs_spill
