/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The planner on small inputs whose answer is known by thinking.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <scx/balance.h>

#include "../lib/fail_alloc.h"

#define TASKS_MAX 64
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct scx_plan_domain domains[8];
static struct scx_plan_task tasks[TASKS_MAX];
static struct scx_plan_input in;
static struct scx_planner *planner;
static struct scx_plan plan;

/* @domain_count domains of 4 CPUs on one node, and no task. */
static void set_up(unsigned domain_count)
{
	memset(domains, 0, sizeof(domains));
	memset(tasks, 0, sizeof(tasks));
	for (unsigned i = 0; i < domain_count; i++)
		domains[i] = (struct scx_plan_domain){ .id = i, .capacity = 4096, .cpus = 4 };
	in = (struct scx_plan_input){
		.size = sizeof(in), .domains = domains, .domain_count = domain_count, .tasks = tasks
	};
	plan = (struct scx_plan){ .size = sizeof(plan) };
	scx_planner_free(planner);
	planner = scx_planner_new(NULL);
	cr_assert(planner);
}

static void tear_down(void)
{
	scx_planner_free(planner);
	planner = NULL;
}

/* Adds @count tasks that are always runnable. Returns the first. */
static struct scx_plan_task *add_hogs(unsigned domain, unsigned count, unsigned weight)
{
	struct scx_plan_task *first = &tasks[in.task_count];

	cr_assert(in.task_count + count <= TASKS_MAX);
	for (unsigned i = 0; i < count; i++)
		first[i] = (struct scx_plan_task){ .id = 1000 + in.task_count++,
						   .domain = domain,
						   .weight = weight,
						   .duty = SCX_PLAN_ONE };
	return first;
}

static void use(const struct scx_plan_opts *opts)
{
	scx_planner_free(planner);
	planner = scx_planner_new(opts);
	cr_assert(planner);
}

static void balance(void)
{
	int err = scx_balance(planner, &in, &plan);

	cr_assert_eq(err, 0, "%s", scx_planner_errmsg(planner));
}

/* How many tasks are in a domain after the plan. */
static unsigned tasks_after(unsigned domain)
{
	unsigned count = 0;

	for (size_t i = 0; i < in.task_count; i++) {
		unsigned where = tasks[i].domain;

		for (size_t m = 0; m < plan.move_count; m++)
			if (plan.moves[m].task == i)
				where = plan.moves[m].to;
		count += where == domain;
	}
	return count;
}

TestSuite(plan, .fini = tear_down);

Test(plan, evens_out_equal_hogs)
{
	set_up(2);
	add_hogs(0, 24, 100);
	balance();
	cr_expect_eq(plan.move_count, 12);
	cr_expect_eq(tasks_after(1), 12);
	cr_expect_eq(plan.max_before_ppt, 2000);
	cr_expect_eq(plan.max_after_ppt, 1000);
	cr_expect_eq(plan.min_before_ppt, 0);
	cr_expect_eq(plan.moves[0].reason, SCX_PLAN_OVERLOAD);
}

Test(plan, gives_by_capacity)
{
	set_up(2);
	domains[1].capacity = 12288;
	domains[1].cpus = 12;
	add_hogs(0, 32, 100);
	balance();
	cr_expect_eq(tasks_after(0), 8);
}

Test(plan, does_nothing_within_the_band)
{
	set_up(2);
	add_hogs(0, 31, 100);
	add_hogs(1, 29, 100);
	balance();
	cr_expect_eq(plan.move_count, 0);
	cr_expect_eq(plan.considered, 0);
}

Test(plan, does_nothing_while_there_are_cpus_for_all)
{
	set_up(2);
	add_hogs(0, 2, 100);
	balance();
	cr_expect_eq(plan.move_count, 0);
}

Test(plan, counts_an_infeasible_weight_as_one_cpu)
{
	set_up(2);
	/* One CPU for the heavy one, three for nine others; 4 CPUs for 12. */
	add_hogs(0, 1, 100000);
	add_hogs(0, 9, 100);
	add_hogs(1, 12, 100);
	balance();
	cr_expect_eq(plan.move_count, 0);
	cr_expect_eq(plan.max_before_ppt, 1000);
}

