# The log viewer at a terminal and at the wire; the soak is a test and a row.
check_PROGRAMS += tests/unit/test_logs_soak
tests_unit_test_logs_soak_SOURCES = tests/unit/test_logs_soak.c tests/bench/log_server.c tests/bench/log_server.h
tests_unit_test_logs_soak_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_logs_soak_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_logs_soak

BENCHES += tests/bench/bench_log_stream tests/bench/bench_log_soak tests/bench/bench_log_screen tests/bench/bench_workspace
tests_bench_bench_log_stream_SOURCES = tests/bench/bench_log_stream.c tests/bench/log_server.c tests/bench/log_server.h
tests_bench_bench_log_stream_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_log_stream_LDADD = libcvmdeck.a $(CORE_LIBS)
tests_bench_bench_log_soak_SOURCES = tests/unit/test_logs_soak.c tests/bench/log_server.c tests/bench/log_server.h
tests_bench_bench_log_soak_CFLAGS = $(TEST_CFLAGS) -DSOAK_AS_BENCH=true
tests_bench_bench_log_soak_LDADD = $(TEST_LIBS)
tests_bench_bench_log_screen_SOURCES = tests/bench/bench_log_screen.c tests/bench/key_times.c tests/bench/key_times.h
tests_bench_bench_log_screen_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_log_screen_LDADD = $(PTY_LIBS)
EXTRA_tests_bench_bench_log_screen_DEPENDENCIES = tests/pty/logs_demo

# Ten thousand CVMs, in memory and on screen.
tests_bench_bench_workspace_SOURCES = tests/bench/bench_workspace.c tests/bench/key_times.c tests/bench/key_times.h
tests_bench_bench_workspace_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_workspace_LDADD = $(PTY_LIBS)
