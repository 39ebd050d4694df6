#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh PROGRAM [ARG]...
# Runs one test program for `make check`. A program that hangs is ended after CVMDECK_PROGRAM_SECONDS (default 300), so
# that it fails alone; cmocka's way to write a skipped test is turned into TAP's.
exec 3>&1
code=$({
	{
		timeout -k 5 "${CVMDECK_PROGRAM_SECONDS:-300}" "$@" 4>&-
		echo $? >&4
	} | sed -u 's/^not ok \([0-9]* \)*# SKIP/ok \1# SKIP/' >&3 4>&-
} 4>&1)
if [ "$code" = 124 ]; then
	echo "Bail out! it took longer than ${CVMDECK_PROGRAM_SECONDS:-300} s"
fi
exit "$code"
