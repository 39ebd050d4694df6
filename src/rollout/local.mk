noinst_HEADERS_ROLLOUT = src/rollout/rollout.h src/rollout/session.h
EXTRA_DIST += $(noinst_HEADERS_ROLLOUT)
