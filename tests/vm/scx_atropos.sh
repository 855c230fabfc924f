#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
# scx-atropos as its operator sees it: $1 says which part.
# shellcheck source=tests/lib/guest.sh
. /box/guest.sh
state=/sys/kernel/sched_ext/state
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Waits until the kernel says $1, or $pid is gone.
await() {
	while [ "$(cat $state)" != "$1" ]; do
		kill -0 "$pid" 2>/dev/null || { cat "$out"; fail "scx-atropos is gone before '$1'"; }
		sleep 0.05
	done
}

# Starts it with the arguments, its output in $out.
start() {
	/box/scx-atropos "$@" >"$out" 2>&1 &
	pid=$!
	await enabled
	until grep -q 'is attached' "$out"; do
		sleep 0.05
	done
}

# ends STATUS: it does, with that status, and nothing is left attached
ends() {
	status=0
	wait "$pid" || status=$?
	[ "$status" = "$1" ] || { cat "$out"; fail "exit status $status, not $1"; }
	while [ "$(cat $state)" != disabled ]; do
		sleep 0.05
	done
}

# says TEXT: it is in the output
says() {
	grep -qF -- "$1" "$out" || { cat "$out"; fail "the output lacks: $1"; }
}

case $1 in
checks)
	before=$(cat /sys/kernel/sched_ext/enable_seq)
	/box/scx-atropos --check >"$out" || { cat "$out"; fail "--check says no"; }
	says "scx-atropos runs here."
	/box/scx-atropos --check --json >"$out" || fail "--check --json says no"
	says '"runs":true'
	/box/scx-atropos --dry-run --set slice_us=7000 >"$out" || fail "--dry-run: $?"
	says "domain 1: CPUs 4-7"
	says "slice_us         7000 us"
	/box/scx-atropos --list-domains --json >"$out" || fail "--list-domains: $?"
	says '"cpus":"4-7"'
	expect "schedulers attached so far" "$(cat /sys/kernel/sched_ext/enable_seq)" "$before"
	;;
signals)
	for signal in INT TERM; do
		start --stats 0.2 -vv --explain -i 0.1 --record "$out.record"
		# Two tables, so that it went round its loop.
		until [ "$(grep -c 'moved in' "$out")" -ge 2 ]; do sleep 0.05; done
		kill -$signal "$pid"
		ends 0
		says "atropos: detached, as asked"
		says "2 domains by L3 cache"
		says "round 1: "
		grep -q . "$out.record" || fail "nothing was recorded"
		rm "$out.record"
	done
	;;
ends)
	start
	echo S >/proc/sysrq-trigger
	ends 113
	says "SysRq"
	start --domains "0-1;2-7" --partial
	says "for threads of SCHED_EXT"
	says "domain 1: CPUs 2-7"
	status=0
	/box/scx-atropos >"$out.second" 2>&1 || status=$?
	expect "status of a second one" "$status" 112
	grep -q atropos "$out.second" || fail "the second one does not name the first: $(cat "$out.second")"
	rm "$out.second"
	kill -KILL "$pid"
	ends 137
	;;
pipe)
	# Its reader goes away: it detaches in order all the same.
	{ /box/scx-atropos --stats 0.1; echo $? >"$out"; } | head -n 1 >/dev/null &
	until [ "$(cat $state)" = enabled ]; do sleep 0.05; done
	pid=$(pidof scx-atropos)
	sleep 0.5
	kill -TERM "$pid"
	until [ -s "$out" ]; do sleep 0.05; done
	while [ "$(cat $state)" != disabled ]; do sleep 0.05; done
	expect "status when the output is lost" "$(cat "$out")" 110
	;;
*) fail "there is no part '$1'" ;;
esac
