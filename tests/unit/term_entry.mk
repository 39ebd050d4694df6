check_PROGRAMS += tests/unit/test_term_entry
tests_unit_test_term_entry_SOURCES = tests/unit/test_term_entry.c tests/unit/unit.h
tests_unit_test_term_entry_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_term_entry_LDADD = libcvmui.a $(TEST_LIBS)
TESTS += tests/unit/test_term_entry
