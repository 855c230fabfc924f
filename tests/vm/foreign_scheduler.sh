#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
# A scheduler that is not ours, under scx-run. Run by kernel-schedulers:
#   runs SCX-RUN OBJECT NAME OPTION...            it schedules a load, and goes
#   ends SCX-RUN OBJECT STATUS TEXT OPTION...     scx-run exits so and says so
# shellcheck source=tests/lib/guest.sh
. /box/guest.sh

what=$1 run=$2 object=$3
shift 3

# libbpf reads it for schedulers that ask for CONFIG_HZ.
mkdir -p /boot
cp /box/config "/boot/config-$(uname -r)"

# What the scheduler has to do: hogs, forks, a pipe's two ends, and a status that tells it ran to its end.
load() {
	[ "$(cat /sys/kernel/sched_ext/root/ops)" = "$1" ] || exit 1
	for _ in 1 2 3 4 5 6; do
		dd if=/dev/zero of=/dev/null bs=64k count=300 2>/dev/null &
	done
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		/bin/busybox true
	done
	[ "$(yes | head -n 5000 | wc -l)" = 5000 ] || exit 2
	wait
	exit 42
}

case $what in
load)
	load "$run"
	;;
runs)
	name=$1
	shift
	"$run" "$object" "$@" -- "$0" load "$name" - >/tmp/said 2>&1
	status=$?
	cat /tmp/said
	expect "the load's status" $status 42
	expect "what scx-run said" "$(cat /tmp/said)" ""
	;;
ends)
	wanted=$1 text=$2
	shift 2
	"$run" "$object" "$@" -- true >/tmp/said 2>&1
	status=$?
	cat /tmp/said
	expect "the status" $status "$wanted"
	grep -q "$text" /tmp/said || fail "'$text' is not in what scx-run said"
	;;
esac
expect "the state afterwards" "$(cat /sys/kernel/sched_ext/state)" disabled
