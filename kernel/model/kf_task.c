// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Tasks, CPUs, cgroups and the end as schedulers reach them (kernel/sched/ext/ext.c). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "cycle.h"
#include "dump.h"
#include "kf.h"
#include "kick.h"

#define VALUES_MAX 12 /* MAX_BPRINTF_VARARGS, include/linux/bpf.h */

void scxm_kf_kick_cpu(s32 cpu, u64 flags)
{
	if (scxm_cpu_valid(scxm_here, cpu, NULL))
		scxm_kick(scxm_here, cpu, flags);
}

bool scxm_kf_task_running(const struct task_struct *p)
{
	return scxm_is_running(scxm_here, p);
}

s32 scxm_kf_task_cpu(const struct task_struct *p)
{
	return scxm_task_arg(scxm_here, "scx_bpf_task_cpu", p) ? (s32)p->thread_info.cpu : -EINVAL;
}

struct task_struct *scxm_kf_cpu_curr(s32 cpu)
{
	struct scxm *m = scxm_here;

	return scxm_cpu_valid(m, cpu, NULL) ? m->cpus[cpu].rq.curr : NULL;
}

u64 scxm_kf_now(void)
{
	return scxm_now(scxm_here);
}

void scxm_kf_events(struct scx_event_stats *events, size_t bytes)
{
	struct scx_event_stats sum = { 0 };

	for (uint32_t i = 0; i < scxm_here->nr_cpus; i++) {
		const struct scx_event_stats *e = &scxm_here->cpus[i].events;

#define SCXM_EVENT(name, since) sum.name += e->name;
#include "include/scxm/events.h"
#undef SCXM_EVENT
	}
	memcpy(events, &sum, bytes < sizeof(sum) ? bytes : sizeof(sum));
}

u32 scxm_kf_cpuperf_cap(s32 cpu)
{
	return scxm_cpu_valid(scxm_here, cpu, NULL) ? scxm_here->cpus[cpu].capacity
						    : SCX_CPUPERF_ONE;
}

u32 scxm_kf_cpuperf_cur(s32 cpu)
{
	return scxm_cpu_valid(scxm_here, cpu, NULL) ? scxm_here->cpus[cpu].perf_cur
						    : SCX_CPUPERF_ONE;
}

void scxm_kf_cpuperf_set(s32 cpu, u32 perf)
{
	struct scxm *m = scxm_here;
	struct rq *locked = m->frame->locked_rq;

	if (perf > SCX_CPUPERF_ONE) {
		scxm_error(m, "Invalid cpuperf target %u for CPU %d", perf, cpu);
		return;
	}
	if (!scxm_cpu_valid(m, cpu, NULL))
		return;
	if (locked && locked != &m->cpus[cpu].rq) {
		scxm_error(m, "Invalid target CPU %d", cpu);
		return;
	}
	m->cpus[cpu].rq.scx.cpuperf_target = perf;
}

struct task_struct *scxm_kf_tid_to_task(u64 tid)
{
	struct scxm *m = scxm_here;

	if (!m->tid_to_task) {
		scxm_error(m, "scx_bpf_tid_to_task() called without SCX_OPS_TID_TO_TASK");
		return NULL;
	}
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next) {
		struct task_struct *p = &scxm_container(at, struct scxm_task, all)->t;

		if (p->scx.tid == tid)
			return p;
	}
	return NULL;
}

/* ---- slices ---- */

bool scxm_kf_task_set_slice(struct task_struct *p, u64 slice)
{
	struct scxm *m = scxm_here;
	struct rq *locked = m->frame->locked_rq;

	if (!scxm_task_arg(m, "scx_bpf_task_set_slice", p))
		return false;
	/* Without its runqueue's lock it is asked for, and taken at the next occasion. */
	if (!locked || (p->scx.runnable_cpu != locked->cpu && locked->curr != p))
		scxm_set_slice_oob(m, p, slice);
	else
		scxm_set_slice(p, slice);
	return true;
}

bool scxm_kf_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (!scxm_task_arg(scxm_here, "scx_bpf_task_set_dsq_vtime", p))
		return false;
	p->scx.dsq_vtime = vtime;
	return true;
}

/* ---- text and the end ---- */

