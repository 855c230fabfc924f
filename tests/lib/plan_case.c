/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include "plan_case.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct plan_mix plan_mix_small = {
	.domains_min = 1,
	.domains_max = 12,
	.tasks_max = 64,
	.nodes_max = 4,
	.sizes_percent = 40,
	.odd_percent = 4,
	.measured_percent = 20,
	.pinned_percent = 30,
	.confined_percent = 20,
	.traits_percent = 50,
	.opts_percent = 50,
};

/* splitmix64: any seed, also 0 and neighbours, gives unrelated numbers. */
uint64_t plan_random(struct plan_random *random)
{
	uint64_t x = random->state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint32_t plan_random_in(struct plan_random *random, uint32_t low, uint32_t high)
{
	return low + (uint32_t)(plan_random(random) % ((uint64_t)high - low + 1));
}

bool plan_random_chance(struct plan_random *random, uint32_t percent)
{
	return plan_random(random) % 100 < percent;
}

static void *make(size_t count, size_t size)
{
	void *at = calloc(count ? count : 1, size);

	if (!at)
		abort();
	return at;
}

struct plan_case *plan_case_new(size_t domain_count, size_t task_count, size_t set_count,
				size_t node_count)
{
	struct plan_case *c = make(1, sizeof(*c));
	size_t words = (domain_count + 63) / 64;

	c->opts.size = sizeof(c->opts);
	c->domains = make(domain_count, sizeof(*c->domains));
	c->tasks = make(task_count, sizeof(*c->tasks));
	c->allowed = make(set_count * words, sizeof(*c->allowed));
	c->distances = make(node_count * node_count, sizeof(*c->distances));
	c->in = (struct scx_plan_input){
		.size = sizeof(c->in),
		.domains = c->domains,
		.domain_count = domain_count,
		.tasks = c->tasks,
		.task_count = task_count,
		.allowed = c->allowed,
		.allowed_count = set_count,
		.distances = node_count ? c->distances : NULL,
		.node_count = node_count,
	};
	return c;
}

void plan_case_free(struct plan_case *c)
{
	if (!c)
		return;
	free(c->domains);
	free(c->tasks);
	free(c->allowed);
	free(c->distances);
	free(c);
}

struct plan_case *plan_case_copy(const struct plan_case *from)
{
	const struct scx_plan_input *in = &from->in;
	struct plan_case *c =
		plan_case_new(in->domain_count, in->task_count, in->allowed_count, in->node_count);
	size_t words = (in->domain_count + 63) / 64;

	c->seed = from->seed;
	c->opts = from->opts;
	c->in.now_ns = in->now_ns;
	memcpy(c->domains, from->domains, in->domain_count * sizeof(*c->domains));
	memcpy(c->tasks, from->tasks, in->task_count * sizeof(*c->tasks));
	memcpy(c->allowed, from->allowed, in->allowed_count * words * sizeof(*c->allowed));
	memcpy(c->distances, from->distances,
	       in->node_count * in->node_count * sizeof(*c->distances));
	return c;
}

static void add_to(uint64_t *sum, uint64_t amount)
{
	*sum += amount;
}

static void take_from(uint64_t *sum, uint64_t amount)
{
	*sum = *sum > amount ? *sum - amount : 0;
}

void plan_case_apply(struct plan_case *c, const struct scx_plan *plan)
{
	for (size_t i = 0; i < plan->move_count; i++) {
		const struct scx_plan_move *move = scx_plan_at(plan, i);
		struct scx_plan_task *task = &c->tasks[move->task];
		struct scx_plan_domain *from = &c->domains[move->from], *to = &c->domains[move->to];

		task->domain = move->to;
		if (from->flags & SCX_PLAN_DOMAIN_MEASURED) {
			take_from(&from->load, (uint64_t)task->duty * task->weight);
			take_from(&from->runnable, task->duty);
		}
		if (to->flags & SCX_PLAN_DOMAIN_MEASURED) {
			add_to(&to->load, (uint64_t)task->duty * task->weight);
			add_to(&to->runnable, task->duty);
		}
	}
}

static void draw_domains(struct plan_case *c, struct plan_random *r, const struct plan_mix *mix)
{
	static const uint32_t cpus[] = { 1, 2, 3, 4, 8, 16 };
	static const uint32_t speeds[] = { 1024, 1024, 640, 512, 300, 1000 };
	uint32_t same_cpus = cpus[plan_random_in(r, 0, 3)], speed = 1024;
	bool sizes = plan_random_chance(r, mix->sizes_percent);
	uint32_t nodes = plan_random_in(r, 1, mix->nodes_max ? mix->nodes_max : 1);

	for (size_t i = 0; i < c->in.domain_count; i++) {
		struct scx_plan_domain *d = &c->domains[i];

		d->id = plan_random(r);
		d->cpus = same_cpus;
		if (sizes) {
			d->cpus = cpus[plan_random_in(r, 0, COUNT(cpus) - 1)];
			speed = speeds[plan_random_in(r, 0, COUNT(speeds) - 1)];
		}
		d->capacity = d->cpus * speed;
		if (plan_random_chance(r, 20))
			d->cpus = 0;
		d->node = plan_random_in(r, 0, nodes - 1);
		if (plan_random_chance(r, mix->odd_percent))
			d->flags |= SCX_PLAN_DOMAIN_CLOSED;
		else if (plan_random_chance(r, mix->odd_percent))
			d->capacity = d->cpus = 0;
	}
}

static void draw_sets(struct plan_case *c, struct plan_random *r)
{
	size_t words = (c->in.domain_count + 63) / 64;

	for (size_t s = 0; s < c->in.allowed_count; s++) {
		uint32_t percent = plan_random_in(r, 0, 100);

		for (size_t d = 0; d < c->in.domain_count; d++)
			if (plan_random_chance(r, percent))
				c->allowed[s * words + d / 64] |= 1ull << (d % 64);
	}
}

static void draw_distances(struct plan_case *c, struct plan_random *r)
{
	for (size_t i = 0; i < c->in.node_count; i++)
		for (size_t j = 0; j < c->in.node_count; j++)
			c->distances[i * c->in.node_count + j] =
				i == j ? 10 : plan_random_in(r, 10, 40);
}

/* A duty: always, or any, or little. */
static uint32_t draw_duty(struct plan_random *r, uint32_t kind)
{
	switch (kind) {
	case 0:
		return SCX_PLAN_ONE;
	case 1:
		return plan_random_in(r, 0, SCX_PLAN_ONE);
	case 2:
		return plan_random_in(r, 0, SCX_PLAN_ONE / 10);
	default:
		return draw_duty(r, plan_random_in(r, 0, 2));
	}
}

static uint32_t draw_weight(struct plan_random *r, uint32_t kind)
{
	/* The kernel's weights for nice -10 to 10 on the scale of cgroups, and extremes. */
	static const uint32_t nice[] = { 932, 745, 585, 461, 365, 305, 244, 191, 152, 122, 100,
					 80,  64,  52,	41,  33,  27,  21,  17,	 13,  11 };
	static const uint32_t wild[] = { 1, 7, 1000, 1023, 1024, 1025, 5000, 10000 };

	switch (kind) {
	case 0:
		return 100;
	case 1:
		return nice[plan_random_in(r, 0, COUNT(nice) - 1)];
	case 2:
		return plan_random_in(r, 1, 10000);
	default:
		return plan_random_chance(r, 80) ? 100
						 : wild[plan_random_in(r, 0, COUNT(wild) - 1)];
	}
}

static void draw_traits(struct plan_case *c, struct plan_random *r, struct scx_plan_task *task)
{
	if (plan_random_chance(r, 30)) {
		task->flags |= SCX_PLAN_TASK_HOME;
		task->node = (uint16_t)plan_random_in(r, 0, 4);
	}
	if (plan_random_chance(r, 50))
		task->group = plan_random_in(r, 1, 5);
	if (plan_random_chance(r, 30))
		task->footprint_us = plan_random_in(r, 0, 20000);
	if (plan_random_chance(r, 30))
		task->moved_ns = plan_random(r) % (c->in.now_ns + 1000);
}

static void draw_tasks(struct plan_case *c, struct plan_random *r, const struct plan_mix *mix)
{
	uint32_t duties = plan_random_in(r, 0, 3), weights = plan_random_in(r, 0, 3);
	uint32_t pinned = plan_random_chance(r, 50) ? mix->pinned_percent : 0;
	uint32_t confined = plan_random_chance(r, 50) ? mix->confined_percent : 0;
	bool traits = plan_random_chance(r, mix->traits_percent);
	/* Skewed: most tasks are in the first few domains. */
	uint32_t crowd = (uint32_t)c->in.domain_count;

	if (plan_random_chance(r, 50))
		crowd = plan_random_in(r, 1, crowd);
	for (size_t i = 0; i < c->in.task_count; i++) {
		struct scx_plan_task *task = &c->tasks[i];
		uint32_t among = plan_random_chance(r, 70) ? crowd : (uint32_t)c->in.domain_count;

		task->id = plan_random(r);
		task->domain = plan_random_in(r, 0, among - 1);
		task->weight = draw_weight(r, weights);
		task->duty = draw_duty(r, duties);
		if (plan_random_chance(r, pinned))
			task->flags |= SCX_PLAN_TASK_PINNED;
		if (c->in.allowed_count && plan_random_chance(r, confined))
			task->allowed = plan_random_in(r, 1, (uint32_t)c->in.allowed_count);
		if (traits)
			draw_traits(c, r, task);
	}
}

/* Measured: the sums over the tasks, more by what is not in the array, and now and then a lie. */
static void measure(struct plan_case *c, struct plan_random *r)
{
	for (size_t i = 0; i < c->in.task_count; i++) {
		const struct scx_plan_task *task = &c->tasks[i];
		struct scx_plan_domain *d = &c->domains[task->domain];

		d->load += (uint64_t)task->duty * task->weight;
		d->runnable += task->duty;
	}
	for (size_t i = 0; i < c->in.domain_count; i++) {
		struct scx_plan_domain *d = &c->domains[i];
		uint64_t more = plan_random_chance(r, 50) ? plan_random_in(r, 0, SCX_PLAN_ONE) : 0;

		d->flags |= SCX_PLAN_DOMAIN_MEASURED;
		d->runnable += more;
		d->load += more * plan_random_in(r, 1, 1000);
		if (plan_random_chance(r, 2))
			d->load = d->load / 2;
	}
}

/* An option: the default, nothing, or something. */
static uint32_t draw_option(struct plan_random *r, uint32_t most)
{
	switch (plan_random_in(r, 0, 3)) {
	case 0:
		return SCX_PLAN_NONE;
	case 1:
		return plan_random_in(r, 1, most);
	default:
		return 0;
	}
}

static void draw_opts(struct plan_case *c, struct plan_random *r)
{
	c->opts.flags = plan_random_chance(r, 20) ? SCX_PLAN_NO_SWAPS : 0;
	c->opts.band_ppt = draw_option(r, 200);
	c->opts.spare_ppt = draw_option(r, 1000);
	c->opts.near_ppt = draw_option(r, 50);
	c->opts.node_ppt = draw_option(r, 200);
	c->opts.home_ppt = draw_option(r, 300);
	c->opts.recent_ppt = draw_option(r, 300);
	c->opts.footprint_ppt = draw_option(r, 100);
	c->opts.group_ppt = draw_option(r, 100);
	c->opts.cooldown_ms = draw_option(r, 2);
	c->opts.recent_ms = draw_option(r, 20);
}

struct plan_case *plan_case_random(uint64_t seed, const struct plan_mix *mix)
{
	struct plan_random r = { seed };
	uint32_t domains = plan_random_in(&r, mix->domains_min, mix->domains_max);
	uint32_t tasks = plan_random_in(&r, 0, mix->tasks_max);
	uint32_t sets = mix->confined_percent ? plan_random_in(&r, 0, 4) : 0;
	uint32_t nodes = mix->nodes_max && plan_random_chance(&r, 50)
				 ? plan_random_in(&r, 1, mix->nodes_max)
				 : 0;
	struct plan_case *c;

	/* Now and then more domains than a word has bits. */
	if (mix->domains_max >= 8 && plan_random_chance(&r, 5))
		domains += 64;
	c = plan_case_new(domains, tasks, sets, nodes);
	c->seed = seed;
	c->in.now_ns = plan_random(&r) % 20000000;
	draw_domains(c, &r, mix);
	draw_sets(c, &r);
	draw_distances(c, &r);
	draw_tasks(c, &r, mix);
	if (plan_random_chance(&r, mix->measured_percent))
		measure(c, &r);
	if (plan_random_chance(&r, mix->opts_percent))
		draw_opts(c, &r);
	return c;
}
