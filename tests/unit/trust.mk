# Signers, and what the vectors of trust leave out.
TRUST_TESTS = tests/unit/test_signer tests/unit/test_signer_memory tests/unit/test_signer_rpc tests/unit/test_trust
check_PROGRAMS += $(TRUST_TESTS)
TESTS += $(TRUST_TESTS)

tests_unit_test_signer_SOURCES = tests/unit/test_signer.c tests/unit/unit.h
tests_unit_test_signer_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_signer_LDADD = $(TEST_LIBS)
tests_unit_test_signer_memory_SOURCES = tests/unit/test_signer_memory.c tests/unit/unit.h
tests_unit_test_signer_memory_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_signer_memory_LDADD = $(TEST_LIBS)
tests_unit_test_signer_rpc_SOURCES = tests/unit/test_signer_rpc.c $(TEST_SERVER)
tests_unit_test_signer_rpc_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_signer_rpc_LDADD = $(TEST_LIBS)
tests_unit_test_trust_SOURCES = tests/unit/test_trust.c tests/unit/unit.h
tests_unit_test_trust_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_trust_LDADD = $(TEST_LIBS)
