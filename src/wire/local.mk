libcvmdeck_a_SOURCES += \
	src/wire/json.c src/wire/json.h \
	src/wire/http.c src/wire/http.h \
	src/wire/http_own.h src/wire/http_stream.c \
	src/wire/http_failure.c src/wire/http_failure.h \
	src/wire/http_url.c src/wire/http_url.h \
	src/wire/http_answer.c src/wire/http_answer.h \
	src/wire/rpc.c src/wire/rpc.h
libcvmdeck_a_SOURCES += \
	src/wire/lines.c src/wire/lines.h \
	src/wire/sse.c src/wire/sse.h
