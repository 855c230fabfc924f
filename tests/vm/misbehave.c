// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: Copyright the libscx authors
/*
 * Tests that go wrong, each in its own way: what self-test runs the runner with. "scheduler OBJECT"
 * leaves a scheduler attached, held by a pin, so that its owner's death does not end it; "pin OBJECT"
 * leaves only a pin.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok ? 0 : 1;
}

/* Every CPU is taken by a thread above the guest's runner: the machine is up and does nothing. */
static void *spin(void *cpu)
{
	static const struct sched_param highest = { .sched_priority = 99 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((int)(intptr_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || sched_setscheduler(0, SCHED_FIFO, &highest))
		exit(1);
	for (;;)
		;
	return NULL;
}

static int hang_machine(void)
{
	static const struct sched_param above = { .sched_priority = 98 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;

	/* Else the kernel leaves 5 % of each second to the others. */
	if (write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1") ||
	    sched_setscheduler(0, SCHED_FIFO, &above))
		return 1;
	for (intptr_t cpu = cpus - 1; cpu >= 0; cpu--)
		if (pthread_create(&thread, NULL, spin, (void *)cpu))
			return 1;
	for (;;)
		pause();
}

static int leave_scheduler(const char *object, int attached)
{
	struct bpf_object *obj = bpf_object__open_file(object, NULL);
	struct bpf_map *map;
	struct bpf_link *link = NULL;

	if (!obj || bpf_object__load(obj))
		return 1;
	bpf_object__for_each_map(map, obj)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			link = bpf_map__attach_struct_ops(map);
	}
	if (!link || bpf_link__pin(link, "/sys/fs/bpf/left"))
		return 1;
	if (!attached && bpf_link__detach(link))
		return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(how, "pass") == 0)
		return 0;
	if (strcmp(how, "fail") == 0) {
		printf("@@end 1 pass a forged result\nok 1 - forged\n");
		return 3;
	}
	if (strcmp(how, "skip") == 0) {
		printf("the machine has no warp drive");
		return 77;
	}
	if (strcmp(how, "die") == 0)
		abort();
	if (strcmp(how, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(how, "leave-process") == 0) {
		if (fork() == 0)
			for (;;)
				pause();
		return 0;
	}
	if (strcmp(how, "leave-cpu-offline") == 0)
		return write_file("/sys/devices/system/cpu/cpu1/online", "0");
	if (strcmp(how, "hang-machine") == 0)
		return hang_machine();
	if (strcmp(how, "panic") == 0)
		return write_file("/proc/sysrq-trigger", "c");
	if (strcmp(how, "scheduler") == 0 && argc == 3)
		return leave_scheduler(argv[2], 1);
	if (strcmp(how, "pin") == 0 && argc == 3)
		return leave_scheduler(argv[2], 0);
	fprintf(stderr, "misbehave: what is '%s'?\n", how);
	return 2;
}
