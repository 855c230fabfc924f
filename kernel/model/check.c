// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * How a scheduler ends by what it did: kind, code, message as the kernel has them. The first end
 * counts. Also the model's checks of itself, which run in tests after each event.
 */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "call.h"
#include "core.h"
#include "dsq.h"
#include "enable.h"
#include "idle.h"
#include "mask.h"
#include "task.h"

#define MAX_ERRNO 4095 /* include/linux/err.h */

bool scxm_exit_claim(struct scxm *m, int kind)
{
	struct scx_sched *sch = &m->sched;

	if (!sch->used || sch->exit_kind != SCX_EXIT_NONE)
		return false;
	sch->exit_kind = kind;
	sch->aborting = true;
	return true;
}

static const char *reason_of(int kind)
{
	switch (kind) {
	case SCX_EXIT_UNREG:
		return "unregistered from user space";
	case SCX_EXIT_UNREG_BPF:
		return "unregistered from BPF";
	case SCX_EXIT_UNREG_KERN:
		return "unregistered from the main kernel";
	case SCX_EXIT_SYSRQ:
		return "disabled by sysrq-S";
	case SCX_EXIT_ERROR:
		return "runtime error";
	case SCX_EXIT_ERROR_BPF:
		return "scx_bpf_error";
	case SCX_EXIT_ERROR_STALL:
		return "runnable task stall";
	case SCX_EXIT_ERROR_REENQ:
		return "reenqueue limit";
	default:
		return "<UNKNOWN>";
	}
}

void scxm_exit_finish(struct scxm *m, int kind, int64_t code, int exit_cpu)
{
	struct scx_exit_info *info = &m->sched.info;

	info->exit_code = code;
	info->kind = (enum scx_exit_kind)kind;
	info->reason = reason_of(kind);
	info->exit_cpu = exit_cpu;
	m->disable_pending = true;
	scxm_trace_put(m, scxm_now(m), m->cpu, SCXM_TRACE_END, 0, kind);
}

bool scxm_exit(struct scxm *m, int kind, int64_t code, int exit_cpu, const char *fmt, ...)
{
	va_list args;

	if (!scxm_exit_claim(m, kind))
		return false;
	va_start(args, fmt);
	/* What does not fit is cut off, as in the kernel. */
	(void)vsnprintf(m->sched.info.msg, SCX_EXIT_MSG_LEN, fmt, args);
	va_end(args);
	scxm_exit_finish(m, kind, code, exit_cpu);
	return true;
}

bool scxm_cpu_valid(struct scxm *m, int cpu, const char *where)
{
	if (cpu >= 0 && (uint32_t)cpu < m->nr_cpus)
		return true;
	scxm_error(m, "invalid CPU %d%s%s", cpu, where ? " " : "", where ? where : "");
	return false;
}

int scxm_sane_errno(struct scxm *m, const char *op, int err)
{
	if (err < 0 && err >= -MAX_ERRNO)
		return err;
	scxm_error(m, "ops.%s() returned an invalid errno %d", op, err);
	return -EPROTO;
}

bool scxm_may_call_slow(struct scxm *m, const char *name)
{
	scxm_refuse(m, "calling kernel function %s is not allowed in %s", name, m->frame->name);
	return false;
}

bool scxm_task_arg(struct scxm *m, const char *name, const struct task_struct *p)
{
	if (p && scxm_task_valid(m, p))
		return true;
	if (p)
		scxm_refuse(m, "%s: %p is no task, or one that is gone", name, (const void *)p);
	else
		scxm_error(m, "called with NULL task");
	return false;
}

void scxm_bug(struct scxm *m, const char *fmt, ...)
{
	va_list args;

	if (m->bug[0])
		return;
	va_start(args, fmt);
	(void)vsnprintf(m->bug, sizeof(m->bug), fmt, args); /* a sentence cut off says enough */
	va_end(args);
}

/* ---- what must be true between two events ---- */

static void check_queue(struct scxm *m, const struct scx_dispatch_q *dsq)
{
	const struct task_struct *p = NULL, *last = NULL;
	uint32_t nr = 0;

	while ((p = scxm_dsq_next(dsq, p, false))) {
		nr++;
		scxm_expect(m, p->scx.dsq == dsq);
		scxm_expect(m, p->scx.flags & SCX_TASK_QUEUED);
		if (last && dsq->priq)
			scxm_expect(m, !scxm_before64(p->scx.dsq_vtime, last->scx.dsq_vtime));
		last = p;
		if (nr > m->nr_tasks)
			break;
	}
	scxm_expect(m, nr == dsq->nr);
}

static void check_cpu(struct scxm *m, struct scxm_cpu *cpu)
{
	int nr = scxm_cpu_nr(cpu);
	const struct task_struct *p = NULL;

	check_queue(m, &cpu->rq.scx.local_dsq);
	check_queue(m, &cpu->bypass_dsq);
	while ((p = scxm_dsq_next(&cpu->rq.scx.local_dsq, p, false)))
		scxm_expect(m, (int)p->thread_info.cpu == nr);
	scxm_expect(m, scxm_list_empty(&cpu->rq.scx.ddsp_deferred_locals) || cpu->deferred);
	/* An idle CPU with work of its own has been told so. */
	if (scxm_is_idle(cpu) && cpu->rq.scx.local_dsq.nr && m->ext_enabled)
		scxm_expect(m, cpu->need_resched);
	if (m->idle.enabled && m->ext_enabled &&
	    scxm_mask_test(scxm_idle_cpus(m, scxm_idle_node(m, nr)), nr))
		scxm_expect(m, scxm_is_idle(cpu));
	if (!scxm_is_idle(cpu) && !cpu->syncing)
		scxm_expect(m, scxm_event_armed(&cpu->run) || cpu->need_resched);
}

static void check_task(struct scxm *m, struct scxm_task *task)
{
	struct task_struct *p = &task->t;
	bool queued = p->on_rq == TASK_ON_RQ_QUEUED, running = scxm_is_running(m, p);

	if (!scxm_on_ext(p))
		return;
	scxm_expect(m, queued == !!(p->scx.flags & SCX_TASK_QUEUED));
	if (queued && !running) {
		/* It is in exactly one place: a queue, on its way to one, or the scheduler's hands. */
		bool hands = (p->scx.ops_state & 3) == SCX_OPSS_QUEUED;

		scxm_expect(m, !p->scx.dsq != !hands || !scxm_list_empty(&p->scx.dsq_list.node));
		scxm_expect(m, !(p->scx.dsq && hands));
	}
	if (running)
		scxm_expect(m, !p->scx.dsq);
}

bool scxm_check_all(struct scxm *m)
{
	for (uint32_t i = 0; i < m->nr_cpus; i++)
		check_cpu(m, &m->cpus[i]);
	for (uint32_t i = 0; i < m->nr_nodes && m->sched.global; i++)
		check_queue(m, &m->sched.global[i]);
	for (uint32_t i = 0; i < m->sched.hash_size; i++) {
		for (struct scx_dispatch_q *d = m->sched.hash[i]; d; d = d->hash_next)
			check_queue(m, d);
	}
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next)
		check_task(m, scxm_container(at, struct scxm_task, all));
	return !m->bug[0];
}
