#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
#
# scx-run without a kernel: every wrong word is answered with a sentence that names it, by the exit
# status that is documented, and what is listed is what there is. As TAP. Arguments: the program; a BPF
# object without a scheduler; the manual's source.
set -u
run=$1
no_scheduler=$2
manual=$3
tests=0
failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

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
	output=$("$run" "$@" 2>&1)
	status=$?
	case $output in
	*"$text"*) [ "$status" = "$wanted" ] && passed=yes || passed=no ;;
	*) passed=no ;;
	esac
	judge "$what" "$passed" "scx-run $*: status $status, not $wanted, or '$text' is missing in: $output"
}

printf 'no object' >"$work/text.bpf.o"

expect "no scheduler is asked about" 111 "which scheduler?"
expect "an empty name is refused" 111 "name is empty" ""
expect "an unknown name is answered with the names" 112 "only atropos, simple" nosuch
expect "a missing file is named" 112 "$work/none.bpf.o cannot be opened: No such file" "$work/none.bpf.o"
expect "a folder is no object" 112 "$work/ is not a file" "$work/"
expect "a device is no object" 112 "/dev/zero is not a file" /dev/zero
expect "a text is no object" 112 "text.bpf.o is not a BPF object" "$work/text.bpf.o"
expect "an object without a scheduler is refused" 112 "has no scheduler" "$no_scheduler"
expect "two schedulers are refused" 111 "the scheduler is simple already" simple atropos
expect "an unknown option is named" 111 "--frob: there is no such option" simple --frob
expect "an unknown letter is named" 111 "-x: there is no such option" simple -vx
expect "a missing value is asked for" 111 "--set: a value must follow" simple --set
expect "a superfluous value is refused" 111 "--list=3: this option has no value" simple --list=3
expect "a setting needs a value" 111 "--set slice_us: it must be TUNABLE=VALUE" simple --set slice_us
expect "an unknown tunable is answered with the tunables" 111 \
	'no tunable "slice"; it has order, slice_us' simple --set slice=1
expect "a value of the wrong type is refused" 111 '"abc" is not a number' simple --set slice_us=abc
expect "a value out of range is refused" 111 "is not in 100..1000000" simple --set slice_us=5
expect "an unknown name of a value is refused" 111 "nor one of fifo=0,vtime=1" simple --set order=lifo
expect "a timeout of zero is refused" 111 "--timeout 0: it must be milliseconds" simple --timeout 0
expect "a timeout above the kernel's is refused" 111 "from 1 to 30000" simple --timeout 30001
expect "a timeout with a unit is refused" 111 "--timeout 5s" simple --timeout 5s
expect "an interval of zero is refused" 111 "--stats 0: it must be seconds" simple --stats 0
expect "an interval that is no number is refused" 111 "--stats nan" simple --stats nan
expect "an unknown kind of restart is refused" 111 "asked, never or errors" simple --restart maybe
expect "an empty command is refused" 111 "there is no command" simple --
expect "a command beside --list is refused" 111 "nothing to run true under" --list simple -- true
expect "a setting of no scheduler is refused" 111 "of which scheduler?" --list --set order=fifo

expect "--help is complete" 0 "Exit status:" --help
for option in $("$run" --help | grep -oE -- '--[a-z-]{2,}' | sort -u); do
	grep -q -e "\\*.*$option\\*" "$manual" && passed=yes || passed=no
	judge "the manual explains $option" "$passed" "$option is in --help, and not in $manual"
done
expect "--version tells it" 0 "scx-run (libscx) " --version
expect "--list lists the bundled schedulers" 0 "atropos     tunables: order" --list
expect "--list shows unit, range and type" 0 "(unsigned 32 bits, 100..1000000 us)" --list simple
expect "--list shows the help" 0 "order of the queue" --list simple
expect "--list shows names of values" 0 "fifo=0,vtime=1" --list simple
expect "--list shows what was chosen beside the default" 0 "order=fifo  (default vtime)" \
	--list simple --set order=0
expect "--list shows counters" 0 "counters, to be shown with --stats" --list atropos
expect "options may stand before and behind the name" 0 "slice_us=200 " --set slice_us=200 simple -l

if [ -c /dev/full ]; then
	"$run" --list >/dev/full 2>"$work/said"
	status=$?
	[ $status = 110 ] && grep -q "standard output: No space" "$work/said" && passed=yes || passed=no
	judge "a full disk is noticed" "$passed" "status $status: $(cat "$work/said")"
fi
echo "1..$tests"
exit $failed
