# The sandbox: everything but main.c is a library, so that its tests can link it.
noinst_LIBRARIES += libsandbox.a
libsandbox_a_SOURCES = \
	sandbox/api_account.c \
	sandbox/api_app.c \
	sandbox/api_attestation.c \
	sandbox/api_control.c \
	sandbox/api_cvm.c \
	sandbox/api_lists.c \
	sandbox/api_operations.c \
	sandbox/api_update.c \
	sandbox/bind.c sandbox/bind.h \
	sandbox/chain.c sandbox/chain.h \
	sandbox/contract_app.c sandbox/contract_app.h \
	sandbox/contract_kms.c \
	sandbox/contract_misc.c \
	sandbox/faults.c sandbox/faults.h \
	sandbox/ledger.c sandbox/ledger.h sandbox/ledger_own.h \
	sandbox/ledger_call.c \
	sandbox/ledger_tx.c \
	sandbox/lines.c sandbox/lines.h \
	sandbox/logs.c \
	sandbox/manifest.c sandbox/manifest.h \
	sandbox/node.c sandbox/node.h \
	sandbox/node_blocks.c \
	sandbox/node_state.c \
	sandbox/outside.c sandbox/outside.h \
	sandbox/routes.c sandbox/routes.h \
	sandbox/sandbox.c sandbox/sandbox.h \
	sandbox/serve.c sandbox/serve.h \
	sandbox/services.c sandbox/services.h \
	sandbox/shape.c sandbox/shape.h \
	sandbox/shape_cvm.c \
	sandbox/stages.c sandbox/stages.h \
	sandbox/update.c sandbox/update.h \
	sandbox/world.c sandbox/world.h \
	sandbox/world_data.c sandbox/world_data.h \
	sandbox/world_find.c
libsandbox_a_CFLAGS = $(AM_CFLAGS) $(MICROHTTPD_CFLAGS)
SANDBOX_LIBS = libsandbox.a libcvmdeck.a $(MICROHTTPD_LIBS) $(CORE_LIBS)

bin_PROGRAMS += cvmdeck-sandbox
cvmdeck_sandbox_SOURCES = sandbox/main.c
cvmdeck_sandbox_LDADD = $(SANDBOX_LIBS)
EXTRA_DIST += sandbox/README.md
