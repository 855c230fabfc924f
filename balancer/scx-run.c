/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * scx-run: runs any sched_ext scheduler, bundled with libscx or from an object file, and reports how it
 * ended.
 *
 * From the moment of the attach on, signals are read from a descriptor: none of them can end the
 * program without the detach and the report. If it is killed, the kernel unloads the scheduler, since
 * the descriptors of it are ours alone.
 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <scx/tunable.h>

#include "report.h"

#define ERROR_BYTES 4096 /* a sentence, and the last lines of the verifier */

struct run {
	const struct run_options *options;
	struct scx *scx;
	struct run_command command;
	struct run_stats stats;
	int signals;  /* a signalfd */
	int got;      /* the signal that asked us to detach; 0: none did */
	bool passed;  /* one was passed on to the command already */
	bool was_run; /* the command has ended */
	int state;    /* of the scheduler, as it was reported last */
	unsigned restarts;
	uint64_t stats_at_ns;
};

void run_say(const char *fmt, ...)
{
	char text[ERROR_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* what does not fit is cut off */
	va_end(args);
	(void)fputs("scx-run: ", stderr);
	report_text(stderr, text, strlen(text));
	(void)fputc('\n', stderr);
}

static struct scx *open_scheduler(const struct run_options *o)
{
	char error[ERROR_BYTES] = "";
	struct scx_open_opts opts = {
		.size = sizeof(opts),
		.errbuf = error,
		.errbuf_size = sizeof(error),
		.partial = o->partial,
		.restart = o->restart,
		.timeout_ms = o->timeout_ms,
		.dump_bytes = o->dump_bytes,
	};
	struct scx *scx = scx_open(o->scheduler, &opts);

	if (!scx)
		run_say("%s", error);
	return scx;
}

/* Returns -1 to go on, or the status to exit with. */
static int set_tunables(struct scx *scx, const struct run_options *o)
{
	for (size_t i = 0; i < o->nr_settings; i++) {
		char *value = strchr(o->settings[i], '=');
		int err;

		*value = '\0';
		err = scx_tunable_set(scx, o->settings[i], value + 1);
		*value = '=';
		if (err) {
			run_say("--set %s: %s; scx-run --list %s explains them", o->settings[i],
				scx_errmsg(scx), o->scheduler);
			return REPORT_USAGE;
		}
		if (o->verbose)
			run_say("%s", o->settings[i]);
	}
	return -1;
}

static int list_one(const struct run_options *o)
{
	struct scx *scx = open_scheduler(o), *defaults = scx ? open_scheduler(o) : NULL;
	int status = defaults ? set_tunables(scx, o) : REPORT_NOT_ATTACHED;

	if (status < 0) {
		run_list_tunables(stdout, scx, defaults);
		status = REPORT_DETACHED;
	}
	scx_close(defaults);
	scx_close(scx);
	return status;
}

static int list(const struct run_options *o)
{
	int status = REPORT_DETACHED;

	if (o->scheduler)
		status = list_one(o);
	else
		run_list_bundled(stdout);
	if (fflush(stdout) || ferror(stdout)) {
		run_say("standard output: %s", strerror(errno));
		return REPORT_FAILED;
	}
	return status;
}

/*
 * SIGHUP stays ignored when it is, as under nohup(1). SIGPIPE is one of them so that there is a report
 * also when nobody reads the counters any more.
 */
static int take_signals(struct run *r)
{
	struct sigaction hup;
	sigset_t set;

	/* Inherited as ignored it would hide the end of the command. */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGPIPE);
	if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)
		(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, &r->command.mask) == 0)
		r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signals < 0) {
		run_say("signals cannot be received: %s", strerror(errno));
		return REPORT_FAILED;
	}
	return -1;
}

/* The keyboard's signals reach the command by themselves, and are its own affair. */
static void take_signal(struct run *r, const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;
	bool is_ours = number == SIGCHLD || number == SIGPIPE;
	bool is_typed = number == SIGINT && info->ssi_code == SI_KERNEL;

	if (!r->command.pid) {
		if (number != SIGCHLD)
			r->got = number;
	} else if (is_ours || is_typed) {
		return;
	} else if (r->passed) {
		r->got = number;
	} else {
		r->passed = true;
		(void)kill(r->command.pid, number); /* it may have ended just now */
	}
}

static void read_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		take_signal(r, &info);
}

