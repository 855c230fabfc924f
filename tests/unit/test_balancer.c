/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The balancer's loop, over a kernel that is none and whose time is simulated: when it makes a round, what
 * it makes of failures, and what it leaves behind.
 */
#include <scx/balancer.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/scx.h>
#include <scx/snapshot.h>

#include "../lib/fail_alloc.h"
#include "../lib/fake_backend.h"

#define MS 1000000ULL
#define INTERVAL_NS (800 * MS)
#define LIMIT 1000 /* allocations of a life */

struct bench {
	struct fake fake;
	struct scx *scx;
	struct scx_balancer *balancer;
};

static struct scx_balancer *balancer_new(struct bench *bench, unsigned flags)
{
	return scx_balancer_new(bench->scx, &SCX_OPTS(scx_balancer_opts, .interval_ns = INTERVAL_NS,
						      .flags = flags));
}

/* Attached, two domains of two CPUs, eight runnable tasks that are all in domain 0: the fake begins with one. */
static void begin(struct bench *bench, unsigned flags)
{
	char err[256] = "";

	fake_init(&bench->fake);
	bench->fake.now_ns = 5000 * MS;
	bench->scx = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &bench->fake.backend,
					       .errbuf = err, .errbuf_size = sizeof(err)));
	cr_assert(bench->scx, "%s", err);
	cr_assert_eq(scx_domain_set_list(bench->scx, 0, "0-1"), 0);
	cr_assert_eq(scx_domain_set_list(bench->scx, 1, "2-3"), 0);
	cr_assert_eq(scx_attach(bench->scx), 0, "%s", scx_errmsg(bench->scx));
	for (int tid = 1; tid <= 7; tid++)
		fake_task(&bench->fake, tid, 0);
	bench->balancer = balancer_new(bench, flags);
	cr_assert(bench->balancer);
}

static void end(struct bench *bench)
{
	scx_balancer_free(bench->balancer);
	cr_assert_eq(bench->fake.alarm_ns, 0, "the alarm is still set");
	scx_close(bench->scx);
	cr_assert_null(bench->fake.broken, "%s", bench->fake.broken);
}

/* Lets time pass until the alarm rings, and makes the round that is due. */
static int next(struct bench *bench)
{
	cr_assert_neq(bench->fake.alarm_ns, 0, "no round is due, ever");
	if (bench->fake.now_ns < bench->fake.alarm_ns)
		bench->fake.now_ns = bench->fake.alarm_ns;
	cr_assert_eq(scx_process(bench->scx), 0);
	return scx_balancer_process(bench->balancer);
}

/* Makes rounds until one is of @kind. */
static const struct scx_round *until(struct bench *bench, unsigned kind)
{
	for (unsigned i = 0; i < 10; i++) {
		cr_assert_eq(next(bench), 1, "%s", scx_balancer_errmsg(bench->balancer));
		if (scx_balancer_last(bench->balancer)->kind == kind)
			return scx_balancer_last(bench->balancer);
	}
	cr_assert_fail("no round of kind %u", kind);
	return NULL;
}

static unsigned count_in(struct bench *bench, unsigned domain)
{
	struct scx_snapshot *snapshot = scx_snapshot_new(bench->scx);
	unsigned nr = 0;

	cr_assert(snapshot);
	cr_assert_eq(scx_snapshot_read(snapshot), 0);
	for (size_t i = 0; i < scx_snapshot_nr_tasks(snapshot); i++)
		nr += scx_snapshot_task(snapshot, i)->domain == domain;
	scx_snapshot_free(snapshot);
	return nr;
}

Test(balancer, evens_out_two_domains_and_then_is_calm)
{
	struct bench bench;
	const struct scx_round *round;

	begin(&bench, 0);
	round = until(&bench, SCX_ROUND_PLANNED);
	cr_assert_eq(round->moved, 4);
	cr_assert_eq(round->refused, 0);
	cr_assert_eq(count_in(&bench, 0), 4);
	cr_assert_eq(count_in(&bench, 1), 4);
	/* The past of domain 0 is not balanced away a second time. */
	for (unsigned i = 0; i < 10; i++) {
		cr_assert_eq(next(&bench), 1);
		round = scx_balancer_last(bench.balancer);
		cr_assert_eq(round->plan->move_count, 0, "round %u moves %zu", i,
			     round->plan->move_count);
	}
	cr_assert_eq(round->kind, SCX_ROUND_CALM);
	cr_assert_eq(round->pause_ns, INTERVAL_NS);
	end(&bench);
}

