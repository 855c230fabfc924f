// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Cgroups (kernel/sched/ext/ext.c: scx_tg_online() and its kin). All have the cpu controller. The
 * list of all has parents before their children.
 */
#include "cgroup.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "core.h"
#include "cycle.h"
#include "map.h"
#include "memory.h"

#define LEVELS_MAX 16

static struct scx_cgroup_init_args init_args(const struct scxm_cgroup *g)
{
	return (struct scx_cgroup_init_args){ .weight = g->tg.scx.weight,
					      .bw_period_us = g->tg.scx.bw_period_us,
					      .bw_quota_us = g->tg.scx.bw_quota_us,
					      .bw_burst_us = g->tg.scx.bw_burst_us,
					      .sched_idle = g->tg.scx.idle };
}

/* Tells the scheduler of a cgroup that is there now. */
static int online(struct scxm *m, struct scxm_cgroup *g)
{
	struct scx_cgroup_init_args args = init_args(g);
	int err = 0;

	if (m->cgroup_enabled && SCXM_HAS(m, cgroup_init)) {
		err = SCXM_CALL(m, cgroup_init, NULL, NULL, NULL, g->kn.id, &g->cgrp, &args);
		if (err)
			return scxm_sane_errno(m, "cgroup_init", err);
	}
	g->tg.scx.flags |= SCX_TG_ONLINE;
	if (m->cgroup_enabled)
		g->tg.scx.flags |= SCX_TG_INITED;
	return 0;
}

static struct scxm_cgroup *alloc(struct scxm *m, struct scxm_cgroup *parent, const char *name)
{
	struct scxm_cgroup *g = scxm_alloc(m, sizeof(*g));

	if (!g)
		return NULL;
	g->magic = SCXM_CGROUP_MAGIC;
	g->refs = 1;
	g->parent = parent;
	strncpy(g->name, name, sizeof(g->name) - 1);
	g->kn = (struct kernfs_node){ .name = g->name, .id = ++m->next_cgroup };
	g->cgrp.kn = &g->kn;
	g->cgrp.self.cgroup = &g->cgrp;
	g->cgrp.subsys[cpu_cgrp_id] = &g->tg.css;
	g->tg.css.cgroup = &g->cgrp;
	g->tg.shares = 1024;
	g->tg.scx.weight = CGROUP_WEIGHT_DFL;
	g->tg.scx.bw_period_us = 100000;
	g->tg.scx.bw_quota_us = UINT64_MAX;
	if (parent) {
		g->cgrp.level = parent->cgrp.level + 1;
		memcpy(g->cgrp.ancestors, parent->cgrp.ancestors, sizeof(g->cgrp.ancestors));
		g->cgrp.self.parent = &parent->cgrp.self;
		g->tg.parent = &parent->tg;
		parent->children++;
	}
	g->cgrp.ancestors[g->cgrp.level] = &g->cgrp;
	return g;
}

int scxm_cgroups_init(struct scxm *m)
{
	scxm_list_init(&m->cgroups);
	m->root_cgroup = alloc(m, NULL, "");
	if (!m->root_cgroup)
		return -ENOMEM;
	scxm_list_add_tail(&m->root_cgroup->all, &m->cgroups);
	return online(m, m->root_cgroup);
}

int scxm_cgroup_new(struct scxm *m, struct scxm_cgroup *parent, const char *name,
		    struct scxm_cgroup **ret)
{
	struct scxm_cgroup *g;
	int err;

	if (parent->cgrp.level + 1 >= LEVELS_MAX)
		return -ELOOP;
	g = alloc(m, parent, name);
	if (!g)
		return -ENOMEM;
	err = online(m, g);
	if (err) {
		parent->children--;
		scxm_cgroup_put(m, g);
		return err;
	}
	scxm_list_add_tail(&g->all, &m->cgroups);
	*ret = g;
	return 0;
}

void scxm_cgroup_put(struct scxm *m, struct scxm_cgroup *g)
{
	if (--g->refs)
		return;
	scxm_storage_free(m, g->storage);
	g->magic = 0;
	scxm_free(m, g, sizeof(*g));
}

int scxm_cgroup_remove(struct scxm *m, struct scxm_cgroup *g)
{
	if (g->tasks || g->children || g == m->root_cgroup)
		return -EBUSY;
	if (m->cgroup_enabled && (g->tg.scx.flags & SCX_TG_INITED) && SCXM_HAS(m, cgroup_exit))
		SCXM_CALL_VOID(m, cgroup_exit, NULL, NULL, NULL, g->kn.id, &g->cgrp);
	g->tg.scx.flags = 0;
	g->removed = true;
	g->parent->children--;
	scxm_list_del(&g->all);
	scxm_cgroup_put(m, g);
	return 0;
}

