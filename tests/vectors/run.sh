#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh PROGRAM...
# Runs the vector programs one after the other and ends in one line with the total. Fails when a program fails,
# or when no case was run at all.
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
passed=0
failed=0
broken=
programs=0
for program; do
	programs=$((programs + 1))
	"./$program" >"$log" 2>&1
	code=$?
	ok=$(grep -c '^ok ' "$log")
	bad=$(grep -c '^not ok ' "$log")
	skip=$(sed -n 's/^1\.\.0 # SKIP /, skipped: /p' "$log")
	passed=$((passed + ok))
	failed=$((failed + bad))
	echo "${program##*/}: $ok passed, $bad failed$skip"
	if [ "$code" -ne 0 ] || [ "$bad" -ne 0 ]; then
		broken="$broken ${program##*/}"
		grep -v '^ok ' "$log"
	fi
done
echo "vectors: $((passed + failed)) cases in $programs programs, $passed passed, $failed failed${broken:+; programs that failed:$broken}"
[ -z "$broken" ] && [ "$passed" -gt 0 ]
