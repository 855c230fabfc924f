// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Domains that change while everybody works: nobody is lost, and nobody stays where no domain is any
 * more. Without stealing nothing but the change itself can bring a task from its old domain into one
 * that still exists.
 *   redefine layouts TUNABLES   all domains at once, by other numbers and sizes; a CPU changes over
 *   redefine vanish TUNABLES    a domain is removed, and its CPUs are in none
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/task.h>

#include "fixture.h"
#include "workers.h"

#define HOGS 18
#define NAPPERS 6
#define WORKERS (HOGS + NAPPERS)

static const char *const layouts[] = {
	"0-1;2-3;4-5;6-7", "0-7",     "0;1;2;3;4;5;6;7", "0,2,4,6;1,3,5,7",
	"1-7;0",	   "0-2;3-7", "0-3;4-7",
};

/* Half of them to each of the two domains, where they then work on all CPUs of @cpus. */
static void spread(struct scx *scx, const struct worker *workers, uint64_t cpus)
{
	for (unsigned i = 0; i < WORKERS; i++)
		must(scx, scx_task_set_domain(scx, workers[i].pid, i % 2));
	await_spread(workers, WORKERS, cpus);
	expect_attached(scx);
}

/* All at once, from layout to layout. */
static void change_all(struct scx *scx, const struct worker *workers)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		step("domains %s", layouts[i]);
		set_domains(scx, layouts[i]);
		expect_settled(workers, WORKERS, cpu_bits("0-7"), 0);
		expect_attached(scx);
	}
}

/* A domain vanishes, and its CPUs are in none: all gather in the other; then it comes back. */
static void vanish(struct scx *scx, const struct worker *workers, unsigned gone, unsigned stays)
{
	static const char *const cpus[] = { "0-3", "4-7" };

	step("domain %u vanishes", gone);
	must(scx, scx_domain_remove(scx, gone));
	expect_settled(workers, WORKERS, cpu_bits(cpus[stays]), 2);
	expect_attached(scx);
	must(scx, scx_domain_set_list(scx, gone, cpus[gone]));
	expect_settled(workers, WORKERS, cpu_bits("0-7"), 0);
	expect_attached(scx);
}

/* One CPU goes over to the other domain: taken from one, then given to the other. */
static void hand_over(struct scx *scx, const struct worker *workers)
{
	step("CPU 4 changes its domain");
	must(scx, scx_domain_set_list(scx, 1, "5-7"));
	expect_settled(workers, WORKERS, cpu_bits("0-7"), 0);
	must(scx, scx_domain_set_list(scx, 0, "0-4"));
	spread(scx, workers, cpu_bits("0-7"));
	must(scx, scx_domain_set_list(scx, 0, "0-3"));
	must(scx, scx_domain_set_list(scx, 1, "4-7"));
}

int main(int argc, char **argv)
{
	bool vanishes = argc == 3 && strcmp(argv[1], "vanish") == 0;
	struct worker *workers = workers_new(WORKERS);
	struct scx *scx;

	expect(argc == 3, "redefine layouts|vanish TUNABLES");
	stand_above();
	scx = attach_atropos("0-3;4-7", argv[2]);
	workers_start(workers, HOGS, WORK_HOG);
	workers_start(workers + HOGS, NAPPERS, WORK_NAP);
	spread(scx, workers, cpu_bits("0-7"));
	if (vanishes) {
		vanish(scx, workers, 1, 0);
		vanish(scx, workers, 0, 1);
	} else {
		change_all(scx, workers);
		hand_over(scx, workers);
	}
	expect_settled(workers, WORKERS, cpu_bits("0-7"), 1);
	workers_stop(workers, WORKERS);
	finish(scx);
	return 0;
}