Test(plan, leaves_pinned_tasks)
{
	struct scx_plan_task *first;

	set_up(2);
	first = add_hogs(0, 12, 100);
	for (unsigned i = 0; i < 6; i++)
		first[i].flags = SCX_PLAN_TASK_PINNED;
	balance();
	cr_expect_eq(plan.move_count, 6);
	cr_expect_eq(plan.pinned, 6);
	for (size_t i = 0; i < plan.move_count; i++)
		cr_expect_geq(plan.moves[i].task, 6);
}

Test(plan, keeps_to_allowed_sets)
{
	const uint64_t allowed[] = { 1 << 0 | 1 << 2 };
	struct scx_plan_task *first;

	set_up(3);
	first = add_hogs(0, 12, 100);
	add_hogs(2, 11, 100);
	in.allowed = allowed;
	in.allowed_count = COUNT(allowed);
	for (unsigned i = 0; i < 12; i++)
		first[i].allowed = 1;
	first[5].allowed = 0;
	balance();
	cr_expect_gt(plan.move_count, 0);
	for (size_t i = 0; i < plan.move_count; i++)
		if (plan.moves[i].to == 1)
			cr_expect(plan.moves[i].task == 5 || plan.moves[i].task >= 12);
	/* 7 or 8 of 23: one of the three has one less. */
	cr_expect_geq(tasks_after(1), 7);
}

Test(plan, swaps_where_no_single_move_helps)
{
	set_up(2);
	use(&SCX_OPTS(scx_plan_opts, .band_ppt = SCX_PLAN_NONE, .near_ppt = SCX_PLAN_NONE));
	domains[0].capacity = domains[1].capacity = 1024;
	domains[0].cpus = domains[1].cpus = 1;
	add_hogs(0, 2, 300);
	add_hogs(1, 2, 200);
	balance();
	cr_assert_eq(plan.move_count, 2);
	cr_expect_eq(plan.max_after_ppt, 1000);
	cr_expect_eq(plan.moves[0].reason, SCX_PLAN_SWAP);
	cr_expect_neq(plan.moves[0].partner, UINT32_MAX);
}

Test(plan, swaps_only_if_allowed_to)
{
	set_up(2);
	use(&SCX_OPTS(scx_plan_opts, .band_ppt = SCX_PLAN_NONE, .near_ppt = SCX_PLAN_NONE,
		      .flags = SCX_PLAN_NO_SWAPS));
	add_hogs(0, 5, 300);
	add_hogs(1, 5, 200);
	balance();
	for (size_t i = 0; i < plan.move_count; i++)
		cr_expect_neq(plan.moves[i].reason, SCX_PLAN_SWAP);
}

Test(plan, evacuates_a_domain_without_cpus)
{
	set_up(3);
	add_hogs(0, 3, 100);
	domains[0].capacity = domains[0].cpus = 0;
	balance();
	cr_expect_eq(plan.move_count, 3);
	cr_expect_eq(plan.moves[0].reason, SCX_PLAN_EVACUATE);
	cr_expect_eq(tasks_after(0), 0);
}

Test(plan, gives_nothing_to_a_closed_domain)
{
	set_up(3);
	add_hogs(0, 24, 100);
	domains[1].flags = SCX_PLAN_DOMAIN_CLOSED;
	balance();
	cr_expect_eq(tasks_after(1), 0);
	cr_expect_gt(tasks_after(2), 0);
}

Test(plan, prefers_the_same_node)
{
	set_up(4);
	domains[2].node = domains[3].node = 1;
	/* Between equals domain 2 would win. */
	domains[1].id = 2;
	domains[2].id = 1;
	add_hogs(0, 14, 100);
	add_hogs(1, 10, 100);
	add_hogs(2, 10, 100);
	add_hogs(3, 12, 100);
	balance();
	cr_expect_eq(plan.move_count, 2);
	cr_expect_eq(plan.moves[0].to, 1);
}

Test(plan, sends_tasks_home_first)
{
	struct scx_plan_task *first;

	set_up(2);
	domains[1].node = 1;
	first = add_hogs(0, 16, 100);
	add_hogs(1, 8, 100);
	first[9].flags = SCX_PLAN_TASK_HOME;
	first[9].node = 1;
	for (unsigned i = 0; i < 4; i++)
		first[i].flags = SCX_PLAN_TASK_HOME;
	balance();
	cr_expect_eq(plan.move_count, 4);
	cr_expect_eq(plan.moves[0].task, 9);
	cr_expect_eq(plan.moves[0].home, 1);
	for (size_t i = 0; i < plan.move_count; i++)
		cr_expect_geq(plan.moves[i].task, 4);
}

