# Every C test is a cmocka program; it prints TAP under `make check`.
TEST_LIBS = libcvmdeck.a $(CORE_LIBS) $(CMOCKA_LIBS)
TEST_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -I$(srcdir)/tests

if HAVE_TEST_LIBS
include tests/unit/base.mk
endif
