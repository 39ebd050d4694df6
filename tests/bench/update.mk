# The whole update beside the official CLI's.
BENCHES += tests/bench/bench_update
tests_bench_bench_update_SOURCES = tests/bench/bench_update.c
tests_bench_bench_update_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_update_LDADD = $(PTY_LIBS)
