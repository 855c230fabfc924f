// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * A scheduler is enabled and disabled (kernel/sched/ext/ext.c: scx_root_enable_workfn(),
 * scx_root_disable()), in the kernel's order. Both take no simulated time; between an exit and the
 * disable that follows it passes the time that the kernel's helper thread needs.
 */
#include "enable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bypass.h"
#include "cgroup.h"
#include "check.h"
#include "cycle.h"
#include "dsq.h"
#include "dump.h"
#include "idle.h"
#include "mask.h"
#include "task.h"
#include "watchdog.h"

#define WATCHDOG_MS_MAX 30000 /* SCX_WATCHDOG_MAX_TIMEOUT, kernel/sched/ext/types.h */

/* ---- one task ---- */

static int init_task(struct scxm *m, struct task_struct *p, bool fork)
{
	struct scx_init_task_args args = { .fork = fork, .cgroup = &scxm_task(p)->cgroup->cgrp };
	int err;

	p->scx.disallow = false;
	if (SCXM_HAS(m, init_task)) {
		err = SCXM_CALL(m, init_task, NULL, p, NULL, fork, p, &args);
		if (err)
			return scxm_sane_errno(m, "init_task", err);
	}
	if (!p->scx.disallow)
		return 0;
	if (fork) {
		scxm_error(m, "ops.init_task() set task->scx.disallow for %s[%d] during fork",
			   p->comm, p->pid);
	} else if (m->state != SCXM_ENABLING) {
		scxm_error(
			m,
			"ops.init_task() set task->scx.disallow for %s[%d] outside the enable path",
			p->comm, p->pid);
	} else if (p->policy == SCHED_EXT) {
		p->policy = SCHED_NORMAL;
		m->nr_rejected++;
	}
	return 0;
}

void scxm_enable_task(struct scxm *m, struct task_struct *p)
{
	p->scx.weight = scxm_task_weight(p);
	SCXM_TELL(m, enable, p, 0);
	SCXM_TELL(m, set_weight, p, p->scx.weight, p->scx.weight);
	scxm_set_state(p, SCX_TASK_ENABLED);
}

void scxm_disable_task(struct scxm *m, struct task_struct *p)
{
	scxm_clear_direct(p);
	SCXM_TELL(m, disable, p, 0);
	scxm_set_state(p, SCX_TASK_READY);
	p->scx.dsq_vtime = 0;
	scxm_set_slice(p, 0);
	p->scx.reenq_cnt = 0;
	p->scx.flags |= SCX_TASK_RESET_RUNNABLE_AT;
}

static void exit_task(struct scxm *m, struct task_struct *p)
{
	struct scx_exit_task_args args = { .cancelled = scxm_state(p) == SCX_TASK_INIT };

	if (scxm_state(p) == SCX_TASK_NONE)
		return;
	if (scxm_state(p) == SCX_TASK_ENABLED)
		scxm_disable_task(m, p);
	SCXM_TELL(m, exit_task, p, args.cancelled, &args);
	scxm_set_state(p, SCX_TASK_NONE);
}

int scxm_ext_fork(struct scxm *m, struct scxm_task *task)
{
	struct task_struct *p = &task->t;
	int err;

	if (!m->init_task_enabled)
		return 0;
	scxm_set_state(p, SCX_TASK_INIT_BEGIN);
	err = init_task(m, p, true);
	if (err) {
		scxm_set_state(p, SCX_TASK_NONE);
		return err;
	}
	scxm_set_state(p, SCX_TASK_READY);
	if (task->class == SCXM_CLASS_EXT)
		scxm_enable_task(m, p);
	return 0;
}

void scxm_ext_dead(struct scxm *m, struct scxm_task *task)
{
	if (scxm_state(&task->t) == SCX_TASK_NONE)
		return;
	exit_task(m, &task->t);
	scxm_set_state(&task->t, SCX_TASK_DEAD);
}

/* ---- enable ---- */

/* What the kernel looks at when the struct of operations is registered. */
static int check_ops(const struct sched_ext_ops *ops)
{
	if (ops->dispatch_max_batch > INT32_MAX || ops->timeout_ms > WATCHDOG_MS_MAX)
		return -E2BIG;
	if (!ops->name[0] || (ops->flags & ~(uint64_t)SCX_OPS_ALL_FLAGS))
		return -EINVAL;
	return 0;
}

