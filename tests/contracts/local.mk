# The contracts of the chain tests, compiled by scripts/test.
TESTS += tests/contracts/selectors.sh
EXTRA_DIST += tests/contracts/selectors.sh tests/contracts/selectors.mjs tests/contracts/build.mjs \
	tests/contracts/deploy.mjs tests/contracts/abi.mjs tests/contracts/src
