/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Swaps: where every single move would overshoot, a larger task goes out and a smaller one comes back.
 *
 * For a giver and each of the least loaded receivers both sorted lists are walked at once, so that the
 * pair whose difference is nearest to what is wanted costs one step a candidate.
 */
#include <errno.h>

#include "plan.h"

/* Receivers that are tried, least loaded first. */
#define RECEIVERS_MAX 16u

struct swap {
	uint32_t from;
	uint32_t to;
	uint64_t want;
	int64_t difference;
	uint32_t out;  /* the best pair: goes from @from to @best_to; SCXI_NONE: there is none */
	uint32_t back; /* and the other way */
	uint32_t best_to;
	int64_t best_score;
	uint32_t cost_out, cost_back, gain;
};

/* The candidates that are in a domain now and may go to @to, ascending load. Returns how many. */
static uint32_t gather(struct scx_planner *p, uint32_t domain, uint32_t to, uint32_t *list)
{
	const struct scxi_domain *d = &p->domain[domain];
	uint32_t count = 0;

	for (uint32_t c = scxi_candidate_below(p, domain, UINT64_MAX); c != SCXI_NONE;
	     c = scxi_candidate_prev(p, domain, c)) {
		p->work++;
		if (scxi_task_allowed(p, scxi_task(p, p->candidate[c].task), to))
			list[count++] = c;
	}
	for (uint32_t i = 0; i < count / 2; i++) {
		uint32_t c = list[i];

		list[i] = list[count - 1 - i];
		list[count - 1 - i] = c;
	}
	/* Guests are few: each is inserted where it belongs. */
	for (uint32_t g = d->guests; g != SCXI_NONE; g = p->next[g]) {
		uint32_t at = count;

		if (!scxi_task_allowed(p, scxi_task(p, p->candidate[g].task), to))
			continue;
		for (; at && p->candidate[list[at - 1]].load > p->candidate[g].load; at--) {
			list[at] = list[at - 1];
			p->work++;
		}
		list[at] = g;
		count++;
	}
	return count;
}

static uint32_t guests(const struct scx_planner *p, uint32_t domain)
{
	uint32_t count = 0;

	for (uint32_t g = p->domain[domain].guests; g != SCXI_NONE; g = p->next[g])
		count++;
	return count;
}

static void consider(struct scx_planner *p, struct swap *s, uint32_t out, uint32_t back)
{
	int64_t load_out = p->candidate[out].load, load_back = p->candidate[back].load;
	int64_t load = load_out - load_back, fit, cost, cost_out, cost_back, score, gain;
	struct scxi_amount amount, less;
	uint32_t both[2] = { out, back };

	p->work++;
	if (load <= 0)
		return;
	fit = (uint64_t)load <= s->want ? load : 2 * (int64_t)s->want - load;
	score = fit * s->difference;
	if (s->out != SCXI_NONE && score <= s->best_score)
		return;
	cost_out = scxi_cost_move(p, out, s->to);
	cost_back = scxi_cost_move(p, back, s->from);
	cost = load_out * cost_out + load_back * cost_back;
	score -= cost;
	if (s->out != SCXI_NONE && score <= s->best_score)
		return;
	amount = scxi_state_amount(p, out);
	less = scxi_state_amount(p, back);
	amount.light -= less.light;
	amount.heavy -= less.heavy;
	gain = scxi_state_bridge(p, s->from, s->to, &amount);
	/* Both tasks pay for their way; what is bridged counts for the difference only. */
	if (gain <= 0 || gain >= INT64_C(1) << 32 || load * gain < cost ||
	    !scxi_state_may_move(p, both, 2))
		return;
	s->out = out;
	s->back = back;
	s->best_to = s->to;
	s->best_score = score;
	s->cost_out = (uint32_t)cost_out;
	s->cost_back = (uint32_t)cost_back;
	s->gain = (uint32_t)gain;
}

static int search_pair(struct scx_planner *p, struct swap *s, uint32_t to)
{
	uint32_t *out, *back, outs, backs, j = 0;
	size_t room;
	int err = scxi_candidate_sort(p, to);

	if (err)
		return err;
	room = (size_t)p->domain[s->from].count + guests(p, s->from) + p->domain[to].count +
	       guests(p, to);
	err = scxi_room_need(&p->room.scratch, room, sizeof(*out));
	if (err)
		return scxi_plan_fail(p, err, "no memory for %zu candidates", room);
	out = p->room.scratch.at;
	outs = gather(p, s->from, to, out);
	back = out + outs;
	backs = gather(p, to, s->from, back);
	s->to = to;
	s->want = scxi_search_want(p, s->from, to);
	s->difference = scxi_search_difference(&p->domain[s->from], &p->domain[to]);
	for (uint32_t i = 0; i < outs; i++) {
		/* Behind j are those whose difference is at least what is wanted. */
		while (j < backs &&
		       p->candidate[back[j]].load + s->want <= p->candidate[out[i]].load)
			j++;
		if (j)
			consider(p, s, out[i], back[j - 1]);
		if (j < backs)
			consider(p, s, out[i], back[j]);
	}
	return 0;
}

static bool less_loaded(const struct scx_planner *p, uint32_t a, uint32_t b)
{
	const struct scxi_domain *x = &p->domain[a], *y = &p->domain[b];

	if (x->pressure != y->pressure)
		return x->pressure < y->pressure;
	return x->id != y->id ? x->id < y->id : a < b;
}

/* The least loaded domains that could receive. Returns how many. */
static uint32_t receivers(struct scx_planner *p, uint32_t from, uint32_t *list)
{
	uint32_t count = 0;

	for (uint32_t to = 0; to < p->domain_count; to++) {
		uint32_t at;

		if (!scxi_search_receives(p, from, to))
			continue;
		p->work++;
		if (count < RECEIVERS_MAX)
			at = count++;
		else if (less_loaded(p, to, list[count - 1]))
			at = count - 1;
		else
			continue;
		for (; at && less_loaded(p, to, list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = to;
	}
	return count;
}

int scxi_swap(struct scx_planner *p, uint32_t from)
{
	struct swap s = { .from = from, .out = SCXI_NONE };
	uint32_t list[RECEIVERS_MAX], count;
	struct scxi_step steps[2];
	int err;

	/* A closed domain gives only: nothing may come back to it. */
	if (!p->policy.swaps || !p->domain[from].fair || !p->domain[from].open)
		return 0;
	count = receivers(p, from, list);
	for (uint32_t i = 0; i < count; i++) {
		if (p->domain[list[i]].unread) {
			p->domain[list[i]].wanted |= p->domain[from].hot;
			continue;
		}
		err = search_pair(p, &s, list[i]);
		if (err)
			return err;
	}
	if (s.out == SCXI_NONE)
		return 0;
	steps[0] = (struct scxi_step){ .candidate = s.out,
				       .from = from,
				       .to = s.best_to,
				       .reason = SCX_PLAN_SWAP,
				       .partner = p->candidate[s.back].task,
				       .cost = s.cost_out,
				       .gain = s.gain };
	steps[1] = (struct scxi_step){ .candidate = s.back,
				       .from = s.best_to,
				       .to = from,
				       .reason = SCX_PLAN_SWAP,
				       .partner = p->candidate[s.out].task,
				       .cost = s.cost_back,
				       .gain = s.gain };
	err = scxi_state_move(p, steps, 2);
	return err ? err : 1;
}
