// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * A script of steps, one at a time, played by simulated tasks (ON_MODEL) and by threads on the running
 * kernel: the callbacks that the scheduler "witness" saw must be those of the expected file, which a
 * real kernel wrote. All tasks stay on one CPU, so that their order is not a matter of chance.
 *
 * usage: witness SCHEDULER EXPECTED
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <scx/model.h>
#include <scx/scx.h>

#define CPU 3
#define WORKERS 26
#define TEXT_MAX 65536

enum action {
	JOIN,  /* SCHED_EXT */
	LEAVE, /* SCHED_OTHER */
	NICE,  /* arg: the level */
	MOVE,  /* affinity: CPU arg alone */
	TURN,  /* wakes it; it runs a moment and blocks again */
	YIELD, /* wakes it; it yields, and blocks again */
	SPIN,  /* wakes it; it runs on until STOP */
	STOP,
	END, /* wakes it; it exits */
};

static const struct step {
	char who;
	enum action action;
	int arg;
} script[] = {
	{ 'A', JOIN, 0 },
	{ 'B', JOIN, 0 },
	{ 'C', JOIN, 0 },
	{ 'D', JOIN, 0 },
	{ 'A', TURN, 0 },
	{ 'B', TURN, 0 },
	{ 'C', TURN, 0 },
	{ 'D', TURN, 0 },
	{ 'A', YIELD, 0 },
	{ 'D', YIELD, 0 },
	{ 'A', NICE, 5 },
	{ 'A', TURN, 0 },
	/* Somebody waits while somebody runs. */
	{ 'A', SPIN, 0 },
	{ 'B', TURN, 0 },
	{ 'A', STOP, 0 },
	/* A preemption; the preempted one comes back. */
	{ 'A', SPIN, 0 },
	{ 'C', TURN, 0 },
	{ 'A', STOP, 0 },
	/* Held by the scheduler while it is changed. */
	{ 'A', SPIN, 0 },
	{ 'D', TURN, 0 },
	{ 'D', NICE, 3 },
	{ 'A', STOP, 0 },
	/* In a queue while it is changed; running while it is changed. */
	{ 'A', SPIN, 0 },
	{ 'B', TURN, 0 },
	{ 'B', NICE, -3 },
	{ 'A', NICE, -5 },
	{ 'A', STOP, 0 },
	/* In a queue when it leaves the class; blocked when it comes back. */
	{ 'A', SPIN, 0 },
	{ 'B', TURN, 0 },
	{ 'A', LEAVE, 0 },
	{ 'A', STOP, 0 },
	{ 'A', JOIN, 0 },
	{ 'A', TURN, 0 },
	/* Affinity: blocked, and the next turn is elsewhere. */
	{ 'B', MOVE, 2 },
	{ 'B', TURN, 0 },
	{ 'B', MOVE, CPU },
	{ 'B', TURN, 0 },
	{ 'B', LEAVE, 0 },
	{ 'B', TURN, 0 },
	{ 'C', END, 0 },
	{ 'D', END, 0 },
	{ 'Z', JOIN, 0 },
	{ 'Z', TURN, 0 },
};
#define NR_STEPS (sizeof(script) / sizeof(script[0]))

static _Noreturn void fail(const char *what, const char *why)
{
	printf("%s: %s\n", what, why);
	exit(1);
}

static struct scx *open_witness(const char *path, const struct scx_backend *backend)
{
	char why[1024] = "";
	struct scx *s = scx_open(path, &SCX_OPTS(scx_open_opts, .errbuf = why,
						 .errbuf_size = sizeof(why), .backend = backend,
						 .partial = 1, .restart = SCX_RESTART_NEVER));

	if (!s)
		fail(path, why);
	return s;
}

#ifdef ON_MODEL
/* Simulated time between two steps. */
#define STEP_MS 10

static bool is_turn(const struct step *s)
{
	return s->action == TURN || s->action == YIELD || s->action == SPIN || s->action == END;
}

static size_t stop_after(size_t i)
{
	char who = script[i].who;

	while (i < NR_STEPS && (script[i].who != who || script[i].action != STOP))
		i++;
	return i;
}

