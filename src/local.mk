bin_PROGRAMS += cvmdeck
cvmdeck_SOURCES = \
	src/main.c \
	src/options.c src/options.h \
	src/options_print.c \
	src/options_table.c src/options_table.h \
	src/sandbox_child.c src/sandbox_child.h \
	src/wiring.c src/wiring.h
cvmdeck_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
cvmdeck_LDADD = libcvmui.a libcvmdeck.a $(CORE_LIBS) $(NCURSES_LIBS)

# Completions are printed by the program itself, so that they cannot differ from its options.
COMPLETIONS = completion/cvmdeck completion/_cvmdeck completion/cvmdeck.fish
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = completion/cvmdeck
nodist_zshcompletion_DATA = completion/_cvmdeck
nodist_fishcompletion_DATA = completion/cvmdeck.fish
CLEANFILES += $(COMPLETIONS)
completion/cvmdeck: cvmdeck$(EXEEXT)
	$(AM_V_GEN)mkdir -p completion && ./cvmdeck completion bash >$@.new && mv $@.new $@
completion/_cvmdeck: cvmdeck$(EXEEXT)
	$(AM_V_GEN)mkdir -p completion && ./cvmdeck completion zsh >$@.new && mv $@.new $@
completion/cvmdeck.fish: cvmdeck$(EXEEXT)
	$(AM_V_GEN)mkdir -p completion && ./cvmdeck completion fish >$@.new && mv $@.new $@
