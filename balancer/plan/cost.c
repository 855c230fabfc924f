/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What a move must bridge to be worth it: the cost of a move, in pressure.
 *
 * A move from one domain to another of lower pressure takes from the variance, for each unit of load,
 * twice the difference of the two pressures (the mean of before and after). So that difference is what a
 * move earns, whatever its size, and costs are said as a difference too: a task that just filled a cache, has memory
 * on its node, has moved a moment ago or leaves its group has to bridge more.
 */
#include <errno.h>
#include <string.h>

#include "plan.h"

/* Who runs this long at a stretch has filled a cache: 10 ms at 10 GB/s are 100 MB. */
#define FOOTPRINT_FULL_US 10000u
/* Farther than ten times local is not dearer: what a distance of 100 costs, 255 does as well. */
#define DISTANCE_MAX 110u

uint32_t scxi_distance(const struct scx_planner *p, uint32_t from, uint32_t to)
{
	uint32_t a = p->node_id[p->domain[from].node], b = p->node_id[p->domain[to].node];

	if (a == b)
		return 10;
	if (!p->in.distances || a >= p->in.node_count || b >= p->in.node_count)
		return 20;
	return p->in.distances[a * p->in.node_count + b];
}

/* What it costs any task to go there. */
uint32_t scxi_cost_way(const struct scx_planner *p, uint32_t from, uint32_t to)
{
	uint32_t distance = scxi_distance(p, from, to);

	if (distance > DISTANCE_MAX)
		distance = DISTANCE_MAX;
	return p->policy.near + (uint32_t)((uint64_t)p->policy.node * (distance - 10) / 10);
}

/* What does not depend on where it goes. */
static uint32_t cost_static(const struct scx_planner *p, const struct scx_plan_task *task)
{
	uint64_t cost = 0, age;
	uint32_t footprint = task->footprint_us;

	if (footprint > FOOTPRINT_FULL_US)
		footprint = FOOTPRINT_FULL_US;
	cost += (uint64_t)p->policy.footprint * footprint / FOOTPRINT_FULL_US;
	if (task->moved_ns && task->moved_ns <= p->in.now_ns) {
		age = p->in.now_ns - task->moved_ns;
		if (age < p->policy.recent_ns)
			cost += scxi_muldiv(p->policy.recent, p->policy.recent_ns - age,
					    p->policy.recent_ns);
	}
	return (uint32_t)cost;
}

/* 1: the task goes home; 2: it leaves home; 0: neither. */
uint32_t scxi_cost_home(const struct scx_planner *p, const struct scx_plan_task *task,
			uint32_t from, uint32_t to)
{
	uint32_t a = p->node_id[p->domain[from].node], b = p->node_id[p->domain[to].node];

	if (!(task->flags & SCX_PLAN_TASK_HOME) || a == b)
		return 0;
	if (b == task->node)
		return 1;
	return a == task->node ? 2 : 0;
}

/* Members of groups in domains: a hash of (group, domain) to a count, with open addresses. */
struct member {
	uint64_t key;
	uint64_t count;
};

static struct member *find(const struct scx_planner *p, uint32_t group, uint32_t domain)
{
	struct member *table = p->room.group.at;
	uint64_t key = (uint64_t)group << 32 | domain;
	/* Fibonacci hashing: the golden ratio of 2^64. */
	uint64_t at = key * 0x9e3779b97f4a7c15u >> 20;

	for (;; at++) {
		struct member *m = &table[at & (p->group_slots - 1)];

		if (!m->count || m->key == key)
			return m;
	}
}

static void add(struct scx_planner *p, uint32_t group, uint32_t domain)
{
	struct member *m = find(p, group, domain);

	if (!m->count) {
		/* A full table forgets who came late: groups then attract a little less. */
		if (p->group_used >= p->group_slots - p->group_slots / 4)
			return;
		p->group_used++;
		/* Slots in use keep a count of at least one: 1 means no member. */
		*m = (struct member){ .key = (uint64_t)group << 32 | domain, .count = 1 };
	}
	m->count++;
}

