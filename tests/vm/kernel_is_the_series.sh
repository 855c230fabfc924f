#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
# The kernel that runs is of the series that was asked for ($1), and has sched_ext and BTF.
# shellcheck source=tests/lib/guest.sh
. /box/guest.sh

release=$(uname -r)
case $release in
"$1".* | "$1"[+-]*) echo "$release" ;;
*) fail "kernel $release is not of series $1" ;;
esac
expect "state of sched_ext" "$(cat /sys/kernel/sched_ext/state)" disabled
[ -s /sys/kernel/btf/vmlinux ] || fail "the kernel has no BTF"