static int sched_new(struct scxm *m, const struct sched_ext_ops *ops)
{
	struct scx_sched *sch = &m->sched;
	uint32_t timeout_ms = ops->timeout_ms ? ops->timeout_ms : WATCHDOG_MS_MAX;

	*sch = (struct scx_sched){ .ops = *ops, .used = true };
	sch->max_batch = ops->dispatch_max_batch ? ops->dispatch_max_batch : SCX_DSP_DFL_MAX_BATCH;
	sch->dump_bytes = ops->exit_dump_len ? ops->exit_dump_len : SCX_EXIT_DUMP_DFL_LEN;
	sch->ops.exit_dump_len = (uint32_t)sch->dump_bytes;
	sch->slice_dfl = SCX_SLICE_DFL;
	sch->watchdog_jiffies = (uint64_t)timeout_ms * m->hz / 1000;
	sch->global = calloc(m->nr_nodes, sizeof(*sch->global));
	sch->dump = calloc(1, sch->dump_bytes + 1);
	sch->info.msg = calloc(1, SCX_EXIT_MSG_LEN);
	sch->info.dump = sch->dump;
	if (!sch->global || !sch->dump || !sch->info.msg)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->nr_nodes; i++)
		scxm_dsq_init(&sch->global[i], SCX_DSQ_GLOBAL, sch);
	for (uint32_t i = 0; i < m->nr_cpus; i++) {
		struct scxm_cpu *cpu = &m->cpus[i];

		cpu->buffer = calloc(sch->max_batch, sizeof(*cpu->buffer));
		if (!cpu->buffer)
			return -ENOMEM;
		cpu->cursor = 0;
		cpu->rq.scx.local_dsq.sched = sch;
		cpu->rq.scx.cpuperf_target = SCX_CPUPERF_ONE;
		cpu->rq.scx.cpu_released = false;
		cpu->events = (struct scx_event_stats){ 0 };
		scxm_dsq_init(&cpu->bypass_dsq, SCX_DSQ_BYPASS, sch);
	}
	return 0;
}

void scxm_sched_free(struct scxm *m)
{
	struct scx_sched *sch = &m->sched;

	scxm_dsq_free_all(m);
	free(sch->global);
	free(sch->dump);
	free(sch->info.msg);
	for (uint32_t i = 0; i < m->nr_cpus; i++) {
		free(m->cpus[i].buffer);
		m->cpus[i].buffer = NULL;
		m->cpus[i].rq.scx.local_dsq.sched = NULL;
	}
	*sch = (struct scx_sched){ 0 };
}

static int call_init(struct scxm *m)
{
	int err = SCXM_CALL(m, init, NULL, NULL, NULL, 0);

	if (err) {
		err = scxm_sane_errno(m, "init", err);
		scxm_error(m, "ops.init() failed (%d)", err);
		return err;
	}
	m->sched.info.flags |= SCX_EFLAG_INITIALIZED;
	return 0;
}

static int check_hotplug_seq(struct scxm *m)
{
	uint64_t seq = m->sched.ops.hotplug_seq;

	if (!seq || seq == m->hotplug_seq)
		return 0;
	scxm_exit(m, SCX_EXIT_UNREG_KERN, SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG, m->cpu,
		  "expected hotplug seq %llu did not match actual %llu", (unsigned long long)seq,
		  (unsigned long long)m->hotplug_seq);
	return -EBUSY;
}

static int validate(struct scxm *m)
{
	const struct sched_ext_ops *ops = &m->sched.ops;

	if ((ops->flags & SCX_OPS_ENQ_LAST) && !ops->enqueue) {
		scxm_error(m, "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented");
		return -EINVAL;
	}
	if ((ops->flags & SCX_OPS_BUILTIN_IDLE_PER_NODE) && ops->update_idle &&
	    !(ops->flags & SCX_OPS_KEEP_BUILTIN_IDLE)) {
		scxm_error(m, "SCX_OPS_BUILTIN_IDLE_PER_NODE requires CPU idle selection enabled");
		return -EINVAL;
	}
	if (ops->sub_attach || ops->sub_detach) {
		scxm_error(m, "sub_attach/sub_detach requires cid-form struct_ops");
		return -EINVAL;
	}
	return 0;
}

static int init_tasks(struct scxm *m)
{
	int err = scxm_cgroups_attach(m);

	if (err)
		return err;
	m->cgroup_enabled = true;
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next) {
		struct task_struct *p = &scxm_container(at, struct scxm_task, all)->t;

		scxm_set_state(p, SCX_TASK_INIT_BEGIN);
		err = init_task(m, p, false);
		if (err) {
			scxm_set_state(p, SCX_TASK_NONE);
			scxm_error(m, "ops.init_task() failed (%d) for %s[%d]", err, p->comm,
				   p->pid);
			return err;
		}
		scxm_set_state(p, SCX_TASK_READY);
	}
	return 0;
}

/* Gives each task the class that it has now, through a dequeue and an enqueue. */
static void switch_task(struct scxm *m, struct scxm_task *task, bool enabling)
{
	uint64_t flags = DEQUEUE_SAVE | DEQUEUE_MOVE;
	uint8_t class = scxm_class_of(m, &task->t);
	struct scxm_change change;

	if (class != task->class)
		flags |= DEQUEUE_CLASS;
	change = scxm_change_begin(m, &task->t, flags);
	if (enabling)
		scxm_set_slice(&task->t, m->sched.slice_dfl);
	task->class = class;
	scxm_change_end(m, &change);
}

