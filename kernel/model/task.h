/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Tasks: their birth, what they do, their end. */
#ifndef SCXM_TASK_H
#define SCXM_TASK_H

#include "scxm.h"

struct scxm_task_plan {
	const char *comm;
	uint32_t flags; /* PF_ */
	unsigned policy;
	int rt_priority, nice;
	const cpumask_t *cpus;	    /* NULL: all */
	struct scxm_cgroup *cgroup; /* NULL: the parent's, or the root */
	struct scxm_task *parent;   /* forks; NULL: the task was always there */
	bool thread;		    /* of the parent's process */
	int cpu;		    /* where it is born when it has no parent */
	scxm_next_fn next;
	void (*dead)(struct scxm *m, struct scxm_task *task); /* it has ended; or NULL */
	void *behaviour;
};

/*
 * A new task. With a parent it is a fork, which the scheduler may refuse: its negative errno.
 * Not runnable yet: scxm_wake_new() does that.
 */
int scxm_task_new(struct scxm *m, const struct scxm_task_plan *plan, struct scxm_task **ret);
struct scxm_task *scxm_task_by_pid(struct scxm *m, int pid);
/* Asks what the running task of @cpu does next, until that takes time. */
void scxm_task_advance(struct scxm *m, struct scxm_cpu *cpu);
/* The task was switched out for the last time. */
void scxm_task_dead(struct scxm *m, struct scxm_task *task);
/* Nobody refers to it any more. */
void scxm_task_put(struct scxm *m, struct scxm_task *task);
void scxm_task_set_load(struct task_struct *p);
uint32_t scxm_task_weight(const struct task_struct *p);
void scxm_task_name(struct task_struct *p, const char *comm);
/* The next step of a task is its end, from wherever it is. */
void scxm_task_kill(struct scxm *m, struct scxm_task *task);
int scxm_tasks_init(struct scxm *m);

static inline bool scxm_task_valid(const struct scxm *m, const struct task_struct *p)
{
	const unsigned char *at = (const unsigned char *)p;

	return at >= m->memory.base &&
	       at + sizeof(struct scxm_task) <= m->memory.base + m->memory.used &&
	       scxm_task(p)->magic == SCXM_TASK_MAGIC;
}

void scxm_task_wait_begin(struct scxm *m, struct scxm_task *task);
void scxm_task_wait_end(struct scxm *m, struct scxm_task *task);

#endif
