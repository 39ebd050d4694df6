# The official CLI as a client of the sandbox, and one update under valgrind (run by scripts/test).
TESTS += tests/client/client.sh tests/client/words.sh tests/client/tls.sh
EXTRA_DIST += tests/client/client.sh tests/client/client.mjs tests/client/words.sh tests/client/words.mjs tests/client/tls.sh tests/client/tls.mjs tests/client/sandbox.mjs tests/client/valgrind.sh \
	tests/client/valgrind.mjs
