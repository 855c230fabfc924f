/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include "plan_truth.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct share {
	double duty;
	double weight;
	uint32_t domain;
};

static bool is_sound(const struct scx_plan_input *in, const struct scx_plan_task *task)
{
	return task->domain < in->domain_count &&
	       !(in->domains[task->domain].flags & SCX_PLAN_DOMAIN_UNREAD) && task->weight >= 1 &&
	       task->weight <= SCX_PLAN_WEIGHT_MAX && task->duty <= SCX_PLAN_ONE &&
	       task->allowed <= in->allowed_count;
}

/* Everything that wants CPU time: the tasks, and what was measured beyond them. */
static struct share *shares(const struct scx_plan_input *in, size_t *ret_count)
{
	struct share *list = calloc(in->task_count + in->domain_count, sizeof(*list));
	double *duty = calloc(2 * in->domain_count, sizeof(*duty)), *load = duty + in->domain_count;
	size_t count = 0;

	if (!list || !duty)
		abort();
	for (size_t i = 0; i < in->task_count; i++) {
		const struct scx_plan_task *t = &in->tasks[i];

		if (!is_sound(in, t))
			continue;
		list[count++] = (struct share){ t->duty, t->weight, t->domain };
		duty[t->domain] += t->duty;
		load[t->domain] += (double)t->duty * t->weight;
	}
	for (uint32_t i = 0; i < in->domain_count; i++) {
		const struct scx_plan_domain *d = &in->domains[i];
		double more = fmax((double)d->runnable - duty[i], 0);
		double more_load = fmax((double)d->load - load[i], 0);

		if (!(d->flags & SCX_PLAN_DOMAIN_MEASURED) || more <= 0)
			continue;
		more_load = fmin(fmax(more_load, more), more * SCX_PLAN_WEIGHT_MAX);
		list[count++] = (struct share){ more, more_load / more, i };
	}
	for (size_t i = 0; i < count; i++)
		list[i].duty /= SCX_PLAN_ONE;
	free(duty);
	*ret_count = count;
	return list;
}

/* CPUs of the size of the largest. */
static double cpus(const struct scx_plan_input *in)
{
	double largest = 1, capacity = 0;

	for (size_t i = 0; i < in->domain_count; i++) {
		const struct scx_plan_domain *d = &in->domains[i];
		uint32_t cpu = d->cpus ? d->capacity / d->cpus : d->capacity;

		if (!d->cpus && cpu > SCX_PLAN_CPU)
			cpu = SCX_PLAN_CPU;
		largest = fmax(largest, cpu);
		capacity += d->capacity;
	}
	return capacity / largest;
}

/* The weight that is worth one CPU, by halving the interval; 0: everyone gets what it wants. */
static double level(const struct share *list, size_t count, double cpu_count)
{
	double low = 0, high = 0, wanted = 0;

	for (size_t i = 0; i < count; i++) {
		wanted += list[i].duty;
		high += list[i].duty * list[i].weight;
	}
	if (wanted <= cpu_count)
		return 0;
	high /= cpu_count;
	for (int round = 0; round < 200; round++) {
		double middle = (low + high) / 2, given = 0;

		for (size_t i = 0; i < count; i++)
			given += list[i].duty * fmin(list[i].weight / middle, 1);
		if (given > cpu_count)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double plan_truth_rate(const struct scx_plan_input *in, uint32_t weight)
{
	size_t count;
	struct share *list = shares(in, &count);
	double cap = level(list, count, cpus(in));

	free(list);
	return cap > 0 ? fmin(weight / cap, 1) : 1;
}

void plan_truth(const struct scx_plan_input *in, struct plan_truth *ret_truth)
{
	struct plan_truth t = { 0 };
	double capacity = 0, cap;
	size_t count;
	struct share *list = shares(in, &count);

	t.load = calloc(in->domain_count, sizeof(*t.load));
	t.pressure = calloc(in->domain_count, sizeof(*t.pressure));
	if (!t.load || !t.pressure)
		abort();
	cap = level(list, count, cpus(in));
	for (size_t i = 0; i < count; i++)
		t.load[list[i].domain] +=
			list[i].duty * (cap > 0 ? fmin(list[i].weight / cap, 1) : 1);
	for (size_t i = 0; i < in->domain_count; i++) {
		t.total += t.load[i];
		capacity += in->domains[i].capacity;
	}
	t.min = HUGE_VAL;
	for (size_t i = 0; i < in->domain_count; i++) {
		double share = in->domains[i].capacity / capacity;

		if (!in->domains[i].capacity) {
			t.stranded += t.load[i];
			continue;
		}
		if (t.total > 0)
			t.pressure[i] = t.load[i] / t.total / share;
		t.max = fmax(t.max, t.pressure[i]);
		t.min = fmin(t.min, t.pressure[i]);
		t.variance += share * (t.pressure[i] - 1) * (t.pressure[i] - 1);
	}
	free(list);
	*ret_truth = t;
}

void plan_truth_free(struct plan_truth *truth)
{
	free(truth->load);
	free(truth->pressure);
}
