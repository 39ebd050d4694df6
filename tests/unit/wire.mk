# The test server, for tests of any room.
TEST_SERVER = tests/unit/server.c tests/unit/server.h tests/unit/unit.h

check_PROGRAMS += tests/unit/test_http tests/unit/test_rpc
TESTS += tests/unit/test_http tests/unit/test_rpc
tests_unit_test_http_SOURCES = tests/unit/test_http.c $(TEST_SERVER)
tests_unit_test_http_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_http_LDADD = $(TEST_LIBS)
tests_unit_test_rpc_SOURCES = tests/unit/test_rpc.c $(TEST_SERVER)
tests_unit_test_rpc_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_rpc_LDADD = $(TEST_LIBS)
