libcvmdeck_a_SOURCES += src/rollout/rollout.h src/rollout/request.c src/rollout/request.h src/rollout/session.c src/rollout/session.h
libcvmdeck_a_SOURCES += \
	src/rollout/device_id.c src/rollout/device_id.h \
	src/rollout/mr_config.c src/rollout/quote.c src/rollout/quote.h \
	src/rollout/rtmr3.c src/rollout/rtmr3_log.c src/rollout/rtmr3.h
libcvmdeck_a_SOURCES += \
	src/rollout/crash.c src/rollout/crash.h \
	src/rollout/journal.c src/rollout/journal.h src/rollout/journal_db.h \
	src/rollout/journal_open.c src/rollout/journal_read.c src/rollout/journal_words.c
libcvmdeck_a_SOURCES += \
	src/rollout/checks.c src/rollout/checks.h \
	src/rollout/glance.c src/rollout/glance.h \
	src/rollout/machine.c src/rollout/machine.h src/rollout/machine_parts.h \
	src/rollout/machine_after.c src/rollout/machine_ops.c src/rollout/machine_record.c src/rollout/machine_tx.c \
	src/rollout/names.c \
	src/rollout/pins.c src/rollout/pins.h
libcvmdeck_a_SOURCES += \
	src/rollout/operator.c \
	src/rollout/plan.c src/rollout/plan.h src/rollout/plan_file.c src/rollout/plan_file.h \
	src/rollout/rollout.c src/rollout/rollout.h \
	src/rollout/run.h src/rollout/run_tx.c src/rollout/run_tx.h \
	src/rollout/run_after.c src/rollout/run_agree.c src/rollout/run_card.c src/rollout/run_chain.c src/rollout/run_check.c src/rollout/run_commit.c \
	src/rollout/run_journal.c src/rollout/run_patch.c src/rollout/run_prepare.c src/rollout/run_read.c \
	src/rollout/run_replaced.c src/rollout/run_review.c src/rollout/run_send.c src/rollout/run_track.c \
	src/rollout/timeline.c src/rollout/timeline.h \
	src/rollout/view.c
EXTRA_DIST += src/rollout/README.md
