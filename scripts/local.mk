# What the README's two commands run.
EXTRA_DIST += scripts/setup scripts/demo scripts/test scripts/refresh-docs CONTRIBUTING.md \
	tests/npm/package.json tests/npm/package-lock.json tests/npm/.npmrc
