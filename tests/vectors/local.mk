# Conformance vectors: each program reads the file of its name from the folder CVMDECK_VECTORS names.
# VECTOR_LIBS is what such a program links; add the program to TESTS and VECTOR_TESTS, its file to EXTRA_DIST.
VECTOR_LIBS = tests/vectors/libvectors.a $(TEST_LIBS)
EXTRA_DIST += tests/vectors/run.sh

if HAVE_TEST_LIBS
check_LIBRARIES += tests/vectors/libvectors.a
tests_vectors_libvectors_a_SOURCES = tests/vectors/vectors.c tests/vectors/vectors.h
tests_vectors_libvectors_a_CFLAGS = $(TEST_CFLAGS)
endif

check-vectors: $(VECTOR_TESTS)
	@$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/tests/vectors/run.sh $(VECTOR_TESTS)
.PHONY: check-vectors