Test(balancer, makes_the_first_round_at_once_and_the_next_soon)
{
	struct bench bench;
	uint64_t born_ns;

	begin(&bench, 0);
	born_ns = bench.fake.now_ns;
	cr_assert_eq(bench.fake.alarm_ns, born_ns);
	cr_assert_null(scx_balancer_last(bench.balancer));
	cr_assert_eq(next(&bench), 1);
	cr_assert_eq(scx_balancer_last(bench.balancer)->kind, SCX_ROUND_BEGUN);
	cr_assert_eq(bench.fake.alarm_ns, born_ns + INTERVAL_NS / 8);
	/* Before that time there is nothing to do. */
	cr_assert_eq(scx_balancer_process(bench.balancer), 0);
	cr_assert_eq(scx_balancer_last(bench.balancer)->number, 1);
	end(&bench);
}

Test(balancer, notices_at_once_that_a_load_has_changed)
{
	struct bench bench;

	begin(&bench, 0);
	(void)until(&bench, SCX_ROUND_PLANNED);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(next(&bench), 1);
	for (int tid = 101; tid <= 116; tid++)
		fake_task(&bench.fake, tid, 1);
	cr_assert_eq(next(&bench), 1);
	cr_assert_eq(scx_balancer_last(bench.balancer)->kind, SCX_ROUND_LOOKED);
	cr_assert_eq(scx_balancer_last(bench.balancer)->pause_ns, INTERVAL_NS / 8);
	cr_assert_eq(next(&bench), 1);
	cr_assert_eq(scx_balancer_last(bench.balancer)->kind, SCX_ROUND_PLANNED);
	cr_assert_eq(count_in(&bench, 0), 12);
	end(&bench);
}

Test(balancer, moves_nothing_in_a_dry_run)
{
	struct bench bench;
	const struct scx_round *round;

	begin(&bench, SCX_BALANCER_DRY_RUN);
	round = until(&bench, SCX_ROUND_PLANNED);
	cr_assert_eq(round->plan->move_count, 4);
	cr_assert_eq(round->moved, 0);
	cr_assert_eq(count_in(&bench, 0), 8);
	end(&bench);
}

static int fail_to_plan(void *arg, const struct scx_plan_input *in, struct scx_plan *ret_plan)
{
	(void)in;
	(void)ret_plan;
	return *(int *)arg;
}

Test(balancer, retries_with_twice_the_pause_each_time_up_to_32_intervals)
{
	struct bench bench;
	int err = -EIO;
	uint64_t pause_ns = INTERVAL_NS;

	begin(&bench, 0);
	(void)until(&bench, SCX_ROUND_BEGUN);
	scx_balancer_set_planner(bench.balancer, fail_to_plan, &err);
	for (unsigned failures = 0; failures < 8; failures++) {
		/* What was not read for long is looked at first. */
		int made = next(&bench);

		if (made == 1) {
			cr_assert_eq(scx_balancer_last(bench.balancer)->kind, SCX_ROUND_LOOKED);
			made = next(&bench);
		}
		cr_assert_eq(made, -EIO);
		cr_assert(strstr(scx_balancer_errmsg(bench.balancer), "planner"), "%s",
			  scx_balancer_errmsg(bench.balancer));
		cr_assert_null(scx_balancer_last(bench.balancer));
		cr_assert_eq(scx_state(bench.scx), SCX_STATE_ATTACHED);
		if (pause_ns < 32 * INTERVAL_NS)
			pause_ns *= 2;
		cr_assert_eq(bench.fake.alarm_ns - bench.fake.now_ns, pause_ns, "failure %u",
			     failures);
	}
	err = 0;
	(void)until(&bench, SCX_ROUND_PLANNED);
	cr_assert_eq(bench.fake.alarm_ns - bench.fake.now_ns, INTERVAL_NS);
	cr_assert_str_empty(scx_balancer_errmsg(bench.balancer));
	end(&bench);
}

static int plan_nonsense(void *arg, const struct scx_plan_input *in, struct scx_plan *ret_plan)
{
	struct scx_plan_move *move = arg;

	if (move->task == UINT32_MAX)
		move->task = (uint32_t)in->task_count;
	ret_plan->moves = move;
	ret_plan->move_count = 1;
	ret_plan->move_size = sizeof(*move);
	return 0;
}

Test(balancer, refuses_moves_of_a_planner_that_make_no_sense)
{
	struct scx_plan_move moves[] = {
		{ .task = UINT32_MAX },
		{ .from = 2 },
		{ .to = 2 },
	};
	struct bench bench;

	begin(&bench, SCX_BALANCER_ALL_TASKS);
	(void)until(&bench, SCX_ROUND_LOOKED);
	for (unsigned i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		scx_balancer_set_planner(bench.balancer, plan_nonsense, &moves[i]);
		cr_assert_eq(next(&bench), -EINVAL, "move %u", i);
		cr_assert_eq(count_in(&bench, 0), 8);
	}
	end(&bench);
}

