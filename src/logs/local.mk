libcvmdeck_a_SOURCES += \
	src/logs/filter.c src/logs/filter.h \
	src/logs/level.c \
	src/logs/order.c src/logs/order.h \
	src/logs/pattern.c src/logs/pattern.h \
	src/logs/pretty.c src/logs/pretty.h \
	src/logs/render.c src/logs/render.h \
	src/logs/search.c src/logs/search.h \
	src/logs/spill.c src/logs/spill.h \
	src/logs/spill_guard.c src/logs/spill_guard.h \
	src/logs/store.c src/logs/store.h src/logs/store_private.h \
	src/logs/store_disk.c
