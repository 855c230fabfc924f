#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
# The guest sees the caches, threads and nodes that were asked for: $1 CPUs, $2 LLCs, $3 nodes, $4
# threads a core.
# shellcheck source=tests/lib/guest.sh
. /box/guest.sh
cpu=/sys/devices/system/cpu
node=/sys/devices/system/node

# count FILES: how many different values they hold
count() {
	cat "$@" | sort -u | wc -l
}

expect "CPUs online" "$(nproc)" "$1"
expect "last-level caches" "$(count $cpu/cpu[0-9]*/cache/index3/shared_cpu_list)" "$2"
expect "NUMA nodes" "$(find $node -maxdepth 1 -name 'node[0-9]*' | wc -l)" "$3"
expect "cores" "$(count $cpu/cpu[0-9]*/topology/thread_siblings_list)" "$(($1 / $4))"
expect "distances from node 0" "$(cat $node/node0/distance)" \
	"$(case $3 in 1) echo 10 ;; 2) echo 10 21 ;; 4) echo 10 21 31 21 ;; esac)"
