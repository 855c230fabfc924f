// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* libscx on a model: everything goes through its public calls. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <scx/balancer.h>
#include <scx/domain.h>
#include <scx/model.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/stats.h>
#include <scx/task.h>
#include <scx/tunable.h>

#define MS 1000000ULL

static char why[1024];

static struct scx_model *machine(const char *synthetic)
{
	struct scx_model *m =
		scx_model_new(&SCX_OPTS(scx_model_opts, .synthetic = synthetic, .errbuf = why,
					.errbuf_size = sizeof(why), .seed = 1, .no_costs = 1));

	cr_assert(m, "%s", why);
	return m;
}

static struct scx *open_on(struct scx_model *m, const char *name)
{
	struct scx *s =
		scx_open(name, &SCX_OPTS(scx_open_opts, .errbuf = why, .errbuf_size = sizeof(why),
					 .backend = scx_model_backend(m)));

	cr_assert(s, "%s", why);
	return s;
}

static void work(struct scx_model *m, const char *text)
{
	cr_assert_eq(scx_model_workload(m, text, why, sizeof(why)), 0, "%s", why);
}

static void run_ms(struct scx *s, uint64_t ms)
{
	uint64_t until = scx_now_ns(s) + ms * MS;

	cr_assert_eq(scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = ms * MS)), 0, "%s",
		     scx_errmsg(s));
	cr_assert_eq(scx_now_ns(s), until, "simulated time is what it was asked for");
}

static void as_expected(struct scx_model *m)
{
	cr_expect_eq(scx_model_check(m, why, sizeof(why)), 0, "%s", why);
}

Test(door, atropos_runs_on_the_model)
{
	struct scx_model *m = machine("l3:4 core:4 pu:1");
	struct scx *s = open_on(m, "atropos");
	struct scx_snapshot *snap;

	work(m, "task hog[16] : run 1s\n"
		"task nap[8] : run 1ms; sleep 9ms\n"
		"expect end none\n"
		"expect share hog 900..1000\n"
		"expect wait nap 60ms\n");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	snap = scx_snapshot_new(s);
	cr_assert(snap);
	cr_assert_eq(scx_snapshot_read(snap), 0);
	run_ms(s, 1000);
	cr_assert_eq(scx_snapshot_read(snap), 0);
	cr_expect_eq(scx_snapshot_nr_domains(snap), 4);
	/* 24 of the workload, a stopper a CPU and the helper. */
	cr_expect_eq(scx_snapshot_nr_live(snap), 24 + 16 + 1);
	as_expected(m);
	scx_snapshot_free(snap);
	cr_expect_eq(scx_detach(s), 0);
	cr_expect_eq(scx_end(s)->kind, SCX_END_DETACHED);
	scx_close(s);
	scx_model_free(m);
}

/* Where each of hog[0 .. nr - 1] is now. */
static unsigned hogs_of_cpus(struct scx_model *m, unsigned nr, int first, int last)
{
	unsigned in = 0;

	for (unsigned i = 0; i < nr; i++) {
		int cpu = scx_model_task_cpu(m, scx_model_task(m, "hog", i));

		in += cpu >= first && cpu <= last;
	}
	return in;
}

Test(door, migrations_move_tasks_that_wait)
{
	struct scx_model *m = machine("l3:2 core:2 pu:1");
	struct scx *s = open_on(m, "atropos");
	struct scx_migration_request requests[8];
	struct scx_snapshot *snap;
	size_t queued = 0, nr = 0;
	int moved;

	/* Only a migration brings a task to the other domain. */
	cr_assert_eq(scx_tunable_set(s, "greedy", "0"), 0, "%s", scx_errmsg(s));
	work(m, "task hog[8] : run 1s");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	run_ms(s, 10);
	snap = scx_snapshot_new(s);
	cr_assert_eq(scx_snapshot_read(snap), 0);
	for (size_t i = 0; i < scx_snapshot_nr_tasks(snap); i++) {
		const struct scx_task_info *t = scx_snapshot_task(snap, i);

		if (t->flags & SCX_INFO_RUNNABLE && nr < 8)
			requests[nr++] = (struct scx_migration_request){
				.tid = t->tid, .start_ns = t->start_ns, .slot = t->slot, .domain = 1
			};
	}
	cr_assert_eq(nr, 8);
	moved = scx_migrate(s, requests, nr, &queued);
	cr_assert_geq(moved, 1, "%s", scx_errmsg(s));
	cr_expect_geq(queued, 1);
	run_ms(s, 200);
	cr_expect_eq(hogs_of_cpus(m, 8, 2, 3), 8);
	scx_snapshot_free(snap);
	scx_close(s);
	scx_model_free(m);
}

/* Rounds of the balancer while @ms pass. */
static void balance_ms(struct scx *s, struct scx_balancer *b, uint64_t ms)
{
	uint64_t until = scx_now_ns(s) + ms * MS;

	while (scx_now_ns(s) < until) {
		cr_assert_geq(scx_balancer_process(b), 0, "%s", scx_balancer_errmsg(b));
		cr_assert_geq(scx_wait(s, -1, until), 0, "%s", scx_errmsg(s));
		cr_assert_eq(scx_process(s), 0);
		cr_assert_eq(scx_state(s), SCX_STATE_ATTACHED, "%s",
			     scx_end(s) ? scx_end(s)->message : "");
	}
}

