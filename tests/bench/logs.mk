BENCHES += tests/bench/bench_logs
tests_bench_bench_logs_SOURCES = tests/bench/bench_logs.c
tests_bench_bench_logs_LDADD = libcvmdeck.a $(CORE_LIBS)