/* A spin takes from the step that begins it until shortly before the one that stops it. */
static char *add_task(char *at, char who)
{
	at += sprintf(at, "task w%c cpus=%d : ", who, CPU);
	for (size_t i = 0; i < NR_STEPS; i++) {
		if (script[i].who != who || !is_turn(&script[i]))
			continue;
		at += sprintf(at, "wait %c; ", who);
		switch (script[i].action) {
		case SPIN:
			at += sprintf(at, "run %zums; ", (stop_after(i) - i) * STEP_MS - 2);
			break;
		case YIELD:
			at += sprintf(at, "run 100us; yield; run 100us; ");
			break;
		case END:
			at += sprintf(at, "exit; ");
			break;
		default:
			at += sprintf(at, "run 100us; ");
			break;
		}
	}
	return at + sprintf(at, "wait never\n");
}

static void play(struct scx *s, struct scx_model *m)
{
	char *text = malloc(TEXT_MAX), *at = text, why[256];
	bool seen[WORKERS] = { false };

	if (!text)
		fail("workload", "no memory");
	for (size_t i = 0; i < NR_STEPS; i++) {
		if (!seen[script[i].who - 'A'])
			at = add_task(at, script[i].who);
		seen[script[i].who - 'A'] = true;
	}
	at += sprintf(at, "task controller cpus=0 : ");
	for (size_t i = 0; i < NR_STEPS; i++) {
		at += sprintf(at, "until %dms; ", STEP_MS);
		if (is_turn(&script[i]))
			at += sprintf(at, "wake %c; ", script[i].who);
	}
	at += sprintf(at, "wait never\n");
	for (size_t i = 0; i < NR_STEPS; i++) {
		const struct step *p = &script[i];
		size_t ms = (i + 1) * STEP_MS;

		if (p->action == JOIN || p->action == LEAVE)
			at += sprintf(at, "at %zums policy w%c %s\n", ms, p->who,
				      p->action == JOIN ? "ext" : "normal");
		else if (p->action == NICE)
			at += sprintf(at, "at %zums nice w%c %d\n", ms, p->who, p->arg);
		else if (p->action == MOVE)
			at += sprintf(at, "at %zums cpus w%c %d\n", ms, p->who, p->arg);
	}
	if (scx_attach(s))
		fail("attach", scx_errmsg(s));
	if (scx_model_workload(m, text, why, sizeof(why)))
		fail("workload", why);
	if (scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = (NR_STEPS + 2) * STEP_MS * 1000000)) <
	    0)
		fail("run", scx_errmsg(s));
	if (scx_model_check(m, why, sizeof(why)))
		fail("the model", why);
	free(text);
}
#else
struct worker {
	pthread_t thread;
	sem_t turn;
	atomic_int tid, posted, done, spinning, stop;
	enum action action;
	char name[3];
};
static struct worker workers[WORKERS];

static void pin(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(tid, sizeof(cpus), &cpus))
		fail("affinity", strerror(errno));
}

static void *work(void *arg)
{
	struct worker *w = arg;

	(void)prctl(PR_SET_NAME, w->name);
	pin(0, CPU);
	w->tid = (int)syscall(SYS_gettid);
	for (;;) {
		while (sem_wait(&w->turn))
			;
		if (w->action == END)
			break;
		if (w->action == YIELD)
			(void)sched_yield();
		if (w->action == SPIN) {
			w->spinning = 1;
			while (!w->stop)
				;
			w->stop = 0;
			w->spinning = 0;
		}
		w->done++;
	}
	w->done++;
	return NULL;
}

static bool is_gone(pid_t tid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d", (int)tid);
	return access(path, F_OK) != 0;
}

/* Is it off its CPU, in a system call? The state in "stat" says so before it is. */
static bool is_blocked(pid_t tid)
{
	char path[64], line[256] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
	file = fopen(path, "re");
	if (!file)
		return is_gone(tid);
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	(void)fclose(file);
	return line[0] >= '0' && line[0] <= '9';
}

static void breathe(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* Until each worker either blocks after its turn, spins, or cannot have its turn yet. */
static void settle(void)
{
	bool busy = false;

	for (int i = 0; i < WORKERS; i++)
		busy |= workers[i].spinning && !workers[i].stop;
	for (int i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];

		if (!w->tid || (w->spinning && !w->stop))
			continue;
		/* Behind one that spins, only those who preempt have their turn. */
		while (w->done < w->posted && !(busy && i != 'C' - 'A'))
			breathe();
		while (w->done == w->posted && !is_blocked(w->tid))
			breathe();
	}
}

static void give_turn(struct worker *w, enum action action)
{
	w->action = action;
	w->posted++;
	(void)sem_post(&w->turn);
	while (action == SPIN && !w->spinning)
		breathe();
}

