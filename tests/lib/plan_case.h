/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Random snapshots for the planner: made from one number, changed, made smaller, written out.
 */
#ifndef TESTS_PLAN_CASE_H
#define TESTS_PLAN_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <scx/balance.h>

/* Own generator, integers only: the same numbers on every machine, for ever. */
struct plan_random {
	uint64_t state;
};

uint64_t plan_random(struct plan_random *random);
/* Evenly from @low to @high, both included. */
uint32_t plan_random_in(struct plan_random *random, uint32_t low, uint32_t high);
/* True @percent times of a hundred. */
bool plan_random_chance(struct plan_random *random, uint32_t percent);

struct plan_case {
	uint64_t seed;
	struct scx_plan_opts opts;
	struct scx_plan_input in; /* its arrays are the ones below */
	struct scx_plan_domain *domains;
	struct scx_plan_task *tasks;
	uint64_t *allowed;
	uint32_t *distances;
};

/* What cases are drawn from; 0 leaves a thing out. */
struct plan_mix {
	uint32_t domains_min, domains_max;
	uint32_t tasks_max;
	uint32_t nodes_max;
	uint32_t sizes_percent;	   /* cases whose domains differ in size */
	uint32_t odd_percent;	   /* domains that are closed, or without CPUs */
	uint32_t measured_percent; /* cases with measured domains */
	uint32_t pinned_percent;   /* of the tasks, in cases that have any */
	uint32_t confined_percent; /* of the tasks, likewise */
	uint32_t traits_percent;   /* cases with homes, groups, footprints, recent moves */
	uint32_t opts_percent;	   /* cases with other than default options */
};

/* The mix that the properties use. */
extern const struct plan_mix plan_mix_small;

/* An empty case with room for as many; calloc'ed, everything 0 but sizes. Aborts without memory. */
struct plan_case *plan_case_new(size_t domain_count, size_t task_count, size_t set_count,
				size_t node_count);
struct plan_case *plan_case_random(uint64_t seed, const struct plan_mix *mix);
struct plan_case *plan_case_copy(const struct plan_case *from);
void plan_case_free(struct plan_case *c);

/* Makes the moves: tasks change their domain, and what was measured with them. */
void plan_case_apply(struct plan_case *c, const struct scx_plan *plan);

/* Is the property true of the case? If not, writes why. */
typedef bool plan_property(const struct plan_case *c, char *why, size_t size);

/*
 * Takes away from a case what can be taken away while the property stays false of it. The case is
 * freed; returns what is left.
 */
struct plan_case *plan_case_shrink(struct plan_case *c, plan_property *property);

#endif /* TESTS_PLAN_CASE_H */
