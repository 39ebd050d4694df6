# The whole update beside the official CLI's.
BENCHES += tests/bench/bench_update
tests_bench_bench_update_SOURCES = tests/bench/bench_update.c
tests_bench_bench_update_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_update_LDADD = $(PTY_LIBS)
# How soon the console is there, and that it rests.
BENCHES += tests/bench/bench_start
tests_bench_bench_start_SOURCES = tests/bench/bench_start.c
tests_bench_bench_start_CFLAGS = $(TEST_CFLAGS)
tests_bench_bench_start_LDADD = $(PTY_LIBS) -lutil
