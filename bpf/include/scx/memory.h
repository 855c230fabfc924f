/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What a scheduler shows to user space, declared once for both sides.
 *
 * A scheduler that keeps its tasks in slots (task.bpf.h) and its load in accounts (account.bpf.h)
 * has one global variable `struct scx_memory scx_memory` in its arena. User space finds it by name,
 * maps the arena and reads everything below it without a system call. Each field has one writer,
 * said in its comment: "BPF" is the scheduler, "user" is the program that attached it.
 *
 * References are the low 32 bits of an arena address: an arena never crosses a 4 GiB boundary, so a
 * reference and the upper half of the arena's base make an address in either address space. 0 is
 * no reference.
 */
#ifndef SCX_BPF_MEMORY_H
#define SCX_BPF_MEMORY_H

#include <linux/types.h>

#define SCX_MEMORY_VERSION 1

#define SCX_CPUS_MAX 1024
#define SCX_DOMAINS_MAX 256
#define SCX_TASKS_MAX (1U << 20)
#define SCX_NO_DOMAIN 0xffffffffU

#define SCX_CPU_WORDS (SCX_CPUS_MAX / 64)
#define SCX_DOMAIN_WORDS (SCX_DOMAINS_MAX / 64)

/* Slots come in chunks of one page. */
#define SCX_PAGE_BYTES 4096
#define SCX_TASK_BYTES 128
#define SCX_CHUNK_TASKS (SCX_PAGE_BYTES / SCX_TASK_BYTES)
#define SCX_CHUNKS_MAX (SCX_TASKS_MAX / SCX_CHUNK_TASKS)

enum scx_slot_flags {
	SCX_SLOT_LIVE = 1U << 0,       /* a task lives here */
	SCX_SLOT_PINNED = 1U << 1,     /* may run on one CPU only */
	SCX_SLOT_CONFINED = 1U << 2,   /* may not run in every domain: see allowed */
	SCX_SLOT_KTHREAD = 1U << 3,    /* a kernel thread */
	SCX_SLOT_MIGRATING = 1U << 4,  /* marked by a migration that walks its queue */
	SCX_SLOT_RESTRICTED = 1U << 5, /* may not run on every CPU */
};

/*
 * A task. All fields are BPF's.
 *
 * @duty is a counter of runnable time that is exact at any moment and still one aligned word: bit 0
 * says "runnable now"; the other 63 bits are the runnable time in ns, less the present time while
 * bit 0 is set. At time T the task has been runnable for (duty >> 1) + (duty & 1 ? T : 0) ns,
 * modulo 2^63; two reads and the time between them give its duty cycle.
 */
struct scx_task_slot {
	__u64 duty;
	__u64 runtime_ns; /* CPU time, brought up to date when it stops running */
	__u64 start_ns;	  /* start time since boot: tells two tasks of one tid apart */
	__u64 charged_ns; /* of runtime_ns, how much vtime_ns has in it */
	__u64 counted; /* what an account holds of it: domain in the upper half, weight in the lower; 0: nothing */
	__u64 vtime_ns; /* CPU time by weight, in the virtual time of its domain */
	__u32 tid;
	__u32 tgid;
	__u32 weight;			 /* 1..1000000, 100 is nice 0 in cgroups of weight 100 */
	__u32 domain;			 /* where it queues next */
	__u32 flags;			 /* enum scx_slot_flags */
	__u16 cpu;			 /* where it last stopped running */
	__u16 epoch;			 /* of the domains that @allowed speaks of */
	__u32 group;			 /* reference of its cgroup's struct scx_group_slot, or 0 */
	__u32 next;			 /* reference: next free slot */
	__u64 allowed[SCX_DOMAIN_WORDS]; /* domains with a CPU it may use; valid if CONFINED */
	char comm[16];
};

/* A cgroup. All fields are BPF's. */
struct scx_group_slot {
	__u64 id;
	__u32 weight; /* cpu.weight, 1..10000 */
	__u32 parent; /* reference, 0 for the root */
	__u32 next;   /* reference: next free slot */
	__u32 depth;
	__u64 reserved[2];
};

