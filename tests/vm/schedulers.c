// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * The bundled schedulers through the library, on a real kernel. Each way of calling proves one thing:
 *   attach NAME TIMES   attaches and detaches, and each end says that it was from user space
 *   sysrq NAME          a scheduler that is thrown out wakes its owner, who learns why
 *   killed NAME         an owner that is killed leaves no scheduler behind
 *   migrate             tasks run where they were migrated to, without stealing, without sleeping
 *   accounts            the load that a snapshot shows is the load that there is
 * Nothing waits for a length of time: what is expected comes, or the runner's time limit does.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <scx/cpuset.h>
#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/topology.h>
#include <scx/tunable.h>

#define HOGS 12

static char err[1024];

static _Noreturn void die(const char *what, const char *why)
{
	printf("%s: %s\n", what, why);
	exit(1);
}

static struct scx *open_scheduler(const char *name)
{
	struct scx *s =
		scx_open(name, &SCX_OPTS(scx_open_opts, .errbuf = err, .errbuf_size = sizeof(err)));

	if (!s)
		die("scx_open", err);
	return s;
}

static void attach(struct scx *s)
{
	if (scx_attach(s) < 0)
		die("scx_attach", scx_errmsg(s));
}

static bool kernel_says(const char *state)
{
	char buf[32] = "";
	int fd = open("/sys/kernel/sched_ext/state", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) < 0)
		die("state", "cannot be read");
	close(fd);
	return strncmp(buf, state, strlen(state)) == 0;
}

/* Lets others run, and looks again a little later. */
static void breathe(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

static int attach_times(const char *name, int times)
{
	struct scx *s = open_scheduler(name);

	for (int i = 0; i < times; i++) {
		attach(s);
		if (!kernel_says("enabled"))
			die("attached", "the kernel does not say so");
		if (scx_detach(s) < 0)
			die("scx_detach", scx_errmsg(s));
		if (!scx_end(s) || scx_end(s)->kind != SCX_END_DETACHED || scx_end(s)->error)
			die("end", scx_end(s) ? scx_end(s)->reason : "none");
		if (!kernel_says("disabled"))
			die("detached", "the kernel does not say so");
	}
	scx_close(s);
	return 0;
}

static int thrown_out(const char *name)
{
	struct scx *s = open_scheduler(name);
	int fd;

	attach(s);
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "S", 1) != 1)
		die("sysrq", "cannot be asked for");
	close(fd);
	if (scx_run(s, NULL) < 0)
		die("scx_run", scx_errmsg(s));
	if (!scx_end(s) || scx_end(s)->kind != SCX_END_SYSRQ)
		die("end", scx_end(s) ? scx_end(s)->reason : "none");
	scx_close(s);
	return 0;
}

static int killed(const char *name)
{
	pid_t owner = fork();

	if (owner == 0) {
		attach(open_scheduler(name));
		raise(SIGKILL);
	}
	waitpid(owner, NULL, 0);
	while (!kernel_says("disabled"))
		breathe();
	return 0;
}

struct hog {
	_Atomic int cpu;
	_Atomic unsigned long rounds;
	pid_t pid;
};

/* Never sleeps, and tells where it runs. */
static _Noreturn void burn(struct hog *hog)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		hog->cpu = sched_getcpu();
		hog->rounds++;
	}
}

static void start_hogs(struct hog *hogs)
{
	for (int i = 0; i < HOGS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			burn(&hogs[i]);
		hogs[i].pid = pid;
	}
}

static void stop_hogs(struct hog *hogs)
{
	for (int i = 0; i < HOGS; i++) {
		kill(hogs[i].pid, SIGKILL);
		waitpid(hogs[i].pid, NULL, 0);
	}
}

static struct hog *map_hogs(void)
{
	struct hog *hogs = mmap(NULL, sizeof(struct hog) * HOGS, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (hogs == MAP_FAILED)
		die("mmap", "no memory");
	return hogs;
}

/* Two domains of this machine's two L3 caches; without stealing, so that only migrations move tasks. */
static struct scx *start_atropos(struct scx_partition **ret_partition)
{
	struct scx *s = open_scheduler("atropos");
	struct scx_topology *t = scx_topology_new(NULL);
	struct scx_partition *p = t ? scx_partition_new(t, NULL) : NULL;

