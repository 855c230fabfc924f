// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Each end of a scheduler by what it does wrong, with the kernel's kind, reason and message: the same
 * table for the model (ON_MODEL) and for the running kernel, so that each holds the other to it.
 *
 * usage: wrong SCHEDULER; prints TAP
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <scx/model.h>
#include <scx/scx.h>
#include <scx/task.h>
#include <scx/tunable.h>

#include "wrong.h"

/* In messages "#" stands for a number that differs from run to run. */
static const struct wrong_case {
	enum wrong what;
	unsigned victims;
	bool pinned; /* to CPU 0; CPU 0 and 1 otherwise */
	unsigned kind;
	const char *message;
} cases[] = {
	{ WRONG_TWICE, 1, 1, 1024, "victim[#] already direct-dispatched" },
	{ WRONG_QUEUE, 1, 1, 1024, "non-existent DSQ 0xdead" },
	{ WRONG_FLAGS, 1, 1, 1024, "invalid enq_flags 0x1000000000000000" },
	{ WRONG_VTIME_LOCAL, 1, 1, 1024, "cannot use vtime ordering for built-in DSQs" },
	{ WRONG_LOCAL_ON, 1, 1, 1024, "invalid CPU 9999 in SCX_DSQ_LOCAL_ON dispatch verdict" },
	{ WRONG_LOCAL_ON_PINNED, 1, 1, 1024,
	  "SCX_DSQ_LOCAL[_ON] target CPU 1 not allowed for victim[#]" },
	{ WRONG_SELECT, 1, 0, 1024, "invalid CPU 9999 from ops.select_cpu()" },
	{ WRONG_KICK, 1, 1, 1024, "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE" },
	{ WRONG_KICK_CPU, 1, 1, 1024, "invalid CPU 9999" },
	{ WRONG_ERROR, 1, 1, 1025, "it is 7 of nine" },
	{ WRONG_PEEK, 1, 1, 1024, "peek disallowed on builtin DSQ 0x8000000000000002" },
	{ WRONG_PEEK_NONE, 1, 1, 1024, "peek on non-existent DSQ 0xdead" },
	{ WRONG_REENQ, 1, 1, 1024, "invalid SCX_REENQ flags 0x80" },
	{ WRONG_PERF, 1, 1, 1024, "Invalid cpuperf target 2000 for CPU 0" },
	{ WRONG_NODE, 1, 1, 1024, "per-node idle tracking is disabled" },
	{ WRONG_TID, 1, 1, 1024, "scx_bpf_tid_to_task() called without SCX_OPS_TID_TO_TASK" },
	{ WRONG_DUMP, 1, 1, 1024,
	  "scx_bpf_dump() must only be called from ops.dump() and friends" },
	{ WRONG_IMMED, 1, 1, 1024, "SCX_ENQ_IMMED on a non-local DSQ 0x1" },
	{ WRONG_FORGET, 1, 1, 1026, "victim[#] failed to run for #.#s" },
	{ WRONG_OVERFLOW, 1, 1, 1024, "dispatch buffer overflow" },
	{ WRONG_UNDERFLOW, 1, 1, 1024, "dispatch buffer underflow" },
	{ WRONG_MOVE, 1, 1, 1024, "invalid DSQ ID 0x000000000000dead" },
	{ WRONG_FIFO_FIRST, 2, 1, 1024,
	  "DSQ ID 0x0000000000000002 already had FIFO-enqueued tasks" },
	{ WRONG_VTIME_FIRST, 2, 1, 1024,
	  "DSQ ID 0x0000000000000002 already had PRIQ-enqueued tasks" },
	{ WRONG_DESTROY, 2, 1, 1024, "attempting to destroy in-use dsq 0x0000000000000002 (nr=1)" },
	{ WRONG_INIT, 0, 1, 1024, "ops.init() failed (-28)" },
	{ WRONG_INIT_TASK, 1, 1, 1024, "ops.init_task() failed (-12) for victim[#]" },
	{ WRONG_INIT_TASK_ERRNO, 1, 1, 1024, "ops.init_task() returned an invalid errno 5" },
};

static const char *reason_of(unsigned kind)
{
	return kind == 1026   ? "runnable task stall"
	       : kind == 1025 ? "scx_bpf_error"
			      : "runtime error";
}

/* Numbers in brackets, and of seconds, become "#". */
static void blur(const char *from, char *to, size_t size, bool stall)
{
	size_t n = 0;

	for (; *from && n + 1 < size; from++) {
		bool digits = *from >= '0' && *from <= '9';

		if (digits && n && (to[n - 1] == '[' || (stall && strchr(" .", to[n - 1])))) {
			to[n++] = '#';
			from += strspn(from, "0123456789") - 1;
			continue;
		}
		to[n++] = *from;
	}
	to[n] = '\0';
}

