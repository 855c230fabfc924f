/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The input: checked, and added up per domain.
 *
 * Everything that a later step relies on is established here: counts and sums that cannot overflow,
 * indexes that exist. Tasks that make no sense are left out, alone; what makes the whole input
 * meaningless is an error.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "options.h"
#include "plan.h"

/* Runnable tasks of a domain that a measurement may claim; all domains together stay below 2^43. */
#define RUNNABLE_MAX ((uint64_t)SCX_PLAN_TASKS_MAX * SCX_PLAN_ONE)

static const struct scx_plan_domain *domain_at(const struct scx_planner *p, size_t index)
{
	return (const void *)((const char *)p->in.domains + index * p->in.domain_size);
}

const struct scx_plan_task *scxi_task(const struct scx_planner *p, size_t index)
{
	return (const void *)((const char *)p->in.tasks + index * p->in.task_size);
}

bool scxi_task_sound(const struct scx_planner *p, const struct scx_plan_task *task)
{
	return task->domain < p->domain_count && !p->domain[task->domain].unread && task->weight &&
	       task->weight <= SCX_PLAN_WEIGHT_MAX && task->duty <= SCX_PLAN_ONE &&
	       task->allowed <= p->in.allowed_count;
}

bool scxi_task_allowed(const struct scx_planner *p, const struct scx_plan_task *task,
		       uint32_t domain)
{
	const uint64_t *set;

	if (!task->allowed)
		return true;
	set = p->in.allowed + (size_t)(task->allowed - 1) * p->allowed_words;
	return set[domain / 64] >> (domain % 64) & 1;
}

/* Fills the default in, and checks a stride. */
static int check_stride(struct scx_planner *p, const char *name, size_t *stride, size_t least)
{
	if (!*stride)
		*stride = least;
	if (*stride < least || *stride % 8 || *stride > 4096)
		return scxi_plan_fail(p, -EINVAL, "%s %zu: a multiple of 8 from %zu to 4096", name,
				      *stride, least);
	return 0;
}

static int check_arrays(struct scx_planner *p, struct scx_plan_input *in)
{
	int err;

	if (!in->domain_count || !in->domains)
		return scxi_plan_fail(p, -EINVAL, "no domains: at least one is needed");
	if (in->domain_count > SCX_PLAN_DOMAINS_MAX)
		return scxi_plan_fail(p, -E2BIG, "domain_count %zu: at most %u", in->domain_count,
				      SCX_PLAN_DOMAINS_MAX);
	if (in->task_count && !in->tasks)
		return scxi_plan_fail(p, -EINVAL, "task_count %zu, but tasks is NULL",
				      in->task_count);
	if (in->task_count > SCX_PLAN_TASKS_MAX)
		return scxi_plan_fail(p, -E2BIG, "task_count %zu: at most %u", in->task_count,
				      SCX_PLAN_TASKS_MAX);
	if (in->allowed_count && !in->allowed)
		return scxi_plan_fail(p, -EINVAL, "allowed_count %zu, but allowed is NULL",
				      in->allowed_count);
	if (in->allowed_count > SCX_PLAN_TASKS_MAX)
		return scxi_plan_fail(p, -E2BIG, "allowed_count %zu: at most %u", in->allowed_count,
				      SCX_PLAN_TASKS_MAX);
	if (in->node_count > SCX_PLAN_NODES_MAX)
		return scxi_plan_fail(p, -E2BIG, "node_count %zu: at most %u", in->node_count,
				      SCX_PLAN_NODES_MAX);
	err = check_stride(p, "domain_size", &in->domain_size, sizeof(struct scx_plan_domain));
	if (err)
		return err;
	return check_stride(p, "task_size", &in->task_size, sizeof(struct scx_plan_task));
}

static int check_distances(struct scx_planner *p, const struct scx_plan_input *in)
{
	if (!in->distances)
		return 0;
	for (size_t i = 0; i < in->node_count * in->node_count; i++)
		if (in->distances[i] < 10)
			return scxi_plan_fail(
				p, -EINVAL, "distance %u from node %zu to %zu: at least 10",
				in->distances[i], i / in->node_count, i % in->node_count);
	return 0;
}

