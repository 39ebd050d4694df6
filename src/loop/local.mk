libcvmdeck_a_SOURCES += \
	src/loop/loop.c src/loop/loop.h \
	src/loop/worker.c src/loop/worker.h
