# The client of Phala Cloud.
CLOUD_TESTS = tests/unit/test_cvm tests/unit/test_credentials tests/unit/test_workspace tests/unit/test_log_stream
check_PROGRAMS += $(CLOUD_TESTS)
TESTS += $(CLOUD_TESTS)
tests_unit_test_cvm_SOURCES = tests/unit/test_cvm.c tests/unit/unit.h
tests_unit_test_cvm_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_cvm_LDADD = $(TEST_LIBS)
tests_unit_test_credentials_SOURCES = tests/unit/test_credentials.c tests/unit/unit.h
tests_unit_test_credentials_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_credentials_LDADD = $(TEST_LIBS)
tests_unit_test_workspace_SOURCES = tests/unit/test_workspace.c $(TEST_SERVER)
tests_unit_test_workspace_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_workspace_LDADD = $(TEST_LIBS)
tests_unit_test_log_stream_SOURCES = tests/unit/test_log_stream.c $(TEST_SERVER)
tests_unit_test_log_stream_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_log_stream_LDADD = $(TEST_LIBS)