static int enable_steps(struct scxm *m)
{
	int err;

	scxm_idle_enable(m);
	err = m->sched.ops.init ? call_init(m) : 0;
	if (err)
		return err;
	m->sched.hotplug_live = true;
	err = check_hotplug_seq(m);
	if (err)
		return err;
	scxm_idle_topology(m);
	err = validate(m);
	if (err)
		return err;
	scxm_bypass(m, true);
	m->sched.live = true;
	if (m->sched.ops.cpu_acquire || m->sched.ops.cpu_release)
		m->sched.ops.flags |= SCX_OPS_HAS_CPU_PREEMPT;
	m->init_task_enabled = true;
	m->tid_to_task = m->sched.ops.flags & SCX_OPS_TID_TO_TASK;
	err = init_tasks(m);
	if (err)
		return err;
	m->switching_all = !(m->sched.ops.flags & SCX_OPS_SWITCH_PARTIAL);
	m->ext_enabled = true;
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next) {
		struct scxm_task *task = scxm_container(at, struct scxm_task, all);

		if (scxm_state(&task->t) == SCX_TASK_READY)
			switch_task(m, task, true);
	}
	scxm_bypass(m, false);
	/* It ended while it was enabled. */
	if (m->sched.exit_kind != SCX_EXIT_NONE)
		return -EBUSY;
	m->state = SCXM_ENABLED;
	m->switched_all = m->switching_all;
	return 0;
}

int scxm_enable(struct scxm *m, const struct sched_ext_ops *ops)
{
	int err = check_ops(ops);

	if (m->state != SCXM_DISABLED)
		return -EBUSY;
	if (err)
		return err;
	err = sched_new(m, ops);
	if (err) {
		scxm_sched_free(m);
		return err;
	}
	free(m->end.dump);
	m->end = (struct scxm_end){ 0 };
	m->nr_rejected = 0;
	m->state = SCXM_ENABLING;
	m->current_other = &m->helper->t;
	err = enable_steps(m);
	if (err) {
		scxm_error(m, "scx_root_enable() failed (%d)", err);
		scxm_exit_irq(m);
		scxm_event_disarm(&m->clock, &m->disable);
		scxm_disable(m);
	} else {
		scxm_watchdog_start(m);
		m->enable_seq++;
	}
	m->current_other = NULL;
	return 0;
}

/* ---- disable ---- */

void scxm_exit_irq(struct scxm *m)
{
	if (!m->disable_pending)
		return;
	m->disable_pending = false;
	if (m->sched.info.kind >= SCX_EXIT_ERROR)
		scxm_dump(m);
	scxm_event_arm(&m->clock, &m->disable, scxm_now(m) + m->disable_ns);
}

static void record_end(struct scxm *m)
{
	struct scx_exit_info *info = &m->sched.info;

	m->end = (struct scxm_end){
		.ended = true,
		.kind = (int)info->kind,
		.cpu = info->exit_cpu,
		.code = info->exit_code,
		.flags = info->flags,
		.dump = strdup(m->sched.dump),
	};
	strncpy(m->end.reason, info->reason ? info->reason : "", sizeof(m->end.reason) - 1);
	strncpy(m->end.msg, info->msg, sizeof(m->end.msg) - 1);
}

void scxm_disable(struct scxm *m)
{
	struct scx_sched *sch = &m->sched;

	m->current_other = &m->helper->t;
	sch->exit_kind = SCX_EXIT_DONE;
	scxm_bypass(m, true);
	m->state = SCXM_DISABLING;
	scxm_watchdog_stop(m);
	m->switched_all = m->switching_all = false;
	m->cgroup_enabled = false;
	scxm_cgroups_detach(m);
	m->init_task_enabled = false;
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next) {
		struct scxm_task *task = scxm_container(at, struct scxm_task, all);

		switch_task(m, task, false);
		exit_task(m, &task->t);
	}
	m->ext_enabled = m->tid_to_task = false;
	sch->live = sch->hotplug_live = false;
	scxm_idle_disable(m);
	if (sch->ops.exit)
		SCXM_CALL_VOID(m, exit, NULL, NULL, NULL, sch->info.kind, &sch->info);
	record_end(m);
	m->state = SCXM_DISABLED;
	scxm_bypass(m, false);
	scxm_sched_free(m);
	m->current_other = NULL;
}

void scxm_unregister(struct scxm *m)
{
	if (scxm_exit_claim(m, SCX_EXIT_UNREG)) {
		scxm_exit_finish(m, SCX_EXIT_UNREG, 0, -1);
		m->sched.info.reason = "unregistered from user space";
	}
	if (!m->sched.used)
		return;
	scxm_exit_irq(m);
	scxm_event_disarm(&m->clock, &m->disable);
	scxm_disable(m);
}
