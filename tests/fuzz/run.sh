#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh CORPUS SECONDS PROGRAM...
# Runs each fuzz program for SECONDS and prints TAP. A crash leaves its input and log in tests/fuzz/found/NAME.
# FUZZ_JOBS programs run at a time (default 2).
corpus=$1
seconds=$2
shift 2
found=tests/fuzz/found

one() {
	name=${1##*/fuzz_}
	mkdir -p "$found/$name/corpus"
	set -- "$1" "$found/$name/corpus"
	if [ -d "$corpus/$name" ]; then
		set -- "$@" "$corpus/$name"
	fi
	"$@" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
		-artifact_prefix="$found/$name/" >"$found/$name/log" 2>&1
	echo $? >"$found/$name/rc"
}

rm -rf "$found"
echo "1..$#"
running=0
for program; do
	one "$program" &
	running=$((running + 1))
	if [ "$running" -ge "${FUZZ_JOBS:-2}" ]; then
		wait
		running=0
	fi
done
wait

number=0
failed=0
for program; do
	number=$((number + 1))
	name=${program##*/fuzz_}
	if [ "$(cat "$found/$name/rc")" = 0 ]; then
		echo "ok $number - fuzz $name, $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$name/log") inputs"
	else
		echo "not ok $number - fuzz $name"
		tail -n 40 "$found/$name/log" | sed 's/^/# /'
		failed=1
	fi
done
exit $failed
