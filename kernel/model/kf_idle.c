// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Idle CPUs as schedulers ask for them (kernel/sched/ext/idle.c). */
#include <errno.h>

#include "idle.h"
#include "kf.h"
#include "mask.h"

static const struct cpumask none;

static bool tracked(struct scxm *m)
{
	if (m->idle.enabled)
		return true;
	scxm_error(m, "built-in idle tracking is disabled");
	return false;
}

/* @node, or a negative errno; NUMA_NO_NODE is no error of the scheduler's. */
static int check_node(struct scxm *m, int node)
{
	if (!m->idle.per_node) {
		scxm_error(m, "per-node idle tracking is disabled");
		return -EOPNOTSUPP;
	}
	if (node == NUMA_NO_NODE)
		return -ENOENT;
	if (node < 0 || (uint32_t)node >= m->nr_nodes) {
		scxm_error(m, "invalid node %d", node);
		return -EINVAL;
	}
	return node;
}

/* ---- select ---- */

static int select_restricted(struct scxm *m, struct task_struct *p, s32 prev,
			     const cpumask_t *allowed, u64 flags)
{
	int cpu = p->migration_disabled ? (int)p->thread_info.cpu : scxm_mask_first(p->cpus_ptr);

	if (!scxm_mask_test(p->cpus_ptr, cpu) || (allowed && !scxm_mask_test(allowed, cpu)))
		return -EBUSY;
	if ((flags & SCX_PICK_IDLE_IN_NODE) && scxm_idle_node(m, cpu) != scxm_idle_node(m, prev))
		return -EBUSY;
	return scxm_idle_claim(m, cpu) ? cpu : -EBUSY;
}

static s32 select_cpu(const char *name, struct task_struct *p, s32 prev, u64 wake_flags,
		      const cpumask_t *allowed, u64 flags)
{
	struct scxm *m = scxm_here;
	struct rq *locked = m->frame->locked_rq;

	if (!scxm_may_call(m, name, SCXM_SELECT) || !scxm_task_arg(m, name, p))
		return -EINVAL;
	if (!scxm_cpu_valid(m, prev, NULL))
		return -EINVAL;
	if (!tracked(m))
		return -EBUSY;
	if (scxm_this_cpu(m)->rq.scx.in_select_cpu) {
		if (m->frame->tasks[0] != p && m->frame->tasks[1] != p) {
			scxm_error(m, "called on a task not being operated on");
			return -EINVAL;
		}
	} else if (locked && &scxm_cpu_of(m, p)->rq != locked) {
		scxm_error(m, "select_cpu kfunc called cross-task on %s[%d]", p->comm, p->pid);
		return -EINVAL;
	}
	if (p->nr_cpus_allowed == 1 || p->migration_disabled)
		return select_restricted(m, p, prev, allowed, flags);
	return scxm_idle_select(m, p, prev, wake_flags, allowed, flags);
}

s32 scxm_kf_select_cpu_dfl(struct task_struct *p, s32 prev, u64 wake_flags, bool *is_idle)
{
	s32 cpu = select_cpu("scx_bpf_select_cpu_dfl", p, prev, wake_flags, NULL, 0);

	*is_idle = cpu >= 0;
	return cpu >= 0 ? cpu : prev;
}

s32 scxm_kf_select_cpu_and(struct task_struct *p, s32 prev, u64 wake_flags,
			   const struct cpumask *allowed, u64 flags)
{
	return select_cpu("scx_bpf_select_cpu_and", p, prev, wake_flags, allowed, flags);
}

s32 scxm_kf_select_cpu_and_args(struct task_struct *p, const struct cpumask *allowed,
				struct scx_bpf_select_cpu_and_args *args)
{
	return scxm_kf_select_cpu_and(p, args->prev_cpu, args->wake_flags, allowed, args->flags);
}

/* ---- masks ---- */

static const struct cpumask *global_mask(struct scxm *m, cpumask_t *mask)
{
	m->frame->refs++;
	if (m->idle.per_node) {
		scxm_error(m, "SCX_OPS_BUILTIN_IDLE_PER_NODE enabled");
		return &none;
	}
	return tracked(m) ? mask : &none;
}

