#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program against real TLS peers, in front of a sandbox; skipped where scripts/test has not set node up, and
# where CVMDECK_NO_CLIENT is set, since it takes its time.
if [ -z "${CVMDECK_NODE_MODULES:-}" ]; then
	echo '1..0 # SKIP CVMDECK_NODE_MODULES is not set (scripts/test sets it)'
	exit 0
fi
if [ -n "${CVMDECK_NO_CLIENT:-}" ]; then
	echo '1..0 # SKIP CVMDECK_NO_CLIENT is set'
	exit 0
fi
exec node "${srcdir:-.}/tests/client/tls.mjs"
