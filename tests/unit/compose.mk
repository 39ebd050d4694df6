check_PROGRAMS += tests/unit/test_document
tests_unit_test_document_SOURCES = tests/unit/test_document.c tests/unit/unit.h
tests_unit_test_document_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_document_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_document
FUZZ_TARGETS += document

check_PROGRAMS += tests/unit/test_diff
tests_unit_test_diff_SOURCES = tests/unit/test_diff.c tests/unit/unit.h
tests_unit_test_diff_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_diff_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_diff
FUZZ_TARGETS += diff

check_PROGRAMS += tests/unit/test_dotenv
tests_unit_test_dotenv_SOURCES = tests/unit/test_dotenv.c tests/unit/unit.h
tests_unit_test_dotenv_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_dotenv_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_dotenv
FUZZ_TARGETS += dotenv

check_PROGRAMS += tests/unit/test_explain
tests_unit_test_explain_SOURCES = tests/unit/test_explain.c tests/unit/unit.h
tests_unit_test_explain_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_explain_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_explain

check_PROGRAMS += tests/unit/test_summary
tests_unit_test_summary_SOURCES = tests/unit/test_summary.c tests/unit/unit.h
tests_unit_test_summary_CFLAGS = $(TEST_CFLAGS)
tests_unit_test_summary_LDADD = $(TEST_LIBS)
TESTS += tests/unit/test_summary
FUZZ_TARGETS += summary

EXTRA_DIST += tests/fuzz/corpus/document/present.json tests/fuzz/corpus/exact_json/present.json tests/fuzz/corpus/dotenv/mixed.env \
	tests/fuzz/corpus/summary/two-files tests/fuzz/corpus/diff/two-files
