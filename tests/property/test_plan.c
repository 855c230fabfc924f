/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What must hold for every plan, on random snapshots.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_case.h"
#include "plan_hold.h"
#include "plan_truth.h"

/*
 * The planner's loads are whole units of 2^-20 CPU and its pressures of 2^-16: what it sees as equal
 * may differ by this much.
 */
#define SLACK 1e-4

#define FALSE(...) (snprintf(why, size, __VA_ARGS__), false)

/* Plans, with a planner of its own. The plan lives as long as the planner. */
static struct scx_planner *plan_case(const struct plan_case *c, struct scx_plan *ret_plan)
{
	struct scx_planner *planner = scx_planner_new(&c->opts);
	int err;

	cr_assert(planner);
	*ret_plan = (struct scx_plan){ .size = sizeof(*ret_plan) };
	err = scx_balance(planner, &c->in, ret_plan);
	cr_assert_eq(err, 0, "seed %" PRIu64 ": %s", c->seed, scx_planner_errmsg(planner));
	return planner;
}

#define HOLD(property) plan_hold(#property, property, &plan_mix_small)

/* Each task at most once, from where it is to where it may be; nothing is lost and nothing made. */
static bool moves_are_sound(const struct plan_case *c, char *why, size_t size)
{
	size_t words = (c->in.domain_count + 63) / 64;
	struct scx_plan plan;
	struct scx_planner *planner = plan_case(c, &plan);
	char *seen = calloc(c->in.task_count + 1, 1);
	bool sound = true;

	cr_assert(seen);
	for (size_t i = 0; i < plan.move_count && sound; i++) {
		const struct scx_plan_move *m = scx_plan_at(&plan, i);
		const struct scx_plan_task *t = &c->tasks[m->task];
		const struct scx_plan_domain *to = &c->domains[m->to];
		bool allowed =
			!t->allowed ||
			c->allowed[(t->allowed - 1) * words + m->to / 64] >> (m->to % 64) & 1;
		uint64_t cooldown = c->opts.cooldown_ms ? c->opts.cooldown_ms : 1000;

		if (c->opts.cooldown_ms == SCX_PLAN_NONE)
			cooldown = 0;
		if (m->task >= c->in.task_count || seen[m->task]++ || m->id != t->id ||
		    m->from != t->domain || m->to >= c->in.domain_count || m->to == m->from)
			sound = FALSE("move %zu is not of a task, or its second one", i);
		else if (!allowed || t->flags & SCX_PLAN_TASK_PINNED)
			sound = FALSE("move %zu: may not run in domain %u", i, m->to);
		else if (!to->capacity || to->flags & SCX_PLAN_DOMAIN_CLOSED)
			sound = FALSE("move %zu: domain %u takes nobody", i, m->to);
		else if (c->domains[m->from].capacity && t->moved_ns &&
			 t->moved_ns <= c->in.now_ns &&
			 c->in.now_ns - t->moved_ns < cooldown * 1000000)
			sound = FALSE("move %zu: has just moved", i);
		else if (m->gain_ppt < m->cost_ppt && m->reason != SCX_PLAN_SWAP &&
			 m->reason != SCX_PLAN_REARRANGE)
			sound = FALSE("move %zu: bridges less than it must", i);
	}
	free(seen);
	scx_planner_free(planner);
	return sound;
}

Test(plan, never_places_a_task_where_it_may_not_run)
{
	HOLD(moves_are_sound);
}

/* Truth agrees with what the planner says of the pressures. */
static bool reports_the_truth(const struct plan_case *c, const struct scx_plan *plan,
			      const struct plan_truth *before, const struct plan_truth *after,
			      char *why, size_t size)
{
	(void)c;
	if (before->total <= 0 || !isfinite(before->min))
		return true;
	if (fabs(before->max - plan->max_before_ppt / 1e3) > 2e-3 + before->max * SLACK ||
	    fabs(after->max - plan->max_after_ppt / 1e3) > 2e-3 + after->max * SLACK)
		return FALSE("pressures %u, then %u; but true is %.4f, then %.4f",
			     plan->max_before_ppt, plan->max_after_ppt, before->max, after->max);
	return true;
}

