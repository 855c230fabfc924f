// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Shares of CPU time follow weights. All who compete sit in one domain, of one CPU: without stealing
 * the others stay idle, and an emulated machine keeps exact time only for a CPU that runs alone.
 *   shares nice     nice 0 against nice 5: 1024 to 335, the kernel's own weights
 *   shares cgroup   cpu.weight 300 against 100, as many tasks in either cgroup
 * The bound is 10 %, over enough CPU time for some hundred slices.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <scx/task.h>

#include "fixture.h"
#include "workers.h"

#define EACH 2 /* heavy ones, and light ones */
#define HOGS (2 * EACH)
#define WARM_UP_NS 500000000ULL
#define MEASURED_NS 6000000000ULL

static void make_nice(const struct worker *light)
{
	for (unsigned i = 0; i < EACH; i++)
		expect(!setpriority(PRIO_PROCESS, (id_t)light[i].pid, 5), "no nice 5");
}

static void make_cgroup(const char *name, const char *weight, const struct worker *workers)
{
	const char *parent = getenv("SCX_TEST_CGROUP");
	char folder[256], path[300], pid[16];

	expect(parent, "$SCX_TEST_CGROUP is not set: run by tests/vm/run-tests");
	(void)snprintf(folder, sizeof(folder), "%s/%s", parent, name);
	expect(!mkdir(folder, 0755), "%s: %s", folder, strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/cpu.weight", folder);
	write_line(path, weight);
	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	for (unsigned i = 0; i < EACH; i++) {
		(void)snprintf(pid, sizeof(pid), "%d", workers[i].pid);
		write_line(path, pid);
	}
}

static uint64_t cpu_ns(const struct worker *workers)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < EACH; i++)
		sum += worker_cpu_ns(&workers[i]);
	return sum;
}

static void run_for(const struct worker *hogs, uint64_t ns)
{
	uint64_t end = cpu_ns(hogs) + cpu_ns(hogs + EACH) + ns;

	await(cpu_ns(hogs) + cpu_ns(hogs + EACH) >= end);
}

int main(int argc, char **argv)
{
	struct worker *hogs = workers_new(HOGS), *light = hogs + EACH;
	bool nice = argc == 2 && strcmp(argv[1], "nice") == 0;
	uint64_t wanted_ppt = nice ? 1024000 / 335 : 3000, got_ppt, heavy_ns, light_ns;
	struct scx *scx;

	expect(argc == 2, "shares nice|cgroup");
	stand_above();
	scx = attach_atropos("0,2-7;1", "greedy=0");
	workers_start(hogs, HOGS, WORK_HOG);
	if (nice) {
		make_nice(light);
	} else {
		make_cgroup("heavy", "300", hogs);
		make_cgroup("light", "100", light);
	}
	for (unsigned i = 0; i < HOGS; i++)
		must(scx, scx_task_set_domain(scx, hogs[i].pid, 1));
	expect_settled(hogs, HOGS, cpu_bits("1"), 1);
	run_for(hogs, WARM_UP_NS);
	heavy_ns = cpu_ns(hogs);
	light_ns = cpu_ns(light);
	run_for(hogs, MEASURED_NS);
	heavy_ns = cpu_ns(hogs) - heavy_ns;
	light_ns = cpu_ns(light) - light_ns;
	expect_settled(hogs, HOGS, cpu_bits("1"), 1);
	workers_stop(hogs, HOGS);
	finish(scx);
	got_ppt = heavy_ns * 1000 / light_ns;
	step("%" PRIu64 " ms to %" PRIu64 " ms: %" PRIu64 "/1000, wanted %" PRIu64,
	     heavy_ns / 1000000, light_ns / 1000000, got_ppt, wanted_ppt);
	expect(got_ppt * 10 >= wanted_ppt * 9 && got_ppt * 10 <= wanted_ppt * 11,
	       "that is off by more than a tenth");
	return 0;
}
