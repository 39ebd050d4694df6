libcvmdeck_a_SOURCES += \
	src/wire/json.c src/wire/json.h \
	src/wire/http.h src/wire/rpc.h
