// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * with NAME [TUNABLE=VALUE]... -- COMMAND [ARGUMENT]...
 *
 * Attaches a bundled scheduler, with one domain an L3 cache where it has domains, runs the command,
 * detaches. Opening and attaching is the last phase of mark.h; resident memory while 1,000 threads live
 * is printed, and what the scheduler counted. Fails when the command does, and when the scheduler did
 * not last to the end.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/stats.h>
#include <scx/topology.h>
#include <scx/tunable.h>

#include "mark.h"

#define THREADS 1000
#define STATS_MAX 64
#define PHASE_ATTACH (PHASES_MAX - 1) /* from scx_open() to attached */

static char err[1024];

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "with: %s: %s\n", what, why);
	exit(1);
}

static struct scx *attach(const char *name, char **settings, int nr)
{
	struct scx_topology *topology = scx_topology_new(NULL);
	struct scx_partition *partition = topology ? scx_partition_new(topology, NULL) : NULL;
	struct scx *scx;

	if (!partition)
		die("domains", "this machine has none");
	phase_begins(PHASE_ATTACH);
	scx = scx_open(name, &SCX_OPTS(scx_open_opts, .errbuf = err, .errbuf_size = sizeof(err)));
	if (!scx)
		die(name, err);
	for (int i = 0; i < nr; i++) {
		char *value = strchr(settings[i], '=');

		if (!value)
			die(settings[i], "write it as TUNABLE=VALUE");
		*value++ = 0;
		if (scx_tunable_set(scx, settings[i], value) < 0)
			die(settings[i], scx_errmsg(scx));
	}
	if (!strcmp(name, "atropos") && scx_domain_set_partition(scx, partition) < 0)
		die("domains", scx_errmsg(scx));
	if (scx_attach(scx) < 0)
		die("attach", scx_errmsg(scx));
	phase_ends(PHASE_ATTACH);
	scx_partition_free(partition);
	scx_topology_free(topology);
	return scx;
}

static int run(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die(command[0], "did not run");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void *sleep_on(void *argument)
{
	(void)argument;
	for (;;)
		pause();
	return NULL;
}

/* A process with THREADS threads, once they all live. */
static pid_t start_threads(void)
{
	int ready[2];
	pid_t pid;
	char c = 0;

	if (pipe(ready))
		die("pipe", "no descriptors");
	pid = fork();
	if (pid == 0) {
		pthread_attr_t small;
		pthread_t thread;

		pthread_attr_init(&small);
		pthread_attr_setstacksize(&small, 65536);
		for (int i = 1; i < THREADS; i++)
			if (pthread_create(&thread, &small, sleep_on, NULL))
				_exit(1);
		if (write(ready[1], &c, 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &c, 1) != 1)
		die("threads", "could not be started");
	close(ready[0]);
	return pid;
}

static void report_memory(struct scx *scx, const char *scheduler)
{
	struct scx_snapshot *snapshot = NULL;
	pid_t pid = start_threads();
	char line[128];
	FILE *file;
	long kb;

	if (!strcmp(scheduler, "atropos")) {
		snapshot = scx_snapshot_new(scx);
		if (!snapshot || scx_snapshot_read(snapshot) < 0)
			die("snapshot", scx_errmsg(scx));
	}
	file = fopen("/proc/self/status", "re");
	if (!file)
		die("/proc/self/status", "cannot be read");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %ld kB", &kb) == 1)
			printf("figure memory_resident %.3f\n", (double)kb / 1024);
		if (sscanf(line, "RssAnon: %ld kB", &kb) == 1)
			printf("figure memory_anonymous %.3f\n", (double)kb / 1024);
	}
	fclose(file);
	scx_snapshot_free(snapshot);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void report_stats(struct scx *scx)
{
	uint64_t values[STATS_MAX] = { 0 };

	if (scx_stat_read(scx, values, STATS_MAX) < 0)
		return;
	for (unsigned i = 0; i < STATS_MAX && scx_stat_name(scx, i); i++)
		printf("stat %s %llu\n", scx_stat_name(scx, i), (unsigned long long)values[i]);
}

int main(int argc, char **argv)
{
	int split = 2, status;
	struct scx *scx;

	while (split < argc && strcmp(argv[split], "--"))
		split++;
	if (split + 1 >= argc) {
		fprintf(stderr, "usage: with NAME [TUNABLE=VALUE]... -- COMMAND [ARGUMENT]...\n");
		return 2;
	}
	scx = attach(argv[1], argv + 2, split - 2);
	status = run(argv + split + 1);
	report_memory(scx, argv[1]);
	report_stats(scx);
	if (scx_state(scx) != SCX_STATE_ATTACHED || scx_detach(scx) < 0)
		die("the scheduler ended before its time",
		    scx_end(scx) ? scx_end(scx)->message : scx_errmsg(scx));
	scx_close(scx);
	return status;
}
