// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * The balancer on a real kernel, without stealing, so that nothing else evens out. Each way of calling
 * proves one thing:
 *   skew     hogs of two domains, those of one end: the rest are even within one after four rounds, run
 *            where they belong, and nothing moves from then on
 *   errors   a planner that fails leaves the scheduler attached; the next good round moves tasks
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <scx/balancer.h>
#include <scx/domain.h>
#include <scx/snapshot.h>

#include "fixture.h"
#include "workers.h"

#define HOGS 48
#define INTERVAL_NS 400000000ULL
#define ROUNDS_AFTER 8

static struct worker *hogs;

static struct scx_balancer *balancer_new(struct scx *s)
{
	char err[512] = "";
	struct scx_balancer *b = scx_balancer_new(s, &SCX_OPTS(scx_balancer_opts, .errbuf = err,
							       .errbuf_size = sizeof(err),
							       .interval_ns = INTERVAL_NS));

	expect(b, "scx_balancer_new: %s", err);
	return b;
}

/* Waits for one more round. */
static const struct scx_round *round_of(struct scx *s, struct scx_balancer *b)
{
	int made;

	while ((made = scx_balancer_process(b)) == 0) {
		must(s, scx_wait(s, -1, UINT64_MAX));
		must(s, scx_process(s));
		expect_attached(s);
	}
	expect(made == 1, "a round: %s", scx_balancer_errmsg(b));
	return scx_balancer_last(b);
}

/* How many of the first half of the hogs belong to @domain, and are marked with it. */
static unsigned belong(struct scx *s, struct scx_snapshot *snapshot, uint32_t domain)
{
	unsigned nr = 0;

	must(s, scx_snapshot_read(snapshot));
	for (size_t i = 0; i < scx_snapshot_nr_tasks(snapshot); i++) {
		const struct scx_task_info *t = scx_snapshot_task(snapshot, i);

		for (unsigned h = 0; h < HOGS / 2; h++)
			if (hogs[h].pid == t->tid && t->domain == domain) {
				hogs[h].mark = domain;
				nr++;
			}
	}
	return nr;
}

/* The first half of the hogs into domain 0, the other into 1. */
static void place(struct scx *s)
{
	struct scx_migration_request requests[HOGS];

	for (unsigned i = 0; i < HOGS; i++)
		requests[i] = (struct scx_migration_request){ .tid = hogs[i].pid,
							      .domain = i >= HOGS / 2 };
	must(s, scx_migrate(s, requests, HOGS, NULL));
	for (unsigned i = 0; i < HOGS; i++)
		expect(requests[i].result == 0, "hog %u cannot be placed: %d", i,
		       requests[i].result);
}

/* What a round saw and planned, for whoever reads why the test failed. */
static void tell(const struct scx_round *round)
{
	char words[256];

	for (size_t d = 0; d < round->input->domain_count; d++)
		printf("  domain %zu: load %.2f, runnable %.2f\n", d,
		       (double)round->input->domains[d].load / SCX_PLAN_ONE / 100,
		       (double)round->input->domains[d].runnable / SCX_PLAN_ONE);
	for (size_t i = 0; i < round->plan->move_count; i++)
		if (scx_plan_explain(scx_plan_at(round->plan, i), words, sizeof(words)) > 0)
			printf("  %s\n", words);
}

