/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The planner: the order of the steps, and the doors.
 *
 *	check and add up -> feasible weights, pressures -> all within the band? done: O(domains)
 *	-> gather candidates -> relieve the most loaded domain by one step, again and again
 *	-> the plan: for each task that ends elsewhere, one move
 *
 * A domain that no step can relieve is given up, and looked at again when others have changed. When a
 * whole round changes nothing, the search begins anew from there, as it would on the result of the plan;
 * when that finds nothing, the plan is complete: so planning on the result proposes nothing.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "plan.h"

struct scx_planner *scx_planner_new(const struct scx_plan_opts *opts)
{
	struct scxi_policy policy;
	struct scx_planner *p;
	int err = scxi_policy_read(&policy, opts);

	if (err) {
		errno = -err;
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		errno = ENOMEM;
		return NULL;
	}
	p->policy = policy;
	return p;
}

void scx_planner_free(struct scx_planner *planner)
{
	if (!planner)
		return;

	struct scxi_room *rooms[] = {
		&planner->room.domain,	  &planner->room.node, &planner->room.heap,
		&planner->room.candidate, &planner->room.link, &planner->room.step,
		&planner->room.move,	  &planner->room.sums, &planner->room.scratch,
		&planner->room.group,
	};

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		scxi_room_free(rooms[i]);
	free(planner);
}

const char *scx_planner_errmsg(const struct scx_planner *planner)
{
	return planner->errmsg;
}

/*
 * A domain whose tasks are not known is asked for when it is out of the band; when it would only help
 * out, as long as those that are asked for already have less than the cold ones lack.
 */
static void want(struct scx_planner *p, struct scxi_domain *d)
{
	if (d->wanted || (!d->hot && p->wanted_load >= p->cold_room))
		return;
	d->wanted = true;
	p->wanted_load += scxi_search_excess(d);
}

/* One step for the most loaded domain; or it is given up. */
static int relieve(struct scx_planner *p, uint32_t domain)
{
	int made;

	if (p->domain[domain].unread) {
		want(p, &p->domain[domain]);
		scxi_state_give_up(p, domain);
		return 0;
	}
	made = scxi_search_move(p, domain);
	if (!made)
		made = scxi_swap(p, domain);
	if (!made)
		scxi_state_give_up(p, domain);
	return made < 0 ? made : 0;
}

/* Relieves who needs it until nobody can be relieved. */
static int relieve_all(struct scx_planner *p)
{
	int err = 0;

	do {
		while (!err && p->active.count) {
			if (p->work >= p->policy.work_max) {
				p->cut |= 2;
				return 0;
			}
			err = relieve(p, p->active.at[0]);
		}
		if (!err && p->changed)
			scxi_state_wake(p);
	} while (!err && p->active.count);
	return err;
}

/*
 * Plans from where the plan so far has led to, with everything forgotten that a new plan could not know,
 * until that gives nothing more: the search looks at the most promising candidates only, so which ones it
 * sees depends on where tasks came from. Costs nothing when all domains are in their bands.
 */
static int run(struct scx_planner *p)
{
	uint32_t steps;
	int err;

	for (;;) {
		steps = p->step_count;
		err = relieve_all(p);
		if (err || p->cut || p->step_count == steps)
			return err;
		scxi_state_again(p);
		if (!p->active.count)
			return 0;
		err = scxi_candidate_regroup(p);
		if (!err)
			err = scxi_cost_groups(p);
		if (err)
			return err;
	}
}

static void find_pressures(const struct scx_planner *p, uint32_t *ret_max, uint32_t *ret_min)
{
	uint64_t max = 0, min = SCXI_PRESSURE_INF;

	for (uint32_t i = 0; i < p->domain_count; i++) {
		const struct scxi_domain *d = &p->domain[i];

		if (!d->fair)
			continue;
		if (d->pressure > max)
			max = d->pressure;
		if (d->open && d->pressure < min)
			min = d->pressure;
	}
	*ret_max = scxi_pressure_ppt(max);
	*ret_min = scxi_pressure_ppt(min);
}

static void begin_wanting(struct scx_planner *p)
{
	p->cold_room = p->wanted_load = 0;
	for (uint32_t i = 0; i < p->domain_count; i++)
		if (p->domain[i].cold)
			p->cold_room += scxi_search_room(&p->domain[i]);
}

int scxi_plan_run(struct scx_planner *p, const struct scx_plan_input *in)
{
	int err = scxi_input_check(p, in);

	if (!err)
		err = scxi_input_read(p);
	if (!err)
		err = scxi_capacity_level(p);
	if (!err)
		err = scxi_state_begin(p);
	if (err)
		return err;
	find_pressures(p, &p->max_before_ppt, &p->min_before_ppt);
	if (!p->active.count)
		return 0;
	begin_wanting(p);
	err = scxi_candidate_collect(p);
	if (!err)
		err = scxi_cost_groups(p);
	return err ? err : run(p);
}

