check_PROGRAMS += tests/unit/test_sandbox_chain tests/unit/test_sandbox_faults
tests_unit_test_sandbox_chain_SOURCES = tests/unit/test_sandbox_chain.c tests/unit/unit.h
tests_unit_test_sandbox_chain_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_chain_LDADD = $(SANDBOX_LIBS) $(CMOCKA_LIBS)
tests_unit_test_sandbox_faults_SOURCES = tests/unit/test_sandbox_faults.c tests/unit/unit.h
tests_unit_test_sandbox_faults_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_sandbox_faults_LDADD = $(SANDBOX_LIBS) $(CMOCKA_LIBS)
TESTS += tests/unit/test_sandbox_chain tests/unit/test_sandbox_faults
