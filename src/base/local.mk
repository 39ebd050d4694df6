libcvmdeck_a_SOURCES += \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/exact_json.c src/base/exact_json.h src/base/exact_json_tree.h \
	src/base/exact_json_parse.c src/base/exact_json_print.c \
	src/base/file.c src/base/file.h \
	src/base/hash.c src/base/hash.h \
	src/base/hex.c src/base/hex.h \
	src/base/limits.h \
	src/base/mem.c src/base/mem.h \
	src/base/secret.c src/base/secret.h \
	src/base/status.c src/base/status.h \
	src/base/text.c src/base/text.h
