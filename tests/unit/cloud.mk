# The client of Phala Cloud.
check_PROGRAMS += tests/unit/test_cvm
TESTS += tests/unit/test_cvm
tests_unit_test_cvm_SOURCES = tests/unit/test_cvm.c tests/unit/unit.h
tests_unit_test_cvm_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_cvm_LDADD = $(TEST_LIBS)