const struct cpumask *scxm_kf_get_idle_cpumask(void)
{
	return global_mask(scxm_here, scxm_idle_cpus(scxm_here, NUMA_NO_NODE));
}

const struct cpumask *scxm_kf_get_idle_smtmask(void)
{
	struct scxm *m = scxm_here;

	return global_mask(m, m->smt ? scxm_idle_smts(m, NUMA_NO_NODE)
				     : scxm_idle_cpus(m, NUMA_NO_NODE));
}

const struct cpumask *scxm_kf_get_idle_cpumask_node(s32 node)
{
	struct scxm *m = scxm_here;

	m->frame->refs++;
	node = check_node(m, node);
	return node < 0 ? &none : scxm_idle_cpus(m, node);
}

const struct cpumask *scxm_kf_get_idle_smtmask_node(s32 node)
{
	struct scxm *m = scxm_here;

	m->frame->refs++;
	node = check_node(m, node);
	if (node < 0)
		return &none;
	return m->smt ? scxm_idle_smts(m, node) : scxm_idle_cpus(m, node);
}

const struct cpumask *scxm_kf_get_possible_cpumask(void)
{
	scxm_here->frame->refs++;
	return &scxm_here->possible;
}

const struct cpumask *scxm_kf_get_online_cpumask(void)
{
	scxm_here->frame->refs++;
	return &scxm_here->online;
}

void scxm_kf_put_cpumask(const struct cpumask *mask)
{
	(void)mask;
	scxm_here->frame->refs--;
}

/* ---- picks ---- */

bool scxm_kf_test_and_clear_cpu_idle(s32 cpu)
{
	struct scxm *m = scxm_here;

	return tracked(m) && scxm_cpu_valid(m, cpu, NULL) && scxm_idle_claim(m, cpu);
}

static s32 any_cpu(struct scxm *m, const cpumask_t *a, const cpumask_t *b)
{
	int cpu = scxm_mask_distribute(m, a, b);

	return cpu >= 0 ? cpu : -EBUSY;
}

s32 scxm_kf_pick_idle_cpu(const struct cpumask *allowed, u64 flags)
{
	struct scxm *m = scxm_here;

	if (m->idle.per_node) {
		scxm_error(m, "per-node idle tracking is enabled");
		return -EBUSY;
	}
	return tracked(m) ? scxm_idle_pick(m, allowed, NUMA_NO_NODE, flags) : -EBUSY;
}

s32 scxm_kf_pick_any_cpu(const struct cpumask *allowed, u64 flags)
{
	struct scxm *m = scxm_here;
	int cpu;

	if (m->idle.per_node) {
		scxm_error(m, "per-node idle tracking is enabled");
		return -EBUSY;
	}
	if (m->idle.enabled) {
		cpu = scxm_idle_pick(m, allowed, NUMA_NO_NODE, flags);
		if (cpu >= 0)
			return cpu;
	}
	return any_cpu(m, allowed, NULL);
}

s32 scxm_kf_pick_idle_cpu_node(const struct cpumask *allowed, s32 node, u64 flags)
{
	struct scxm *m = scxm_here;

	node = check_node(m, node);
	return node < 0 ? node : scxm_idle_pick(m, allowed, node, flags);
}

s32 scxm_kf_pick_any_cpu_node(const struct cpumask *allowed, s32 node, u64 flags)
{
	struct scxm *m = scxm_here;
	int cpu;

	node = check_node(m, node);
	if (node < 0)
		return node;
	cpu = scxm_idle_pick(m, allowed, node, flags);
	if (cpu >= 0)
		return cpu;
	return any_cpu(m, allowed, flags & SCX_PICK_IDLE_IN_NODE ? &m->nodes[node].cpus : NULL);
}

s32 scxm_kf_cpu_node(s32 cpu)
{
	struct scxm *m = scxm_here;

	return scxm_cpu_valid(m, cpu, NULL) ? m->cpus[cpu].node : NUMA_NO_NODE;
}

u32 scxm_kf_nr_node_ids(void)
{
	return scxm_here->nr_nodes;
}

u32 scxm_kf_nr_cpu_ids(void)
{
	return scxm_here->nr_cpus;
}