int scxm_cgroup_set_weight(struct scxm *m, struct scxm_cgroup *g, uint32_t weight)
{
	if (weight < 1 || weight > 10000)
		return -ERANGE;
	if (m->cgroup_enabled && SCXM_HAS(m, cgroup_set_weight) && g->tg.scx.weight != weight)
		SCXM_CALL_VOID(m, cgroup_set_weight, NULL, NULL, NULL, weight, &g->cgrp, weight);
	g->tg.scx.weight = weight;
	return 0;
}

void scxm_cgroup_join(struct scxm_task *task, struct scxm_cgroup *g)
{
	task->cgroup = g;
	task->css.dfl_cgrp = &g->cgrp;
	task->t.cgroups = &task->css;
	task->t.sched_task_group = &g->tg;
	g->tasks++;
}

void scxm_cgroup_leave(struct scxm_task *task)
{
	if (task->cgroup)
		task->cgroup->tasks--;
	task->cgroup = NULL;
}

int scxm_cgroup_move(struct scxm *m, struct scxm_task *task, struct scxm_cgroup *to)
{
	struct task_struct *p = &task->t;
	struct scxm_cgroup *from = task->cgroup;
	struct scxm_change change;
	int err;

	if (task->dead)
		return -ESRCH;
	if (from == to)
		return 0;
	if (m->cgroup_enabled && SCXM_HAS(m, cgroup_prep_move)) {
		err = SCXM_CALL(m, cgroup_prep_move, NULL, p, NULL, to->kn.id, p, &from->cgrp,
				&to->cgrp);
		if (err)
			return scxm_sane_errno(m, "cgroup_prep_move", err);
	}
	/* kernel/sched/core.c: sched_move_task() */
	change = scxm_change_begin(m, p, DEQUEUE_SAVE | DEQUEUE_MOVE);
	scxm_cgroup_leave(task);
	scxm_cgroup_join(task, to);
	if (m->cgroup_enabled && SCXM_HAS(m, cgroup_move))
		SCXM_CALL_VOID(m, cgroup_move, scxm_cpu_of(m, p), p, NULL, to->kn.id, p,
			       &from->cgrp, &to->cgrp);
	scxm_change_end(m, &change);
	if (change.running)
		scxm_resched(m, scxm_cpu_of(m, p));
	else if (change.queued)
		scxm_wakeup_preempt(m, scxm_cpu_of(m, p), p);
	return 0;
}

struct scxm_cgroup *scxm_cgroup_by_id(struct scxm *m, uint64_t id)
{
	for (struct list_head *at = m->cgroups.next; at != &m->cgroups; at = at->next) {
		struct scxm_cgroup *g = scxm_container(at, struct scxm_cgroup, all);

		if (g->kn.id == id)
			return g;
	}
	return NULL;
}

int scxm_cgroups_attach(struct scxm *m)
{
	for (struct list_head *at = m->cgroups.next; at != &m->cgroups; at = at->next) {
		struct scxm_cgroup *g = scxm_container(at, struct scxm_cgroup, all);
		struct scx_cgroup_init_args args = init_args(g);
		int err;

		if (m->sched.ops.cgroup_init) {
			err = SCXM_CALL(m, cgroup_init, NULL, NULL, NULL, g->kn.id, &g->cgrp,
					&args);
			if (err) {
				scxm_error(m, "ops.cgroup_init() failed (%d)", err);
				return err;
			}
		}
		g->tg.scx.flags |= SCX_TG_INITED;
	}
	return 0;
}

void scxm_cgroups_detach(struct scxm *m)
{
	/* Children first. */
	for (struct list_head *at = m->cgroups.prev; at != &m->cgroups; at = at->prev) {
		struct scxm_cgroup *g = scxm_container(at, struct scxm_cgroup, all);

		if (!(g->tg.scx.flags & SCX_TG_INITED))
			continue;
		g->tg.scx.flags &= ~(u32)SCX_TG_INITED;
		if (m->sched.ops.cgroup_exit)
			SCXM_CALL_VOID(m, cgroup_exit, NULL, NULL, NULL, g->kn.id, &g->cgrp);
	}
}
