check_PROGRAMS += tests/unit/test_sandbox_chain tests/unit/test_sandbox_faults
tests_unit_test_sandbox_chain_SOURCES = tests/unit/test_sandbox_chain.c tests/unit/unit.h
tests_unit_test_sandbox_chain_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_chain_LDADD = $(SANDBOX_LIBS) $(CMOCKA_LIBS)
tests_unit_test_sandbox_faults_SOURCES = tests/unit/test_sandbox_faults.c tests/unit/unit.h
tests_unit_test_sandbox_faults_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_faults_LDADD = $(SANDBOX_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_sandbox_chain tests/unit/test_sandbox_faults

check_PROGRAMS += tests/unit/test_sandbox_api
tests_unit_test_sandbox_api_SOURCES = tests/unit/test_sandbox_api.c tests/unit/sandbox_child.c tests/unit/sandbox_child.h tests/unit/unit.h
tests_unit_test_sandbox_api_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_api_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_sandbox_api

check_PROGRAMS += tests/unit/test_sandbox_bind
tests_unit_test_sandbox_bind_SOURCES = tests/unit/test_sandbox_bind.c tests/unit/sandbox_child.c tests/unit/sandbox_child.h tests/unit/unit.h
tests_unit_test_sandbox_bind_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_bind_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_sandbox_bind

FUZZ_TARGETS += sandbox_input sandbox_chain