Test(door, the_balancer_evens_out_a_thousand_cpus)
{
	struct scx_model *m = machine("pack:2 l3:16 core:16 pu:2");
	struct scx *s = open_on(m, "atropos");
	struct scx_balancer *b;
	unsigned most = 0, least = ~0U;

	cr_assert_eq(scx_tunable_set(s, "greedy", "0"), 0, "%s", scx_errmsg(s));
	/* All begin on the first domain's CPUs. */
	work(m, "task hog[2048] cpus=0-31 : run 1s\n"
		"at 100ms cpus hog 0-1023\n"
		"expect end none\n");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	b = scx_balancer_new(s, NULL);
	cr_assert(b);
	run_ms(s, 50);
	cr_expect_eq(hogs_of_cpus(m, 2048, 0, 31), 2048);
	balance_ms(s, b, 15000);
	for (int d = 0; d < 32; d++) {
		unsigned n = hogs_of_cpus(m, 2048, d * 32, d * 32 + 31);

		most = n > most ? n : most;
		least = n < least ? n : least;
	}
	/* 64 in each would be even. */
	cr_expect(most <= 72 && least >= 56, "%u to %u hogs a domain", least, most);
	as_expected(m);
	scx_balancer_free(b);
	scx_close(s);
	scx_model_free(m);
}

Test(door, a_cpu_that_leaves_ends_simple)
{
	struct scx_model *m = machine("core:4 pu:1");
	struct scx *s = scx_open("simple", &SCX_OPTS(scx_open_opts, .restart = SCX_RESTART_NEVER,
						     .backend = scx_model_backend(m)));

	cr_assert(s);
	work(m, "task hog[8] : run 1s\nat 100ms offline 2\nexpect share hog 750..800");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	cr_expect_eq(scx_run(s, NULL), 1, "%s", scx_errmsg(s));
	cr_assert(scx_end(s));
	cr_expect_eq(scx_end(s)->kind, SCX_END_KERNEL);
	cr_expect_eq(scx_end(s)->restart, 1);
	cr_expect_str_eq(scx_end(s)->reason, "unregistered from the main kernel");
	cr_expect_str_eq(scx_end(s)->message, "cpu 2 going offline, exiting scheduler");
	cr_expect_eq(scx_state(s), SCX_STATE_ENDED);
	/* Its tasks go on without it. */
	cr_assert_eq(scx_model_run(m, 900 * MS), 0);
	as_expected(m);
	scx_close(s);
	scx_model_free(m);
}

Test(door, simple_is_attached_again_when_a_cpu_left)
{
	struct scx_model *m = machine("core:4 pu:1");
	struct scx *s = open_on(m, "simple");

	work(m, "task hog[8] : run 1s\nat 100ms offline 2\nat 200ms online 2");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	run_ms(s, 500);
	cr_expect_eq(scx_state(s), SCX_STATE_ATTACHED);
	cr_expect_eq(scx_restarts(s), 2);
	scx_close(s);
	scx_model_free(m);
}

Test(door, atropos_follows_cpus_that_leave_and_come_back)
{
	struct scx_model *m = machine("l3:2 core:2 pu:1");
	struct scx *s = open_on(m, "atropos");

	work(m, "task hog[12] : run 10ms; sleep 1ms\n"
		"at 100ms offline 2\nat 200ms offline 3\nat 300ms online 3\nat 400ms online 2\n"
		"expect end none\nexpect wait hog 400ms");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	run_ms(s, 250);
	cr_expect_eq(hogs_of_cpus(m, 12, 2, 3), 0);
	run_ms(s, 750);
	cr_expect_gt(hogs_of_cpus(m, 12, 2, 3), 0);
	as_expected(m);
	scx_close(s);
	scx_model_free(m);
}

Test(door, only_those_who_join_are_scheduled_in_partial_mode)
{
	struct scx_model *m = machine("core:2 pu:1");
	struct scx *s = scx_open(
		"simple", &SCX_OPTS(scx_open_opts, .partial = 1, .backend = scx_model_backend(m)));
	struct scx_event events[64];
	int tid;

	cr_assert(s);
	work(m, "task hog[4] : run 1s");
	cr_assert_eq(scx_attach(s), 0, "%s", scx_errmsg(s));
	run_ms(s, 100);
	tid = scx_model_task(m, "hog", 0);
	cr_assert_eq(scx_task_join(s, tid, 0), 1, "%s", scx_errmsg(s));
	run_ms(s, 1000);
	/* Fair tasks come first, as on a kernel without its deadline servers. */
	cr_expect_leq(scx_model_task_ns(m, tid), 100 * MS);
	cr_expect_gt(scx_event_read(s, events, 64), 0);
	scx_close(s);
	scx_model_free(m);
}

Test(door, says_what_it_cannot_open)
{
	struct scx_model *m = machine("core:2 pu:1");
	struct scx *s = open_on(m, "simple");
	struct scx_open_opts opts =
		SCX_OPTS(scx_open_opts, .errbuf = why, .errbuf_size = sizeof(why),
			 .backend = scx_model_backend(m));

	cr_expect_null(scx_open("simple", &opts));
	cr_expect_eq(errno, EBUSY);
	cr_expect_str_eq(why, "a scheduler is open on this model already; close it first");
	scx_close(s);
	cr_expect_null(scx_open("nobody", &opts));
	cr_expect_eq(errno, ENOENT);
	cr_expect(strstr(why, "nobody"), "%s", why);
	scx_model_free(m);
	cr_expect_null(scx_model_new(&SCX_OPTS(scx_model_opts, .synthetic = "core:x", .errbuf = why,
					       .errbuf_size = sizeof(why))));
	cr_expect(strstr(why, "core:x"), "%s", why);
}
