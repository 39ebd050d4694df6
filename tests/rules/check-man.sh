#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual, --help and the completions name the same commands, options, checks and keys as the tables in the program.
set -u
man=${srcdir:?}/man/cvmdeck.1
program=${builddir:?}/cvmdeck
bad=0
n=0
check() { # name, two files that must be equal
	n=$((n + 1))
	if diff "$2" "$3" >diff.$$ 2>&1; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' diff.$$
		bad=1
	fi
	rm -f diff.$$
}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"$program" --dump-options >"$dir/dump" || exit 1

awk -F'\t' '$1 == "option" { print $2 }' "$dir/dump" | sort >"$dir/options"
sed -n '/^.Sh OPTIONS/,/^.Sh [A-N,P-Z]/p' "$man" | grep '^\.It Fl' | grep -o 'Fl -[a-z-]*' | sed 's/Fl -/--/' | sort -u >"$dir/man-options"
check "the manual lists every option and no other" "$dir/options" "$dir/man-options"

awk -F'\t' '$1 == "verb" { print $2 }' "$dir/dump" | sort >"$dir/verbs"
grep '^\.It Ic' "$man" | awk '{ print $3 }' | sort -u >"$dir/man-verbs"
check "the manual lists every command and no other" "$dir/verbs" "$dir/man-verbs"

sed -n '/^.Sh CHECKS/,/^.Sh ENVIRONMENT/p' "$man" | grep '^\.It Cm' | awk '{ print $3 }' | sort >"$dir/man-checks"
"$program" --dump-checks | sort >"$dir/checks" || exit 1
check "the manual lists every check and no other" "$dir/checks" "$dir/man-checks"

while read -r verb; do
	"$program" "$verb" --help >"$dir/help" 2>/dev/null || echo "$verb" >>"$dir/no-help"
done <"$dir/verbs"
: >"$dir/none"
[ -f "$dir/no-help" ] || : >"$dir/no-help"
check "every command has --help" "$dir/no-help" "$dir/none"

"$program" completion bash | grep -o -e '--[a-z-]*' | sort -u | grep -v -x -e '--' >"$dir/completed"
check "the completions know every option" "$dir/options" "$dir/completed"
echo "1..$n"
exit $bad
