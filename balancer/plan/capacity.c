/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Feasible weights, fair loads, pressures.
 *
 * On one ideal queue a task gets CPU time in proportion to its weight, but never more than one CPU
 * whenever it is runnable. So there is a level M, the weight that is worth exactly one CPU: who has
 * more gets a whole CPU, who has less gets weight / M of one. M is where all together get what the CPUs
 * can give:
 *
 *	sum over tasks of duty * min(weight / M, 1) = capacity
 *
 * With fewer runnable tasks than CPUs there is no such M, and everyone gets what it wants. M is kept
 * as a fraction of exact sums, which is why scaling all weights changes nothing, to the last bit.
 *
 * What was measured beyond the tasks counts as one task of their mean weight in each domain; that of a domain
 * whose tasks were not read is all that it has.
 */
#include <errno.h>
#include <string.h>

#include "plan.h"

/* Weights have 20 bits: two rounds over buckets of 10. */
#define BUCKETS 1024u
#define BUCKET_BITS 10

struct sums {
	uint64_t light;
	uint64_t duty;
};

bool scxi_weight_heavy(const struct scx_planner *p, uint32_t weight)
{
	return p->all_heavy || weight > p->weight_cap;
}

static uint32_t rest_weight(const struct scxi_domain *d)
{
	return d->rest_heavy ? (uint32_t)(d->rest_light / d->rest_heavy) : 0;
}

static void sums_add(struct sums *sums, uint64_t light, uint64_t duty)
{
	sums->light += light;
	sums->duty += duty;
}

/*
 * Fills the buckets: in the first round by the upper bits of the weight, in the second with the weights whose
 * upper bits are @upper, by the lower.
 */
static void fill(const struct scx_planner *p, struct sums *sums, uint32_t upper)
{
	memset(sums, 0, BUCKETS * sizeof(*sums));
	for (size_t i = 0; i < p->in.task_count; i++) {
		const struct scx_plan_task *task = scxi_task(p, i);

		if (!scxi_task_sound(p, task))
			continue;
		if (upper == SCXI_NONE)
			sums_add(&sums[task->weight >> BUCKET_BITS],
				 (uint64_t)task->duty * task->weight, task->duty);
		else if (task->weight >> BUCKET_BITS == upper)
			sums_add(&sums[task->weight % BUCKETS], (uint64_t)task->duty * task->weight,
				 task->duty);
	}
	for (uint32_t i = 0; i < p->domain_count; i++) {
		const struct scxi_domain *d = &p->domain[i];
		uint32_t weight = rest_weight(d);

		if (upper == SCXI_NONE)
			sums_add(&sums[weight >> BUCKET_BITS], d->rest_light, d->rest_heavy);
		else if (weight >> BUCKET_BITS == upper)
			sums_add(&sums[weight % BUCKETS], d->rest_light, d->rest_heavy);
	}
}

/*
 * From the heaviest down: takes buckets out of @light into @heavy while all in them is above M. A weight w is
 * at or below M while light >= w * (capacity - heavy), light being all of weight w and less. Returns the
 * bucket in which M lies.
 */
static uint32_t descend(const struct scx_planner *p, const struct sums *sums, uint32_t base,
			uint32_t scale, uint64_t *light, uint64_t *heavy)
{
	for (uint32_t i = BUCKETS; i-- > 0;) {
		uint32_t least = base + i * scale;
		uint64_t below = *light - sums[i].light, above = *heavy + sums[i].duty;

		/* With no CPU left for the others M is not above this bucket's least weight. */
		if (!sums[i].duty)
			continue;
		if (above >= p->capacity_duty || below >= least * (p->capacity_duty - above))
			return i;
		*light = below;
		*heavy = above;
	}
	return 0;
}

