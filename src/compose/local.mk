libcvmdeck_a_SOURCES += \
	src/compose/document.c src/compose/document.h src/compose/document_inside.h \
	src/compose/document_edit.c