static int format(struct scxm *m, char *buf, size_t size, char *fmt, unsigned long long *data,
		  u32 bytes)
{
	uint64_t values[VALUES_MAX];
	int n;

	if (bytes % 8 || bytes > sizeof(values) || (bytes && !data)) {
		scxm_error(m, "invalid data=%p and data__sz=%u", (void *)data, bytes);
		return -EINVAL;
	}
	for (u32 i = 0; i < bytes / 8; i++)
		values[i] = data[i];
	n = scxm_text(buf, size, fmt, values, bytes / 8);
	if (n < 0)
		scxm_error(m, "format preparation failed (%d)", n);
	return n;
}

static void end(int kind, s64 code, char *fmt, unsigned long long *data, u32 bytes)
{
	struct scxm *m = scxm_here;
	int n;

	if (!scxm_exit_claim(m, kind))
		return;
	n = format(m, m->sched.info.msg, SCX_EXIT_MSG_LEN, fmt, data, bytes);
	if (n < 0)
		(void)snprintf(m->sched.info.msg, SCX_EXIT_MSG_LEN,
			       "exit message formatting failed (%d)", n);
	scxm_exit_finish(m, kind, code, m->cpu);
}

void scxm_kf_exit_bstr(s64 code, char *fmt, unsigned long long *data, u32 bytes)
{
	end(SCX_EXIT_UNREG_BPF, code, fmt, data, bytes);
}

void scxm_kf_error_bstr(char *fmt, unsigned long long *data, u32 bytes)
{
	end(SCX_EXIT_ERROR_BPF, 0, fmt, data, bytes);
}

void scxm_kf_dump_bstr(char *fmt, unsigned long long *data, u32 bytes)
{
	struct scxm *m = scxm_here;
	char text[SCX_EXIT_MSG_LEN];

	if (m->dump.cpu != m->cpu) {
		scxm_error(m, "scx_bpf_dump() must only be called from ops.dump() and friends");
		return;
	}
	if (format(m, text, sizeof(text), fmt, data, bytes) >= 0)
		scxm_dump_text(m, text);
}

/* ---- references ---- */

struct cgroup *scxm_kf_task_cgroup(struct task_struct *p)
{
	struct scxm *m = scxm_here;

	if (!scxm_task_arg(m, "scx_bpf_task_cgroup", p))
		return NULL;
	if (m->frame->tasks[0] != p && m->frame->tasks[1] != p) {
		scxm_error(m, "called on a task not being operated on");
		return scxm_kf_cgroup_acquire(&m->root_cgroup->cgrp);
	}
	return scxm_kf_cgroup_acquire(&scxm_task(p)->cgroup->cgrp);
}

struct task_struct *scxm_kf_task_acquire(struct task_struct *p)
{
	scxm_task(p)->refs++;
	scxm_here->frame->refs++;
	return p;
}

void scxm_kf_task_release(struct task_struct *p)
{
	scxm_here->frame->refs--;
	scxm_task_put(scxm_here, scxm_task(p));
}

struct task_struct *scxm_kf_task_from_pid(s32 pid)
{
	struct scxm_task *task = scxm_task_by_pid(scxm_here, pid);

	return task ? scxm_kf_task_acquire(&task->t) : NULL;
}

struct cgroup *scxm_kf_cgroup_acquire(struct cgroup *cgrp)
{
	scxm_cgroup(cgrp)->refs++;
	scxm_here->frame->refs++;
	return cgrp;
}

void scxm_kf_cgroup_release(struct cgroup *cgrp)
{
	scxm_here->frame->refs--;
	scxm_cgroup_put(scxm_here, scxm_cgroup(cgrp));
}

struct cgroup *scxm_kf_cgroup_ancestor(struct cgroup *cgrp, int level)
{
	if (level < 0 || level > cgrp->level)
		return NULL;
	return scxm_kf_cgroup_acquire(cgrp->ancestors[level]);
}

struct cgroup *scxm_kf_cgroup_from_id(u64 id)
{
	struct scxm_cgroup *g = scxm_cgroup_by_id(scxm_here, id);

	return g ? scxm_kf_cgroup_acquire(&g->cgrp) : NULL;
}
