/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The domains while the plan grows: what they hold, who must be relieved, who can take.
 *
 * A domain out of its band becomes hot (above) or cold (below), and stays so until it is near the mean:
 * the way back into the band is longer than the way out, so that noise does not start a plan each round.
 * Active are the hot ones, and, while there are cold ones, all that are above the mean.
 *
 * Invariants: light, heavy and duty of all domains together never change; a step never raises the greater
 * of its two pressures and always lowers the variance, so that there is an end.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "plan.h"

/* A pressure without end, where it must be reckoned with. */
#define FINITE(pressure) ((pressure) == SCXI_PRESSURE_INF ? INT64_C(1) << 32 : (int64_t)(pressure))

static bool is_active(const struct scx_planner *p, const struct scxi_domain *d)
{
	if (d->stuck || !d->load)
		return false;
	if (d->pressure == SCXI_PRESSURE_INF)
		return true;
	if (d->duty <= d->spare_duty)
		return false;
	return d->hot || (p->cold_count && d->pressure > SCXI_PRESSURE_ONE);
}

static void set_temperature(struct scx_planner *p, struct scxi_domain *d)
{
	const struct scxi_policy *policy = &p->policy;
	bool was_cold = d->cold;

	if (d->pressure > SCXI_PRESSURE_ONE + policy->band)
		d->hot = true;
	else if (d->pressure <= SCXI_PRESSURE_ONE + policy->settle)
		d->hot = false;
	if (d->pressure + policy->band < SCXI_PRESSURE_ONE)
		d->cold = d->open;
	else if (d->pressure + policy->settle >= SCXI_PRESSURE_ONE)
		d->cold = false;
	p->cold_count += d->cold;
	p->cold_count -= was_cold;
}

static void put_or_remove(struct scx_planner *p, uint32_t domain)
{
	if (is_active(p, &p->domain[domain]))
		scxi_heap_put(p, &p->active, domain);
	else
		scxi_heap_remove(p, &p->active, domain);
}

/* After its sums have changed. */
static void refresh(struct scx_planner *p, uint32_t domain)
{
	struct scxi_domain *d = &p->domain[domain];
	bool cold = p->cold_count;

	d->load = scxi_domain_load(p, d->light, d->heavy);
	d->pressure = scxi_domain_pressure(p, d, d->load);
	set_temperature(p, d);
	if (d->open)
		scxi_heap_put(p, &p->coolest[d->node], domain);
	put_or_remove(p, domain);
	/* The first cold domain, or the last one gone, changes what is asked of all others. */
	if (cold != (p->cold_count != 0))
		for (uint32_t i = 0; i < p->domain_count; i++)
			put_or_remove(p, i);
}

/* Gives the nodes that occur dense numbers, and each a heap of its open domains. */
static void set_up_nodes(struct scx_planner *p, uint32_t *places, uint32_t *dense)
{
	memset(dense, 0xff, SCX_PLAN_NODES_MAX * sizeof(*dense));
	p->node_count = 0;
	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];
		uint32_t *number = &dense[d->node];

		if (*number == SCXI_NONE) {
			*number = p->node_count++;
			p->node_id[*number] = d->node;
			p->coolest[*number] = (struct scxi_heap){ .kind = SCXI_HEAP_MIN };
		}
		d->node = *number;
		p->coolest[d->node].count++;
	}
	for (uint32_t n = 0; n < p->node_count; n++) {
		p->coolest[n].at = places;
		places += p->coolest[n].count;
		p->coolest[n].count = 0;
	}
}

int scxi_state_begin(struct scx_planner *p)
{
	size_t places = 2 * (size_t)p->domain_count;
	int err = scxi_room_need(&p->room.heap, places, sizeof(uint32_t));

	if (!err)
		err = scxi_room_need(&p->room.node, SCX_PLAN_NODES_MAX,
				     sizeof(*p->coolest) + 2 * sizeof(uint32_t));
	if (err)
		return scxi_plan_fail(p, err, "no memory for %u domains", p->domain_count);
	p->coolest = p->room.node.at;
	p->node_id = (uint32_t *)(p->coolest + SCX_PLAN_NODES_MAX);
	p->active = (struct scxi_heap){ .at = p->room.heap.at, .kind = SCXI_HEAP_MAX };
	set_up_nodes(p, p->active.at + p->domain_count, p->node_id + SCX_PLAN_NODES_MAX);
	p->cold_count = 0;
	p->step_count = 0;
	p->moved_count = 0;
	p->changed = false;
	for (uint32_t i = 0; i < p->domain_count; i++)
		set_temperature(p, &p->domain[i]);
	for (uint32_t i = 0; i < p->domain_count; i++) {
		if (p->domain[i].open)
			scxi_heap_put(p, &p->coolest[p->domain[i].node], i);
		put_or_remove(p, i);
	}
	return 0;
}