/* Finds M. Some weight is above the mean load of a CPU, and there are more runnable tasks than CPUs. */
static int find_cap(struct scx_planner *p, uint64_t light)
{
	struct sums *sums;
	uint64_t heavy = 0;
	uint32_t upper;
	int err = scxi_room_need(&p->room.sums, BUCKETS, sizeof(*sums));

	if (err)
		return scxi_plan_fail(p, err, "no memory for %u sums", BUCKETS);
	sums = p->room.sums.at;
	fill(p, sums, SCXI_NONE);
	upper = descend(p, sums, 0, BUCKETS, &light, &heavy);
	fill(p, sums, upper);
	(void)descend(p, sums, upper * BUCKETS, 1, &light, &heavy);
	p->cap_num = light;
	p->cap_den = p->capacity_duty - heavy;
	return 0;
}

/* Takes what is above M out of the light sums. */
static void part(struct scx_planner *p)
{
	for (size_t i = 0; i < p->in.task_count; i++) {
		const struct scx_plan_task *task = scxi_task(p, i);
		struct scxi_domain *d;

		if (task->weight <= p->weight_cap || !scxi_task_sound(p, task))
			continue;
		d = &p->domain[task->domain];
		d->light -= (uint64_t)task->duty * task->weight;
		d->heavy += task->duty;
	}
}

/* The measured rest of a domain is either light or heavy, as a task is. */
static void part_rest(struct scx_planner *p)
{
	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];

		if (p->all_heavy) {
			d->light = 0;
			d->heavy = d->duty;
		} else if (rest_weight(d) > p->weight_cap) {
			d->light -= d->rest_light;
			d->heavy += d->rest_heavy;
		}
	}
}

static int find_level(struct scx_planner *p)
{
	uint64_t light = 0, duty = 0;
	int err = 0;

	for (uint32_t i = 0; i < p->domain_count; i++) {
		light += p->domain[i].light;
		duty += p->domain[i].duty;
	}
	p->all_heavy = duty <= p->capacity_duty || !p->capacity_duty;
	p->cap_num = light;
	p->cap_den = p->capacity_duty;
	p->weight_cap = SCX_PLAN_WEIGHT_MAX;
	if (!p->all_heavy && p->weight_seen > p->cap_num / p->cap_den) {
		err = find_cap(p, light);
		p->weight_cap = p->cap_num / p->cap_den;
		if (!err)
			part(p);
	}
	if (!err)
		part_rest(p);
	return err;
}

uint64_t scxi_domain_load(const struct scx_planner *p, uint64_t light, uint64_t heavy)
{
	const uint64_t scale = SCXI_LOAD_CPU / SCX_PLAN_ONE;

	if (!light)
		return heavy * scale;
	return heavy * scale + scxi_muldiv(light, p->cap_den * scale, p->cap_num);
}

uint32_t scxi_task_load(const struct scx_planner *p, const struct scx_plan_task *task)
{
	uint64_t rate = SCXI_LOAD_CPU;

	if (!scxi_weight_heavy(p, task->weight))
		rate = scxi_muldiv((uint64_t)task->weight * SCXI_LOAD_CPU, p->cap_den, p->cap_num);
	return (uint32_t)(task->duty * rate / SCX_PLAN_ONE);
}

/* Not load / fair: the fair load of a small domain on an idle machine is a few units, and rounded. */
uint64_t scxi_domain_pressure(const struct scx_planner *p, const struct scxi_domain *d,
			      uint64_t load)
{
	if (!load)
		return 0;
	if (!d->capacity)
		return SCXI_PRESSURE_INF;
	return scxi_muldiv(load, p->capacity * SCXI_PRESSURE_ONE, p->load) / d->capacity;
}

int scxi_capacity_level(struct scx_planner *p)
{
	int err = find_level(p);

	if (err)
		return err;
	p->load = 0;
	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];

		d->load = scxi_domain_load(p, d->light, d->heavy);
		p->load += d->load;
	}
	for (uint32_t i = 0; i < p->domain_count; i++) {
		struct scxi_domain *d = &p->domain[i];
		/* A domain with any capacity has some fair load. */
		d->fair = d->capacity ? scxi_muldiv(p->load, d->capacity, p->capacity) : 0;
		if (d->capacity && !d->fair)
			d->fair = 1;
		d->pressure = scxi_domain_pressure(p, d, d->load);
	}
	return 0;
}
