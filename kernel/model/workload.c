// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Carries a workload out: lives of tasks, events at their times, expectations in the end. */
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cgroup.h"
#include "core.h"
#include "machine.h"
#include "mask.h"
#include "task.h"

/* -ln(u) of a uniform u in (0, 1], in 1/65536: bits of the logarithm by squaring, integers only. */
static uint64_t minus_ln(uint64_t random)
{
	unsigned zeros = (unsigned)__builtin_clzll(random | 1);
	uint64_t x = (random | 1) << zeros, log2 = 0; /* x: 1 .. 2, 63 bits behind the point */

	for (unsigned i = 0; i < 16; i++) {
		unsigned __int128 square = ((unsigned __int128)x * x) >> 63;
		bool two = square >> 64; /* or more: that is a bit of the logarithm */

		log2 = log2 << 1 | two;
		x = (uint64_t)(square >> two);
	}
	/* -log2(u) = zeros + 1 - log2(x), times ln 2 = 45426 / 65536 */
	return (((uint64_t)zeros + 1) * 65536 - log2) * 45426 / 65536;
}

static uint64_t draw(struct scxm *m, const struct scxm_wl_time *time)
{
	if (time->exponential)
		return (uint64_t)(((unsigned __int128)time->least *
				   minus_ln(scxm_random_next(&m->random_work))) >>
				  16);
	if (!time->most)
		return time->least;
	return time->least + scxm_random_below(&m->random_work, time->most - time->least + 1);
}

static void wait_for(struct scxm_wl_life *life, struct scxm_wl_channel *c, struct scxm_step *step)
{
	if (c->count) {
		c->count--;
		return;
	}
	scxm_list_add_tail(&life->waiting, &c->waiters);
	step->verb = SCXM_BLOCK;
}

static void wake_one(struct scxm_wl_channel *c, bool sync, struct scxm_step *step)
{
	struct scxm_wl_life *life;

	if (scxm_list_empty(&c->waiters)) {
		c->count++;
		return;
	}
	life = scxm_container(c->waiters.next, struct scxm_wl_life, waiting);
	scxm_list_del(&life->waiting);
	*step = (struct scxm_step){ .verb = SCXM_WAKE, .value = (uint64_t)life->pid, .flag = sync };
}

static void end_life(struct scxm_wl_life *life)
{
	struct scxm_wl_group *g = life->group;
	struct scxm_task *task = life->task;

	g->ended_ns += task->t.se.sum_exec_runtime;
	g->ended_wait_ns += task->wait_ns;
	if (task->wait_max_ns > g->ended_wait_max_ns)
		g->ended_wait_max_ns = task->wait_max_ns;
	scxm_list_del(&life->waiting);
	life->task = NULL;
}

/* A kill takes the task's own steps away; the life notices when the task is gone. */
static void next_step(struct scxm *m, struct scxm_task *task, struct scxm_step *step)
{
	struct scxm_wl_life *life = task->behaviour;
	const struct scxm_wl_group *g = life->group;
	const struct scxm_wl_step *s;
	uint64_t period;

	if (life->at == g->nr_steps)
		life->at = 0;
	s = &g->steps[life->at++];
	switch (s->verb) {
	case SCXM_WL_RUN:
		*step = (struct scxm_step){ .verb = SCXM_RUN, .value = draw(m, &s->time) };
		break;
	case SCXM_WL_SLEEP:
		*step = (struct scxm_step){ .verb = SCXM_SLEEP, .value = draw(m, &s->time) };
		break;
	case SCXM_WL_UNTIL:
		period = draw(m, &s->time);
		period = period ? period : 1;
		*step = (struct scxm_step){ .verb = SCXM_SLEEP_TILL,
					    .value = (scxm_now(m) / period + 1) * period };
		break;
	case SCXM_WL_WAIT:
		wait_for(life, s->channel, step);
		break;
	case SCXM_WL_WAKE:
		wake_one(s->channel, s->sync, step);
		break;
	case SCXM_WL_FORK:
		/* A fork that is refused is what the task would see too: it goes on. */
		(void)scxm_wl_start(m, s->group, task);
		break;
	case SCXM_WL_YIELD:
		step->verb = SCXM_YIELD;
		break;
	case SCXM_WL_EXIT:
		step->verb = SCXM_EXIT;
		break;
	case SCXM_WL_PIN:
		scxm_migrate_disable(m, task);
		break;
	case SCXM_WL_UNPIN:
		scxm_migrate_enable(m, task);
		break;
	case SCXM_WL_TIMES:
		if (++life->rounds < s->times)
			life->at = 0;
		break;
	}
}

