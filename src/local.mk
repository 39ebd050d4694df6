bin_PROGRAMS += cvmdeck
cvmdeck_SOURCES = \
	src/main.c \
	src/options.c src/options.h \
	src/sandbox_child.c src/sandbox_child.h \
	src/wiring.c src/wiring.h
cvmdeck_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
cvmdeck_LDADD = libcvmui.a libcvmdeck.a $(CORE_LIBS) $(NCURSES_LIBS)