/* As a new plan would begin here: nobody is hot or cold because of what was before. */
void scxi_state_again(struct scx_planner *p)
{
	p->cold_count = 0;
	p->changed = false;
	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];

		d->hot = d->cold = d->stuck = false;
		set_temperature(p, d);
	}
	for (uint32_t i = 0; i < p->domain_count; i++)
		put_or_remove(p, i);
}

void scxi_state_give_up(struct scx_planner *p, uint32_t domain)
{
	p->domain[domain].stuck = true;
	scxi_heap_remove(p, &p->active, domain);
}

/* Steps were made since some domains were given up: they deserve another look. */
void scxi_state_wake(struct scx_planner *p)
{
	p->changed = false;
	for (uint32_t i = 0; i < p->domain_count; i++) {
		p->domain[i].stuck = false;
		put_or_remove(p, i);
	}
}

struct scxi_amount scxi_state_amount(const struct scx_planner *p, uint32_t candidate)
{
	const struct scx_plan_task *task = scxi_task(p, p->candidate[candidate].task);

	if (scxi_weight_heavy(p, task->weight))
		return (struct scxi_amount){ .heavy = task->duty, .duty = task->duty };
	return (struct scxi_amount){ .light = (int64_t)task->duty * task->weight,
				     .duty = task->duty };
}

/*
 * The difference of pressures, mean of before and after, that @amount bridges when it goes from @from
 * to @to. Not above 0 when it must not be: the receiver would be as loaded as the giver was, or the
 * variance would rise.
 */
int64_t scxi_state_bridge(const struct scx_planner *p, uint32_t from, uint32_t to,
			  const struct scxi_amount *amount)
{
	const struct scxi_domain *a = &p->domain[from], *b = &p->domain[to];
	uint64_t load_a, load_b, after_a, after_b;

	load_a = scxi_domain_load(p, a->light - amount->light, a->heavy - amount->heavy);
	load_b = scxi_domain_load(p, b->light + amount->light, b->heavy + amount->heavy);
	after_a = scxi_domain_pressure(p, a, load_a);
	after_b = scxi_domain_pressure(p, b, load_b);
	if (load_a >= a->load || after_b >= a->pressure)
		return 0;
	return (FINITE(a->pressure) + FINITE(after_a) - FINITE(b->pressure) - FINITE(after_b)) / 2;
}

/* Is there room in the plan for these? A task that moves already takes no more room. */
bool scxi_state_may_move(struct scx_planner *p, const uint32_t *candidates, uint32_t count)
{
	uint64_t more = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct scxi_candidate *c = &p->candidate[candidates[i]];

		more += c->where == scxi_task(p, c->task)->domain;
	}
	if (!more || p->moved_count + more <= p->policy.moves_max)
		return true;
	p->cut |= 1;
	return false;
}

static void apply(struct scx_planner *p, const struct scxi_step *step, uint32_t number)
{
	struct scxi_candidate *c = &p->candidate[step->candidate];
	const struct scx_plan_task *task = scxi_task(p, c->task);
	struct scxi_domain *a = &p->domain[step->from], *b = &p->domain[step->to];
	struct scxi_amount amount = scxi_state_amount(p, step->candidate);

	assert(c->where == step->from && step->from != step->to && b->open);
	a->light -= amount.light;
	a->heavy -= amount.heavy;
	a->duty -= amount.duty;
	b->light += amount.light;
	b->heavy += amount.heavy;
	b->duty += amount.duty;
	b->confined |= task->allowed != 0;
	p->moved_count += step->from == task->domain;
	p->moved_count -= step->to == task->domain;
	scxi_candidate_move(p, step->candidate, step->to);
	c->step = number;
	scxi_cost_group_moved(p, task, step->from, step->to);
}

/* Makes steps that belong together. Nothing between them is seen: a domain is not hot for a moment. */
int scxi_state_move(struct scx_planner *p, const struct scxi_step *steps, uint32_t count)
{
	struct scxi_step *log;
	int err = scxi_room_need(&p->room.step, (size_t)p->step_count + count, sizeof(*steps));

	if (err)
		return scxi_plan_fail(p, err, "no memory for %u moves", p->step_count + count);
	log = p->room.step.at;
	for (uint32_t i = 0; i < count; i++) {
		log[p->step_count] = steps[i];
		log[p->step_count].from_ppt = scxi_pressure_ppt(p->domain[steps[i].from].pressure);
		log[p->step_count++].to_ppt = scxi_pressure_ppt(p->domain[steps[i].to].pressure);
	}
	for (uint32_t i = 0; i < count; i++)
		apply(p, &steps[i], p->step_count - count + i);
	for (uint32_t i = 0; i < count; i++) {
		refresh(p, steps[i].from);
		refresh(p, steps[i].to);
	}
	p->changed = true;
	return 0;
}
