#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves, from the sources' text alone, the rules of CONTRIBUTING.md that a script can see: who includes whom, which
# file may touch which library, how long files and functions are, and that nothing was left marked as unfinished.
# Prints TAP; what breaks a rule is listed below its line.
cd "${srcdir:-.}" || exit 1
number=0
rooms='src/base src/loop src/wire src/chain src/compose src/cloud src/logs src/rollout ui sandbox'
marks='TO''DO|FIX''ME|XX''X'

# verdict RULE BREAKERS: one TAP line.
verdict() {
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

# sources FOLDER...: every C file and header there, sorted.
sources() {
	for folder; do
		[ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
	done | LC_ALL=C sort
}

# may_include ROOM: the folders its files may name in #include "…".
may_include() {
	case $1 in
	src/base) echo base ;;
	src/loop) echo base loop ;;
	src/wire) echo base loop wire ;;
	src/chain) echo base loop wire chain ;;
	src/cloud) echo base loop wire cloud ;;
	src/compose) echo base compose ;;
	src/rollout) echo base loop wire chain compose cloud rollout ;;
	src/logs) echo base loop logs ;;
	ui) echo base loop compose cloud logs rollout ui wire/json.h ;; # JSON events are a front end
	sandbox) echo base loop wire chain sandbox ;;
	esac
}

# strangers ROOM: each include in the room that its list does not allow. A name without a folder is a neighbour's.
strangers() {
	sources "$1" | while read -r file; do
		awk -v allowed=" $(may_include "$1") " -v file="$file" '
			/^[ \t]*#[ \t]*include[ \t]*"/ {
				split($0, part, "\"")
				if (part[2] == "config.h" || index(part[2], "/") == 0)
					next
				split(part[2], folder, "/")
				if (index(allowed, " " folder[1] " ") == 0 && index(allowed, " " part[2] " ") == 0)
					print file ":" FNR ": includes " part[2]
			}' "$file"
	done
}

# outsiders HEADERS FILES: includes of a library (HEADERS, an extended expression) in other files than FILES.
outsiders() {
	sources src ui sandbox | xargs grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($1)[>\"]" /dev/null |
		grep -vE "^($2):"
}

long_files() {
	sources src ui sandbox tests | xargs awk '
		FNR == 601 { print FILENAME ": more than 600 lines" }' /dev/null
}

# A function's body lies between a line that is "{" and the next that begins with "}".
long_functions() {
	sources src ui sandbox tests | xargs awk '
		FNR == 1 { start = 0 }
		/^\{[ \t]*$/ || /^[a-z].*\)[ \t]*\{[ \t]*$/ { start = FNR }
		/^\}/ && start { if (FNR - start - 1 > 60) print FILENAME ":" start ": a function of " FNR - start - 1 " lines"; start = 0 }
		' /dev/null
}

unlicensed() {
	sources src ui sandbox tests | while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file"
	done
}

unfinished() {
	find src ui sandbox tests scripts man -type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.mk' -o -name '*.mjs' \
		-o -name '*.[1-9]' -o -path 'scripts/*' \) | LC_ALL=C sort | xargs grep -nwE "$marks" /dev/null
}

for room in $rooms; do
	verdict "$room includes only: $(may_include "$room")" "$(strangers "$room")"
done
verdict 'curl only in wire/http' "$(outsiders 'curl/.*' 'src/wire/http(_failure|_url|_own|_stream)?\.[ch]')"
verdict 'cJSON only in wire/json.c' "$(outsiders '(cjson/)?cJSON\.h' 'src/wire/json\.c')"
verdict 'curses only in ui/term.c' "$(outsiders '(n?cursesw?/)?(n?curses|term|panel|menu|form)\.h' 'ui/term\.c')"
verdict 'SQL only in rollout/journal*.c' "$(outsiders 'sqlite3\.h' 'src/rollout/journal[a-z_]*\.[ch]')"
verdict 'secp256k1 only in chain/ecdsa.c' "$(outsiders 'secp256k1.*' 'src/chain/ecdsa\.c')"
verdict 'libyaml only in compose/summary.c, and for the sandbox in its services.c' \
	"$(outsiders 'yaml\.h' 'src/compose/summary\.c|sandbox/services\.c')"
verdict 'PCRE2 only in one file' "$([ "$(outsiders 'pcre2\.h' '-' | cut -d: -f1 | sort -u | wc -l)" -le 1 ] ||
	outsiders 'pcre2\.h' '-')"
verdict 'libmicrohttpd only in the sandbox' "$(outsiders 'microhttpd\.h' 'sandbox/[a-z_]*\.c')"
verdict 'files have at most 600 lines' "$(long_files)"
verdict 'functions have at most 60 lines' "$(long_functions)"
verdict 'each room says in a README.md what it is' "$(for room in $rooms tests; do
	[ -s "$room/README.md" ] || echo "$room"
done)"
verdict 'each source names its licence' "$(unlicensed)"
verdict 'nothing is marked as unfinished' "$(unfinished)"
echo "1..$number"
