#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The official CLI and cvmdeck side by side; skipped where scripts/test has not put node's programs beside the tests, and
# where CVMDECK_NO_CLIENT is set, since it takes its time.
if [ -z "${CVMDECK_NODE_MODULES:-}" ]; then
	echo '1..0 # SKIP CVMDECK_NODE_MODULES is not set (scripts/test sets it)'
	exit 0
fi
if [ -n "${CVMDECK_NO_CLIENT:-}" ]; then
	echo '1..0 # SKIP CVMDECK_NO_CLIENT is set'
	exit 0
fi
exec node "${srcdir:-.}/tests/client/words.mjs"
