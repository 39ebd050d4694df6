# Numbers, encodings, transactions; reading and sending against a scripted node and a real chain.
FUZZ_TARGETS += abi fee_history multicall rlp tx u256

check_PROGRAMS += tests/unit/test_chain_values tests/unit/test_chain_send
TESTS += tests/unit/test_chain_values tests/unit/test_chain_send
tests_unit_test_chain_values_SOURCES = tests/unit/test_chain_values.c tests/unit/unit.h
tests_unit_test_chain_values_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chain_values_LDADD = $(TEST_LIBS)
tests_unit_test_chain_send_SOURCES = tests/unit/test_chain_send.c tests/unit/unit.h
tests_unit_test_chain_send_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chain_send_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_chain_reader
TESTS += tests/unit/test_chain_reader
tests_unit_test_chain_reader_SOURCES = tests/unit/test_chain_reader.c tests/unit/chain_node.c tests/unit/chain_node.h $(TEST_SERVER)
tests_unit_test_chain_reader_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_chain_reader_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/chain/test_chain_live
TESTS += tests/chain/test_chain_live
tests_chain_test_chain_live_SOURCES = tests/chain/test_chain_live.c
tests_chain_test_chain_live_CFLAGS = $(TEST_CFLAGS)
tests_chain_test_chain_live_LDADD = $(CHAIN_TEST_LIBS)
