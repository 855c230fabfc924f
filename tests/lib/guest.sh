# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
#
# What the shell tests of tests/vm share; the guest's shell is busybox's. Shared with the guest as
# /box/guest.sh.

fail() {
	echo "$*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# expect WHAT FOUND WANTED
expect() {
	[ "$2" = "$3" ] || fail "$1: found '$2', not '$3'"
}
