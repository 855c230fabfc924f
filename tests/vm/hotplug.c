// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * CPUs go offline and come back under load: nobody is lost, nobody runs there meanwhile, they are used
 * again afterwards, and the scheduler stays the same.
 *   hotplug cpu TUNABLES      one CPU, to which a task is pinned (the kernel then lets it run anywhere);
 *                             and another, which is offline when the scheduler is attached
 *   hotplug domain TUNABLES   all CPUs of a domain, one after the other
 */
#include <stdio.h>
#include <string.h>

#include <scx/snapshot.h>
#include <scx/task.h>

#include "fixture.h"
#include "workers.h"

#define HOGS 18
#define NAPPERS 5
#define WORKERS (HOGS + NAPPERS + 1)

static void set_online(unsigned cpu, bool online)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	write_line(path, online ? "1" : "0");
}

static void expect_cpus(struct scx_snapshot *snap, unsigned domain, unsigned online)
{
	expect(!scx_snapshot_read_domains(snap), "a snapshot cannot be read");
	expect(scx_snapshot_domain(snap, domain)->nr_cpus == online &&
		       scx_snapshot_domain(snap, domain)->nr_all == 4,
	       "domain %u has %u of %u CPUs online", domain,
	       scx_snapshot_domain(snap, domain)->nr_cpus,
	       scx_snapshot_domain(snap, domain)->nr_all);
}

/* Takes CPUs first .. last away; @stay: nothing may run anywhere else from then on. */
static void take(const struct worker *workers, unsigned first, unsigned last, const char *stay)
{
	uint64_t seen;

	step("CPUs %u to %u go offline", first, last);
	for (unsigned cpu = first; cpu <= last; cpu++)
		set_online(cpu, false);
	seen = turn(workers, WORKERS);
	expect(!(seen & ~cpu_bits(stay)), "some ran on an offline CPU: %#llx",
	       (unsigned long long)seen);
}

static void give_back(unsigned first, unsigned last)
{
	step("CPUs %u to %u come back", first, last);
	for (unsigned cpu = first; cpu <= last; cpu++)
		set_online(cpu, true);
}

static void one_cpu(struct scx *scx, struct scx_snapshot *snap, struct worker *workers)
{
	struct worker *pinned = &workers[WORKERS - 1];

	expect_cpus(snap, 1, 3);
	give_back(6, 6);
	await_spread(workers, WORKERS, cpu_bits("0-7"));
	expect_cpus(snap, 1, 4);
	worker_confine(pinned, cpu_bits("5"));
	expect_settled(pinned, 1, cpu_bits("5"), 1);
	take(workers, 5, 5, "0-4,6-7");
	expect_cpus(snap, 1, 3);
	expect_attached(scx);
	give_back(5, 5);
	await_spread(workers, WORKERS, cpu_bits("0-7"));
	expect_cpus(snap, 1, 4);
}

static void whole_domain(struct scx *scx, struct scx_snapshot *snap, struct worker *workers)
{
	take(workers, 4, 7, "0-3");
	expect_cpus(snap, 1, 0);
	expect_attached(scx);
	give_back(4, 7);
	/* Tasks that came together in domain 0 are not sent back; those that are, run there. */
	for (unsigned i = 0; i < WORKERS; i += 2)
		must(scx, scx_task_set_domain(scx, workers[i].pid, 1));
	await_spread(workers, WORKERS, cpu_bits("0-7"));
	expect_settled(workers, WORKERS, cpu_bits("0-7"), 1);
	expect_cpus(snap, 0, 4);
	expect_cpus(snap, 1, 4);
}

int main(int argc, char **argv)
{
	bool domain = argc == 3 && strcmp(argv[1], "domain") == 0;
	struct worker *workers = workers_new(WORKERS);
	struct scx_snapshot *snap;
	struct scx *scx;

	expect(argc == 3, "hotplug cpu|domain TUNABLES");
	stand_above();
	if (!domain)
		set_online(6, false);
	scx = attach_atropos("0-3;4-7", argv[2]);
	snap = scx_snapshot_new(scx);
	expect(snap, "no snapshot: %s", scx_errmsg(scx));
	workers_start(workers, HOGS, WORK_HOG);
	workers_start(workers + HOGS, NAPPERS, WORK_NAP);
	worker_start(&workers[WORKERS - 1], WORK_HOG);
	for (unsigned i = 0; i < WORKERS; i++)
		must(scx, scx_task_set_domain(scx, workers[i].pid, i % 2));
	await_spread(workers, WORKERS, cpu_bits("0-5,7"));
	if (domain)
		whole_domain(scx, snap, workers);
	else
		one_cpu(scx, snap, workers);
	workers_stop(workers, WORKERS);
	scx_snapshot_free(snap);
	finish(scx);
	return 0;
}
