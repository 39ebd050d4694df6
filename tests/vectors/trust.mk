# What decides whether to trust: attestation, device ids, keystores, signatures, Safe.
FUZZ_TARGETS += quote rtmr3
EXTRA_DIST += tests/vectors/device_id.json tests/vectors/rtmr3.json

if HAVE_TEST_LIBS
TRUST_VECTORS = tests/vectors/test_device_id tests/vectors/test_rtmr3
check_PROGRAMS += $(TRUST_VECTORS)
TESTS += $(TRUST_VECTORS)
VECTOR_TESTS += $(TRUST_VECTORS)

tests_vectors_test_device_id_SOURCES = tests/vectors/test_device_id.c
tests_vectors_test_device_id_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_device_id_LDADD = $(VECTOR_LIBS)
tests_vectors_test_rtmr3_SOURCES = tests/vectors/test_rtmr3.c
tests_vectors_test_rtmr3_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_rtmr3_LDADD = $(VECTOR_LIBS)
endif