int scxi_input_check(struct scx_planner *p, const struct scx_plan_input *in)
{
	uint64_t capacity = 0;
	int err;

	p->errmsg[0] = '\0';
	if (!in)
		return scxi_plan_fail(p, -EINVAL, "no input");
	err = scxi_plan_opts_read(&p->in, sizeof(p->in), in);
	if (err)
		return scxi_plan_fail(p, err, "size %zu of the input: this version knows %zu",
				      in->size, sizeof(p->in));
	err = check_arrays(p, &p->in);
	if (!err)
		err = check_distances(p, &p->in);
	if (err)
		return err;
	for (size_t i = 0; i < p->in.domain_count; i++) {
		const struct scx_plan_domain *d = domain_at(p, i);

		capacity += d->capacity;
		if (d->node >= SCX_PLAN_NODES_MAX)
			return scxi_plan_fail(p, -E2BIG, "node %u of domain %zu: at most %u",
					      d->node, i, SCX_PLAN_NODES_MAX - 1);
	}
	if (capacity > SCX_PLAN_CAPACITY_MAX)
		return scxi_plan_fail(p, -E2BIG, "capacities sum up to %" PRIu64 ": at most %u",
				      capacity, SCX_PLAN_CAPACITY_MAX);
	p->domain_count = (uint32_t)p->in.domain_count;
	p->allowed_words = (p->in.domain_count + 63) / 64;
	return 0;
}

/* Sets the domains up, and finds the largest CPU. */
static void read_domains(struct scx_planner *p)
{
	uint32_t largest = 1;

	p->capacity = 0;
	p->same_size = true;
	for (uint32_t i = 0; i < p->domain_count; i++) {
		const struct scx_plan_domain *in = domain_at(p, i);
		uint32_t cpu = in->capacity < SCX_PLAN_CPU ? in->capacity : SCX_PLAN_CPU;

		if (in->cpus)
			cpu = in->capacity / in->cpus;
		if (cpu > largest)
			largest = cpu;
		p->domain[i] = (struct scxi_domain){
			.id = in->id,
			.capacity = in->capacity,
			.node = in->node,
			.guests = SCXI_NONE,
			.heap_at = { SCXI_NONE, SCXI_NONE },
			.open = in->capacity && !(in->flags & SCX_PLAN_DOMAIN_CLOSED),
			.unread = in->flags & SCX_PLAN_DOMAIN_UNREAD,
		};
		p->capacity += in->capacity;
		if (in->capacity != domain_at(p, 0)->capacity)
			p->same_size = false;
	}
	for (uint32_t i = 0; i < p->domain_count; i++) {
		uint64_t duty = (uint64_t)domain_at(p, i)->capacity * SCX_PLAN_ONE / largest;

		p->domain[i].spare_duty = scxi_muldiv(duty, p->policy.spare_ppt, 1000);
	}
	p->capacity_duty = scxi_muldiv(p->capacity, SCX_PLAN_ONE, largest);
}

static void read_tasks(struct scx_planner *p)
{
	for (size_t i = 0; i < p->in.task_count; i++) {
		const struct scx_plan_task *task = scxi_task(p, i);
		struct scxi_domain *d;

		if (!scxi_task_sound(p, task)) {
			p->skipped++;
			continue;
		}
		d = &p->domain[task->domain];
		d->light += (uint64_t)task->duty * task->weight;
		d->duty += task->duty;
		if (task->weight > p->weight_seen)
			p->weight_seen = task->weight;
		if (task->flags & SCX_PLAN_TASK_PINNED)
			p->pinned++;
		else if (task->duty)
			d->count++;
	}
}

/*
 * What was measured beyond the tasks of the input. A measurement that claims less than the tasks is
 * older than they are, or torn: then the tasks count. One that claims more than there can be, or
 * weights that there are not, is cut to what there can be.
 */
static void read_rest(struct scx_planner *p)
{
	for (uint32_t i = 0; i < p->domain_count; i++) {
		const struct scx_plan_domain *in = domain_at(p, i);
		struct scxi_domain *d = &p->domain[i];
		uint64_t most = RUNNABLE_MAX / p->domain_count, duty = 0, light = 0;

		if (in->flags & SCX_PLAN_DOMAIN_MEASURED) {
			duty = in->runnable > d->duty ? in->runnable - d->duty : 0;
			light = in->load > d->light ? in->load - d->light : 0;
		}
		if (duty > most)
			duty = most;
		if (light > duty * SCX_PLAN_WEIGHT_MAX)
			light = duty * SCX_PLAN_WEIGHT_MAX;
		if (light < duty)
			light = duty;
		d->rest_light = light;
		d->rest_heavy = duty;
		d->light += light;
		d->duty += duty;
		if (duty && light / duty > p->weight_seen)
			p->weight_seen = (uint32_t)(light / duty);
	}
}

int scxi_input_read(struct scx_planner *p)
{
	int err = scxi_room_need(&p->room.domain, p->domain_count, sizeof(*p->domain));

	if (err)
		return scxi_plan_fail(p, err, "no memory for %u domains", p->domain_count);
	p->domain = p->room.domain.at;
	p->weight_seen = 1;
	p->skipped = p->pinned = p->considered = p->work = 0;
	p->cut = 0;
	read_domains(p);
	read_tasks(p);
	read_rest(p);
	return 0;
}