static void on_dead(struct scxm *m, struct scxm_task *task)
{
	(void)m;
	end_life(task->behaviour);
}

static int start_one(struct scxm *m, struct scxm_wl_group *g, unsigned index,
		     struct scxm_task *parent)
{
	struct scxm_wl_life *life = calloc(1, sizeof(*life));
	struct scxm_task_plan plan = {
		.comm = g->name,
		.policy = g->policy,
		.rt_priority = g->rt_priority,
		.nice = g->nice,
		.cpus = &g->cpus,
		.cgroup = g->cgroup,
		.parent = parent,
		.cpu = scxm_mask_next(&g->cpus, &m->active, 0),
		.next = next_step,
		.dead = on_dead,
		.behaviour = life,
	};
	int err;

	if (!life)
		return -ENOMEM;
	if (plan.cpu < 0)
		plan.cpu = scxm_mask_first(&m->active);
	life->group = g;
	life->index = index;
	scxm_list_init(&life->waiting);
	err = scxm_task_new(m, &plan, &life->task);
	if (err) {
		free(life);
		return err;
	}
	life->pid = life->task->t.pid;
	life->next = g->lives;
	g->lives = life;
	scxm_wake_new(m, life->task);
	return 0;
}

int scxm_wl_start(struct scxm *m, struct scxm_wl_group *g, struct scxm_task *parent)
{
	int err = 0;

	if (parent)
		return start_one(m, g, g->lives ? g->lives->index + 1 : 0, parent);
	for (unsigned i = 0; i < g->count && !err; i++)
		err = start_one(m, g, i, NULL);
	return err;
}

/* ---- what happens at a time ---- */

static void act_on(struct scxm *m, const struct scxm_wl_at *a, struct scxm_task *task)
{
	/* What a task may refuse (an empty affinity, a policy) is no fault of the model's. */
	switch (a->action) {
	case SCXM_WL_NICE:
		(void)scxm_set_nice(m, task, a->number);
		break;
	case SCXM_WL_CPUS:
		(void)scxm_set_affinity(m, task, &a->cpus);
		break;
	case SCXM_WL_POLICY:
		(void)scxm_set_policy(m, task, (unsigned)a->number, a->priority);
		break;
	case SCXM_WL_MOVE:
		(void)scxm_cgroup_move(m, task, a->cgroup);
		break;
	case SCXM_WL_KILL:
		scxm_task_kill(m, task);
		break;
	default:
		break;
	}
}

static void happen(struct scxm *m, struct scxm_event *event)
{
	struct scxm_wl_at *a = scxm_container(event, struct scxm_wl_at, event);

	m->current_other = &m->helper->t;
	switch (a->action) {
	case SCXM_WL_START:
		(void)scxm_wl_start(m, a->group,
				    NULL); /* no memory: fewer tasks, seen in the end */
		break;
	case SCXM_WL_ONLINE:
	case SCXM_WL_OFFLINE:
		(void)scxm_cpu_set_online(m, a->number, a->action == SCXM_WL_ONLINE);
		break;
	case SCXM_WL_WEIGHT:
		(void)scxm_cgroup_set_weight(m, a->cgroup, (uint32_t)a->number);
		break;
	case SCXM_WL_STUCK:
		m->watchdog_stuck = true;
		break;
	default:
		for (struct scxm_wl_life *l = a->group->lives; l; l = l->next) {
			if (l->task && (a->index < 0 || (unsigned)a->index == l->index))
				act_on(m, a, l->task);
		}
		break;
	}
	m->current_other = NULL;
}

/* ---- begin and end ---- */

