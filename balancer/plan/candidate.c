/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Candidates: the tasks that could be moved, by domain, in order of load.
 *
 * They are gathered when the first domain is out of its band, one slice of the array for each domain,
 * and a slice is put in order when its domain is first looked at. One that leaves its slice is
 * stepped over from then on, in nearly constant time (paths to the next one that stayed are
 * shortened as they are walked); one that moves in is a guest, in a list of its own.
 */
#include <errno.h>
#include <string.h>

#include "plan.h"

/* Is there another domain that could take it, when it is in @domain? */
static bool can_leave(const struct scx_planner *p, const struct scx_plan_task *task,
		      uint32_t domain)
{
	const uint64_t *set;

	if (!task->allowed)
		return p->domain_count > 1;
	set = p->in.allowed + (size_t)(task->allowed - 1) * p->allowed_words;
	for (size_t i = 0; i < p->allowed_words; i++) {
		uint64_t word = set[i];

		if (domain / 64 == i)
			word &= ~(1ull << (domain % 64));
		for (; word; word &= word - 1) {
			size_t other = i * 64 + (size_t)__builtin_ctzll(word);

			if (other < p->domain_count && p->domain[other].open)
				return true;
		}
	}
	return false;
}

static bool cooling(const struct scx_planner *p, const struct scx_plan_task *task)
{
	/* A time in the future is no time: the clock was set back. */
	if (!task->moved_ns || task->moved_ns > p->in.now_ns)
		return false;
	return p->in.now_ns - task->moved_ns < p->policy.cooldown_ns;
}

static int make_room(struct scx_planner *p, uint32_t count)
{
	int err = scxi_room_need(&p->room.candidate, count, sizeof(*p->candidate));

	if (!err)
		err = scxi_room_need(&p->room.link, count, 3 * sizeof(uint32_t) + 1);
	if (err)
		return scxi_plan_fail(p, err, "no memory for %u candidates", count);
	p->candidate = p->room.candidate.at;
	p->left = p->room.link.at;
	p->right = p->left + count;
	p->next = p->right + count;
	p->gone = (uint8_t *)(p->next + count);
	return 0;
}

/* Closes the gaps that tasks left which turned out to be no candidates. */
static void close_gaps(struct scx_planner *p)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];

		if (end != d->first)
			memmove(p->candidate + end, p->candidate + d->first,
				d->count * sizeof(*p->candidate));
		d->first = end;
		end += d->count;
	}
	p->candidate_count = end;
}

int scxi_candidate_collect(struct scx_planner *p)
{
	uint32_t count = 0;
	int err;

	for (uint32_t i = 0; i < p->domain_count; i++) {
		p->domain[i].first = count;
		count += p->domain[i].count;
		p->domain[i].count = 0;
	}
	err = make_room(p, count);
	if (err)
		return err;
	for (size_t i = 0; i < p->in.task_count; i++) {
		const struct scx_plan_task *task = scxi_task(p, i);
		struct scxi_domain *d;

		if (task->flags & SCX_PLAN_TASK_PINNED || !task->duty || !scxi_task_sound(p, task))
			continue;
		if (!can_leave(p, task, task->domain)) {
			p->pinned++;
			continue;
		}
		d = &p->domain[task->domain];
		if (d->fair && cooling(p, task))
			continue;
		d->confined |= task->allowed != 0;
		p->candidate[d->first + d->count++] = (struct scxi_candidate){
			.task = (uint32_t)i, .where = task->domain, .step = SCXI_NONE
		};
	}
	close_gaps(p);
	p->regrouped = false;
	return 0;
}

/* Could this candidate still be one in a plan that begins where it is now? */
static bool remains(const struct scx_planner *p, const struct scxi_candidate *c)
{
	const struct scx_plan_task *task = scxi_task(p, c->task);

	if (c->where == task->domain)
		return true;
	return can_leave(p, task, c->where) && !(p->domain[c->where].fair && cooling(p, task));
}

/*
 * Puts every candidate into the slice of the domain where it is now, as if the plan began here. Those
 * that would not be candidates come behind all slices.
 */
int scxi_candidate_regroup(struct scx_planner *p)
{
	uint32_t count = p->candidate_count, first = 0;
	struct scxi_candidate *old;
	int err = scxi_room_need(&p->room.scratch, count, sizeof(*old));

	if (err)
		return scxi_plan_fail(p, err, "no memory for %u candidates", count);
	old = p->room.scratch.at;
	memcpy(old, p->candidate, count * sizeof(*old));
	for (uint32_t i = 0; i < p->domain_count; i++) {
		p->domain[i].count = 0;
		p->domain[i].guests = SCXI_NONE;
		p->domain[i].sorted = p->domain[i].confined = false;
	}
	for (uint32_t i = 0; i < count; i++)
		p->domain[old[i].where].count += remains(p, &old[i]);
	for (uint32_t i = 0; i < p->domain_count; i++) {
		p->domain[i].first = first;
		first += p->domain[i].count;
		p->domain[i].count = 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct scxi_domain *d = &p->domain[old[i].where];

		if (remains(p, &old[i])) {
			p->candidate[d->first + d->count++] = old[i];
			d->confined |= scxi_task(p, old[i].task)->allowed != 0;
		} else {
			p->candidate[first++] = old[i];
		}
	}
	p->regrouped = true;
	return 0;
}

/*
 * Ascending load; of equal loads the least rank last, of equal ranks the smallest id last. Of equal ids
 * the order of the input remains.
 */