Test(plan, lets_a_task_rest_that_has_just_moved)
{
	struct scx_plan_task *first;

	set_up(2);
	first = add_hogs(0, 24, 100);
	in.now_ns = 5000000000;
	for (unsigned i = 0; i < 20; i++)
		first[i].moved_ns = in.now_ns - 1000000;
	balance();
	cr_expect_eq(plan.move_count, 4);
	for (size_t i = 0; i < plan.move_count; i++)
		cr_expect_geq(plan.moves[i].task, 20);
}

Test(plan, keeps_groups_together)
{
	struct scx_plan_task *first;

	set_up(2);
	use(&SCX_OPTS(scx_plan_opts, .group_ppt = 100));
	first = add_hogs(0, 16, 100);
	add_hogs(1, 8, 100);
	for (unsigned i = 0; i < 12; i++)
		first[i].group = 7;
	balance();
	cr_expect_eq(plan.move_count, 4);
	for (size_t i = 0; i < plan.move_count; i++)
		cr_expect_geq(plan.moves[i].task, 12);
}

Test(plan, regression_leaves_a_task_of_no_load_where_it_is)
{
	set_up(2);
	use(&SCX_OPTS(scx_plan_opts, .band_ppt = 10, .flags = SCX_PLAN_NO_SWAPS));
	add_hogs(0, 11, 100);
	add_hogs(1, 10, 100);
	add_hogs(0, 1, 100)->duty = 20;
	balance();
	cr_expect_eq(plan.move_count, 0);
}

Test(plan, stops_at_the_most_moves)
{
	set_up(2);
	use(&SCX_OPTS(scx_plan_opts, .moves_max = 3));
	add_hogs(0, 24, 100);
	balance();
	cr_expect_eq(plan.move_count, 3);
	cr_expect_eq(plan.cut, 1);
}

Test(plan, asks_only_for_the_tasks_that_it_needs)
{
	uint32_t needed[4];

	set_up(4);
	for (unsigned i = 0; i < 4; i++) {
		domains[i].flags = SCX_PLAN_DOMAIN_MEASURED | SCX_PLAN_DOMAIN_UNREAD;
		domains[i].runnable = 12 * SCX_PLAN_ONE;
		domains[i].load = 1200 * SCX_PLAN_ONE;
	}
	cr_expect_eq(scx_plan_needed(planner, &in, needed), 0);
	domains[2].runnable = 20 * SCX_PLAN_ONE;
	domains[2].load = 2000 * SCX_PLAN_ONE;
	cr_assert_eq(scx_plan_needed(planner, &in, needed), 1);
	cr_expect_eq(needed[0], 2);
	domains[2].flags = SCX_PLAN_DOMAIN_MEASURED;
	add_hogs(2, 20, 100);
	cr_expect_eq(scx_plan_needed(planner, &in, needed), 0);
	balance();
	cr_expect_eq(plan.move_count, 6);
}

Test(plan, leaves_out_tasks_that_make_no_sense)
{
	set_up(2);
	add_hogs(0, 16, 100);
	tasks[0].domain = 2;
	tasks[1].weight = 0;
	tasks[2].weight = SCX_PLAN_WEIGHT_MAX + 1;
	tasks[3].duty = SCX_PLAN_ONE + 1;
	tasks[4].allowed = 1;
	balance();
	cr_expect_eq(plan.skipped, 5);
	cr_expect_eq(plan.move_count, 5);
}

Test(plan, regression_reports_the_pressure_of_a_nearly_idle_machine)
{
	set_up(8);
	/* The fair load of a domain with one CPU in 29 is a thousand of the smallest units. */
	for (unsigned i = 0; i < 8; i++)
		domains[i].capacity = i ? 4096 : 1024;
	add_hogs(0, 1, 100)->duty = 1802;
	balance();
	cr_expect_eq(plan.max_before_ppt, 29000);
}

