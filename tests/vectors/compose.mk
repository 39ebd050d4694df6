check_PROGRAMS += tests/vectors/test_compose_hash
tests_vectors_test_compose_hash_SOURCES = tests/vectors/test_compose_hash.c
tests_vectors_test_compose_hash_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_compose_hash_LDADD = $(VECTOR_LIBS)
TESTS += tests/vectors/test_compose_hash
VECTOR_TESTS += tests/vectors/test_compose_hash
EXTRA_DIST += tests/vectors/compose_hash.json

check_PROGRAMS += tests/vectors/test_dotenv
tests_vectors_test_dotenv_SOURCES = tests/vectors/test_dotenv.c
tests_vectors_test_dotenv_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_dotenv_LDADD = $(VECTOR_LIBS)
TESTS += tests/vectors/test_dotenv
VECTOR_TESTS += tests/vectors/test_dotenv
EXTRA_DIST += tests/vectors/dotenv.json

check_PROGRAMS += tests/vectors/test_env_encrypt
tests_vectors_test_env_encrypt_SOURCES = tests/vectors/test_env_encrypt.c
tests_vectors_test_env_encrypt_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_env_encrypt_LDADD = $(VECTOR_LIBS)
TESTS += tests/vectors/test_env_encrypt
VECTOR_TESTS += tests/vectors/test_env_encrypt
EXTRA_DIST += tests/vectors/env_encrypt.json
