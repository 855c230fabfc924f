/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * From what a scheduler counts to what the planner wants to know: counters become means that forget,
 * numbers of domains stay numbers of domains.
 *
 * A task's counter is read only while its domain needs to be looked at. One that was not read for
 * long says little about now; when no task of a domain was read lately, its tasks are read once, and
 * planned with at the next round, soon after.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"

#define STALE_INTERVALS 4 /* rounds in which a domain was not looked at */
#define WEIGHT_RATE_MAX UINT32_MAX
/* A number of independent tasks, each runnable now or not, is 2.5 deviations off once in 80 times. */
#define STEP_DEVIATIONS_SQUARED 6

/* Begins anew with a new run: all counters began anew. */
static void forget(struct scx_balancer *b)
{
	memset(b->domains_past, 0, sizeof(b->domains_past));
	if (b->tasks_past)
		memset(b->tasks_past, 0, b->nr_tasks_past * sizeof(*b->tasks_past));
}

static void begin(struct scxi_mean *mean, uint64_t counter, uint64_t now_ns, uint64_t estimate)
{
	scx_load_begin(&mean->load, counter, now_ns, estimate);
	mean->estimated = true;
}

static uint64_t update(struct scx_balancer *b, struct scxi_mean *mean, uint64_t counter,
		       uint64_t now_ns, uint64_t rate_max, uint64_t estimate)
{
	if (!mean->load.at_ns)
		begin(mean, counter, now_ns, estimate);
	else if (scx_load_update(&mean->load, counter, now_ns, rate_max,
				 mean->estimated ? 0 : b->half_life_ns))
		mean->estimated = false;
	return mean->load.mean;
}

/*
 * Has the load changed since the mean was made? Tasks that began or ended by the dozen are noticed at
 * once then, not when the mean has forgotten. The number of runnable tasks says it, not their weight.
 */
static bool is_step(uint64_t mean, uint32_t nr_tasks)
{
	uint64_t now = (uint64_t)nr_tasks * SCX_PLAN_ONE;
	uint64_t off = (now > mean ? now - mean : mean - now) >> 8;
	uint64_t larger = (now > mean ? now : mean) >> 8;

	return off > (SCX_PLAN_ONE >> 8) * 2 &&
	       (unsigned __int128)off * off >
		       (unsigned __int128)larger * STEP_DEVIATIONS_SQUARED * (SCX_PLAN_ONE >> 8);
}

/* The two means of a domain, from its counters; true if they had to begin anew. */
static bool update_domain(struct scx_balancer *b, const struct scx_domain_info *info,
			  struct scx_plan_domain *domain)
{
	struct scxi_domain_past *past = &b->domains_past[info->domain];
	uint64_t now_ns = b->input.now_ns;
	bool step;

	domain->load =
		update(b, &past->weight, info->weight_ns, now_ns, WEIGHT_RATE_MAX, info->load);
	domain->runnable =
		update(b, &past->tasks, info->tasks_ns, now_ns, WEIGHT_RATE_MAX, info->runnable);
	step = is_step(domain->runnable, info->nr_tasks);
	if (step) {
		domain->load = info->weight * SCX_PLAN_ONE;
		domain->runnable = (uint64_t)info->nr_tasks * SCX_PLAN_ONE;
		begin(&past->weight, info->weight_ns, now_ns, domain->load);
		begin(&past->tasks, info->tasks_ns, now_ns, domain->runnable);
	}
	return step;
}

int scxi_gather_domains(struct scx_balancer *b, bool *ret_step)
{
	int err = scx_snapshot_read_domains(b->snapshot);
	uint64_t now_ns = scx_snapshot_time_ns(b->snapshot);
	size_t nr = scx_snapshot_nr_domains(b->snapshot);

	if (err)
		return scxi_balancer_fail(b, err, "%s", scx_errmsg(b->scx));
	if (!scx_snapshot_interval_ns(b->snapshot))
		forget(b);
	b->input = (struct scx_plan_input){
		.size = sizeof(b->input),
		.domains = b->domains,
		.distances = b->machine.distances,
		.node_count = b->machine.nr_nodes,
		.now_ns = now_ns,
	};
	if (nr)
		memset(b->domains, 0,
		       (scx_snapshot_domain(b->snapshot, nr - 1)->domain + 1) *
			       sizeof(*b->domains));
	for (size_t i = 0; i < nr; i++) {
		const struct scx_domain_info *info = scx_snapshot_domain(b->snapshot, i);
		struct scx_plan_domain *domain = &b->domains[info->domain];

		b->input.domain_count = info->domain + 1;
		*domain = (struct scx_plan_domain){
			.flags = SCX_PLAN_DOMAIN_MEASURED | SCX_PLAN_DOMAIN_UNREAD,
			.capacity = scxi_machine_capacity(&b->machine, b->scx, info),
			.cpus = info->nr_cpus,
			.node = scxi_machine_node(&b->machine, info->node),
		};
		if (update_domain(b, info, domain))
			*ret_step = true;
	}
	for (uint32_t d = 0; d < b->input.domain_count; d++) {
		b->domains[d].id = d;
		if (!b->domains[d].flags)
			b->domains[d].flags = SCX_PLAN_DOMAIN_CLOSED;
	}
	return b->input.domain_count
		       ? 0
		       : scxi_balancer_fail(b, -EPROTO, "the scheduler has no domain to balance");
}

