libcvmdeck_a_SOURCES += \
	src/compose/diff.c src/compose/diff.h src/compose/diff_unified.c \
	src/compose/diff_core.c src/compose/diff_core.h src/compose/diff_inline.c \
	src/compose/document.c src/compose/document.h src/compose/document_inside.h \
	src/compose/document_edit.c
