#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: valgrind.sh BUILD-FOLDER
# One whole headless update (two transactions) against the sandbox under valgrind: no error, no leak. Prints TAP.
export builddir="$1" srcdir="${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}"
exec node "$srcdir/tests/client/valgrind.mjs"