static int make_room(struct scx_balancer *b)
{
	size_t slots = scx_snapshot_nr_slots(b->snapshot);
	size_t total = b->input.task_count + scx_snapshot_nr_tasks(b->snapshot);

	if (slots > b->nr_tasks_past) {
		struct scxi_task_past *past = reallocarray(b->tasks_past, slots, sizeof(*past));

		if (!past)
			return -ENOMEM;
		memset(past + b->nr_tasks_past, 0, (slots - b->nr_tasks_past) * sizeof(*past));
		b->tasks_past = past;
		b->nr_tasks_past = slots;
	}
	if (total > b->room) {
		size_t room = total + total / 2;
		struct scx_plan_task *tasks = reallocarray(b->tasks, room, sizeof(*tasks));
		struct scxi_task_key *keys;

		if (!tasks)
			return -ENOMEM;
		b->tasks = tasks;
		keys = reallocarray(b->keys, room, sizeof(*keys));
		if (!keys)
			return -ENOMEM;
		b->keys = keys;
		b->room = room;
	}
	b->input.tasks = b->tasks;
	return 0;
}

/* The number of the set in the input, from 1; 0: every domain; -ENOMEM. */
static int intern(struct scx_balancer *b, const uint64_t *allowed)
{
	size_t width = (b->input.domain_count + 63) / 64, used = b->input.allowed_count * width;

	/* Threads of one process mostly follow one another. */
	if (used && !memcmp(b->allowed + used - width, allowed, width * sizeof(*allowed)))
		return (int)b->input.allowed_count;
	if (used + width > b->room_allowed) {
		size_t room = b->room_allowed ? 2 * b->room_allowed : 64;
		uint64_t *more = reallocarray(b->allowed, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		b->allowed = more;
		b->room_allowed = room;
	}
	memcpy(b->allowed + used, allowed, width * sizeof(*allowed));
	b->input.allowed = b->allowed;
	return (int)++b->input.allowed_count;
}

static int add_task(struct scx_balancer *b, const struct scx_task_info *t, uint64_t stale_ns)
{
	struct scxi_task_past *past = &b->tasks_past[t->index];
	/* Reading takes its time: counters are of this moment, not of when the domains were read. */
	uint64_t now_ns = scx_snapshot_tasks_time_ns(b->snapshot), duty;
	int allowed = 0;

	if (past->start_ns != t->start_ns)
		*past = (struct scxi_task_past){ .start_ns = t->start_ns };
	if (now_ns - past->duty.load.at_ns > stale_ns)
		past->duty.load.at_ns = 0;
	duty = update(b, &past->duty, t->runnable_ns, now_ns, 1, t->duty);
	/* Who sleeps weighs nothing, and a kernel thread of one CPU is in the domain's measure. */
	if (!duty || t->domain >= b->input.domain_count)
		return 0;
	if (t->flags & SCX_INFO_CONFINED && !(t->flags & SCX_INFO_PINNED)) {
		allowed = intern(b, t->allowed);
		if (allowed < 0)
			return allowed;
	}
	b->tasks[b->input.task_count] = (struct scx_plan_task){
		.id = (uint64_t)t->tid,
		.moved_ns = past->moved_ns,
		.domain = t->domain,
		.duty = (uint32_t)(duty < SCX_PLAN_ONE ? duty : SCX_PLAN_ONE),
		.allowed = (uint32_t)allowed,
		.group = (uint32_t)t->tgid,
		.weight = t->weight,
		.flags = t->flags & SCX_INFO_PINNED ? SCX_PLAN_TASK_PINNED : 0,
	};
	b->keys[b->input.task_count++] = (struct scxi_task_key){
		.start_ns = t->start_ns,
		.slot = t->slot,
		.index = t->index,
		.tid = t->tid,
	};
	return 0;
}

int scxi_gather_tasks(struct scx_balancer *b, const uint32_t *domains, unsigned nr, bool *ret_new)
{
	uint64_t now_ns = b->input.now_ns, stale_ns = STALE_INTERVALS * b->interval_ns;
	size_t nr_tasks;
	int err = scx_snapshot_read_tasks(b->snapshot, domains, nr);

	if (err)
		return scxi_balancer_fail(b, err, "%s", scx_errmsg(b->scx));
	for (unsigned i = 0; i < nr; i++) {
		struct scxi_domain_past *past = &b->domains_past[domains[i]];

		if (!past->read_ns || now_ns - past->read_ns > stale_ns)
			*ret_new = true;
		past->read_ns = now_ns;
		b->domains[domains[i]].flags &= ~(uint32_t)SCX_PLAN_DOMAIN_UNREAD;
	}
	err = make_room(b);
	nr_tasks = scx_snapshot_nr_tasks(b->snapshot);
	for (size_t i = 0; !err && i < nr_tasks; i++)
		err = add_task(b, scx_snapshot_task(b->snapshot, i), stale_ns);
	return err ? scxi_balancer_fail(b, err, "out of memory") : 0;
}
