/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Which CPUs are idle, and the kernel's own choice among them. */
#ifndef SCXM_IDLE_H
#define SCXM_IDLE_H

#include "scxm.h"

void scxm_idle_enable(struct scxm *m);
void scxm_idle_disable(struct scxm *m);
/* After CPUs came or went: is it worth to look at LLC or node first? */
void scxm_idle_topology(struct scxm *m);
void scxm_update_idle(struct scxm *m, struct scxm_cpu *cpu, bool idle, bool notify);
bool scxm_idle_claim(struct scxm *m, int cpu);
/* Negative: none. @node NUMA_NO_NODE: all are alike. */
int scxm_idle_pick(struct scxm *m, const cpumask_t *allowed, int node, uint64_t flags);
int scxm_idle_select(struct scxm *m, struct task_struct *p, int prev, uint64_t wake_flags,
		     const cpumask_t *allowed, uint64_t flags);
/* A CPU of both sets, going round; -1: none. */
int scxm_mask_distribute(struct scxm *m, const cpumask_t *a, const cpumask_t *b);

/* The masks of @node; of all CPUs unless masks are kept per node. */
static inline cpumask_t *scxm_idle_cpus(struct scxm *m, int node)
{
	return &m->idle.cpus[node + 1];
}

static inline cpumask_t *scxm_idle_smts(struct scxm *m, int node)
{
	return &m->idle.smts[node + 1];
}

static inline int scxm_idle_node(const struct scxm *m, int cpu)
{
	return m->idle.per_node ? m->cpus[cpu].node : NUMA_NO_NODE;
}

#endif
