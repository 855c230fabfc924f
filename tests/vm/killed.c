// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * killed NAME: the program that attached a scheduler is killed while everybody works under it. The
 * kernel takes the scheduler out, all tasks go on, and another program can attach one.
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "workers.h"

#define HOGS 12
#define NAPPERS 6
#define WORKERS (HOGS + NAPPERS)

static pid_t start_owner(const char *name, atomic_bool *attached)
{
	pid_t owner = fork();

	expect(owner >= 0, "no process");
	if (owner == 0) {
		stand_above(); /* or it would take long to load it, under this load */
		attach(open_scheduler(name, NULL));
		*attached = true;
		for (;;)
			(void)pause();
	}
	return owner;
}

int main(int argc, char **argv)
{
	atomic_bool *attached = mmap(NULL, sizeof(*attached), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct worker *workers = workers_new(WORKERS);
	struct scx *scx;
	pid_t owner;

	expect(argc == 2 && attached != MAP_FAILED, "killed NAME");
	stand_above();
	workers_start(workers, HOGS, WORK_HOG);
	workers_start(workers + HOGS, NAPPERS, WORK_NAP);
	owner = start_owner(argv[1], attached);
	await(*attached);
	(void)turn(workers, WORKERS);
	expect(kernel_says("enabled"), "the kernel does not say 'enabled'");
	(void)kill(owner, SIGKILL);
	(void)waitpid(owner, NULL, 0);
	await(kernel_says("disabled"));
	(void)turn(workers, WORKERS);
	scx = open_scheduler(argv[1], NULL);
	attach(scx);
	(void)turn(workers, WORKERS);
	workers_stop(workers, WORKERS);
	finish(scx);
	return 0;
}
