#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh PROGRAM...
# Runs each benchmark program and prints all their rows as one table. Fails when a program failed or a target was missed.
table=$(mktemp) || exit 1
trap 'rm -f "$table"' EXIT
failed=0
for program; do
	echo "bench: ${program##*/}" >&2
	if ! "./$program" >>"$table"; then
		echo "bench: ${program##*/} failed" >&2
		failed=1
	fi
done
awk -F '\t' '
	BEGIN { cells[0, 1] = "WHAT"; cells[0, 2] = "MEASURED"; cells[0, 3] = "TARGET"; cells[0, 4] = "PEER"; cells[0, 5] = "VERDICT" }
	{ for (i = 1; i <= 5; i++) cells[NR, i] = $i; if ($5 == "missed") missed = 1 }
	END {
		for (row = 0; row <= NR; row++)
			for (i = 1; i <= 5; i++)
				if (length(cells[row, i]) > width[i])
					width[i] = length(cells[row, i])
		for (row = 0; row <= NR; row++) {
			line = ""
			for (i = 1; i <= 5; i++)
				line = line sprintf("%-" (width[i] + 2) "s", cells[row, i])
			sub(/ +$/, "", line)
			print line
		}
		exit missed
	}' "$table" || failed=1
exit $failed
