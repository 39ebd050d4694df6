libcvmdeck_a_SOURCES += \
	src/cloud/cvm.c src/cloud/cvm.h \
	src/cloud/cvm_detail.c