static bool plan_is_no_worse(const struct plan_case *c, char *why, size_t size)
{
	struct scx_plan plan;
	struct scx_planner *planner = plan_case(c, &plan);
	struct plan_case *result = plan_case_copy(c);
	struct plan_truth before, after;
	bool good;

	plan_case_apply(result, &plan);
	plan_truth(&c->in, &before);
	plan_truth(&result->in, &after);
	good = reports_the_truth(c, &plan, &before, &after, why, size);
	if (good && fabs(before.total - after.total) > 1e-6)
		good = FALSE("load %.6f became %.6f", before.total, after.total);
	else if (good && after.stranded > before.stranded + 1e-6)
		good = FALSE("stranded load %.4f rose to %.4f", before.stranded, after.stranded);
	else if (good && before.stranded <= 0 && after.max > before.max * (1 + SLACK))
		good = FALSE("greatest pressure %.5f rose to %.5f", before.max, after.max);
	else if (good && before.stranded <= 0 && after.variance > before.variance * (1 + SLACK))
		good = FALSE("variance %.6f rose to %.6f", before.variance, after.variance);
	else if (good && plan.move_count && before.stranded <= 0 &&
		 after.variance >= before.variance)
		good = FALSE("variance %.9f did not fall", before.variance);
	plan_truth_free(&before);
	plan_truth_free(&after);
	plan_case_free(result);
	scx_planner_free(planner);
	return good;
}

Test(plan, never_makes_the_imbalance_worse)
{
	HOLD(plan_is_no_worse);
}

static bool second_plan_is_empty(const struct plan_case *c, char *why, size_t size)
{
	struct scx_plan plan, second;
	struct scx_planner *planner = plan_case(c, &plan);
	struct plan_case *result = plan_case_copy(c);
	size_t first = plan.move_count;
	bool good = true;

	plan_case_apply(result, &plan);
	scx_planner_free(planner);
	planner = plan_case(result, &second);
	if (second.move_count)
		good = FALSE("after %zu moves, planned again: %zu", first, second.move_count);
	scx_planner_free(planner);
	plan_case_free(result);
	return good;
}

Test(plan, proposes_nothing_on_its_own_result)
{
	HOLD(second_plan_is_empty);
}

/* The case with its tasks and domains in another order. ret_domain[i] is where domain i went. */
static struct plan_case *permuted(const struct plan_case *c, uint32_t *ret_domain)
{
	struct plan_random r = { ~c->seed };
	struct plan_case *p = plan_case_copy(c);
	size_t domains = c->in.domain_count, words = (domains + 63) / 64;

	for (uint32_t i = 0; i < domains; i++)
		ret_domain[i] = i;
	for (uint32_t i = (uint32_t)domains; i-- > 1;) {
		uint32_t j = plan_random_in(&r, 0, i), swap = ret_domain[i];

		ret_domain[i] = ret_domain[j];
		ret_domain[j] = swap;
	}
	memset(p->allowed, 0, c->in.allowed_count * words * sizeof(*p->allowed));
	for (uint32_t i = 0; i < domains; i++) {
		uint32_t to = ret_domain[i];

		p->domains[to] = c->domains[i];
		for (size_t s = 0; s < c->in.allowed_count; s++)
			if (c->allowed[s * words + i / 64] >> (i % 64) & 1)
				p->allowed[s * words + to / 64] |= 1ull << (to % 64);
	}
	for (uint32_t i = (uint32_t)c->in.task_count; i-- > 0;) {
		uint32_t j = plan_random_in(&r, 0, i);
		struct scx_plan_task swap = p->tasks[i];

		p->tasks[i] = p->tasks[j];
		p->tasks[j] = swap;
		p->tasks[i].domain = ret_domain[p->tasks[i].domain];
	}
	return p;
}