/* A task that must leave a domain without CPUs rests where it arrives, and does not hide another. */
Test(plan, regression_proposes_nothing_after_an_evacuation)
{
	static const uint32_t capacity[] = { 2048, 0, 1024, 0 }, where[] = { 2, 3, 2, 2, 1, 3 };
	static const uint64_t domain_ids[] = { 3, 4, 1, 2 }, ids[] = { 3, 1, 6, 2, 4, 5 };

	set_up(4);
	in.now_ns = 17813967;
	for (unsigned i = 0; i < 4; i++) {
		domains[i].id = domain_ids[i];
		domains[i].capacity = capacity[i];
		domains[i].cpus = 0;
	}
	for (unsigned i = 0; i < 6; i++) {
		add_hogs(where[i], 1, 100);
		tasks[i].id = ids[i];
	}
	tasks[4].duty = 34149;
	tasks[4].moved_ns = 12617201;
	tasks[5].duty = 27275;
	balance();
	cr_expect_gt(plan.move_count, 0);
	for (size_t i = 0; i < plan.move_count; i++)
		tasks[plan.moves[i].task].domain = plan.moves[i].to;
	balance();
	cr_expect_eq(plan.move_count, 0);
}

Test(plan, survives_every_failing_allocation)
{
	const struct scx_plan_opts opts = { .size = sizeof(opts),
					    .band_ppt = SCX_PLAN_NONE,
					    .group_ppt = 1 };
	bool happened = true;

	set_up(3);
	add_hogs(0, 8, 300)->group = 1;
	add_hogs(1, 8, 200)->weight = 100000;
	add_hogs(2, 3, 100);
	for (unsigned nth = 1; happened; nth++) {
		long live = fail_alloc_live();
		struct scx_planner *own;
		int err = -ENOMEM;

		fail_alloc_at(nth);
		own = scx_planner_new(&opts);
		if (own)
			err = scx_balance(own, &in, &plan);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_expect_eq(err, happened ? -ENOMEM : 0, "allocation %u: %d", nth, err);
		if (own && happened) {
			cr_expect_neq(scx_planner_errmsg(own)[0], '\0');
			/* It still works. */
			cr_expect_eq(scx_balance(own, &in, &plan), 0);
		}
		scx_planner_free(own);
		cr_expect_eq(fail_alloc_live(), live, "allocation %u: memory lost", nth);
		cr_expect(happened || nth > 10);
	}
}

Test(plan, allocates_nothing_the_second_time)
{
	long live;

	set_up(3);
	add_hogs(0, 20, 100);
	balance();
	live = fail_alloc_live();
	fail_alloc_at(1);
	balance();
	cr_expect_not(fail_alloc_happened());
	fail_alloc_at(0);
	cr_expect_eq(fail_alloc_live(), live);
}

Test(plan, explains_a_move)
{
	char line[256];

	set_up(2);
	add_hogs(0, 24, 100);
	balance();
	cr_assert_gt(scx_plan_explain(&plan.moves[0], line, sizeof(line)), 0);
	cr_expect_str_eq(line, "task 1000: domain 0 (100 % above) -> 1 (100 % below), "
			       "overload, load 0.333 CPU, bridges 191.6 % for 0.4 %, same node");
	cr_expect_eq(scx_plan_explain(&plan.moves[0], line, 10), -ENOSPC);
	cr_expect_eq(scx_plan_explain(NULL, line, sizeof(line)), -EINVAL);
}

Test(plan, refuses_what_it_cannot_understand)
{
	struct scx_plan_opts opts = { .size = sizeof(opts), .flags = 1u << 31 };
	char sentence[128] = "";

	set_up(2);
	in.domain_count = 0;
	cr_expect_eq(scx_balance(planner, &in, &plan), -EINVAL);
	cr_expect_str_eq(scx_planner_errmsg(planner), "no domains: at least one is needed");
	in.domain_count = SCX_PLAN_DOMAINS_MAX + 1;
	cr_expect_eq(scx_balance(planner, &in, &plan), -E2BIG);
	in.domain_count = 2;
	in.task_count = 1;
	in.tasks = NULL;
	cr_expect_eq(scx_balance(planner, &in, &plan), -EINVAL);
	in.task_count = 0;
	in.task_size = 20;
	cr_expect_eq(scx_balance(planner, &in, &plan), -EINVAL);
	in.task_size = 0;
	domains[0].capacity = UINT32_MAX;
	cr_expect_eq(scx_balance(planner, &in, &plan), -E2BIG);

	opts.errbuf = sentence;
	opts.errbuf_size = sizeof(sentence);
	cr_expect_null(scx_planner_new(&opts));
	cr_expect_eq(errno, EINVAL);
	cr_expect_neq(sentence[0], '\0');
}
