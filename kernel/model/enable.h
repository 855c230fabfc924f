/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* A scheduler comes and goes, and what each task's life means for it. */
#ifndef SCXM_ENABLE_H
#define SCXM_ENABLE_H

#include "scxm.h"

/*
 * Attaches @ops. As in the kernel 0 does not say that it runs: most errors end it while it is
 * enabled, see m->end. -EBUSY: one is attached. -EINVAL, -E2BIG: the operations make no sense.
 */
int scxm_enable(struct scxm *m, const struct sched_ext_ops *ops);
/* The disable event: what the kernel's helper thread does. */
void scxm_disable(struct scxm *m);
/* Ends the scheduler from outside (SCX_EXIT_UNREG) and waits for it. */
void scxm_unregister(struct scxm *m);
/* The irq work that follows an exit: dumps, and wakes the helper. */
void scxm_exit_irq(struct scxm *m);
void scxm_sched_free(struct scxm *m);

int scxm_ext_fork(struct scxm *m, struct scxm_task *task);
void scxm_ext_dead(struct scxm *m, struct scxm_task *task);
void scxm_enable_task(struct scxm *m, struct task_struct *p);
void scxm_disable_task(struct scxm *m, struct task_struct *p);

static inline uint32_t scxm_state(const struct task_struct *p)
{
	return p->scx.flags & SCX_TASK_STATE_MASK;
}

static inline void scxm_set_state(struct task_struct *p, uint32_t state)
{
	p->scx.flags = (p->scx.flags & ~(uint32_t)SCX_TASK_STATE_MASK) | state;
}

#endif