static bool in_order(const struct scx_planner *p, const struct scxi_candidate *a,
		     const struct scxi_candidate *b)
{
	uint64_t x, y;

	if (a->load != b->load)
		return a->load < b->load;
	if (a->rank != b->rank)
		return a->rank > b->rank;
	x = scxi_task(p, a->task)->id;
	y = scxi_task(p, b->task)->id;
	return x != y ? x > y : a->task <= b->task;
}

static void merge(const struct scx_planner *p, const struct scxi_candidate *from,
		  struct scxi_candidate *to, uint32_t middle, uint32_t end)
{
	uint32_t i = 0, j = middle;

	for (uint32_t k = 0; k < end; k++) {
		if (i < middle && (j >= end || in_order(p, &from[i], &from[j])))
			to[k] = from[i++];
		else
			to[k] = from[j++];
	}
}

static uint32_t run_end(const struct scx_planner *p, const struct scxi_candidate *at, uint32_t from,
			uint32_t count)
{
	for (from++; from < count && in_order(p, &at[from - 1], &at[from]); from++)
		;
	return from < count ? from : count;
}

/* Merges runs that are in order already: one look when all is, and never worse than n log n. */
static void sort(const struct scx_planner *p, struct scxi_candidate *at,
		 struct scxi_candidate *scratch, uint32_t count)
{
	struct scxi_candidate *from = at, *to = scratch, *swap;

	while (count && run_end(p, from, 0, count) < count) {
		uint32_t i = 0;

		while (i < count) {
			uint32_t middle = run_end(p, from, i, count);
			uint32_t end = middle < count ? run_end(p, from, middle, count) : count;

			merge(p, from + i, to + i, middle - i, end - i);
			i = end;
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != at && count)
		memcpy(at, from, count * sizeof(*at));
}

int scxi_candidate_sort(struct scx_planner *p, uint32_t domain)
{
	struct scxi_domain *d = &p->domain[domain];
	struct scxi_candidate *at = p->candidate + d->first;
	int err;

	if (d->sorted)
		return 0;
	err = scxi_room_need(&p->room.scratch, d->count, sizeof(*at));
	if (err)
		return scxi_plan_fail(p, err, "no memory to sort %u tasks", d->count);
	for (uint32_t i = 0; i < d->count; i++) {
		const struct scx_plan_task *task = scxi_task(p, at[i].task);

		at[i].load = scxi_task_load(p, task);
		at[i].rank = scxi_cost_rank(p, task, domain);
		p->left[d->first + i] = p->right[d->first + i] = d->first + i;
	}
	memset(p->gone + d->first, 0, d->count);
	sort(p, at, p->room.scratch.at, d->count);
	p->considered += d->count;
	p->work += d->count;
	d->sorted = true;
	return 0;
}

/* Only what is in order can have left: a slice is sorted before its first move. */
void scxi_candidate_move(struct scx_planner *p, uint32_t candidate, uint32_t to)
{
	struct scxi_candidate *c = &p->candidate[candidate];
	struct scxi_domain *from = &p->domain[c->where];

	if (!p->gone[candidate]) {
		const struct scxi_domain *d = from;

		p->gone[candidate] = 1;
		p->left[candidate] = candidate > d->first ? candidate - 1 : SCXI_NONE;
		p->right[candidate] =
			candidate + 1 < d->first + d->count ? candidate + 1 : SCXI_NONE;
	} else {
		uint32_t *link = &from->guests;

		while (*link != candidate) {
			link = &p->next[*link];
			p->work++;
		}
		*link = p->next[candidate];
	}
	p->next[candidate] = p->domain[to].guests;
	p->domain[to].guests = candidate;
	c->where = to;
}

/* The nearest one from @at on that is not gone; paths are halved on the way. */
static uint32_t stay(struct scx_planner *p, uint32_t *link, uint32_t at)
{
	while (at != SCXI_NONE && p->gone[at]) {
		uint32_t next = link[at];

		if (next != SCXI_NONE && p->gone[next])
			link[at] = link[next];
		at = next;
		p->work++;
	}
	return at;
}

/* The first place in the slice whose load is greater; the end of the slice when none is. */
static uint32_t greater(const struct scx_planner *p, const struct scxi_domain *d, uint64_t load)
{
	uint32_t low = d->first, high = d->first + d->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->candidate[middle].load > load)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint32_t scxi_candidate_prev(struct scx_planner *p, uint32_t domain, uint32_t candidate)
{
	if (candidate == p->domain[domain].first)
		return SCXI_NONE;
	return stay(p, p->left, candidate - 1);
}

uint32_t scxi_candidate_next(struct scx_planner *p, uint32_t domain, uint32_t candidate)
{
	const struct scxi_domain *d = &p->domain[domain];

	if (candidate + 1 >= d->first + d->count)
		return SCXI_NONE;
	return stay(p, p->right, candidate + 1);
}

uint32_t scxi_candidate_below(struct scx_planner *p, uint32_t domain, uint64_t load)
{
	const struct scxi_domain *d = &p->domain[domain];
	uint32_t at = greater(p, d, load);

	return at == d->first ? SCXI_NONE : stay(p, p->left, at - 1);
}

/* Of the least load that is greater, the last one: the cheapest. */
uint32_t scxi_candidate_above(struct scx_planner *p, uint32_t domain, uint64_t load)
{
	const struct scxi_domain *d = &p->domain[domain];
	uint32_t at = greater(p, d, load);

	if (at == d->first + d->count)
		return SCXI_NONE;
	at = stay(p, p->right, at);
	if (at == SCXI_NONE)
		return SCXI_NONE;
	return stay(p, p->left, greater(p, d, p->candidate[at].load) - 1);
}