Test(balancer, tells_that_a_plan_could_not_be_applied)
{
	struct bench bench;
	int made;

	begin(&bench, 0);
	(void)until(&bench, SCX_ROUND_LOOKED);
	/* What the kernel is asked for in a round: the clocks, once in a while, and the migration. */
	for (unsigned n = 1; n < 10; n++) {
		bench.fake.fail_at = n;
		bench.fake.fail_with = -EDOM;
		bench.fake.happened = false;
		made = next(&bench);
		if (made < 0)
			break;
	}
	cr_assert_eq(made, -EDOM);
	cr_assert_str_not_empty(scx_balancer_errmsg(bench.balancer));
	cr_assert_eq(scx_state(bench.scx), SCX_STATE_ATTACHED);
	bench.fake.fail_at = 0;
	(void)until(&bench, SCX_ROUND_PLANNED);
	cr_assert_eq(count_in(&bench, 0), 4);
	end(&bench);
}

Test(balancer, waits_for_a_scheduler_that_is_not_attached)
{
	struct bench bench;

	begin(&bench, 0);
	(void)until(&bench, SCX_ROUND_PLANNED);
	cr_assert_eq(scx_detach(bench.scx), 0);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t before_ns = bench.fake.alarm_ns;

		cr_assert_eq(next(&bench), 0);
		cr_assert_gt(bench.fake.alarm_ns, before_ns, "the alarm stays due");
	}
	cr_assert_eq(scx_balancer_round(bench.balancer), -ENOTCONN);
	cr_assert_str_not_empty(scx_balancer_errmsg(bench.balancer));
	/* Another run begins with nothing known. */
	cr_assert_eq(scx_attach(bench.scx), 0, "%s", scx_errmsg(bench.scx));
	(void)until(&bench, SCX_ROUND_BEGUN);
	end(&bench);
}

Test(balancer, refuses_options_that_make_no_sense)
{
	struct {
		struct scx_balancer_opts opts;
		int later;
	} newer = { .opts = { .size = sizeof(newer) }, .later = 1 };
	char err[256] = "";
	struct scx_balancer_opts short_interval = { .size = sizeof(short_interval),
						    .errbuf = err,
						    .errbuf_size = sizeof(err),
						    .interval_ns = MS - 1 };
	struct scx_plan_opts plan = { .size = sizeof(plan), .near_ppt = 4000000000U };
	struct scx_balancer_opts bad_plan = {
		.size = sizeof(bad_plan), .errbuf = err, .errbuf_size = sizeof(err), .plan = &plan
	};
	struct bench bench;

	begin(&bench, 0);
	cr_assert_null(scx_balancer_new(bench.scx, &newer.opts));
	cr_assert_eq(errno, E2BIG);
	cr_assert_null(scx_balancer_new(bench.scx, &short_interval));
	cr_assert_eq(errno, EINVAL);
	cr_assert(strstr(err, "interval_ns"), "%s", err);
	cr_assert_null(scx_balancer_new(bench.scx, &bad_plan));
	cr_assert_eq(errno, EINVAL);
	cr_assert(strstr(err, "near_ppt"), "%s", err);
	cr_assert_null(balancer_new(&bench, 4));
	cr_assert_eq(errno, EINVAL);
	end(&bench);
}

Test(balancer, leaves_nothing_behind_when_the_nth_allocation_fails)
{
	for (unsigned n = 1; n < LIMIT; n++) {
		long before = fail_alloc_live();
		bool happened, made = true;
		struct bench bench;

		begin(&bench, 0);
		scx_balancer_free(bench.balancer);
		fail_alloc_at(n);
		bench.balancer = balancer_new(&bench, 0);
		if (!bench.balancer)
			cr_assert_eq(errno, ENOMEM, "allocation %u: errno %d", n, errno);
		for (unsigned i = 0; bench.balancer && i < 6; i++) {
			int err = next(&bench);

			cr_assert(err == 1 || err == -ENOMEM, "allocation %u: %d", n, err);
			made = made && err == 1;
		}
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_assert(!happened || !bench.balancer || !made, "allocation %u: no error", n);
		cr_assert_eq(scx_state(bench.scx), SCX_STATE_ATTACHED);
		end(&bench);
		cr_assert_eq(fail_alloc_live(), before, "allocation %u: %ld are left", n,
			     fail_alloc_live() - before);
		if (!happened) {
			cr_assert_gt(n, 8);
			return;
		}
	}
	cr_assert_fail("no end");
}
