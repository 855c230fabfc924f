/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * scx-atropos: the scheduler "atropos" of libscx and its balancer, in the foreground.
 *
 * Knows the installed headers only: whatever it does, any program can do. SIGINT and SIGTERM come
 * through a descriptor, so that nothing runs in a signal handler. An error of the balancer is told
 * and does not end the scheduler; whatever ends the program detaches it.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/tunable.h>

#include "machine.h"
#include "options.h"
#include "report.h"
#include "requirements.h"
#include "view.h"

struct program {
	struct options options;
	struct machine machine;
	struct scx *scx;
	struct scx_balancer *balancer;
	struct view view;
	uint64_t stats_at_ns; /* next table; UINT64_MAX: never */
	int signals;
	int record; /* -1: none */
};

__attribute__((format(printf, 2, 3))) static int complain(int status, const char *fmt, ...)
{
	va_list args;

	(void)fflush(stdout);
	(void)fputs("scx-atropos: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return status;
}

static int open_scheduler(struct program *p)
{
	const struct options *o = &p->options;
	char err[2048];

	p->scx = scx_open("atropos", &SCX_OPTS(scx_open_opts, .errbuf = err,
					       .errbuf_size = sizeof(err), .partial = o->partial,
					       .restart = o->restart, .timeout_ms = o->timeout_ms));
	if (!p->scx)
		return complain(REPORT_NOT_ATTACHED, "%s", err);
	for (unsigned i = 0; i < o->nr_settings; i++)
		if (scx_tunable_set(p->scx, o->settings[i].name, o->settings[i].value) < 0)
			return complain(REPORT_USAGE, "%s", scx_errmsg(p->scx));
	if (scx_domain_set_partition(p->scx, p->machine.partition) < 0)
		return complain(REPORT_USAGE, "%s", scx_errmsg(p->scx));
	return 0;
}

static void print_tunables(struct program *p)
{
	const struct scx_tunable *t = NULL;
	char value[256];

	while ((t = scx_tunable_next(p->scx, t)))
		if (!scx_tunable_get(p->scx, t->name, value, sizeof(value)))
			printf("  %-16s %s%s%s\n", t->name, value, *t->unit ? " " : "", t->unit);
}

static int dry_run(struct program *p)
{
	view_domains(stdout, p->machine.topology, p->machine.partition);
	printf("settings\n");
	print_tunables(p);
	if (scx_load(p->scx) < 0)
		return complain(REPORT_NOT_ATTACHED, "%s", scx_errmsg(p->scx));
	printf("The kernel takes the scheduler. Nothing was attached.\n");
	return 0;
}

static int begin(struct program *p)
{
	const struct options *o = &p->options;
	struct scx_balancer_opts opts = {
		.size = sizeof(opts),
		.topology = p->machine.topology,
		.interval_ns = o->interval_ns,
		.half_life_ns = o->half_life_ns,
		.flags = (o->still ? SCX_BALANCER_DRY_RUN : 0U) |
			 (o->record ? SCX_BALANCER_ALL_TASKS : 0U),
	};
	char err[512];

	if (o->record) {
		p->record = open(o->record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (p->record < 0)
			return complain(REPORT_FAILED, "--record %s: %s", o->record,
					strerror(errno));
	}
	if (scx_attach(p->scx) < 0)
		return complain(report_attach_status(p->scx), "%s", scx_errmsg(p->scx));
	opts.errbuf = err;
	opts.errbuf_size = sizeof(err);
	p->balancer = scx_balancer_new(p->scx, &opts);
	if (!p->balancer)
		return complain(REPORT_FAILED, "no balancer: %s", err);
	if (view_begin(&p->view, p->scx))
		return complain(REPORT_FAILED, "no table: %s", scx_errmsg(p->scx));
	p->stats_at_ns = o->stats_ns ? scx_now_ns(p->scx) + o->stats_ns : UINT64_MAX;
	view_domains(stdout, p->machine.topology, p->machine.partition);
	printf("%s is attached%s; stop it with Ctrl-C\n", scx_name(p->scx),
	       o->partial ? " for threads of SCHED_EXT" : "");
	/* The topology is the largest thing we ever held, and is copied by now. */
	machine_end(&p->machine);
	(void)malloc_trim(0);
	return 0;
}

static void balance(struct program *p)
{
	const struct options *o = &p->options;
	const struct scx_round *round;
	int err = scx_balancer_process(p->balancer);

	if (err < 0)
		(void)complain(0, "a round of the balancer failed and will be made again: %s",
			       scx_balancer_errmsg(p->balancer));
	round = err == 1 ? scx_balancer_last(p->balancer) : NULL;
	if (!round)
		return;
	view_count(&p->view, round);
	if (o->verbose > 1 || (o->verbose && round->kind == SCX_ROUND_PLANNED) ||
	    (o->explain && round->plan->move_count))
		view_round(stdout, round, o->explain);
	if (p->record >= 0 && round->kind == SCX_ROUND_PLANNED) {
		err = scx_plan_save(p->record, round->input, NULL);
		if (err) {
			(void)complain(0, "--record %s: %s; recording ends here", o->record,
				       strerror(-err));
			(void)close(p->record);
			p->record = -1;
		}
	}
}

static void show(struct program *p)
{
	uint64_t now_ns = scx_now_ns(p->scx);

	if (now_ns < p->stats_at_ns)
		return;
	p->stats_at_ns = now_ns + p->options.stats_ns;
	if (scx_state(p->scx) == SCX_STATE_ATTACHED && view_print(&p->view, stdout) < 0)
		(void)complain(0, "%s", scx_errmsg(p->scx));
}

/* Until a signal comes (1), the scheduler ends (0), or something is wrong (a report_status). */
static int run(struct program *p)
{
	unsigned restarts = 0;

	for (;;) {
		int err = scx_process(p->scx), state = scx_state(p->scx);

		if (err < 0)
			return complain(report_attach_status(p->scx), "%s", scx_errmsg(p->scx));
		if (state != SCX_STATE_ATTACHED && state != SCX_STATE_RESTARTING)
			return 0;
		if (scx_restarts(p->scx) != restarts) {
			restarts = scx_restarts(p->scx);
			printf("%s was attached again (%u times by now)\n", scx_name(p->scx),
			       restarts);
		}
		balance(p);
		show(p);
		(void)fflush(stdout);
		err = scx_wait(p->scx, p->signals, p->stats_at_ns);
		if (err == 1)
			return 1;
		if (err < 0 && err != -EINTR)
			return complain(REPORT_FAILED, "%s", scx_errmsg(p->scx));
	}
}

static int schedule(struct program *p)
{
	int status = begin(p), how;

	if (status) {
		report_end(stdout, p->scx, false);
		return status;
	}
	how = run(p);
	scx_balancer_free(p->balancer);
	p->balancer = NULL;
	view_end(&p->view);
	p->view = (struct view){ .scx = NULL };
	if (how == 1)
		printf("\n");
	if (how == 1 && scx_detach(p->scx) < 0)
		(void)complain(0, "%s", scx_errmsg(p->scx));
	report_end(stdout, p->scx, how == 1);
	return how > 1 ? how : report_exit_status(scx_end(p->scx), how == 1);
}

static int signals_open(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	/* A shell's background job ignores SIGINT, and what is ignored never gets to a descriptor. */
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	/* A reader that went away shall not kill us before we detached in order. */
	(void)signal(SIGPIPE, SIG_IGN);
	return sigprocmask(SIG_BLOCK, &set, NULL) ? -1
						  : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int act(struct program *p)
{
	const struct options *o = &p->options;
	char err[1024];
	int status;

	if (o->action == ACTION_CHECK)
		return requirements_check(stdout, o);
	if (machine_read(&p->machine, o, err, sizeof(err)) < 0)
		return complain(o->lists || o->topology_xml || o->synthetic ? REPORT_USAGE
									    : REPORT_FAILED,
				"%s", err);
	if (o->action == ACTION_LIST_DOMAINS) {
		if (o->json)
			view_domains_json(stdout, p->machine.partition);
		else
			view_domains(stdout, p->machine.topology, p->machine.partition);
		return 0;
	}
	status = open_scheduler(p);
	if (status)
		return status;
	return o->action == ACTION_DRY_RUN ? dry_run(p) : schedule(p);
}

int main(int argc, char **argv)
{
	struct program p = { .signals = -1, .record = -1 };
	int status;

	options_parse(&p.options, argc, argv);
	p.signals = signals_open();
	status = p.signals < 0 ? complain(REPORT_FAILED, "signals: %s", strerror(errno)) : act(&p);
	scx_balancer_free(p.balancer);
	view_end(&p.view);
	scx_close(p.scx);
	machine_end(&p.machine);
	options_end(&p.options);
	if (p.record >= 0)
		(void)close(p.record);
	if (p.signals >= 0)
		(void)close(p.signals);
	if (fflush(stdout) && !status)
		status = complain(REPORT_FAILED, "output: %s", strerror(errno));
	return status;
}
