# Every C test is a cmocka program; it prints TAP under `make check`.
TEST_LIBS = libcvmdeck.a $(CORE_LIBS) $(CMOCKA_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -I$(srcdir)/tests
LOG_COMPILER = $(SHELL) $(srcdir)/tests/run.sh
EXTRA_DIST += tests/run.sh

# Each tests/*/NAME.mk adds its own lines to these, so that rooms do not meet here:
#   VECTOR_TESTS  programs (also in TESTS) that read the folder CVMDECK_VECTORS names
#   FUZZ_TARGETS  NAME of each tests/fuzz/fuzz_NAME.c
#   BENCHES       programs that print one table of the benchmark each
VECTOR_TESTS =
FUZZ_TARGETS =
BENCHES =

# The longest first, so that the others run beside it.
include tests/client/local.mk
include tests/vectors/local.mk
include tests/vectors/cloud.mk
include tests/vectors/trust.mk
include tests/vectors/chain.mk
if HAVE_TEST_LIBS
include tests/pty/local.mk
include tests/chain/local.mk
include tests/fault/local.mk
include tests/verbs/local.mk
include tests/bench/update.mk
include tests/bench/logs_pty.mk
include tests/unit/base.mk
include tests/unit/ui.mk
include tests/pty/logs.mk
include tests/unit/logs.mk
include tests/unit/term_entry.mk
include tests/unit/wire.mk
include tests/unit/trust.mk
include tests/unit/chain.mk
include tests/unit/cloud.mk
include tests/unit/exact_json.mk
include tests/unit/sandbox.mk
include tests/unit/rollout.mk
include tests/unit/compose.mk
include tests/vectors/compose.mk
endif
include tests/rules/local.mk
include tests/contracts/local.mk
include tests/fuzz/local.mk
include tests/bench/compose.mk
include tests/bench/logs.mk
include tests/bench/local.mk
