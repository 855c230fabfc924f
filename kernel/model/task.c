// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Tasks: birth by fork, a life of steps, death. What a task does is asked from its behaviour one
 * step at a time, when it runs and the step before is over. Process numbers are never used twice.
 */
#include "task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "check.h"
#include "core.h"
#include "cycle.h"
#include "enable.h"
#include "kick.h"
#include "map.h"
#include "mask.h"
#include "memory.h"

#define STEPS_MOST 1000000 /* of one task without time passing: its behaviour is a loop */
#define WEIGHT_IDLEPRIO 3

/* kernel/sched/core.c: a nice level is worth about 10 % of CPU time, a factor of 1.25. */
static const uint32_t nice_weight[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548,  7620,  6100,  4904,  3906,  3121,  2501,	 1991,	1586,  1277,
	1024,  820,   655,   526,   423,   335,	  272,	 215,	172,   137,
	110,   87,    70,    56,    45,	   36,	  29,	 23,	18,    15,
};

void scxm_task_set_load(struct task_struct *p)
{
	p->se.load.weight = p->policy == SCHED_IDLE ? WEIGHT_IDLEPRIO
						    : nice_weight[p->static_prio - MAX_RT_PRIO];
}

uint32_t scxm_task_weight(const struct task_struct *p)
{
	uint64_t weight = (p->se.load.weight * CGROUP_WEIGHT_DFL + 512) / 1024;

	return weight < 1 ? 1 : weight > 10000 ? 10000 : (uint32_t)weight;
}

void scxm_task_name(struct task_struct *p, const char *comm)
{
	size_t n = strnlen(comm, TASK_COMM_LEN - 1);

	memset(p->comm, 0, sizeof(p->comm));
	memcpy(p->comm, comm, n);
}

struct scxm_task *scxm_task_by_pid(struct scxm *m, int pid)
{
	return pid > 0 && (uint32_t)pid < m->next_pid ? m->by_pid[pid] : NULL;
}

static int take_pid(struct scxm *m, struct scxm_task *task)
{
	if (m->next_pid >= m->pid_room) {
		uint32_t room = m->pid_room ? m->pid_room * 2 : 1024;
		struct scxm_task **table = realloc(m->by_pid, room * sizeof(*table));

		if (!table)
			return -ENOMEM;
		memset(table + m->pid_room, 0, (room - m->pid_room) * sizeof(*table));
		m->by_pid = table;
		m->pid_room = room;
	}
	task->t.pid = (int)m->next_pid;
	m->by_pid[m->next_pid++] = task;
	return 0;
}

static void init_ext(struct scxm *m, struct sched_ext_entity *scx)
{
	scxm_list_init(&scx->dsq_list.node);
	scxm_list_init(&scx->runnable_node);
	scx->sticky_cpu = scx->holding_cpu = scx->runnable_cpu = -1;
	scx->runnable_at = scxm_jiffies(m);
	scx->ddsp_dsq_id = SCX_DSQ_INVALID;
	scx->slice = SCX_SLICE_DFL;
	scx->tid = m->next_tid++;
}

static void describe(struct scxm *m, struct scxm_task *task, const struct scxm_task_plan *plan)
{
	struct task_struct *p = &task->t;
	struct scxm_task *parent = plan->parent;
	bool rt = plan->policy == SCHED_FIFO || plan->policy == SCHED_RR;

	scxm_task_name(p, plan->comm);
	p->flags = plan->flags;
	p->policy = plan->policy;
	p->static_prio = DEFAULT_PRIO + plan->nice;
	p->rt_priority = (unsigned)(rt ? plan->rt_priority : 0);
	p->prio = plan->policy == SCHED_DEADLINE ? -1
		  : rt				 ? MAX_RT_PRIO - 1 - plan->rt_priority
						 : p->static_prio;
	p->normal_prio = p->prio;
	scxm_task_set_load(p);
	p->cpus_mask = plan->cpus ? *plan->cpus : parent ? parent->t.cpus_mask : m->possible;
	p->cpus_ptr = &p->cpus_mask;
	p->nr_cpus_allowed = scxm_mask_weight(&p->cpus_mask);
	p->thread_info.cpu = parent ? parent->t.thread_info.cpu : (u32)plan->cpu;
	p->wake_cpu = (int)p->thread_info.cpu;
	p->start_time = p->start_boottime = scxm_now(m) + 1;
	p->tgid = parent && plan->thread ? parent->t.tgid : p->pid;
	p->group_leader = parent && plan->thread ? parent->t.group_leader : p;
	p->parent = p->real_parent = parent ? &parent->t : p;
	p->mm = plan->flags & PF_KTHREAD ? NULL : &m->mm;
	task->next = plan->next;
	task->on_dead = plan->dead;
	task->behaviour = plan->behaviour;
	scxm_cgroup_join(task, plan->cgroup ? plan->cgroup
			       : parent	    ? parent->cgroup
					    : m->root_cgroup);
}

