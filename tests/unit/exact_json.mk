check_PROGRAMS += tests/unit/test_exact_json
tests_unit_test_exact_json_SOURCES = tests/unit/test_exact_json.c tests/unit/unit.h
tests_unit_test_exact_json_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_exact_json_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_exact_json
FUZZ_TARGETS += exact_json