static struct scx *open_wrong(const char *path, const struct scx_backend *backend, enum wrong what)
{
	char why[1024] = "";
	struct scx *s = scx_open(path, &SCX_OPTS(scx_open_opts, .errbuf = why,
						 .errbuf_size = sizeof(why), .backend = backend,
						 .partial = 1, .restart = SCX_RESTART_NEVER));

	if (!s || scx_tunable_set_u64(s, "what", what)) {
		printf("Bail out! %s: %s\n", path, s ? scx_errmsg(s) : why);
		exit(1);
	}
	return s;
}

#ifdef ON_MODEL
/* Attaches @s with the victims there; what it ended with is in the handle then. */
static void provoke(struct scx *s, struct scx_model *model, const struct wrong_case *c)
{
	char text[256], why[256];

	(void)snprintf(text, sizeof(text),
		       "task victim[%u] policy=ext cpus=%s : run 1ms; sleep 1ms\n",
		       c->victims ? c->victims : 1, c->pinned ? "0" : "0-1");
	if (scx_model_workload(model, text, why, sizeof(why))) {
		printf("Bail out! %s\n", why);
		exit(1);
	}
	if (!scx_attach(s))
		(void)scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = 40000000000ULL));
	if (scx_model_check(model, why, sizeof(why))) {
		printf("Bail out! %s\n", why);
		exit(1);
	}
}

static struct scx *run(const char *path, const struct wrong_case *c, struct scx_model **ret)
{
	struct scx_model *m = scx_model_new(&SCX_OPTS(scx_model_opts, .synthetic = "core:4 pu:1"));
	struct scx *s;

	if (!m) {
		printf("Bail out! no model: %s\n", strerror(errno));
		exit(1);
	}
	s = open_wrong(path, scx_model_backend(m), c->what);
	provoke(s, m, c);
	*ret = m;
	return s;
}
#else
static atomic_int stop, ready;

struct victim {
	pthread_t thread;
	bool pinned;
};

/* Runs and sleeps as SCHED_EXT until it is told to end, or until the scheduler is gone. */
static void *live(void *arg)
{
	const struct victim *v = arg;
	struct sched_param none = { 0 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (!v->pinned)
		CPU_SET(1, &cpus);
	(void)prctl(PR_SET_NAME, "victim");
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, 7 /* SCHED_EXT */, &none))
		printf("# a victim cannot join: %s\n", strerror(errno));
	ready++;
	while (!stop)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return NULL;
}

static struct scx *run(const char *path, const struct wrong_case *c, struct scx_model **ret)
{
	struct scx *s = open_wrong(path, NULL, c->what);
	struct victim victims[4];

	stop = ready = 0;
	for (unsigned i = 0; i < c->victims; i++) {
		victims[i].pinned = c->pinned;
		if (pthread_create(&victims[i].thread, NULL, live, &victims[i])) {
			printf("Bail out! no thread\n");
			exit(1);
		}
	}
	while (ready < (int)c->victims)
		(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (!scx_attach(s))
		(void)scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = 40000000000ULL));
	else if (!scx_end(s))
		printf("# %s\n", scx_errmsg(s));
	stop = 1;
	for (unsigned i = 0; i < c->victims; i++)
		(void)pthread_join(victims[i].thread, NULL);
	*ret = NULL;
	return s;
}
#endif

int main(int argc, char **argv)
{
	const unsigned nr = sizeof(cases) / sizeof(cases[0]);
	unsigned failed = 0;

	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < nr; i++) {
		const struct wrong_case *c = &cases[i];
		struct scx_model *m;
		struct scx *s = run(argv[1], c, &m);
		const struct scx_end *end = scx_end(s);
		char message[1100] = "";
		bool good;

		if (end)
			blur(end->message, message, sizeof(message), c->kind == 1026);
		good = end && end->kind == c->kind && !strcmp(message, c->message) &&
		       !strcmp(end->reason, reason_of(c->kind));
		printf("%sok %u - %s\n", good ? "" : "not ", i + 1, c->message);
		if (!good)
			printf("# it ended with kind %u, %s: %s\n", end ? end->kind : 0,
			       end ? end->reason : "not at all", end ? end->message : "");
		failed += !good;
		scx_close(s);
#ifdef ON_MODEL
		scx_model_free(m);
#endif
	}
	printf("1..%u\n", nr);
	return failed != 0;
}
