# What decides whether to trust: attestation, device ids, keystores, signatures, Safe.
FUZZ_TARGETS += keystore multisend quote rtmr3 safe_batch
EXTRA_DIST += tests/vectors/device_id.json tests/vectors/keystore_v3.json tests/vectors/rtmr3.json \
	tests/vectors/safe_batch.json tests/vectors/safe_tx.json tests/vectors/verify_env_pubkey.json \
	tests/fuzz/corpus/keystore/pbkdf2 tests/fuzz/corpus/keystore/scrypt tests/fuzz/corpus/multisend/call \
	tests/fuzz/corpus/multisend/two tests/fuzz/corpus/quote/version_4 tests/fuzz/corpus/quote/version_5 \
	tests/fuzz/corpus/rtmr3/version_1 tests/fuzz/corpus/rtmr3/version_2 tests/fuzz/corpus/safe_batch/escapes \
	tests/fuzz/corpus/safe_batch/stored

if HAVE_TEST_LIBS
TRUST_VECTORS = tests/vectors/test_device_id tests/vectors/test_keystore_v3 tests/vectors/test_rtmr3 \
	tests/vectors/test_safe_batch tests/vectors/test_safe_tx tests/vectors/test_verify_env_pubkey
check_PROGRAMS += $(TRUST_VECTORS)
TESTS += $(TRUST_VECTORS)
VECTOR_TESTS += $(TRUST_VECTORS)

tests_vectors_test_device_id_SOURCES = tests/vectors/test_device_id.c
tests_vectors_test_device_id_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_device_id_LDADD = $(VECTOR_LIBS)

tests_vectors_test_keystore_v3_SOURCES = tests/vectors/test_keystore_v3.c
tests_vectors_test_keystore_v3_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_keystore_v3_LDADD = $(VECTOR_LIBS)

tests_vectors_test_rtmr3_SOURCES = tests/vectors/test_rtmr3.c
tests_vectors_test_rtmr3_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_rtmr3_LDADD = $(VECTOR_LIBS)

tests_vectors_test_safe_batch_SOURCES = tests/vectors/test_safe_batch.c
tests_vectors_test_safe_batch_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_safe_batch_LDADD = $(VECTOR_LIBS)

tests_vectors_test_safe_tx_SOURCES = tests/vectors/test_safe_tx.c
tests_vectors_test_safe_tx_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_safe_tx_LDADD = $(VECTOR_LIBS)

tests_vectors_test_verify_env_pubkey_SOURCES = tests/vectors/test_verify_env_pubkey.c
tests_vectors_test_verify_env_pubkey_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_verify_env_pubkey_LDADD = $(VECTOR_LIBS)
endif