int scxm_task_new(struct scxm *m, const struct scxm_task_plan *plan, struct scxm_task **ret)
{
	struct scxm_task *task = scxm_alloc(m, sizeof(*task));
	int err;

	if (!task)
		return -ENOMEM;
	task->magic = SCXM_TASK_MAGIC;
	task->refs = 1;
	task->move_to = -1;
	task->timer.kind = SCXM_EV_TASK;
	scxm_list_init(&task->all);
	scxm_list_init(&task->queue);
	scxm_list_init(&task->stop);
	init_ext(m, &task->t.scx);
	err = take_pid(m, task);
	if (err) {
		scxm_free(m, task, sizeof(*task));
		return err;
	}
	describe(m, task, plan);
	task->t.__state = plan->parent ? TASK_RUNNING : TASK_INTERRUPTIBLE;
	task->class = scxm_class_of(m, &task->t);
	err = scxm_ext_fork(m, task);
	if (err) {
		m->by_pid[task->t.pid] = NULL;
		scxm_cgroup_leave(task);
		scxm_task_put(m, task);
		return err;
	}
	scxm_list_add_tail(&task->all, &m->tasks);
	m->nr_tasks++;
	*ret = task;
	return 0;
}

void scxm_task_put(struct scxm *m, struct scxm_task *task)
{
	if (--task->refs)
		return;
	scxm_storage_free(m, task->storage);
	task->magic = 0;
	scxm_free(m, task, sizeof(*task));
}

void scxm_task_dead(struct scxm *m, struct scxm_task *task)
{
	task->dead = true;
	if (task->on_dead)
		task->on_dead(m, task);
	scxm_event_disarm(&m->clock, &task->timer);
	scxm_list_del(&task->all);
	scxm_list_del(&task->stop);
	m->nr_tasks--;
	scxm_ext_dead(m, task);
	scxm_cgroup_leave(task);
	m->by_pid[task->t.pid] = NULL;
	task->t.exit_state = 0x20; /* EXIT_DEAD */
	scxm_task_put(m, task);
}

void scxm_task_wait_begin(struct scxm *m, struct scxm_task *task)
{
	if (task->waiting)
		return;
	task->waiting = true;
	task->wait_since = scxm_now(m);
}

void scxm_task_wait_end(struct scxm *m, struct scxm_task *task)
{
	uint64_t ns;

	if (!task->waiting)
		return;
	task->waiting = false;
	ns = scxm_now(m) - task->wait_since;
	task->wait_ns += ns;
	if (ns > task->wait_max_ns)
		task->wait_max_ns = ns;
}

/* ---- steps ---- */

static void exit_next(struct scxm *m, struct scxm_task *task, struct scxm_step *step)
{
	(void)m;
	(void)task;
	step->verb = SCXM_EXIT;
}

static void sleep_till(struct scxm *m, struct scxm_task *task, uint64_t at)
{
	task->t.__state = TASK_INTERRUPTIBLE;
	scxm_event_arm(&m->clock, &task->timer, at);
}

/* PF_EXITING comes first; what is left of an ending task's life runs with it. */
static void end_task(struct scxm *m, struct scxm_cpu *cpu, struct scxm_task *task, uint64_t rest_ns)
{
	if (!(task->t.flags & PF_EXITING)) {
		struct scxm_change change;

		task->t.flags |= PF_EXITING;
		task->next = exit_next;
		task->work_ns = rest_ns;
		/* kernel/sched/autogroup.c: it leaves its autogroup while it still runs. */
		change = scxm_change_begin(m, &task->t, DEQUEUE_SAVE | DEQUEUE_MOVE);
		scxm_change_end(m, &change);
		scxm_resched(m, cpu);
		return;
	}
	task->t.__state = TASK_DEAD;
	scxm_schedule(m, cpu);
}

/* Carries out one step of the task that runs on @cpu. */
static void take_step(struct scxm *m, struct scxm_cpu *cpu, struct scxm_task *task,
		      const struct scxm_step *step)
{
	struct scxm_task *other;

	switch (step->verb) {
	case SCXM_RUN:
		task->work_ns = step->value;
		break;
	case SCXM_SLEEP:
		sleep_till(m, task, scxm_now(m) + step->value);
		scxm_schedule(m, cpu);
		break;
	case SCXM_SLEEP_TILL:
		if (step->value <= scxm_now(m))
			break;
		sleep_till(m, task, step->value);
		scxm_schedule(m, cpu);
		break;
	case SCXM_BLOCK:
		task->t.__state = TASK_INTERRUPTIBLE;
		scxm_schedule(m, cpu);
		break;
	case SCXM_WAKE:
		other = scxm_task_by_pid(m, (int)step->value);
		if (other)
			scxm_wake(m, other, step->flag ? WF_SYNC : 0);
		break;
	case SCXM_YIELD:
		scxm_update_curr(m, cpu);
		scxm_class(&task->t)->yield(m, cpu, &task->t);
		scxm_schedule(m, cpu);
		break;
	case SCXM_EXIT:
		end_task(m, cpu, task, step->value);
		break;
	case SCXM_NOTHING:
		break;
	}
}

