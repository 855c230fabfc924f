#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
#
# scx-atropos without a kernel: every wrong word is answered with a sentence that names it, domains are
# listed for machines of many shapes, and the manual knows every option. As TAP. Arguments: the program;
# the folder of recorded machines; the manual's source.
set -u
atropos=$1
machines=$2
manual=$3
tests=0
failed=0

# judge WHAT PASSED DETAIL
judge() {
	tests=$((tests + 1))
	if [ "$2" = yes ]; then
		echo "ok $tests - $1"
	else
		failed=1
		printf '%s\n' "$3" | sed 's/^/# /'
		echo "not ok $tests - $1"
	fi
}

# expect WHAT STATUS TEXT ARGUMENT...: the program exits so, and what it prints has TEXT in it
expect() {
	what=$1 wanted=$2 text=$3
	shift 3
	output=$("$atropos" "$@" 2>&1)
	status=$?
	case $output in
	*"$text"*) [ "$status" = "$wanted" ] && passed=yes || passed=no ;;
	*) passed=no ;;
	esac
	judge "$what" "$passed" "scx-atropos $*: status $status, not $wanted, or '$text' is missing in: $output"
}

machine='pack:2 numa:1 l3:2 core:4 pu:2'

# listed WHAT STATUS TEXT ARGUMENT...: the same of the domains of that machine
listed() {
	what=$1 wanted=$2 text=$3
	shift 3
	expect "$what" "$wanted" "$text" --list-domains --synthetic "$machine" "$@"
}

expect "an argument that is no option is refused" 111 "'simple' is not an option" simple
expect "an unknown option is named" 111 "--frob" --frob
expect "an interval is a number" 111 "--interval abc: choose" -i abc
expect "an interval of nothing is refused" 111 "--interval 0: choose" -i 0
expect "an interval that is not finite is refused" 111 "--interval nan: choose" -i nan
expect "a half-life below nothing is refused" 111 "--load-half-life -1: choose" -l -1
expect "a cache level is 2 or 3" 111 "--cache-level 5: choose" -c 5
expect "an unknown level is answered with the levels" 111 "choose core, l2, l3" --level ccx
expect "no CPU makes no domain" 111 "--max-cpus 0: choose" --max-cpus 0
expect "a setting needs a value" 111 "--set slice_us: write TUNABLE=VALUE" --set slice_us
expect "a restart is one of three" 111 "--restart soon: choose asked, never or errors" --restart soon
expect "a watchdog has a limit" 111 "--timeout 30001: choose" --timeout 30001
expect "domains by hand exclude a level" 111 "by hand" --domains 0 --level l2
expect "another machine can be listed only" 111 "go with --list-domains only" --synthetic "$machine"
expect "JSON is for what lists" 111 "--json goes with" --json
listed "a CPU in two domains is named" 111 "CPU 3" --domains "0-3;3-31"
listed "a CPU in none is named" 111 "CPU 4" --domains "0-3;5-31"
listed "a CPU that is not there is named" 111 "(99): the machine has no such CPU" --domains "0-31;99"
expect "nonsense is no machine" 111 "blah" --list-domains --synthetic blah
expect "a missing file is named" 111 "/none.xml" --list-domains --topology /none.xml
listed "four L3 caches are four domains" 0 "domain 3: CPUs 24-31 (4 cores, node 1)"
listed "a node is a domain" 0 "domain 1: CPUs 16-31" --level node
listed "a large domain is split" 0 "domain 7: CPUs 28-31" --max-cpus 4
listed "masks are domains" 0 "domain 1: CPUs 16-31" -C ffff -C 0xffff_0000
listed "lists are domains" 0 "domain 1: CPUs 8-31" --domains "0-7;8-31"
listed "JSON has the same" 0 '"cpus":"24-31"' --json
expect "the version is said" 0 "scx-atropos " --version

for xml in "$machines"/*.xml; do
	expect "$(basename "$xml") has domains" 0 "domain 0: CPUs " --list-domains --topology "$xml"
done

missing=
for option in $("$atropos" --help | grep -oE -- '--[a-z-]+' | sort -u); do
	case $option in --help | --usage | --version) continue ;; esac
	grep -qF -- "$option" "$manual" || missing="$missing $option"
done
[ -z "$missing" ] && passed=yes || passed=no
judge "the manual has every option" "$passed" "missing in the manual:$missing"

echo "1..$tests"
exit "$failed"
