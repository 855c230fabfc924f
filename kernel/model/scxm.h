/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The model: one machine with its tasks, its clock and at most one sched_ext scheduler.
 *
 * Everything hangs on struct scxm; there is no state beside it but the thread-local pointer through
 * which kernel functions find their instance. Code runs in a context: the CPU that executes it
 * (m->cpu), the task that runs there, and inside a callback the frame that says which kernel
 * functions may be called. Invariants that hold between events are in check.c.
 */
#ifndef SCXM_H
#define SCXM_H

#include "clock.h"
#include "kernel.h"
#include "random.h"

struct scxm;
struct scxm_map;
struct scxm_object;
struct scxm_cgroup;
struct scxm_task;
struct scxm_workload;

/* ---- what tasks do ---- */

enum scxm_verb {
	SCXM_RUN = 1,	 /* run for @value ns of work at full speed */
	SCXM_SLEEP = 2,	 /* block for @value ns */
	SCXM_SLEEP_TILL, /* block until @value */
	SCXM_BLOCK,	 /* block until somebody wakes it */
	SCXM_WAKE,	 /* wake task @value; @flag: the waker is about to sleep */
	SCXM_YIELD,	 /* sched_yield() */
	SCXM_EXIT,	 /* end */
	SCXM_NOTHING,	 /* ask again at once: the step was done by the asked one itself */
};

struct scxm_step {
	enum scxm_verb verb;
	bool flag;
	uint64_t value;
};

/* Says what @task does next; called when it runs and has nothing left to do. */
typedef void (*scxm_next_fn)(struct scxm *m, struct scxm_task *task, struct scxm_step *step);

/* ---- tasks ---- */

#define SCXM_TASK_MAGIC 0x7461736bU

struct scxm_task {
	struct task_struct t; /* what schedulers see; first */
	uint32_t magic;
	uint32_t refs; /* taken by schedulers */
	uint8_t class; /* enum scxm_class */
	bool dead;     /* switched out for the last time */
	bool stopper;  /* of its CPU */
	bool fair;     /* on the fair class's queue of its CPU, or running from it */
	bool waiting;  /* runnable and not running, since @wait_since */
	struct scxm_event timer;
	struct list_head all;	/* scxm.tasks */
	struct list_head queue; /* in the queue of its CPU, when fair, RT or DL */
	uint64_t work_ns;	/* left of the present step */
	uint64_t wait_since;
	uint64_t wait_ns, wait_max_ns;
	uint64_t migrations;
	scxm_next_fn next;
	void (*on_dead)(struct scxm *m, struct scxm_task *task); /* or NULL */
	void *behaviour;
	int move_to;	       /* the stopper shall move it here; -1: no */
	struct list_head stop; /* on its CPU's stops */
	struct scxm_cgroup *cgroup;
	struct css_set css;
	void *storage[SCXM_STORAGE_MAX];
};

static inline struct scxm_task *scxm_task(const struct task_struct *p)
{
	return (struct scxm_task *)(uintptr_t)p; /* const is the scheduler's, not ours */
}

struct scxm_cgroup {
	struct cgroup cgrp; /* first */
	struct kernfs_node kn;
	struct task_group tg;
	uint32_t magic;
	uint32_t refs;
	uint32_t children;
	uint32_t tasks;
	bool removed;
	char name[64];
	struct list_head all; /* parents before children */
	struct scxm_cgroup *parent;
	void *storage[SCXM_STORAGE_MAX];
};

static inline struct scxm_cgroup *scxm_cgroup(const struct cgroup *cgrp)
{
	return (struct scxm_cgroup *)(uintptr_t)cgrp;
}

/* ---- CPUs ---- */

struct scxm_insert {
	struct task_struct *p;
	uint64_t qseq;
	uint64_t dsq_id, slice, vtime, enq_flags;
};