/*
 * The load of one domain as seen by one CPU; the sum over CPUs is exact, a single one may be
 * negative (a task wakes here and sleeps there). With t in units of 1024 ns, the weight runnable
 * in the domain, integrated to time t, is the sum over CPUs of weight * t - moment (modulo 2^64),
 * and likewise for tasks. Two reads give the mean in between.
 *
 * Written by its CPU alone; @seq is odd while it writes.
 */
struct scx_account {
	__u32 seq;
	__s32 tasks;	     /* runnable */
	__s64 weight;	     /* of the runnable */
	__u64 task_moment;   /* sum of task * time of each change */
	__u64 weight_moment; /* sum of weight * time of each change */
};

/* One CPU. All fields are BPF's. */
struct scx_cpu_slot {
	__u32 domain; /* SCX_NO_DOMAIN: in none */
	__u32 online;
	__u32 pinned;	 /* its own queue may hold tasks */
	__u32 credit;	 /* of its own queue against the domain's */
	__u64 stats[28]; /* the scheduler's enum says what each one counts */
	__u64 reserved[2];
};

/* One domain. All fields are BPF's, except where said. */
struct scx_domain_slot {
	__u32 nr_cpus; /* online */
	__u32 node;
	__u32 defined;
	__u32 queued;	/* hint: its queue may hold tasks that others may take */
	__u32 ahead;	/* hint: tasks in its queue had more than their share */
	__u32 nr_all;	/* CPUs, offline ones included */
	__u64 vtime_ns; /* how far those have come that compete for its CPUs */
	__u32 marked;	/* for the verb that runs now */
	__u32 pad0;
	__u64 reserved[3];
	__u64 cpus[SCX_CPU_WORDS];
	__u8 near[SCX_DOMAINS_MAX]; /* other domains, from near to far; nr_near of them */
	__u32 nr_near;
	__u32 pad1[15];
};

struct scx_memory {
	__u32 version;	      /* BPF: SCX_MEMORY_VERSION, set last by init */
	__u32 nr_cpus;	      /* BPF: possible CPUs */
	__u32 nr_domains;     /* BPF: highest defined domain + 1 */
	__u32 nr_chunks;      /* BPF: chunks of task slots */
	__u32 chunks;	      /* BPF: reference of __u32 [SCX_CHUNKS_MAX], references of chunks */
	__u32 accounts;	      /* BPF: reference of struct scx_account [nr_cpus][account_stride] */
	__u32 account_stride; /* BPF: domains that each CPU has room for */
	__u32 cpus;	      /* BPF: reference of struct scx_cpu_slot [nr_cpus] */
	__u32 domains;	      /* BPF: reference of struct scx_domain_slot [account_stride] */
	__u32 batch;	      /* BPF: reference of the batch of migrations that user writes */
	__u64 free_tasks; /* BPF: head of the free slots: reference, and a count against ABA above it */
	__u64 free_groups;     /* BPF: likewise */
	__u64 nr_tasks;	       /* BPF: live tasks */
	__u32 epoch;	       /* BPF: counts changes of domains */
	__u32 weighted_groups; /* BPF: a cgroup has or had a weight other than 100 */
};

/* A migration, in the batch: written by user, @result by BPF. */
struct scx_migration {
	__u32 slot; /* reference of the task's slot */
	__u32 tid;
	__u64 start_ns; /* with tid: which task is meant */
	__u32 domain;	/* where to */
	__s32 result; /* 0, or why not: -ESRCH gone, -EINVAL no such domain, -EPERM not allowed there */
};

#define SCX_BATCH_MAX 1024

/*
 * Why a scheduler ended, recorded by exit.bpf.h in the global variable `scx_exit_record`; its dump
 * is the global `char scx_exit_dump[]`. @kind is written last.
 */
struct scx_exit_record {
	__u64 kind;
	__s64 code;
	__s32 cpu; /* -1: not known */
	__u32 dump_bytes;
	char reason[128];
	char msg[1024];
};

#ifdef __cplusplus
#define SCX_SIZE_IS(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#else
#define SCX_SIZE_IS(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#endif
SCX_SIZE_IS(struct scx_task_slot, SCX_TASK_BYTES);
SCX_SIZE_IS(struct scx_group_slot, 40);
SCX_SIZE_IS(struct scx_account, 32);
SCX_SIZE_IS(struct scx_cpu_slot, 256);
SCX_SIZE_IS(struct scx_migration, 24);

#endif
