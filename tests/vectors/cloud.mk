# The client of Phala Cloud: identifiers, errors, the state stream, logs.
FUZZ_TARGETS += sse lines log_frames log_time api_error cvm credentials project
EXTRA_DIST += tests/vectors/cvm_id.json tests/vectors/log_frames.json tests/vectors/sse.json tests/vectors/api_errors.json

if HAVE_TEST_LIBS
CLOUD_VECTORS = tests/vectors/test_cvm_id tests/vectors/test_log_frames tests/vectors/test_api_errors tests/vectors/test_sse
check_PROGRAMS += $(CLOUD_VECTORS)
TESTS += $(CLOUD_VECTORS)
VECTOR_TESTS += $(CLOUD_VECTORS)

tests_vectors_test_cvm_id_SOURCES = tests/vectors/test_cvm_id.c
tests_vectors_test_cvm_id_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_cvm_id_LDADD = $(VECTOR_LIBS)
tests_vectors_test_log_frames_SOURCES = tests/vectors/test_log_frames.c
tests_vectors_test_log_frames_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_log_frames_LDADD = $(VECTOR_LIBS)
tests_vectors_test_api_errors_SOURCES = tests/vectors/test_api_errors.c tests/unit/server.c tests/unit/server.h
tests_vectors_test_api_errors_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_api_errors_LDADD = $(VECTOR_LIBS)
tests_vectors_test_sse_SOURCES = tests/vectors/test_sse.c tests/unit/server.c tests/unit/server.h
tests_vectors_test_sse_CFLAGS = $(TEST_CFLAGS)
tests_vectors_test_sse_LDADD = $(VECTOR_LIBS)
endif
