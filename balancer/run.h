/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * scx-run, inside: what its files share. Like any user's program it knows the installed headers only.
 */
#ifndef RUN_H
#define RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <scx/scx.h>
#include <scx/stats.h>

#define RUN_EVENTS_MAX 64

struct run_options {
	const char *scheduler; /* a name or a path; NULL only with @list */
	char **settings;       /* "TUNABLE=VALUE" each, as given */
	size_t nr_settings;
	char **command; /* ends with NULL, as for execvp(); or NULL */
	bool list;
	bool partial;
	bool verbose;
	unsigned restart; /* enum scx_restart */
	unsigned timeout_ms;
	unsigned dump_bytes;
	uint64_t stats_ns; /* 0: none */
};

/* run_options.c: returns -1 to go on, or the status to exit with. Free afterwards in any case. */
int run_options_parse(struct run_options *ret, int argc, char **argv);
void run_options_free(struct run_options *options);

/* Prints "scx-run: ..." to standard error. */
void run_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* run_list.c: what --list prints. @defaults is the same scheduler, with nothing chosen. */
void run_list_bundled(FILE *out);
void run_list_tunables(FILE *out, struct scx *scx, struct scx *defaults);

/* run_stats.c: counters since they were read last; and those since the attach. */
struct run_stats {
	FILE *out;
	uint64_t begin_ns; /* by scx_now_ns() */
	unsigned restarts; /* the counters begin at zero with each */
	uint64_t values[SCX_STATS_MAX];
	int64_t events[RUN_EVENTS_MAX];
};

void run_stats_begin(struct run_stats *stats, FILE *out, struct scx *scx);
void run_stats_print(struct run_stats *stats, struct scx *scx);
void run_stats_total(struct run_stats *stats, struct scx *scx);

/* run_command.c: the command that runs while the scheduler is attached. */
struct run_command {
	sigset_t mask; /* the signals that it begins with blocked */
	pid_t pid;     /* 0: none, or it has ended */
	int status;
};

/* A negative errno if it cannot be started. A program that is not found is its status 127. */
int run_command_start(struct run_command *command, struct scx *scx,
		      const struct run_options *options);
/* Has it ended? Then its status is that which a shell would give. */
bool run_command_ended(struct run_command *command);

#endif /* RUN_H */
