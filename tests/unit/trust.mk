# Signers, and what the vectors of trust leave out.
TRUST_TESTS = tests/unit/test_signer
check_PROGRAMS += $(TRUST_TESTS)
TESTS += $(TRUST_TESTS)

tests_unit_test_signer_SOURCES = tests/unit/test_signer.c tests/unit/unit.h
tests_unit_test_signer_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_signer_LDADD = $(TEST_LIBS)
