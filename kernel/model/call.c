// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Frames of callbacks. They nest: a callback may be called out of a kernel function that another
 * callback called (dequeue out of a move between queues).
 */
#include "call.h"

#include "check.h"
#include "object.h"

#define UNLOCKED SCXM_UNLOCKED
/* kernel/sched/ext/ext.c: scx_kf_allow_flags[]; "+": sleepable in the kernel. */
const struct scxm_op_info scxm_op_info[SCXM_OP_MAX] = {
	[SCXM_OP_select_cpu] = { "select_cpu", SCXM_SELECT | SCXM_ENQUEUE },
	[SCXM_OP_enqueue] = { "enqueue", SCXM_SELECT | SCXM_ENQUEUE },
	[SCXM_OP_dequeue] = { "dequeue", 0 },
	[SCXM_OP_dispatch] = { "dispatch", SCXM_ENQUEUE | SCXM_DISPATCH },
	[SCXM_OP_tick] = { "tick", 0 },
	[SCXM_OP_runnable] = { "runnable", 0 },
	[SCXM_OP_running] = { "running", 0 },
	[SCXM_OP_stopping] = { "stopping", 0 },
	[SCXM_OP_quiescent] = { "quiescent", 0 },
	[SCXM_OP_yield] = { "yield", 0 },
	[SCXM_OP_core_sched_before] = { "core_sched_before", 0 },
	[SCXM_OP_set_weight] = { "set_weight", 0 },
	[SCXM_OP_set_cpumask] = { "set_cpumask", 0 },
	[SCXM_OP_update_idle] = { "update_idle", 0 },
	[SCXM_OP_init_task] = { "init_task", UNLOCKED },
	[SCXM_OP_exit_task] = { "exit_task", 0 },
	[SCXM_OP_enable] = { "enable", 0 },
	[SCXM_OP_disable] = { "disable", 0 },
	[SCXM_OP_dump] = { "dump", UNLOCKED },
	[SCXM_OP_dump_cpu] = { "dump_cpu", 0 },
	[SCXM_OP_dump_task] = { "dump_task", 0 },
	[SCXM_OP_cgroup_init] = { "cgroup_init", UNLOCKED },
	[SCXM_OP_cgroup_exit] = { "cgroup_exit", UNLOCKED },
	[SCXM_OP_cgroup_prep_move] = { "cgroup_prep_move", UNLOCKED },
	[SCXM_OP_cgroup_move] = { "cgroup_move", 0 },
	[SCXM_OP_cgroup_cancel_move] = { "cgroup_cancel_move", UNLOCKED },
	[SCXM_OP_cgroup_set_weight] = { "cgroup_set_weight", UNLOCKED },
	[SCXM_OP_cgroup_set_bandwidth] = { "cgroup_set_bandwidth", UNLOCKED },
	[SCXM_OP_cgroup_set_idle] = { "cgroup_set_idle", UNLOCKED },
	[SCXM_OP_cpu_online] = { "cpu_online", UNLOCKED },
	[SCXM_OP_cpu_offline] = { "cpu_offline", UNLOCKED },
	[SCXM_OP_init] = { "init", UNLOCKED },
	[SCXM_OP_exit] = { "exit", UNLOCKED },
	[SCXM_OP_cpu_acquire] = { "cpu_acquire", 0 },
	[SCXM_OP_cpu_release] = { "cpu_release", SCXM_CPU_RELEASE },
	[SCXM_OP_timer] = { "timer", 0 },
	[SCXM_OP_verb] = { "syscall program", SCXM_SELECT | UNLOCKED },
};

void scxm_enter_call(struct scxm *m, struct scxm_frame *frame, enum scxm_op op,
		     struct scxm_cpu *locked, struct task_struct *a, struct task_struct *b)
{
	*frame = (struct scxm_frame){
		.up = m->frame,
		.name = scxm_op_info[op].name,
		.allow = scxm_op_info[op].allow,
		.locked_rq = locked ? &locked->rq : NULL,
		.tasks = { a, b },
	};
	/* A context that may call what only unlocked ones may, may also select a CPU. */
	if (frame->allow & SCXM_UNLOCKED)
		frame->allow |= SCXM_SELECT;
	scxm_trace_call(m, (uint8_t)op, a);
	m->frame = frame;
	m->frames++;
	if (!frame->up) {
		scxm_here = m;
		scxm_object_loops(m->object);
	}
}

void scxm_leave_call(struct scxm *m, struct scxm_frame *frame)
{
	m->frame = frame->up;
	if (frame->refs)
		scxm_refuse(m, "Unreleased reference after %s (%+d)", frame->name, frame->refs);
	if (frame->rcu || frame->preempt || frame->irq || frame->spin)
		scxm_refuse(m, "%s returns inside an RCU, preemption, irq or lock section",
			    frame->name);
	if (frame->iterators)
		scxm_refuse(m, "%s returns with an iterator that is not destroyed", frame->name);
	if (!frame->up)
		m->loops_cut += scxm_object_loops_cut(m->object);
}