static void skew(void)
{
	struct scx *s = attach_atropos("0-3;4-7", "greedy=0");
	struct scx_snapshot *snapshot = scx_snapshot_new(s);
	struct scx_balancer *b = balancer_new(s);
	unsigned here, there, rounds = 0;

	workers_start(hogs, HOGS, WORK_HOG);
	/* Kernel threads wait in the same queues: against weight 932 theirs is nothing. */
	for (unsigned i = 0; i < HOGS; i++)
		expect(!setpriority(PRIO_PROCESS, (id_t)hogs[i].pid, -10), "nice -10 is refused");
	place(s);
	/* It knows the even load well. */
	for (unsigned i = 0; i < 6; i++)
		(void)round_of(s, b);
	place(s);
	workers_stop(hogs + HOGS / 2, HOGS / 2);
	do {
		tell(round_of(s, b));
		here = belong(s, snapshot, 0);
		there = belong(s, snapshot, 1);
		printf("round %u: %u hogs in domain 0, %u in domain 1\n", ++rounds, here, there);
		expect(here + there == HOGS / 2, "hogs are missing");
	} while (rounds < 4 && (here > there + 1 || there > here + 1));
	expect(here <= there + 1 && there <= here + 1, "not even after four rounds");
	for (unsigned i = 0; i < HOGS / 2; i++)
		expect_settled(&hogs[i], 1, cpu_bits(hogs[i].mark ? "4-7" : "0-3"), 1);
	for (unsigned i = 0; i < ROUNDS_AFTER; i++) {
		const struct scx_round *round = round_of(s, b);

		for (size_t m = 0; m < round->plan->move_count; m++)
			for (unsigned h = 0; h < HOGS / 2; h++)
				expect((int)scx_plan_at(round->plan, m)->id != hogs[h].pid,
				       "hog %u moves although all is even", h);
	}
	workers_stop(hogs, HOGS / 2);
	scx_balancer_free(b);
	scx_snapshot_free(snapshot);
	finish(s);
}

/* Fails twice, then lets the first hog that it finds change its domain. */
struct moody {
	unsigned calls;
	struct scx_plan_move move;
	int tid;
};

static int plan_moodily(void *arg, const struct scx_plan_input *in, struct scx_plan *ret_plan)
{
	struct moody *moody = arg;

	if (moody->calls++ < 2)
		return -EIO;
	for (size_t i = 0; i < in->task_count; i++) {
		if ((int)in->tasks[i].id != moody->tid)
			continue;
		moody->move = (struct scx_plan_move){ .task = (uint32_t)i,
						      .from = in->tasks[i].domain,
						      .to = !in->tasks[i].domain };
		ret_plan->moves = &moody->move;
		ret_plan->move_count = 1;
		ret_plan->move_size = sizeof(moody->move);
	}
	return 0;
}

static void errors(void)
{
	struct scx *s = attach_atropos("0-3;4-7", "greedy=0");
	struct scx_balancer *b = balancer_new(s);
	struct moody moody = { .calls = 0 };
	unsigned failed = 0;

	workers_start(hogs, 2, WORK_HOG);
	moody.tid = hogs[0].pid;
	scx_balancer_set_planner(b, plan_moodily, &moody);
	for (;;) {
		const struct scx_round *round;
		int made = scx_balancer_round(b);

		expect_attached(s);
		if (made < 0) {
			failed++;
			expect(made == -EIO && strstr(scx_balancer_errmsg(b), "planner"),
			       "the wrong error: %d, %s", made, scx_balancer_errmsg(b));
			expect(!scx_balancer_last(b), "a round that failed is shown");
			continue;
		}
		round = scx_balancer_last(b);
		if (round->kind != SCX_ROUND_PLANNED || !round->plan->move_count)
			continue;
		expect(round->moved == 1 && !round->refused, "moved %zu, refused %zu", round->moved,
		       round->refused);
		expect_settled(&hogs[0], 1, cpu_bits(moody.move.to ? "4-7" : "0-3"), 2);
		break;
	}
	expect(failed == 2, "%u rounds failed", failed);
	workers_stop(hogs, 2);
	scx_balancer_free(b);
	finish(s);
}

int main(int argc, char **argv)
{
	hogs = workers_new(HOGS);
	stand_above();
	if (argc == 2 && !strcmp(argv[1], "skew"))
		skew();
	else if (argc == 2 && !strcmp(argv[1], "errors"))
		errors();
	else
		return fprintf(stderr, "usage: vm-balancer skew|errors\n"), 2;
	return 0;
}
