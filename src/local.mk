bin_PROGRAMS += cvmdeck
cvmdeck_SOURCES = src/main.c
cvmdeck_CFLAGS = $(AM_CFLAGS) $(NCURSES_CFLAGS)
cvmdeck_LDADD = libcvmdeck.a $(CORE_LIBS) $(NCURSES_LIBS)
