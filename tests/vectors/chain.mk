# Encodings, signatures, accounts and fees.
EXTRA_DIST += tests/vectors/abi.json tests/vectors/account_kind.json tests/vectors/eth_misc.json tests/vectors/fees.json \
	tests/vectors/kms_contract.json tests/vectors/tx_eip1559.json

if HAVE_TEST_LIBS
check_LIBRARIES += tests/vectors/libchaincases.a
tests_vectors_libchaincases_a_SOURCES = tests/vectors/chain_cases.c tests/vectors/chain_cases.h
tests_vectors_libchaincases_a_CFLAGS = $(TEST_CFLAGS)
CHAIN_VECTOR_LIBS = tests/vectors/libchaincases.a $(VECTOR_LIBS)

CHAIN_VECTORS = tests/vectors/test_abi tests/vectors/test_account_kind tests/vectors/test_eth_misc \
	tests/vectors/test_fees tests/vectors/test_kms_contract tests/vectors/test_tx_eip1559
check_PROGRAMS += $(CHAIN_VECTORS)
TESTS += $(CHAIN_VECTORS)
VECTOR_TESTS += $(CHAIN_VECTORS)

tests_vectors_test_abi_SOURCES = tests/vectors/test_abi.c
tests_vectors_test_abi_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_abi_LDADD = $(CHAIN_VECTOR_LIBS)
tests_vectors_test_account_kind_SOURCES = tests/vectors/test_account_kind.c
tests_vectors_test_account_kind_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_account_kind_LDADD = $(CHAIN_VECTOR_LIBS)
tests_vectors_test_eth_misc_SOURCES = tests/vectors/test_eth_misc.c
tests_vectors_test_eth_misc_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_eth_misc_LDADD = $(CHAIN_VECTOR_LIBS)
tests_vectors_test_fees_SOURCES = tests/vectors/test_fees.c
tests_vectors_test_fees_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_fees_LDADD = $(CHAIN_VECTOR_LIBS)
tests_vectors_test_kms_contract_SOURCES = tests/vectors/test_kms_contract.c
tests_vectors_test_kms_contract_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_kms_contract_LDADD = $(CHAIN_VECTOR_LIBS)
tests_vectors_test_tx_eip1559_SOURCES = tests/vectors/test_tx_eip1559.c
tests_vectors_test_tx_eip1559_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_tx_eip1559_LDADD = $(CHAIN_VECTOR_LIBS)
endif
