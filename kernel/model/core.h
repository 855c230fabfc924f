/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What the kernel's scheduler core does for every class: runqueues, wake-ups, the switch, changes of
 * a task that sits on a queue. The classes below it are functions in a table.
 */
#ifndef SCXM_CORE_H
#define SCXM_CORE_H

#include "scxm.h"

struct scxm_class_ops {
	const char *name;
	void (*enqueue)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			uint64_t flags);
	void (*dequeue)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			uint64_t flags);
	/* The task to run next, or NULL; the running one if it goes on. */
	struct task_struct *(*pick)(struct scxm *m, struct scxm_cpu *cpu);
	void (*put_prev)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p,
			 struct task_struct *next);
	void (*set_next)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
	int (*select)(struct scxm *m, struct task_struct *p, int prev, int wake_flags);
	void (*wakeup_preempt)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
	void (*tick)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
	/* When the running task next needs a tick; UINT64_MAX: never. */
	uint64_t (*next_tick)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
	void (*yield)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
	void (*charge)(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t ns);
};

extern const struct scxm_class_ops scxm_class_idle, scxm_class_ext, scxm_class_fair, scxm_class_rt;

static inline const struct scxm_class_ops *scxm_class(const struct task_struct *p)
{
	static const struct scxm_class_ops *const ops[] = {
		[SCXM_CLASS_IDLE] = &scxm_class_idle, [SCXM_CLASS_EXT] = &scxm_class_ext,
		[SCXM_CLASS_FAIR] = &scxm_class_fair, [SCXM_CLASS_RT] = &scxm_class_rt,
		[SCXM_CLASS_DL] = &scxm_class_rt,     [SCXM_CLASS_STOP] = &scxm_class_rt,
	};
	return ops[scxm_task(p)->class];
}

/* ---- core.c ---- */
/* Asks @cpu to schedule: at the end of this event if it is the executing one, else by interrupt. */
void scxm_resched(struct scxm *m, struct scxm_cpu *cpu);
/* Accounts what the running task did until now. */
void scxm_update_curr(struct scxm *m, struct scxm_cpu *cpu);
/* Arms the CPU's run event anew. */
void scxm_rearm(struct scxm *m, struct scxm_cpu *cpu);
void scxm_schedule(struct scxm *m, struct scxm_cpu *cpu);
/* Interrupts that are due on the executing CPU, and its wish to schedule. */
void scxm_settle(struct scxm *m);
void scxm_tick(struct scxm *m, struct scxm_cpu *cpu);

/* ---- wake.c ---- */
void scxm_wake(struct scxm *m, struct scxm_task *task, int wake_flags);
void scxm_wake_new(struct scxm *m, struct scxm_task *task);
void scxm_activate(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags);
void scxm_deactivate(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p, uint64_t flags);
void scxm_wakeup_preempt(struct scxm *m, struct scxm_cpu *cpu, struct task_struct *p);
void scxm_set_task_cpu(struct scxm *m, struct task_struct *p, int cpu);
bool scxm_task_allowed(const struct scxm *m, const struct task_struct *p, int cpu);
int scxm_fallback_cpu(struct scxm *m, struct task_struct *p, int cpu);

/* ---- change.c ---- */
struct scxm_change {
	struct task_struct *p;
	uint8_t class;
	uint64_t flags;
	bool queued, running;
};
struct scxm_change scxm_change_begin(struct scxm *m, struct task_struct *p, uint64_t flags);
void scxm_change_end(struct scxm *m, struct scxm_change *change);
/* 0, -EINVAL (no CPU of @mask is active), -ESRCH. */
int scxm_set_affinity(struct scxm *m, struct scxm_task *task, const cpumask_t *mask);
int scxm_set_nice(struct scxm *m, struct scxm_task *task, int nice);
int scxm_set_policy(struct scxm *m, struct scxm_task *task, unsigned policy, int rt_priority);
void scxm_migrate_disable(struct scxm *m, struct scxm_task *task);
void scxm_migrate_enable(struct scxm *m, struct scxm_task *task);
/* The class that @p belongs to by its policy now. */
uint8_t scxm_class_of(const struct scxm *m, const struct task_struct *p);
/* What the CPU's stopper does when it runs. */
void scxm_stopper_run(struct scxm *m, struct scxm_cpu *cpu);
void scxm_move_queued(struct scxm *m, struct task_struct *p, int cpu);

static inline bool scxm_migration_disabled(const struct task_struct *p)
{
	return p->migration_disabled;
}

#endif