struct scxm_cpu {
	struct rq rq;		   /* first */
	struct scxm_event run;	   /* the task's work ends, or a tick that matters */
	struct scxm_event resched; /* an interrupt asks this CPU to schedule */
	struct scxm_event irq;	   /* an interrupt brings deferred work */
	bool need_resched;
	bool idle_resched; /* the idle task that runs next shall schedule again */
	bool active;	   /* tasks may be placed here */
	bool kicks;	   /* kick requests are pending */
	bool deferred;	   /* deferred work is pending, for the next interrupt */
	bool balance;	   /* deferred work is pending, for the end of this schedule() */
	bool sync_wait;	   /* KICK_WAIT: wait at the end of this schedule() */
	bool syncing;	   /* waiting */
	bool dying;	   /* going offline: tasks are pushed away */
	bool nohz_full;
	uint8_t next_class;
	uint16_t node, llc, core;
	uint32_t capacity; /* of 1024 */
	uint32_t perf_cur;
	cpumask_t to_kick, to_kick_idle, to_preempt, to_wait, to_sync;
	uint64_t *ksyncs; /* [nr_cpus] */
	uint64_t reenq_local;
	bool reenq_local_set;
	struct list_head reenq_users;
	struct list_head fair, rt, dl;
	uint32_t nr_fair;
	uint64_t fair_min;
	struct task_struct
		*direct; /* being selected for or enqueued; SCXM_SPOILED: it was inserted */
	struct scxm_insert *buffer;
	uint32_t cursor, nr_dispatched;
	struct scx_dispatch_q bypass_dsq;
	struct scx_event_stats events;
	bool bypassing;
	uint32_t distribute;	/* the CPU that was picked last from here */
	uint64_t tick_at;	/* the next tick that matters */
	struct list_head stops; /* tasks that the stopper shall move */
	uint64_t work_at;	/* until when work was accounted */
	uint64_t busy_ns, idle_ns, since;
	uint64_t nr_switches;
};

#define SCXM_SPOILED ((struct task_struct *)1)

static inline int scxm_cpu_nr(const struct scxm_cpu *cpu)
{
	return cpu->rq.cpu;
}

struct scxm_costs {
	uint32_t switch_ns, wake_ns, llc_ns, node_ns;
};

/* ---- callbacks ---- */

/* The groups of kernel functions that only some callbacks may call. */
enum scxm_group {
	SCXM_ANY = 0,
	SCXM_UNLOCKED = 1 << 0,
	SCXM_INIT_CIDS = 1 << 1,
	SCXM_CPU_RELEASE = 1 << 2,
	SCXM_DISPATCH = 1 << 3,
	SCXM_ENQUEUE = 1 << 4,
	SCXM_SELECT = 1 << 5,
};

/* A callback, timer or verb that runs now. */
struct scxm_frame {
	struct scxm_frame *up;
	const char *name;
	uint32_t allow; /* enum scxm_group */
	bool sleepable;
	struct rq *locked_rq;
	struct task_struct *tasks[2]; /* that the callback is about */
	struct task_struct *current;
	int rcu, preempt, irq, spin, refs;
	int iterators; /* begun and not destroyed */
};

/* ---- the scheduler ---- */

enum scxm_enable_state { SCXM_ENABLING, SCXM_ENABLED, SCXM_DISABLING, SCXM_DISABLED };

struct scx_sched {
	struct sched_ext_ops ops;
	bool used; /* between attach and the end of disable */
	bool dead;
	bool aborting;
	bool live; /* ops other than init, exit and hotplug are called */
	bool hotplug_live;
	int exit_kind;
	struct scx_exit_info info;
	char *dump;
	size_t dump_bytes;
	uint32_t max_batch;
	uint64_t slice_dfl;
	uint64_t watchdog_jiffies;
	int bypass_depth;
	uint64_t bypass_since;
	struct scx_dispatch_q *global; /* [nr_nodes] */
	struct scx_dispatch_q **hash;  /* user DSQs */
	uint32_t hash_size, nr_dsqs;
};

/* What is left of the last run of a scheduler. */
struct scxm_end {
	bool ended;
	int kind, cpu;
	int64_t code;
	uint64_t flags;
	char reason[64];
	char msg[SCX_EXIT_MSG_LEN];
	char *dump;
};

/* ---- the machine ---- */

struct scxm_node_info {
	cpumask_t cpus;
	uint8_t *distance; /* [nr_nodes] */
};

struct scxm_idle {
	bool enabled, per_node, llc, numa;
	cpumask_t *cpus; /* [1 + nr_nodes]: all, then by node */
	cpumask_t *smts;
};

struct scxm_trace; /* trace.c */
struct scxm_memory {
	unsigned char *base;
	size_t used, size;
	void *free[32]; /* by size class */
};

