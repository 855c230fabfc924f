/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * One move: the task and the domain that relieve a domain best.
 *
 * The giver hands the receiver what it has above the mean, or what the other has below, whichever is
 * less: then one of the two is done. Looked at are the few candidates nearest to that, from either
 * side, and of each node the least loaded domain. When that finds nothing, and domains or candidates
 * differ (sizes, allowed sets), every domain is looked at.
 */
#include <errno.h>

#include "plan.h"

/* Candidates that are compared on either side of the wanted load. */
#define LOOK_BELOW 8u
#define LOOK_ABOVE 4u
/* Of these, how many may be unfit (not allowed there) before the search turns to other domains. */
#define UNFIT_MAX 32u
/* A load is small when it is less than this part of the mean of its domain's candidates. */
#define SMALL 64u
/* 65536 times the mean. */
#define DIFFERENCE_MAX (INT64_C(1) << 32)

struct search {
	uint32_t from;
	uint32_t to;
	uint64_t want;	    /* the load that would be best */
	uint64_t least;	    /* a load that is worth a migration */
	int64_t difference; /* of the pressures before */
	uint32_t unfit_max;
	uint32_t best; /* candidate, or SCXI_NONE */
	uint32_t best_to;
	uint32_t best_cost;
	uint32_t best_gain;
	int64_t best_score;
};

uint64_t scxi_search_excess(const struct scxi_domain *d)
{
	return d->load > d->fair ? d->load - d->fair : 0;
}

uint64_t scxi_search_room(const struct scxi_domain *d)
{
	return d->fair > d->load ? d->fair - d->load : 0;
}

/* By how much the pressure of @a is the greater one. Cut off far out, so that loads times it fit. */
int64_t scxi_search_difference(const struct scxi_domain *a, const struct scxi_domain *b)
{
	uint64_t difference = a->pressure - b->pressure;

	return difference < DIFFERENCE_MAX ? (int64_t)difference : DIFFERENCE_MAX;
}

/* What @from should hand to @to: up to the mean on either side; beyond it, what makes them equal. */
uint64_t scxi_search_want(const struct scx_planner *p, uint32_t from, uint32_t to)
{
	const struct scxi_domain *a = &p->domain[from], *b = &p->domain[to];
	uint64_t over = scxi_search_excess(a), under = scxi_search_room(b);

	if (a->pressure == SCXI_PRESSURE_INF)
		return under;
	if (over && under)
		return over < under ? over : under;
	return scxi_muldiv((uint64_t)scxi_search_difference(a, b),
			   scxi_muldiv(a->fair, b->fair, a->fair + b->fair), SCXI_PRESSURE_ONE);
}

/* May anything at all go from @from to @to? */
bool scxi_search_receives(const struct scx_planner *p, uint32_t from, uint32_t to)
{
	const struct scxi_domain *a = &p->domain[from], *b = &p->domain[to];

	if (from == to || !b->open || b->pressure >= a->pressure)
		return false;
	/* Who only helps out gives to the cold ones, and to nobody else. */
	return a->hot || b->cold;
}

/* Of equal scores the domain with the smaller id wins, then the candidate that came first. */
static bool better(const struct scx_planner *p, const struct search *s, int64_t score)
{
	if (score != s->best_score)
		return score > s->best_score;
	return p->domain[s->to].id < p->domain[s->best_to].id;
}

/* Compares one candidate with the best so far. Returns false if it is unfit for this domain. */
static bool consider(struct scx_planner *p, struct search *s, uint32_t candidate)
{
	const struct scxi_candidate *c = &p->candidate[candidate];
	int64_t load = c->load, fit, cost, score, gain;
	struct scxi_amount amount;

	p->work++;
	if (!load || (uint64_t)load < s->least ||
	    !scxi_task_allowed(p, scxi_task(p, c->task), s->to))
		return false;
	fit = (uint64_t)load <= s->want ? load : 2 * (int64_t)s->want - load;
	cost = scxi_cost_move(p, candidate, s->to);
	score = fit * s->difference - load * cost;
	if (s->best != SCXI_NONE && !better(p, s, score))
		return true;
	amount = scxi_state_amount(p, candidate);
	gain = scxi_state_bridge(p, s->from, s->to, &amount);
	if (gain < cost || !scxi_state_may_move(p, &candidate, 1))
		return true;
	s->best = candidate;
	s->best_to = s->to;
	s->best_cost = (uint32_t)cost;
	s->best_gain = gain < UINT32_MAX ? (uint32_t)gain : UINT32_MAX;
	s->best_score = score;
	return true;
}

/* Goes through the sorted slice from @at on, down or up, until enough were compared. */
static void look(struct scx_planner *p, struct search *s, uint32_t at, bool down)
{
	uint32_t fit = down ? LOOK_BELOW : LOOK_ABOVE, unfit = s->unfit_max;

	while (at != SCXI_NONE && fit && unfit) {
		if (consider(p, s, at))
			fit--;
		else
			unfit--;
		at = down ? scxi_candidate_prev(p, s->from, at)
			  : scxi_candidate_next(p, s->from, at);
	}
}

