#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
# scx-run on a real kernel; $1 says which part of its behaviour.
# shellcheck source=tests/lib/guest.sh
. /box/guest.sh

said=/tmp/scx-run-said

# await FILE TEXT: until the file has the text in it; the test's own time is the limit
await() {
	until grep -q "$2" "$1" 2>/dev/null; do sleep 0.1; done
}

# An orphan that has ended is a zombie until somebody looks after it.
await_end() {
	until [ ! -e "/proc/$1" ] || grep -q "^State:.*Z" "/proc/$1/status" 2>/dev/null; do sleep 0.1; done
}

gone() {
	await /sys/kernel/sched_ext/state "^disabled$"
}

# ends STATUS WHAT ARGUMENT...: scx-run exits so
ends() {
	wanted=$1 what=$2
	shift 2
	scx-run "$@" >$said 2>&1
	status=$?
	cat $said
	expect "$what" $status "$wanted"
}

says() {
	grep -q -e "$1" $said || fail "'$1' is not in what scx-run said"
}

# begin ARGUMENT...: scx-run in the background, as $pid, attached
begin() {
	: >$said
	scx-run -v "$@" >$said 2>&1 &
	pid=$!
	await $said "is attached"
}

# finish STATUS WHAT: it has ended so
finish() {
	wait $pid
	status=$?
	cat $said
	expect "$2" $status "$1"
}

offline() {
	echo "$1" >/sys/devices/system/cpu/cpu7/online
}

case $1 in
status)
	ends 0 "the status of true" simple -- true
	expect "what is said of a command that ends well" "$(cat $said)" ""
	ends 7 "the status of exit 7" simple -v -- sh -c 'cat /sys/kernel/sched_ext/root/ops; exit 7'
	says "^simple$"
	says "simple: detached, as asked"
	ends 137 "the status of a killed command" simple -- sh -c 'kill -9 $$'
	ends 127 "the status of a missing command" simple -- /none
	says "/none: there is no such program"
	;;
signals)
	for signal in TERM INT; do
		begin simple
		expect "what schedules" "$(cat /sys/kernel/sched_ext/root/ops)" simple
		kill -$signal $pid
		finish 0 "the status after SIG$signal"
		says "simple: detached, as asked"
		gone
	done
	begin simple -- sh -c 'trap "exit 9" TERM; echo >/tmp/ready; while :; do sleep 0.1; done'
	until [ -e /tmp/ready ]; do sleep 0.1; done
	kill -TERM $pid
	finish 9 "the status of a command that got the signal"
	rm /tmp/ready
	begin simple -- sh -c 'trap "" TERM; echo $$ >/tmp/ready; while [ -e /tmp/ready ]; do sleep 0.1; done'
	await /tmp/ready "[0-9]"
	kill -TERM $pid
	kill -INT $pid
	finish 0 "the status after two signals"
	says "sh still runs, as process"
	gone
	left=$(cat /tmp/ready)
	rm /tmp/ready
	await_end "$left"
	;;
busy)
	begin simple
	ends 112 "the status where a scheduler is attached" simple -- true
	says "another scheduler is attached: simple"
	kill $pid
	wait $pid
	expect "the status of the first" $? 0
	;;
partial)
	# shellcheck disable=SC2016 # the command's shell expands it
	ends 0 "the status" simple --partial -- sh -c 'grep ^policy /proc/self/sched /proc/$PPID/sched'
	expect "policies of the command and of scx-run" "$(sed 's/.*: *//' $said | tr '\n' ' ')" "7 0 "
	;;
ended)
	begin simple
	echo S >/proc/sysrq-trigger
	finish 113 "the status after SysRq-S"
	says "simple: ended by a person: SysRq-S"
	begin simple -- sh -c 'until [ -e /tmp/go ]; do sleep 0.1; done; echo it went on'
	echo S >/proc/sysrq-trigger
	gone
	echo >/tmp/go
	finish 113 "the status of a command whose scheduler was ended"
	says "it went on"
	says "sh goes on under the kernel's own scheduler"
	;;
killed)
	begin simple -- sh -c 'echo $$ >/tmp/ready; while [ -e /tmp/ready ]; do sleep 0.1; done'
	await /tmp/ready "[0-9]"
	kill -KILL $pid
	gone
	left=$(cat /tmp/ready)
	kill -0 "$left" || fail "the command is gone too"
	rm /tmp/ready
	await_end "$left"
	;;
hotplug)
	begin simple
	offline 0
	await $said "restart 1"
	offline 1
	await $said "restart 2"
	kill $pid
	finish 0 "the status after two restarts"
	says "simple: ended by the kernel"
	says "restart   asked for by the kernel"
	says "simple: detached, as asked (restarts: 2)"
	begin simple --restart never
	offline 0
	finish 113 "the status without a restart"
	offline 1
	;;
stats)
	begin atropos --stats 0.1
	await $said "idle_home +"
	kill $pid
	finish 0 "the status"
	says "in all:.*idle_home [0-9]"
	(scx-run simple --stats 0.1 2>$said; echo $? >/tmp/status) | head -n 2
	expect "the status when nobody reads the counters" "$(cat /tmp/status)" 0
	says "simple: detached, as asked"
	;;
esac
gone