/* The move that a task's last step ends, seen from where the task was. */
static struct scx_plan_move move_of(const struct scx_planner *p, const struct scxi_step *step)
{
	const struct scxi_candidate *c = &p->candidate[step->candidate];
	const struct scx_plan_task *task = scxi_task(p, c->task);

	return (struct scx_plan_move){
		.id = task->id,
		.task = c->task,
		.from = task->domain,
		.to = c->where,
		.reason = step->reason,
		.load = c->load / (SCXI_LOAD_CPU / SCX_PLAN_ONE),
		.cost_ppt = scxi_pressure_ppt(step->cost),
		.gain_ppt = scxi_pressure_ppt(step->gain),
		.from_ppt = step->from_ppt,
		.to_ppt = step->to_ppt,
		.distance = scxi_distance(p, task->domain, c->where),
		.partner = step->partner,
		.home = scxi_cost_home(p, task, task->domain, c->where),
	};
}

/* Lets the last step of each candidate know its number, and the others none. */
static void find_last_steps(struct scx_planner *p)
{
	struct scxi_step *step = p->room.step.at;

	for (uint32_t i = 0; i < p->step_count; i++)
		if (p->regrouped || p->candidate[step[i].candidate].step != i)
			step[i].candidate = SCXI_NONE;
	for (uint32_t i = 0; i < p->candidate_count && p->regrouped; i++)
		if (p->candidate[i].step != SCXI_NONE)
			step[p->candidate[i].step].candidate = i;
}

/* Of each task that ends elsewhere the last step, in the order of the steps. */
static int write_moves(struct scx_planner *p, struct scx_plan *plan)
{
	const struct scxi_step *step = p->room.step.at;
	struct scx_plan_move *move;
	int err = scxi_room_need(&p->room.move, p->moved_count, sizeof(*move));

	if (err)
		return scxi_plan_fail(p, err, "no memory for %" PRIu64 " moves", p->moved_count);
	move = p->room.move.at;
	plan->moves = move;
	plan->move_size = sizeof(*move);
	find_last_steps(p);
	for (uint32_t i = 0; i < p->step_count; i++) {
		const struct scxi_candidate *c;

		if (step[i].candidate == SCXI_NONE)
			continue;
		c = &p->candidate[step[i].candidate];
		if (c->where == scxi_task(p, c->task)->domain)
			continue;
		move[plan->move_count++] = move_of(p, &step[i]);
	}
	assert(plan->move_count == p->moved_count);
	return 0;
}

int scx_plan_needed(struct scx_planner *planner, const struct scx_plan_input *in,
		    uint32_t *ret_domains)
{
	struct scxi_heap *order = &planner->active;
	int count = 0, err = scxi_plan_run(planner, in);

	if (err)
		return err;
	/* The heap of active domains has done its work, and sorts. */
	while (order->count)
		scxi_heap_remove(planner, order, order->at[0]);
	for (uint32_t i = 0; i < planner->domain_count; i++)
		if (planner->domain[i].wanted)
			scxi_heap_put(planner, order, i);
	for (; order->count; count++) {
		uint32_t domain = order->at[0];

		if (ret_domains)
			ret_domains[count] = domain;
		scxi_heap_remove(planner, order, domain);
	}
	return count;
}

int scx_balance(struct scx_planner *planner, const struct scx_plan_input *in,
		struct scx_plan *ret_plan)
{
	struct scx_plan plan = { 0 };
	size_t size;
	int err;

	if (!ret_plan || ret_plan->size < offsetof(struct scx_plan, cut))
		return scxi_plan_fail(planner, -EINVAL, "the plan's size is not set");
	err = scxi_plan_run(planner, in);
	if (err)
		return err;
	err = write_moves(planner, &plan);
	if (err)
		return err;
	plan.cut = planner->cut;
	plan.skipped = planner->skipped;
	plan.pinned = planner->pinned;
	plan.considered = planner->considered;
	plan.work = planner->work;
	plan.max_before_ppt = planner->max_before_ppt;
	plan.min_before_ppt = planner->min_before_ppt;
	find_pressures(planner, &plan.max_after_ppt, &plan.min_after_ppt);
	size = ret_plan->size < sizeof(plan) ? ret_plan->size : sizeof(plan);
	plan.size = ret_plan->size;
	memcpy(ret_plan, &plan, size);
	return 0;
}

const struct scx_plan_move *scx_plan_at(const struct scx_plan *plan, size_t i)
{
	if (i >= plan->move_count)
		return NULL;
	return (const void *)((const char *)plan->moves + i * plan->move_size);
}
