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
sed -n '/^.Sh OPTIONS/,/^.Ss Options of/p' "$man" | grep '^\.It Fl' | grep -o 'Fl -[a-z-]*' | sed 's/Fl -/--/' | sort -u >"$dir/man-options"
check "the manual lists every option and no other" "$dir/options" "$dir/man-options"

awk -F'\t' '$1 == "official" { print $2 }' "$dir/dump" | sort -u >"$dir/official"
sed -n '/^.Ss Options of the official CLI/,/^.Sh KEYS/p' "$man" | grep '^\.Fl' | tr -s ' ,' '\n\n' | grep '^-' | sed 's/^-/--/' | sort -u |
	grep -v -x -e '--cvm-id' -e '--env' >"$dir/man-official"
check "the manual lists every option of the official CLI that is understood" "$dir/official" "$dir/man-official"

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
{
	"$program" --help
	while read -r verb; do "$program" "$verb" --help; done <"$dir/verbs"
	"$builddir/cvmdeck-sandbox" --help
} | grep -E '^.{81}| $' | sort -u >"$dir/wide"
check "no line of --help is wider than 80 columns or ends in a blank" "$dir/wide" "$dir/none"

# Every shell's completions know every option.
"$program" completion bash | grep -o -e '--[a-z-]*' | sort -u | grep -v -x -e '--' >"$dir/bash"
"$program" completion zsh | grep -o -e "'\*--[a-z-]*\[" | sed "s/'\*//; s/\[//" | sort -u >"$dir/zsh"
"$program" completion fish | grep -o -e ' -l [a-z-]*' | sed 's/ -l /--/' | sort -u >"$dir/fish"
for shell in bash zsh fish; do
	check "the completions for $shell know every option" "$dir/options" "$dir/$shell"
	"$program" completion "$shell" >"$dir/script-$shell"
	if command -v "$shell" >/dev/null; then
		"$shell" -n "$dir/script-$shell" >"$dir/syntax" 2>&1
		check "$shell reads its completions" "$dir/syntax" "$dir/none"
	fi
done

# A shell that cannot be asked here shows that it would be told.
echo "bash zsh fish" >"$dir/shells"
if command -v bash >/dev/null; then
	bash -c '. "$1"; COMP_WORDS=(cvmdeck completion ""); COMP_CWORD=2; _cvmdeck; echo "${COMPREPLY[*]}"' - "$dir/script-bash" >"$dir/offered"
	check "bash offers the shells to completion" "$dir/shells" "$dir/offered"
	bash -c '. "$1"; COMP_WORDS=(cvmdeck deploy -c ""); COMP_CWORD=3; _cvmdeck; printf "%s" "${COMPREPLY[*]}"' - "$dir/script-bash" >"$dir/offered"
	check "bash leaves a value to its own file names" "$dir/none" "$dir/offered"
fi
sed -n 's/.*:shell:(\([a-z ]*\)).*/\1/p' "$dir/script-zsh" >"$dir/offered"
check "zsh offers the shells to completion" "$dir/shells" "$dir/offered"
sed -n "s/.*seen_subcommand_from completion' -f -a '\([a-z ]*\)'.*/\1/p" "$dir/script-fish" >"$dir/offered"
check "fish offers the shells to completion" "$dir/shells" "$dir/offered"

# The KEYS section is what scripts/refresh-docs makes of the program's table of keys.
"$program" --dump-keys | "$srcdir/scripts/refresh-docs" keys >"$dir/keys"
sed -n '/^\.Sh KEYS$/,/^\.Sh CHECKS$/p' "$man" | sed '$d' >"$dir/man-keys"
check "the manual lists every key and no other (scripts/refresh-docs writes them)" "$dir/keys" "$dir/man-keys"

# names_in_items SECTION NEXT: the names of the items between two sections of the manual.
names_in_items() {
	sed -n "/^\.Sh $1/,/^\.Sh $2/p" "$man" | sed -n 's/^\.It [DE][qv] //p' | sed 's/ , /\n/g; s/Dq //g' | sort -u
}
find "$srcdir/src" "$srcdir/ui" -name '*.c' -exec cat {} + | grep -o 'getenv("[A-Z_]*")' | cut -d '"' -f 2 | sort -u >"$dir/variables"
names_in_items ENVIRONMENT FILES >"$dir/man-variables"
check "the manual lists every environment variable that is read and no other" "$dir/variables" "$dir/man-variables"

