# One libFuzzer program for each parser of outside data: tests/fuzz/fuzz_NAME.c, NAME listed in FUZZ_TARGETS.
# `make fuzz-run` (after ../configure --enable-fuzzing CC=clang) gives each FUZZ_SECONDS, from the seeds in
# tests/fuzz/corpus/NAME where there are any, and prints TAP. New inputs stay in the build folder.
FUZZ_SECONDS = 5
EXTRA_DIST += tests/fuzz/run.sh $(FUZZ_TARGETS:%=tests/fuzz/fuzz_%.c) $(FUZZ_SUPPORT)

if FUZZING
FUZZ_BINARIES = $(FUZZ_TARGETS:%=tests/fuzz/fuzz_%)
FUZZ_COMPILE = $(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)

tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c libsandbox.a libcvmdeck.a
	$(AM_V_CCLD)$(MKDIR_P) tests/fuzz && $(FUZZ_COMPILE) -fsanitize=fuzzer -o $@ $< libsandbox.a libcvmdeck.a \
		$(MICROHTTPD_LIBS) $(CORE_LIBS) $(LIBS)

fuzz: $(FUZZ_BINARIES)
fuzz-run: fuzz
	@sh $(srcdir)/tests/fuzz/run.sh $(srcdir)/tests/fuzz/corpus $(FUZZ_SECONDS) $(FUZZ_BINARIES)
else
fuzz fuzz-run:
	@echo "$@: configure with --enable-fuzzing CC=clang first" >&2; exit 1
endif
.PHONY: fuzz fuzz-run

clean-local: fuzz-clean
fuzz-clean:
	-rm -rf tests/fuzz/found
	-for name in $(FUZZ_TARGETS); do rm -f tests/fuzz/fuzz_$$name; done
.PHONY: fuzz-clean
