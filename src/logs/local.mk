libcvmdeck_a_SOURCES += \
	src/logs/filter.c src/logs/filter.h \
	src/logs/level.c \
	src/logs/pattern.c src/logs/pattern.h \
	src/logs/pretty.c src/logs/pretty.h \
	src/logs/render.c src/logs/render.h \
	src/logs/search.c src/logs/search.h \
	src/logs/store.c src/logs/store.h