/*
 * The greatest load that could still be accepted between the two: above it the receiver would end as
 * loaded as the giver began, or nothing would be bridged.
 */
static uint64_t load_max(const struct scx_planner *p, const struct search *s)
{
	const struct scxi_domain *a = &p->domain[s->from], *b = &p->domain[s->to];
	int64_t cost = scxi_cost_way(p, s->from, s->to);
	uint64_t equal;

	if (a->pressure == SCXI_PRESSURE_INF)
		return UINT64_MAX;
	if (s->difference <= cost)
		return s->difference > 0 ? s->want : 0;
	equal = scxi_muldiv((uint64_t)(s->difference - cost),
			    scxi_muldiv(a->fair, b->fair, a->fair + b->fair), SCXI_PRESSURE_ONE);
	return 2 * equal;
}

static void search_pair(struct scx_planner *p, struct search *s, uint32_t to)
{
	uint64_t most, below;

	s->to = to;
	s->difference = scxi_search_difference(&p->domain[s->from], &p->domain[to]);
	s->want = scxi_search_want(p, s->from, to);
	most = load_max(p, s);
	below = s->want < most ? s->want : most;
	look(p, s, scxi_candidate_below(p, s->from, below), true);
	if (most > s->want)
		look(p, s, scxi_candidate_above(p, s->from, s->want), false);
	for (uint32_t g = p->domain[s->from].guests; g != SCXI_NONE; g = p->next[g])
		(void)consider(p, s, g);
}

/* The least loaded domain of each node, the most promising first, until one takes something. */
static void search_nodes(struct scx_planner *p, struct search *s)
{
	int64_t bound = INT64_MAX;
	uint64_t bound_id = 0;

	for (uint32_t round = 0; round < p->node_count && s->best == SCXI_NONE; round++) {
		int64_t best = INT64_MIN;
		uint32_t best_to = SCXI_NONE;

		for (uint32_t n = 0; n < p->node_count; n++) {
			const struct scxi_heap *heap = &p->coolest[n];
			uint32_t to = heap->count ? heap->at[0] : SCXI_NONE;
			int64_t value;

			p->work++;
			if (to == SCXI_NONE || !scxi_search_receives(p, s->from, to))
				continue;
			value = scxi_search_difference(&p->domain[s->from], &p->domain[to]) -
				(int64_t)scxi_cost_way(p, s->from, to);
			/* In the order of values, and of ids where these are equal. */
			if (value > bound ||
			    (round && value == bound && p->domain[to].id <= bound_id))
				continue;
			if (value > best ||
			    (value == best && p->domain[to].id < p->domain[best_to].id)) {
				best = value;
				best_to = to;
			}
		}
		if (best_to == SCXI_NONE)
			return;
		bound = best;
		bound_id = p->domain[best_to].id;
		search_pair(p, s, best_to);
	}
}

static void search_all(struct scx_planner *p, struct search *s)
{
	s->unfit_max = UINT32_MAX;
	for (uint32_t to = 0; to < p->domain_count; to++)
		if (scxi_search_receives(p, s->from, to))
			search_pair(p, s, to);
}

/*
 * A task of nearly no load, where others have some, evens nothing out that its migration would pay for. Where
 * all are small, a small one is all there is to give. Who has no CPU left gives all.
 */
static uint64_t least_load(const struct scxi_domain *d)
{
	if (d->pressure == SCXI_PRESSURE_INF || !d->count)
		return 0;
	return d->load / d->count / SMALL;
}

int scxi_search_move(struct scx_planner *p, uint32_t from)
{
	struct scxi_domain *d = &p->domain[from];
	struct search s = { .from = from, .best = SCXI_NONE, .unfit_max = UNFIT_MAX };
	struct scxi_step step;
	int err = scxi_candidate_sort(p, from);

	if (err)
		return err;
	s.least = least_load(d);
	search_nodes(p, &s);
	if (s.best == SCXI_NONE && (!p->same_size || d->confined))
		search_all(p, &s);
	if (s.best == SCXI_NONE)
		return 0;
	step = (struct scxi_step){
		.candidate = s.best,
		.from = from,
		.to = s.best_to,
		.reason = d->hot ? SCX_PLAN_OVERLOAD : SCX_PLAN_UNDERLOAD,
		.partner = SCXI_NONE,
		.cost = s.best_cost,
		.gain = s.best_gain,
	};
	if (d->pressure == SCXI_PRESSURE_INF)
		step.reason = SCX_PLAN_EVACUATE;
	err = scxi_state_move(p, &step, 1);
	return err ? err : 1;
}