cat "$srcdir"/ui/*.c | grep -o -e 'event("[a-z]*")' -e '"event", "[a-z]*"' | sed 's/"event", //' | cut -d '"' -f 2 | sort -u >"$dir/events"
names_in_items 'JSON EVENTS' ENVIRONMENT >"$dir/man-events"
check "the manual lists every JSON event and no other" "$dir/events" "$dir/man-events"

# Error codes by exit status: those the sources give with their status are all told, and each that is told is in the sources.
find "$srcdir/src" "$srcdir/ui" -name '*.c' -exec cat {} + | tr '\n\t' '  ' >"$dir/sources"
grep -oE 'error_set\([^;"]*STATUS_[A-Z]+, *"[a-z0-9-]+"' "$dir/sources" | sed -E 's/.*STATUS_([A-Z]+), *"([^"]*)"/\1 \2/' |
	sed 's/^INPUT/1/; s/^USAGE/2/; s/^DECLINED/3/; s/^CREDENTIALS/4/; s/^API/5/; s/^CHAIN/6/; s/^CHECK/7/; s/^INTERRUPTED/8/' | sort -u >"$dir/codes"
sed -n '/^\.Ss Error codes/,/^\.El/p' "$man" | sed 's/- Ns Ar N/-%d/g' |
	awk '$1 == ".It" { status = $2 } $1 == ".Cm" && status { for (i = 2; i <= NF; i++) if ($i !~ /^[,.]$/) print status, $i }' | sort -u >"$dir/man-codes"
comm -23 "$dir/codes" "$dir/man-codes" >"$dir/untold"
check "the manual tells every error code with its exit status" "$dir/untold" "$dir/none"
grep -oE '"[a-z0-9%-]+"' "$dir/sources" | tr -d '"' | sort -u >"$dir/words"
# One that is put together, "plan-%s" with "missing", has both its parts there.
cut -d ' ' -f 2 "$dir/man-codes" | sort -u | grep -v -x -F -f "$dir/words" | while read -r code; do
	rest=${code#*-} first=${code%%-*}
	grep -q -x -e "$first" -e "$first-%s" -e "$first-%d" "$dir/words" && grep -q -x -e "$rest" -e "%d" "$dir/words" || echo "$code"
done >"$dir/invented"
check "each error code of the manual is in the program" "$dir/invented" "$dir/none"

# The sandbox: options as its usage names them.
"${builddir}/cvmdeck-sandbox" --help | grep -o -e '--[a-z-]*' | sort -u >"$dir/sandbox"
sed -n '/^\.SH OPTIONS/,/^\.SH WORKSPACE/p' "$srcdir/man/cvmdeck-sandbox.1" | grep -A1 '^\.TP' | sed 's/\\-/-/g' |
	grep -o -e '--[a-z-]*' | grep -v -x -e '--' | sort -u >"$dir/man-sandbox"
check "the sandbox's manual lists every option and no other" "$dir/sandbox" "$dir/man-sandbox"
sed -n '/^\.SH FAULTS/,/^\.SH EXIT/p' "$srcdir/man/cvmdeck-sandbox.1" | sed 's/\\-/-/g' | grep -o '[a-z_]*' | sort -u >"$dir/fault-words"
grep -o -E '(FIELD|CHOICE)\(sb_[a-z_]*, [a-z_]*' "$srcdir/sandbox/faults.c" | sed 's/.*, //' | sort -u | grep -v -x -F -f "$dir/fault-words" >"$dir/untold"
check "the sandbox's manual tells every fault" "$dir/untold" "$dir/none"

if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning "$man" "$srcdir/man/cvmdeck-sandbox.1" >"$dir/lint" 2>&1
	check "the manuals are well formed" "$dir/lint" "$dir/none"
fi
echo "1..$n"
exit $bad
