libcvmdeck_a_SOURCES += \
	src/cloud/api.h src/cloud/api_error.h src/cloud/credentials.h src/cloud/project.h \
	src/cloud/workspace.h src/cloud/watch.h src/cloud/logs.h \
	src/cloud/api_error.c src/cloud/api_body.c src/cloud/api_words.c \
	src/cloud/api_apps.c src/cloud/api_change.c src/cloud/api_read.c src/cloud/api_take.h \
	src/cloud/credentials.c src/cloud/project.c \
	src/cloud/cvm_table.c src/cloud/cvm_table.h src/cloud/workspace.c \
	src/cloud/statuses.c src/cloud/statuses.h \
	src/cloud/watch.c src/cloud/logs.c src/cloud/log_stream.c \
	src/cloud/api_call.c src/cloud/api_call.h \
	src/cloud/update.c src/cloud/update.h \
	src/cloud/cvm.c src/cloud/cvm.h \
	src/cloud/cvm_detail.c \
	src/cloud/cvm_id.c src/cloud/cvm_id.h \
	src/cloud/log_frames.c src/cloud/log_frames.h \
	src/cloud/resolve.c src/cloud/resolve.h
