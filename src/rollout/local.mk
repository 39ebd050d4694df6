noinst_HEADERS_ROLLOUT = src/rollout/rollout.h src/rollout/session.h
EXTRA_DIST += $(noinst_HEADERS_ROLLOUT)
libcvmdeck_a_SOURCES += \
	src/rollout/device_id.c src/rollout/device_id.h \
	src/rollout/mr_config.c src/rollout/quote.c src/rollout/quote.h \
	src/rollout/rtmr3.c src/rollout/rtmr3_log.c src/rollout/rtmr3.h
