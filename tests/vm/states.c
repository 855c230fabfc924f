// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * The table of docs/states.md on a real kernel, with atropos: states TABLE. Needs CPUs 0-1 and 2-3 in
 * two L3 caches.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/scx.h>
#include <scx/topology.h>
#include <scx/tunable.h>

#include "../lib/state_walk.h"

#define HOGS 16

/* What else is attached, so that a restart fails. */
struct blocker {
	struct scx *scx;
};

static _Noreturn void die(const char *what, const char *why)
{
	printf("%s: %s\n", what, why);
	exit(1);
}

static struct scx *open_one(const char *name, unsigned timeout_ms)
{
	char err[1024];
	struct scx *s =
		scx_open(name, &SCX_OPTS(scx_open_opts, .errbuf = err, .errbuf_size = sizeof(err),
					 .restart = SCX_RESTART_ERRORS, .timeout_ms = timeout_ms));

	if (!s)
		die("scx_open", err);
	return s;
}

static void make_room(void *arg)
{
	struct blocker *b = arg;

	scx_close(b->scx);
	b->scx = NULL;
}

static void await_end(struct scx *s)
{
	while (scx_state(s) == SCX_STATE_ATTACHED) {
		int err = scx_wait(s, -1, UINT64_MAX);

		if (err && err != -EINTR)
			die("scx_wait", scx_errmsg(s));
		if (scx_process(s))
			die("scx_process", scx_errmsg(s));
	}
}

static void throw_out(struct scx *s)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "S", 1) != 1)
		die("sysrq", strerror(errno));
	close(fd);
	await_end(s);
}

static void start_hogs(pid_t *hogs)
{
	for (int i = 0; i < HOGS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				__asm__ volatile("");
		}
		hogs[i] = pid;
	}
}

/* The watchdog ends it: four tasks a CPU, each with a long slice, and little patience. */
static void make_it_stall(struct scx *s)
{
	pid_t hogs[HOGS];

	start_hogs(hogs);
	await_end(s);
	for (int i = 0; i < HOGS; i++) {
		kill(hogs[i], SIGKILL);
		waitpid(hogs[i], NULL, 0);
	}
	if (scx_end(s)->kind != SCX_END_ERROR_STALL)
		die("stall", scx_end(s)->message);
}

static struct scx *make(void *arg, enum walk_state state)
{
	struct blocker *b = arg;
	struct scx *s = open_one("atropos", state == WALK_RESTARTING ? 200 : 0);
	int err = 0;

	make_room(b);
	/* As long as slices get, so that the last of four tasks waits three times as long as is allowed. */
	if (state == WALK_RESTARTING && scx_tunable_set(s, "slice_busy_us", "1000000"))
		die("slice_busy_us", scx_errmsg(s));
	if (scx_domain_set_list(s, 0, "0-1") || scx_domain_set_list(s, 1, "2-3"))
		die("domains", scx_errmsg(s));
	if (state == WALK_LOADED)
		err = scx_load(s);
	/* With so little patience it may be ended while it is enabled, too. */
	if (state >= WALK_ATTACHED)
		while ((err = scx_attach(s)) == -ECANCELED && state == WALK_RESTARTING)
			;
	if (err)
		die("make", scx_errmsg(s));
	if (state == WALK_ENDED)
		throw_out(s);
	if (state == WALK_RESTARTING) {
		make_it_stall(s);
		b->scx = open_one("simple", 0);
		if (scx_attach(b->scx))
			die("simple", scx_errmsg(b->scx));
		if (scx_process(s))
			die("scx_process", scx_errmsg(s));
	}
	if (state == WALK_DETACHED && scx_detach(s))
		die("scx_detach", scx_errmsg(s));
	return s;
}

int main(int argc, char **argv)
{
	struct scx_topology *t = scx_topology_new(NULL);
	struct scx_partition *p = t ? scx_partition_new(t, NULL) : NULL;
	struct blocker blocker = { NULL };
	struct walk_kernel kernel = { .arg = &blocker,
				      .partition = p,
				      .libbpf = true,
				      .make = make,
				      .make_room = make_room };
	int cells;

	if (argc != 2 || !p || scx_partition_count(p) != 2)
		return 2;
	cells = walk_states(argv[1], &kernel, stdout);
	make_room(&blocker);
	scx_partition_free(p);
	scx_topology_free(t);
	printf("%d cells\n", cells);
	return cells > 250 ? 0 : 1;
}
