# What each verb prints, in words and in JSON, against golden/ and the manual.
check_PROGRAMS += tests/verbs/test_verbs
tests_verbs_test_verbs_SOURCES = tests/verbs/test_verbs.c tests/verbs/stories.c tests/verbs/stories.h tests/verbs/settled.c \
	tests/verbs/settled.h tests/verbs/members.c tests/verbs/members.h
tests_verbs_test_verbs_CFLAGS = $(TEST_CFLAGS)
tests_verbs_test_verbs_LDADD = $(FAULT_LIBS)
TESTS += tests/verbs/test_verbs
EXTRA_DIST += tests/verbs/golden
