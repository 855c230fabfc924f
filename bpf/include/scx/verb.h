/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The verbs: what user space may ask of a scheduler that has domains. Each is a SEC("syscall")
 * program named as its struct, called through BPF_PROG_RUN with the struct as its context.
 * @result is 0 or a negative errno; a program's own return value says the same.
 *
 * A scheduler without a verb does not have what the verb is for.
 */
#ifndef SCX_BPF_VERB_H
#define SCX_BPF_VERB_H

#include "memory.h"

/* Allocates the tables; once, after load and before anything else. */
struct scx_verb_init {
	__u32 domains; /* how many there may be, 1..SCX_DOMAINS_MAX; 0 is that maximum */
	__s32 result;  /* -E2BIG: more CPUs than SCX_CPUS_MAX; -ENOMEM; -EEXIST: done before */
};

/*
 * Gives a domain its CPUs, before attach or live. A CPU leaves the domain it was in; tasks follow at
 * their next enqueue, those that are queued where no CPU is left follow at once. nr_cpus 0 removes
 * the domain.
 */
struct scx_verb_domain_define {
	__u32 domain;
	__u32 nr_cpus; /* bits in @cpus */
	__u32 node;
	__u32 nr_near;
	__s32 result; /* -EINVAL: no such domain or CPU; -ENOMEM */
	__u32 pad;
	__u64 cpus[SCX_CPU_WORDS];
	__u8 near[SCX_DOMAINS_MAX]; /* the other domains, from near to far */
};

/* Carries out the first @nr migrations of the batch; those of queued tasks at once. */
struct scx_verb_migrate {
	__u32 nr;     /* 1..SCX_BATCH_MAX */
	__u32 moved;  /* tasks that now have their new domain */
	__u32 queued; /* of these, tasks that were queued and sit in their new queue now */
	__s32 result;
};

/*
 * The time now on two clocks, one right after the other: the one of the duty words and accounts
 * (scx_now(): the runqueue's, which NTP does not slew), and CLOCK_MONOTONIC (bpf_ktime_get_ns()). A
 * scheduler without this verb uses CLOCK_MONOTONIC.
 */
struct scx_verb_clock {
	__u64 scheduler_ns;
	__u64 monotonic_ns;
	__s32 result;
	__u32 pad;
};

#endif
