#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The README's screens are the golden screens of the tests, and the options it names are the program's.
set -u
cd "${srcdir:?}" || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0
n=0
check() { # name, two files that must be equal
	n=$((n + 1))
	if diff "$2" "$3" >"$dir/diff" 2>&1; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$dir/diff"
		bad=1
	fi
}
: >"$dir/none"
scripts/refresh-docs readme >"$dir/readme" 2>"$dir/missing"
check "each golden screen that the README names is there" "$dir/missing" "$dir/none"
check "the README shows the golden screens (scripts/refresh-docs writes them)" README.md "$dir/readme"

{
	"${builddir:?}/cvmdeck" --dump-options | awk -F '\t' '$1 == "option" { print $2 }'
	"$builddir/cvmdeck-sandbox" --help | grep -o -e '--[a-z-]*' | sort -u
} >"$dir/options"
grep -o -e '`--[a-z-]*' -e ' --[a-z][a-z-]*' README.md | tr -d '` ' | sort -u | grep -v -x -F -f "$dir/options" >"$dir/unknown"
# apt-get and make have none in the README; every option in it is one of ours.
check "every option that the README names exists" "$dir/unknown" "$dir/none"
grep -o '](\([A-Za-z]*\))' README.md | tr -d ']()' | while read -r file; do [ -e "$file" ] || echo "$file"; done >"$dir/links"
check "every file that the README links to is there" "$dir/links" "$dir/none"
echo "1..$n"
exit $bad
