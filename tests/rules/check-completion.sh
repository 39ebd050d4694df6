#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a real bash completes with the completions that the program prints.
set -u
if ! command -v bash >/dev/null; then
	echo '1..0 # SKIP there is no bash'
	exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
"${builddir:?}/cvmdeck" completion bash >"$dir/script" || exit 1
cat >"$dir/ask" <<'END'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_cvmdeck
echo "${COMPREPLY[*]}"
END
n=0
bad=0
gives() { # what is completed, then the words so far, the last being typed
	n=$((n + 1))
	wanted=$1
	shift
	got=$(bash "$dir/ask" "$dir/script" cvmdeck "$@")
	if [ "$got" = "$wanted" ]; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*: wanted \"$wanted\", got \"$got\""
		bad=1
	fi
}
verbs=$("$builddir/cvmdeck" --dump-options | awk -F '\t' '$1 == "verb" { printf "%s ", $2 }')
gives "list logs" l
gives "--cvm-id --compose --commit --compose-hash --confirmations" deploy --c
gives "--status" list --st
gives "--page --page-size" --sandbox list --pag
gives "history" --sandbox hi
gives "--timestamps" --cvm-id list logs --tim
gives "bash zsh fish" completion ""
gives "--help" completion --h
gives "" deploy -c ""
gives "" --cvm-id ""
gives "" show ""
gives "" apply --yes ""
for verb in $verbs; do gives "$verb" "$verb"; done
echo "1..$n"
exit $bad