struct scxm {
	struct scxm_clock clock;
	uint32_t nr_cpus, nr_nodes, nr_llcs, nr_cores;
	bool smt;
	struct scxm_cpu *cpus;
	cpumask_t possible, online, active;
	cpumask_t *cpu_mask;  /* [nr_cpus]: the CPU alone */
	cpumask_t *llc_mask;  /* [nr_llcs] */
	cpumask_t *core_mask; /* [nr_cores] */
	struct scxm_node_info *nodes;
	struct scxm_costs costs;
	uint32_t hz;
	uint64_t tick_ns;
	uint32_t kernel; /* posed as: SCXM_KERNEL(major, minor) */
	bool eager_ticks;
	uint32_t disable_ns;

	struct list_head tasks;
	struct scxm_task **by_pid;
	uint32_t pid_room, next_pid, nr_tasks;
	uint64_t next_tid;
	struct scxm_task *helper; /* that enables and disables */
	struct list_head cgroups;
	struct scxm_cgroup *root_cgroup;
	uint64_t next_cgroup;
	struct mm_struct mm;

	/* the context */
	int cpu;			   /* that executes now */
	struct task_struct *current_other; /* who executes, when it is not the CPU's task */
	struct scxm_frame *frame;
	uint64_t frames; /* callbacks made */

	/* sched_ext */
	enum scxm_enable_state state;
	bool ext_enabled, switching_all, switched_all, init_task_enabled, cgroup_enabled;
	bool tid_to_task;
	struct scx_sched sched;
	struct scxm_end end;
	uint64_t nr_rejected, hotplug_seq, enable_seq;
	struct scxm_idle idle;
	uint64_t watchdog_at, watchdog_interval;
	bool watchdog_stuck;
	bool disable_pending;
	uint32_t nr_syncing;
	bool bypass_dsp;
	struct scxm_event watchdog, bypass_lb, disable;
	struct scx_dispatch_q *dead_dsqs;
	struct {
		int cpu; /* -1: not dumping */
		bool first;
		size_t cursor;
		const char *prefix;
		char *out;
		size_t size, used;
		char line[SCX_EXIT_MSG_LEN];
	} dump;

	/* chance: one stream a purpose, so that a new consumer does not shift the others */
	struct scxm_random random_bpf, random_work;

	struct scxm_memory memory;
	struct scxm_object *object; /* the scheduler that is loaded */
	struct list_head timers;
	uint64_t loops_cut;

	struct scxm_trace *trace;
	uint64_t hash;
	uint64_t events_max; /* without time moving on, before the model gives up */
	char bug[256];	     /* the model found itself wrong */
	struct scxm_workload *workload;
	void (*script)(struct scxm *m, struct scxm_event *event);
};

enum scxm_event_kind {
	SCXM_EV_RUN = 1,
	SCXM_EV_RESCHED,
	SCXM_EV_IRQ,
	SCXM_EV_TASK,
	SCXM_EV_TIMER,
	SCXM_EV_WATCHDOG,
	SCXM_EV_BYPASS_LB,
	SCXM_EV_DISABLE,
	SCXM_EV_SCRIPT,
};

/* The instance whose scheduler runs on this thread now. */
extern _Thread_local struct scxm *scxm_here;

static inline uint64_t scxm_now(const struct scxm *m)
{
	return m->clock.now;
}

static inline uint64_t scxm_jiffies(const struct scxm *m)
{
	return m->clock.now / m->tick_ns;
}

static inline struct scxm_cpu *scxm_cpu_of(struct scxm *m, const struct task_struct *p)
{
	return &m->cpus[p->thread_info.cpu];
}

static inline struct scxm_cpu *scxm_this_cpu(struct scxm *m)
{
	return &m->cpus[m->cpu];
}

static inline struct task_struct *scxm_current(struct scxm *m)
{
	return m->current_other ? m->current_other : m->cpus[m->cpu].rq.curr;
}

static inline bool scxm_is_idle(const struct scxm_cpu *cpu)
{
	return cpu->rq.curr == cpu->rq.idle;
}

static inline bool scxm_is_running(struct scxm *m, const struct task_struct *p)
{
	return scxm_cpu_of(m, p)->rq.curr == p;
}

static inline bool scxm_on_ext(const struct task_struct *p)
{
	return scxm_task(p)->class == SCXM_CLASS_EXT;
}

static inline bool scxm_posed_since(const struct scxm *m, int major, int minor)
{
	return m->kernel >= (uint32_t)SCXM_KERNEL(major, minor);
}

#endif
