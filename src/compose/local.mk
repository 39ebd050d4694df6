libcvmdeck_a_SOURCES += \
	src/compose/diff.c src/compose/diff.h src/compose/diff_unified.c \
	src/compose/diff_core.c src/compose/diff_core.h src/compose/diff_inline.c \
	src/compose/document.c src/compose/document.h src/compose/document_inside.h \
	src/compose/document_edit.c \
	src/compose/dotenv.c src/compose/dotenv.h src/compose/dotenv_inside.h src/compose/dotenv_parse.c \
	src/compose/env_encrypt.c src/compose/env_encrypt.h \
	src/compose/explain.c src/compose/explain.h \
	src/compose/manifest.c src/compose/manifest.h \
	src/compose/summary.c src/compose/summary.h src/compose/summary_tree.c src/compose/summary_tree.h \
	src/compose/summary_service.c src/compose/summary_risk.c
