// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Under a full load what is bound to one CPU goes on: a pinned task on each CPU, those that may use
 * two, and the kernel's own threads of each CPU.
 *
 * Reading /proc/sys/vm/stat_refresh ends when a worker thread of the kernel, bound and of normal
 * policy, has run on every CPU; so does a global membarrier when all of them passed a grace period.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"
#include "workers.h"

#define CPUS 8
#define HOGS (3 * CPUS)
#define TIMES 10

static void pin_one_each(struct worker *workers, enum work work)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		worker_start(&workers[cpu], work);
		worker_confine(&workers[cpu], 1ULL << cpu);
	}
}

static void expect_pinned(const struct worker *pinned)
{
	(void)turn(pinned, CPUS);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		expect(stage_seen(&pinned[cpu], 1) == 1ULL << cpu,
		       "the one pinned to CPU %u ran elsewhere", cpu);
}

static void use_kernel_threads(void)
{
	char byte;
	int fd = open("/proc/sys/vm/stat_refresh", O_RDONLY | O_CLOEXEC);

	expect(fd >= 0 && read(fd, &byte, 1) >= 0, "stat_refresh: %s", strerror(errno));
	close(fd);
	expect(!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0), "membarrier: %s",
	       strerror(errno));
}

int main(int argc, char **argv)
{
	struct worker *workers = workers_new(HOGS + 3 * CPUS), *hogs = workers,
		      *pinned = hogs + HOGS, *nappers = pinned + CPUS, *pairs = nappers + CPUS;
	struct scx *scx;

	expect(argc == 2, "pinned TUNABLES");
	stand_above();
	scx = attach_atropos("0-3;4-7", argv[1]);
	workers_start(hogs, HOGS, WORK_HOG);
	pin_one_each(pinned, WORK_HOG);
	pin_one_each(nappers, WORK_NAP);
	workers_start(pairs, CPUS, WORK_HOG);
	/* Two CPUs of one domain, or one of each. */
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		worker_confine(&pairs[cpu], 1ULL << cpu | 1ULL << (cpu + 1) % CPUS);
	await_spread(workers, HOGS, cpu_bits("0-7"));
	for (int i = 0; i < TIMES; i++) {
		expect_pinned(pinned);
		expect_pinned(nappers);
		expect_settled(pairs, CPUS, cpu_bits("0-7"), 0);
		use_kernel_threads();
		expect_attached(scx);
	}
	/* And nobody else starves for them. */
	expect_settled(hogs, HOGS, cpu_bits("0-7"), 1);
	workers_stop(workers, HOGS + 3 * CPUS);
	finish(scx);
	return 0;
}