static bool order_changes_nothing(const struct plan_case *c, char *why, size_t size)
{
	uint32_t *to = calloc(c->in.domain_count, sizeof(*to));
	struct plan_case *other;
	struct scx_plan plan, same;
	struct scx_planner *planner = plan_case(c, &plan), *planner2;
	bool good = true;

	cr_assert(to);
	other = permuted(c, to);
	planner2 = plan_case(other, &same);
	if (plan.move_count != same.move_count)
		good = FALSE("%zu moves, in another order %zu", plan.move_count, same.move_count);
	for (size_t i = 0; i < plan.move_count && good; i++) {
		const struct scx_plan_move *m = scx_plan_at(&plan, i), *n = scx_plan_at(&same, i);

		if (m->id != n->id || to[m->from] != n->from || to[m->to] != n->to ||
		    m->reason != n->reason || m->cost_ppt != n->cost_ppt)
			good = FALSE("move %zu is another one", i);
	}
	scx_planner_free(planner);
	scx_planner_free(planner2);
	plan_case_free(other);
	free(to);
	return good;
}

Test(plan, does_not_depend_on_the_order_of_the_arrays)
{
	HOLD(order_changes_nothing);
}

static bool same_moves(const struct scx_plan *a, const struct scx_plan *b)
{
	if (a->move_count != b->move_count)
		return false;
	for (size_t i = 0; i < a->move_count; i++)
		if (memcmp(scx_plan_at(a, i), scx_plan_at(b, i), sizeof(*a->moves)) != 0)
			return false;
	return true;
}

static bool scale_changes_nothing(const struct plan_case *c, char *why, size_t size)
{
	static const uint32_t factors[] = { 2, 3, 7, 10, 100 };
	uint32_t factor = factors[c->seed % 5];
	struct plan_case *scaled = plan_case_copy(c);
	struct scx_plan plan, same;
	struct scx_planner *planner = plan_case(c, &plan), *planner2;
	bool good = true;

	for (size_t i = 0; i < c->in.task_count; i++)
		scaled->tasks[i].weight *= factor;
	for (size_t i = 0; i < c->in.domain_count; i++)
		scaled->domains[i].load *= factor;
	planner2 = plan_case(scaled, &same);
	if (!same_moves(&plan, &same))
		good = FALSE("all weights times %u: another plan", factor);
	scx_planner_free(planner);
	scx_planner_free(planner2);
	plan_case_free(scaled);
	return good;
}

Test(plan, does_not_depend_on_the_scale_of_weights)
{
	/* What was measured beyond the tasks has a mean weight, which is rounded. */
	struct plan_mix mix = plan_mix_small;

	mix.measured_percent = 0;
	plan_hold("scale_changes_nothing", scale_changes_nothing, &mix);
}

static bool limit_is_kept(const struct plan_case *c, char *why, size_t size)
{
	struct plan_case *limited = plan_case_copy(c);
	struct plan_truth before, after;
	struct scx_plan plan;
	struct scx_planner *planner;
	bool good = true;

	limited->opts.moves_max = (uint32_t)(1 + c->seed % 5);
	planner = plan_case(limited, &plan);
	if (plan.move_count > limited->opts.moves_max)
		good = FALSE("%zu moves", plan.move_count);
	plan_truth(&limited->in, &before);
	plan_case_apply(limited, &plan);
	plan_truth(&limited->in, &after);
	if (good && before.stranded <= 0 && after.max > before.max * (1 + SLACK))
		good = FALSE("greatest pressure %.5f rose to %.5f", before.max, after.max);
	plan_truth_free(&before);
	plan_truth_free(&after);
	scx_planner_free(planner);
	plan_case_free(limited);
	return good;
}

Test(plan, keeps_to_a_limit_of_moves)
{
	HOLD(limit_is_kept);
}

static struct scx_planner *old_planner;