int scxi_cost_groups(struct scx_planner *p)
{
	size_t grouped = 0, slots = 64;
	int err;

	p->group_slots = p->group_used = 0;
	if (!p->policy.group)
		return 0;
	for (size_t i = 0; i < p->in.task_count; i++)
		grouped += scxi_task(p, i)->group != 0;
	if (!grouped)
		return 0;
	while (slots < 4 * grouped)
		slots *= 2;
	err = scxi_room_need(&p->room.group, slots, sizeof(struct member));
	if (err)
		return scxi_plan_fail(p, err, "no memory for the groups of %zu tasks", grouped);
	memset(p->room.group.at, 0, slots * sizeof(struct member));
	p->group_slots = slots;
	for (size_t i = 0; i < p->in.task_count; i++) {
		const struct scx_plan_task *task = scxi_task(p, i);

		if (task->group && scxi_task_sound(p, task))
			add(p, task->group, task->domain);
	}
	for (uint32_t i = 0; i < p->candidate_count; i++) {
		const struct scxi_candidate *c = &p->candidate[i];
		const struct scx_plan_task *task = scxi_task(p, c->task);

		if (c->where != task->domain)
			scxi_cost_group_moved(p, task, task->domain, c->where);
	}
	return 0;
}

void scxi_cost_group_moved(struct scx_planner *p, const struct scx_plan_task *task, uint32_t from,
			   uint32_t to)
{
	struct member *m;

	if (!p->group_slots || !task->group)
		return;
	m = find(p, task->group, from);
	if (m->count > 1)
		m->count--;
	add(p, task->group, to);
}

/* Greater than 0: it leaves more of its group than it joins; less than 0: the other way round. */
static int group_pull(const struct scx_planner *p, const struct scx_plan_task *task, uint32_t from,
		      uint32_t to)
{
	uint64_t left, joined;

	if (!p->group_slots || !task->group)
		return 0;
	left = find(p, task->group, from)->count;
	joined = find(p, task->group, to)->count;
	/* Both counts are one too high when present; the task itself is in the first. */
	left = left > 2 ? left - 2 : 0;
	joined = joined > 1 ? joined - 1 : 0;
	return (left > joined) - (left < joined);
}

/*
 * The order in which tasks of equal load are offered: only the first few of them are compared, so those
 * come first that are cheap to any place, are not at home here, and have no fellows here.
 */
uint32_t scxi_cost_rank(const struct scx_planner *p, const struct scx_plan_task *task,
			uint32_t domain)
{
	uint32_t rank = cost_static(p, task) + p->policy.home;

	if (task->flags & SCX_PLAN_TASK_HOME) {
		if (p->node_id[p->domain[domain].node] == task->node)
			rank += p->policy.home;
		else
			rank -= p->policy.home;
	}
	/* Counts are one too high, and the task itself is in them. */
	if (p->group_slots && task->group && find(p, task->group, domain)->count > 2)
		rank += p->policy.group;
	return rank;
}

uint32_t scxi_cost_move(const struct scx_planner *p, uint32_t candidate, uint32_t to)
{
	const struct scxi_candidate *c = &p->candidate[candidate];
	const struct scx_plan_task *task = scxi_task(p, c->task);
	int64_t cost = (int64_t)scxi_cost_way(p, c->where, to) + cost_static(p, task);
	uint32_t home = scxi_cost_home(p, task, c->where, to);

	if (home)
		cost += home == 2 ? (int64_t)p->policy.home : -(int64_t)p->policy.home;
	cost += group_pull(p, task, c->where, to) * (int64_t)p->policy.group;
	/* Going home is cheap, never a reason by itself: a move must still even something out. */
	return cost > 1 ? (uint32_t)cost : 1;
}
