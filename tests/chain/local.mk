# Tests on a real chain; they need what scripts/test installs and skip where it is not there.
# A test there: tests_chain_test_NAME_CFLAGS = $(TEST_CFLAGS), …_LDADD = $(CHAIN_TEST_LIBS).
CHAIN_TEST_LIBS = tests/libchain.a $(PTY_LIBS)
check_LIBRARIES += tests/libchain.a
tests_libchain_a_SOURCES = tests/chain/anvil.c tests/chain/anvil.h tests/chain/node.c tests/chain/node.h \
	tests/chain/flight.c tests/chain/flight.h tests/chain/plain_http.c tests/chain/plain_http.h \
	tests/chain/stage.c tests/chain/stage.h
tests_libchain_a_CFLAGS = $(TEST_CFLAGS)
EXTRA_DIST += tests/chain/chain.mjs

check_PROGRAMS += tests/chain/test_anvil
tests_chain_test_anvil_SOURCES = tests/chain/test_anvil.c
tests_chain_test_anvil_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_anvil_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_anvil

check_PROGRAMS += tests/chain/test_reader
tests_chain_test_reader_SOURCES = tests/chain/test_reader.c
tests_chain_test_reader_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_reader_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_reader

check_PROGRAMS += tests/chain/test_send
tests_chain_test_send_SOURCES = tests/chain/test_send.c
tests_chain_test_send_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_send_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_send

check_PROGRAMS += tests/chain/test_safe
tests_chain_test_safe_SOURCES = tests/chain/test_safe.c
tests_chain_test_safe_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_safe_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_safe

check_PROGRAMS += tests/chain/test_signer_chain
tests_chain_test_signer_chain_SOURCES = tests/chain/test_signer_chain.c $(TEST_SERVER)
tests_chain_test_signer_chain_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_signer_chain_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_signer_chain

check_PROGRAMS += tests/chain/test_update
tests_chain_test_update_SOURCES = tests/chain/test_update.c
tests_chain_test_update_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_update_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_update

check_PROGRAMS += tests/chain/test_checks
tests_chain_test_checks_SOURCES = tests/chain/test_checks.c
tests_chain_test_checks_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_checks_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_checks

check_PROGRAMS += tests/chain/test_wallet
tests_chain_test_wallet_SOURCES = tests/chain/test_wallet.c $(TEST_SERVER)
tests_chain_test_wallet_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_wallet_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_wallet

check_PROGRAMS += tests/chain/test_plan
tests_chain_test_plan_SOURCES = tests/chain/test_plan.c
tests_chain_test_plan_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_plan_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_plan

check_PROGRAMS += tests/chain/test_owners
tests_chain_test_owners_SOURCES = tests/chain/test_owners.c
tests_chain_test_owners_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_owners_LDADD = $(CHAIN_TEST_LIBS)
TESTS += tests/chain/test_owners