/* Says what became of the scheduler since the last look. */
static void tell_changes(struct run *r)
{
	int state = scx_state(r->scx);
	unsigned restarts = scx_restarts(r->scx);

	if (state != r->state && (state == SCX_STATE_RESTARTING || state == SCX_STATE_ENDED))
		report_end(stderr, r->scx, false);
	if (state != r->state && state == SCX_STATE_RESTARTING)
		run_say("%s is to be attached again", scx_name(r->scx));
	if (restarts != r->restarts)
		run_say("%s is attached again (restart %u)", scx_name(r->scx), restarts);
	if (state == SCX_STATE_ENDED && state != r->state && r->command.pid)
		run_say("%s goes on under the kernel's own scheduler", r->options->command[0]);
	r->state = state;
	r->restarts = restarts;
}

static void tell_stats(struct run *r)
{
	uint64_t now_ns = scx_now_ns(r->scx);

	if (!r->options->stats_ns || now_ns < r->stats_at_ns)
		return;
	if (r->state == SCX_STATE_ATTACHED)
		run_stats_print(&r->stats, r->scx);
	/* Late is late: no two lines at once. */
	while (r->stats_at_ns <= now_ns)
		r->stats_at_ns += r->options->stats_ns;
}

static bool is_over(const struct run *r)
{
	return r->got || r->was_run || (r->state == SCX_STATE_ENDED && !r->command.pid);
}

/* Until it is over. Returns -1, or the status to exit with. */
static int watch(struct run *r)
{
	for (;;) {
		uint64_t wake_ns = r->options->stats_ns ? r->stats_at_ns : UINT64_MAX;
		int err = scx_process(r->scx);

		if (err)
			run_say("%s", scx_errmsg(r->scx));
		tell_changes(r);
		tell_stats(r);
		if (is_over(r))
			return -1;
		if (r->state == SCX_STATE_ENDED)
			wake_ns = UINT64_MAX;
		err = scx_wait(r->scx, r->signals, wake_ns);
		if (err < 0 && err != -EINTR) {
			run_say("%s", scx_errmsg(r->scx));
			return REPORT_FAILED;
		}
		read_signals(r);
		r->was_run = run_command_ended(&r->command) || r->was_run;
	}
}

static int attach(struct run *r)
{
	int status;

	/* The verifier may take its time: until here, signals end us at once. */
	if (scx_load(r->scx)) {
		run_say("%s", scx_errmsg(r->scx));
		return REPORT_NOT_ATTACHED;
	}
	status = take_signals(r);
	if (status >= 0)
		return status;
	if (scx_attach(r->scx)) {
		run_say("%s", scx_errmsg(r->scx));
		report_end(stderr, r->scx, false);
		return report_attach_status(r->scx);
	}
	r->state = SCX_STATE_ATTACHED;
	return -1;
}

/* Takes the scheduler out, if it is still in, and says how it ended. Returns the status to exit with. */
static int finish(struct run *r)
{
	bool ended = r->state == SCX_STATE_ENDED, quiet = r->was_run && !r->options->verbose;
	const struct scx_end *end;

	if ((r->state == SCX_STATE_ATTACHED || ended) &&
	    (r->options->stats_ns || r->options->verbose))
		run_stats_total(&r->stats, r->scx);
	if (!ended && scx_detach(r->scx)) {
		run_say("%s", scx_errmsg(r->scx));
		return REPORT_FAILED;
	}
	end = scx_end(r->scx);
	if (ended)
		return report_exit_status(end, false);
	if (!quiet || (end && end->error))
		report_end(stderr, r->scx, true);
	if (report_exit_status(end, true) != REPORT_DETACHED)
		return report_exit_status(end, true);
	if (r->command.pid)
		run_say("%s still runs, as process %d", r->options->command[0],
			(int)r->command.pid);
	return r->was_run ? r->command.status : REPORT_DETACHED;
}

static int run(struct run *r)
{
	const struct run_options *o = r->options;
	int status = attach(r);

	if (status >= 0)
		return status;
	run_stats_begin(&r->stats, o->command ? stderr : stdout, r->scx);
	r->stats_at_ns = r->stats.begin_ns + o->stats_ns;
	if (!o->command || o->verbose)
		run_say("%s is attached%s", scx_name(r->scx),
			o->command ? "" : "; Ctrl-C detaches it");
	if (o->command && run_command_start(&r->command, r->scx, o))
		status = REPORT_FAILED;
	if (status < 0)
		status = watch(r);
	return status < 0 ? finish(r) : status;
}

int main(int argc, char **argv)
{
	struct run_options options;
	struct run r = { .options = &options, .signals = -1 };
	int status = run_options_parse(&options, argc, argv);

	if (status < 0 && options.list) {
		status = list(&options);
	} else if (status < 0) {
		r.scx = open_scheduler(&options);
		status = r.scx ? set_tunables(r.scx, &options) : REPORT_NOT_ATTACHED;
		if (status < 0)
			status = run(&r);
		scx_close(r.scx);
	}
	if (r.signals >= 0)
		(void)close(r.signals);
	run_options_free(&options);
	return status;
}