/* A planner that has planned other things before plans as a new one. */
static bool planner_has_no_memory(const struct plan_case *c, char *why, size_t size)
{
	struct plan_case *plain = plan_case_copy(c);
	struct scx_plan plan, same = { .size = sizeof(same) };
	struct scx_planner *planner;
	bool good = true;

	plain->opts = (struct scx_plan_opts){ .size = sizeof(plain->opts) };
	planner = plan_case(plain, &plan);
	cr_assert_eq(scx_balance(old_planner, &plain->in, &same), 0);
	if (!same_moves(&plan, &same))
		good = FALSE("another plan than that of a new planner");
	scx_planner_free(planner);
	plan_case_free(plain);
	return good;
}

Test(plan, does_not_remember)
{
	old_planner = scx_planner_new(NULL);
	cr_assert(old_planner);
	HOLD(planner_has_no_memory);
	scx_planner_free(old_planner);
}

/* The tasks of the case that are in domains that were read, as a caller would read them. */
static void read_needed(const struct plan_case *all, struct plan_case *part)
{
	part->in.task_count = 0;
	for (size_t i = 0; i < all->in.task_count; i++)
		if (!(part->domains[all->tasks[i].domain].flags & SCX_PLAN_DOMAIN_UNREAD))
			part->tasks[part->in.task_count++] = all->tasks[i];
}

/*
 * What is not read counts as tasks of one weight, the mean. That is what the plan can be held to: where
 * weights are infeasible, the true pressure of an unread domain is another one, and so is that of the
 * read ones, since the level at which weights are cut depends on all.
 */
static bool reading_is_lazy(const struct plan_case *c, char *why, size_t size)
{
	struct plan_case *all = plan_case_copy(c), *part;
	uint32_t *needed = calloc(c->in.domain_count, sizeof(*needed));
	struct scx_planner *planner = scx_planner_new(&c->opts);
	struct scx_plan plan = { .size = sizeof(plan) };
	struct plan_truth before, after;
	unsigned rounds = 0;
	bool good = true;
	int count;

	cr_assert(needed && planner);
	for (size_t i = 0; i < all->in.domain_count; i++)
		all->domains[i].flags |= SCX_PLAN_DOMAIN_MEASURED;
	if (!(c->domains[0].flags & SCX_PLAN_DOMAIN_MEASURED))
		for (size_t i = 0; i < all->in.task_count; i++) {
			const struct scx_plan_task *t = &all->tasks[i];

			all->domains[t->domain].load += (uint64_t)t->duty * t->weight;
			all->domains[t->domain].runnable += t->duty;
		}
	part = plan_case_copy(all);
	for (size_t i = 0; i < part->in.domain_count; i++)
		part->domains[i].flags |= SCX_PLAN_DOMAIN_UNREAD;
	read_needed(all, part);
	while ((count = scx_plan_needed(planner, &part->in, needed)) > 0) {
		for (int i = 0; i < count && good; i++) {
			if (!(part->domains[needed[i]].flags & SCX_PLAN_DOMAIN_UNREAD))
				good = FALSE("asked for domain %u twice", needed[i]);
			part->domains[needed[i]].flags &= ~(uint32_t)SCX_PLAN_DOMAIN_UNREAD;
		}
		if (!good || ++rounds > part->in.domain_count)
			break;
		read_needed(all, part);
	}
	cr_assert_geq(count, 0);
	if (good && count)
		good = FALSE("asks and asks");
	cr_assert_eq(scx_balance(planner, &part->in, &plan), 0);
	plan_truth(&part->in, &before);
	plan_case_apply(part, &plan);
	for (size_t i = 0; i < part->in.domain_count; i++)
		part->domains[i].flags &= ~(uint32_t)SCX_PLAN_DOMAIN_UNREAD;
	plan_truth(&part->in, &after);
	if (good && before.stranded <= 0 && after.max > before.max * (1 + SLACK) + SLACK)
		good = FALSE("greatest pressure %.5f rose to %.5f", before.max, after.max);
	plan_truth_free(&before);
	plan_truth_free(&after);
	scx_planner_free(planner);
	plan_case_free(part);
	plan_case_free(all);
	free(needed);
	return good;
}

Test(plan, asks_for_what_it_needs_and_is_satisfied)
{
	HOLD(reading_is_lazy);
}
