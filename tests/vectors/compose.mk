check_PROGRAMS += tests/vectors/test_compose_hash
tests_vectors_test_compose_hash_SOURCES = tests/vectors/test_compose_hash.c
tests_vectors_test_compose_hash_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_compose_hash_LDADD = $(VECTOR_LIBS)
TESTS += tests/vectors/test_compose_hash
VECTOR_TESTS += tests/vectors/test_compose_hash
EXTRA_DIST += tests/vectors/compose_hash.json
