# `make bench` builds the programs in BENCHES and prints their rows as one table, each figure beside its target and,
# where there is one, its peer measured in the same run. A row on standard output is
#   name <TAB> measured <TAB> target <TAB> peer or "-" <TAB> ok|busy machine|missed
# Words for people go to standard error. EXTRA_PROGRAMS: built for nothing else.
EXTRA_PROGRAMS = $(BENCHES)
EXTRA_DIST += tests/bench/run.sh

bench: all $(BENCHES)
	@srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' sh $(srcdir)/tests/bench/run.sh $(BENCHES)
.PHONY: bench