static void take_step(const struct step *s)
{
	struct worker *w = &workers[s->who - 'A'];
	struct sched_param none = { 0 };

	switch (s->action) {
	case JOIN:
	case LEAVE:
		if (sched_setscheduler(w->tid, s->action == JOIN ? 7 : SCHED_OTHER, &none))
			fail("policy", strerror(errno));
		break;
	case NICE:
		if (setpriority(PRIO_PROCESS, (id_t)w->tid, s->arg))
			fail("nice", strerror(errno));
		break;
	case MOVE:
		pin(w->tid, s->arg);
		break;
	case STOP:
		w->stop = 1;
		while (w->spinning)
			breathe();
		break;
	default:
		give_turn(w, s->action);
		break;
	}
}

static void play(struct scx *s, struct scx_model *m)
{
	(void)m;
	pin(0, 0);
	for (size_t i = 0; i < NR_STEPS; i++) {
		struct worker *w = &workers[script[i].who - 'A'];

		if (w->tid)
			continue;
		w->name[0] = 'w';
		w->name[1] = script[i].who;
		(void)sem_init(&w->turn, 0, 0);
		if (pthread_create(&w->thread, NULL, work, w))
			fail("thread", strerror(errno));
		while (!w->tid)
			breathe();
	}
	settle();
	if (scx_attach(s))
		fail("attach", scx_errmsg(s));
	for (size_t i = 0; i < NR_STEPS; i++) {
		settle();
		take_step(&script[i]);
	}
	if (scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = 40000000000ULL)) < 0)
		fail("run", scx_errmsg(s));
	for (int i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];

		if (!w->tid)
			continue;
		if (w->done == w->posted && !is_gone(w->tid))
			give_turn(w, END);
		(void)pthread_join(w->thread, NULL);
	}
}
#endif

/* Words of what was witnessed. One who was pushed aside by a higher class and went on says nothing. */
static size_t read_dump(const char *dump, char *text, size_t size)
{
	static const char *const ops[] = { "runnable",	 "enqueue",	"dequeue", "running",
					   "stopping",	 "quiescent",	"enable",  "disable",
					   "set_weight", "set_cpumask", "yield" };
	size_t used = 0, last = 0;
	char last_who = 0;

	text[0] = '\0';
	while ((dump = strstr(dump, "witness "))) {
		char who;
		int op, arg;

		dump += strlen("witness ");
		if (sscanf(dump, "%c %d %d", &who, &op, &arg) != 3 || op < 0 || op > 10)
			continue;
		if (op == 3 && who == last_who) {
			used = last;
			text[used] = '\0';
			last_who = 0;
			continue;
		}
		last = used;
		last_who = op == 4 && arg == 1 ? who : 0;
		used += (size_t)snprintf(text + used, size - used, "w%c %s %d\n", who, ops[op],
					 arg);
		if (used >= size)
			fail("record", "too long");
	}
	return used;
}

static void compare(const char *path, const char *found)
{
	char line[128], *want = calloc(1, TEXT_MAX);
	FILE *file = fopen(path, "re");
	size_t used = 0;

	if (!file || !want)
		fail(path, strerror(errno));
	while (fgets(line, sizeof(line), file))
		if (*line != '#')
			used += (size_t)snprintf(want + used, TEXT_MAX - used, "%s", line);
	(void)fclose(file);
	if (strcmp(want, found)) {
		printf("--- %s\n%s+++ found\n%s", path, want, found);
		fail("the callbacks", "are others than expected");
	}
	free(want);
}

int main(int argc, char **argv)
{
	char *found = malloc(TEXT_MAX);
	struct scx_model *m = NULL;
	struct scx *s;

	if (argc != 3 || !found)
		return 2;
#ifdef ON_MODEL
	m = scx_model_new(&SCX_OPTS(scx_model_opts, .synthetic = "core:4 pu:1", .no_costs = 1));
	if (!m)
		fail("model", strerror(errno));
	s = open_witness(argv[1], scx_model_backend(m));
#else
	s = open_witness(argv[1], NULL);
#endif
	play(s, m);
	if (!scx_end(s) || strcmp(scx_end(s)->message, "done"))
		fail("it ended otherwise", scx_end(s) ? scx_end(s)->message : "not at all");
	(void)read_dump(scx_end(s)->dump, found, TEXT_MAX);
	compare(argv[2], found);
	scx_close(s);
#ifdef ON_MODEL
	scx_model_free(m);
#endif
	free(found);
	return 0;
}