	if (!p || scx_partition_count(p) != 2)
		die("partition", "not two domains");
	scx_topology_free(t);
	if (scx_tunable_set(s, "greedy", "0") < 0)
		die("greedy", scx_errmsg(s));
	if (scx_domain_set_partition(s, p) < 0)
		die("domains", scx_errmsg(s));
	attach(s);
	*ret_partition = p;
	return s;
}

static void send(struct scx *s, struct hog *hogs, int first, int last, unsigned domain)
{
	struct scx_migration_request requests[HOGS] = { 0 };
	size_t n = 0;

	for (int i = first; i < last; i++) {
		requests[n].tid = hogs[i].pid;
		requests[n++].domain = domain;
	}
	if (scx_migrate(s, requests, n, NULL) < 0)
		die("scx_migrate", scx_errmsg(s));
	for (size_t i = 0; i < n; i++)
		if (requests[i].result)
			die("migration", strerror(-requests[i].result));
}

/* Every one of them makes progress, on a CPU of @domain and nowhere else from some moment on. */
static void expect_in(struct scx_partition *p, struct hog *hogs, int first, int last, int domain)
{
	for (int i = first; i < last; i++) {
		unsigned long seen;

		while (scx_partition_domain(p, (unsigned)hogs[i].cpu) != domain)
			breathe();
		seen = hogs[i].rounds;
		while (hogs[i].rounds == seen)
			breathe();
		if (scx_partition_domain(p, (unsigned)hogs[i].cpu) != domain)
			die("hog", "came back to where it was");
	}
}

static int migrate(void)
{
	struct hog *hogs = map_hogs();
	struct scx_partition *p;
	struct scx *s = start_atropos(&p);

	start_hogs(hogs);
	send(s, hogs, 0, HOGS, 0);
	expect_in(p, hogs, 0, HOGS, 0);
	send(s, hogs, 0, HOGS / 2, 1);
	expect_in(p, hogs, 0, HOGS / 2, 1);
	expect_in(p, hogs, HOGS / 2, HOGS, 0);
	stop_hogs(hogs);
	scx_partition_free(p);
	if (scx_state(s) != SCX_STATE_ATTACHED || scx_detach(s) < 0)
		die("scx_detach", scx_errmsg(s));
	scx_close(s);
	return 0;
}

static int accounts(void)
{
	struct hog *hogs = map_hogs();
	struct scx_partition *p;
	struct scx *s = start_atropos(&p);
	struct scx_snapshot *snap = scx_snapshot_new(s);
	bool found = false;

	if (!snap)
		die("scx_snapshot_new", scx_errmsg(s));
	start_hogs(hogs);
	send(s, hogs, 0, HOGS, 1);
	expect_in(p, hogs, 0, HOGS, 1);
	while (!found) {
		size_t mine = 0;

		if (scx_snapshot_read(snap) < 0)
			die("scx_snapshot_read", scx_errmsg(s));
		for (size_t i = 0; i < scx_snapshot_nr_tasks(snap); i++) {
			const struct scx_task_info *t = scx_snapshot_task(snap, i);

			for (int k = 0; k < HOGS; k++)
				mine += t->tid == hogs[k].pid && t->domain == 1 &&
					t->flags & SCX_INFO_RUNNABLE && t->weight == 100;
		}
		found = mine == HOGS && scx_snapshot_domain(snap, 1)->nr_tasks >= HOGS &&
			scx_snapshot_domain(snap, 1)->weight >= HOGS * 100;
		breathe();
	}
	stop_hogs(hogs);
	/* Counts of what is gone are gone: nothing leaks into a domain's load. */
	while (scx_snapshot_domain(snap, 1)->nr_tasks >= HOGS) {
		if (scx_snapshot_read(snap) < 0)
			die("scx_snapshot_read", scx_errmsg(s));
		breathe();
	}
	scx_snapshot_free(snap);
	scx_partition_free(p);
	scx_close(s);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "attach"))
		return attach_times(argv[2], atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "sysrq"))
		return thrown_out(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "killed"))
		return killed(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "migrate"))
		return migrate();
	if (argc == 2 && !strcmp(argv[1], "accounts"))
		return accounts();
	return 2;
}
