BENCHES += tests/bench/bench_diff
tests_bench_bench_diff_SOURCES = tests/bench/bench_diff.c
tests_bench_bench_diff_LDADD = libcvmdeck.a $(CORE_LIBS)