static int arm(struct scxm *m, struct scxm_workload *w)
{
	int err = 0;

	for (struct scxm_wl_at *a = w->ats; a; a = a->next)
		scxm_event_arm(&m->clock, &a->event, scxm_now(m) + a->event.at);
	for (struct scxm_wl_group *g = w->groups; g && !err; g = g->next) {
		struct scxm_wl_at *a;

		if (g->template)
			continue;
		if (!g->from_ns) {
			err = scxm_wl_start(m, g, NULL);
			continue;
		}
		a = calloc(1, sizeof(*a));
		if (!a)
			return -ENOMEM;
		a->action = SCXM_WL_START;
		a->group = g;
		a->event.kind = SCXM_EV_SCRIPT;
		a->next = w->ats;
		w->ats = a;
		scxm_event_arm(&m->clock, &a->event, scxm_now(m) + g->from_ns);
	}
	return err;
}

int scxm_workload_open(struct scxm *m, const char *text, char *errbuf, size_t errbuf_size)
{
	struct scxm_workload *w;
	int err;

	if (m->workload) {
		(void)snprintf(errbuf, errbuf_size, "the machine has its workload already");
		return -EBUSY;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	m->workload = w;
	m->script = happen;
	w->since_ns = scxm_now(m);
	err = scxm_workload_parse(m, w, text, errbuf, errbuf_size);
	if (err) {
		scxm_workload_close(m);
		return err;
	}
	scxm_outside_begin(m);
	err = arm(m, w);
	scxm_outside_end(m);
	if (err)
		(void)snprintf(errbuf, errbuf_size, "tasks of the workload cannot begin (%d)", err);
	return err;
}

static void free_group(struct scxm_wl_group *g)
{
	struct scxm_wl_life *life, *next;

	for (life = g->lives; life; life = next) {
		next = life->next;
		free(life);
	}
	free(g->steps);
	free(g);
}

void scxm_workload_close(struct scxm *m)
{
	struct scxm_workload *w = m->workload;

	if (!w)
		return;
	for (struct scxm_wl_group *g = w->groups, *next; g; g = next) {
		next = g->next;
		free_group(g);
	}
	for (struct scxm_wl_channel *c = w->channels, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	for (struct scxm_wl_at *a = w->ats, *next; a; a = next) {
		next = a->next;
		scxm_event_disarm(&m->clock, &a->event);
		free(a);
	}
	for (struct scxm_wl_expect *e = w->expects, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	free(w);
	m->workload = NULL;
}

/* ---- expectations ---- */

static void measure(struct scxm *m, const struct scxm_wl_group *g, uint64_t *cpu_ns,
		    uint64_t *wait_ns)
{
	*cpu_ns = g->ended_ns;
	*wait_ns = g->ended_wait_max_ns;
	for (const struct scxm_wl_life *l = g->lives; l; l = l->next) {
		struct scxm_task *task = l->task;
		uint64_t wait;

		if (!task)
			continue;
		if (scxm_is_running(m, &task->t))
			scxm_update_curr(m, scxm_cpu_of(m, &task->t));
		*cpu_ns += task->t.se.sum_exec_runtime;
		wait = task->wait_max_ns;
		if (task->waiting && scxm_now(m) - task->wait_since > wait)
			wait = scxm_now(m) - task->wait_since;
		if (wait > *wait_ns)
			*wait_ns = wait;
	}
}

static bool holds(struct scxm *m, const struct scxm_workload *w, const struct scxm_wl_expect *e,
		  uint64_t *found)
{
	uint64_t cpu_ns, wait_ns, all = (scxm_now(m) - w->since_ns) * m->nr_cpus;

	if (e->what == SCXM_WL_END) {
		*found = m->end.ended ? (uint64_t)m->end.kind : 0;
		return *found == (uint64_t)e->kind;
	}
	measure(m, e->group, &cpu_ns, &wait_ns);
	if (e->what == SCXM_WL_LONGEST_WAIT) {
		*found = wait_ns;
		return wait_ns <= e->most;
	}
	*found = all ? (uint64_t)((unsigned __int128)cpu_ns * 1000 / all) : 0;
	return *found >= e->least && *found <= e->most;
}

int scxm_workload_check(struct scxm *m, char *errbuf, size_t errbuf_size)
{
	struct scxm_workload *w = m->workload;
	uint64_t found;

	for (struct scxm_wl_expect *e = w ? w->expects : NULL; e; e = e->next) {
		if (holds(m, w, e, &found))
			continue;
		(void)snprintf(errbuf, errbuf_size, "expected: %s; found: %llu", e->text,
			       (unsigned long long)found);
		return -ERANGE;
	}
	return 0;
}