void scxm_task_advance(struct scxm *m, struct scxm_cpu *cpu)
{
	struct scxm_task *task = scxm_task(cpu->rq.curr);

	for (unsigned n = 0;; n++) {
		struct scxm_step step = { .verb = SCXM_NOTHING };

		if (cpu->rq.curr != &task->t || cpu->need_resched || cpu->syncing || task->work_ns)
			break;
		if (n >= STEPS_MOST) {
			scxm_bug(m, "task %s[%d] takes no time and never stops", task->t.comm,
				 task->t.pid);
			break;
		}
		task->next(m, task, &step);
		take_step(m, cpu, task, &step);
		if (cpu->rq.curr == &task->t && (cpu->kicks || cpu->deferred))
			break; /* interrupts come first */
	}
}

void scxm_task_kill(struct scxm *m, struct scxm_task *task)
{
	struct scxm_cpu *cpu = scxm_cpu_of(m, &task->t);

	if (task->dead || task->stopper)
		return;
	if (scxm_is_running(m, &task->t))
		scxm_update_curr(m, cpu);
	task->next = exit_next;
	task->work_ns = 0;
	if (scxm_is_running(m, &task->t))
		scxm_rearm(m, cpu);
	else if (task->t.__state != TASK_RUNNING)
		scxm_wake(m, task, 0);
}

/* ---- the tasks that every machine has ---- */

static void stopper_next(struct scxm *m, struct scxm_task *task, struct scxm_step *step)
{
	scxm_stopper_run(m, scxm_cpu_of(m, &task->t));
	step->verb = SCXM_BLOCK;
}

static int idle_task(struct scxm *m, struct scxm_cpu *cpu)
{
	struct scxm_task *task = scxm_alloc(m, sizeof(*task));
	struct task_struct *p;

	if (!task)
		return -ENOMEM;
	p = &task->t;
	task->magic = SCXM_TASK_MAGIC;
	task->refs = 1;
	task->class = SCXM_CLASS_IDLE;
	task->move_to = -1;
	scxm_list_init(&task->stop);
	scxm_task_name(p, "swapper");
	p->flags = PF_KTHREAD;
	p->prio = p->static_prio = 140;
	p->thread_info.cpu = (u32)scxm_cpu_nr(cpu);
	p->cpus_mask = m->cpu_mask[scxm_cpu_nr(cpu)];
	p->cpus_ptr = &p->cpus_mask;
	p->nr_cpus_allowed = 1;
	p->group_leader = p->parent = p->real_parent = p;
	task->cgroup = m->root_cgroup;
	init_ext(m, &p->scx);
	cpu->rq.idle = cpu->rq.curr = cpu->rq.donor = p;
	p->on_cpu = 1;
	return 0;
}

int scxm_tasks_init(struct scxm *m)
{
	struct scxm_task_plan plan = { .flags = PF_KTHREAD | PF_NO_SETAFFINITY };
	struct scxm_task *task;
	int err = 0;

	m->next_pid = 2;
	m->next_tid = 1;
	for (uint32_t i = 0; i < m->nr_cpus && !err; i++)
		err = idle_task(m, &m->cpus[i]);
	plan.comm = "sched_ext_helper";
	plan.policy = SCHED_FIFO;
	plan.rt_priority = 50;
	if (!err)
		err = scxm_task_new(m, &plan, &m->helper);
	for (uint32_t i = 0; i < m->nr_cpus && !err; i++) {
		char comm[TASK_COMM_LEN] = "migration/";

		for (uint32_t n = i, at = 10 + (i > 9) + (i > 99) + (i > 999); at >= 10;
		     at--, n /= 10)
			comm[at] = (char)('0' + n % 10);
		plan.comm = comm;
		plan.rt_priority = 99;
		plan.cpu = (int)i;
		plan.cpus = &m->cpu_mask[i];
		plan.next = stopper_next;
		err = scxm_task_new(m, &plan, &task);
		if (err)
			break;
		task->stopper = true;
		task->class = SCXM_CLASS_STOP;
		task->t.prio = -2;
		m->cpus[i].rq.stop = &task->t;
	}
	return err;
}
