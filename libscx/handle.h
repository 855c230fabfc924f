/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The handle, and what the files of the core ask of each other. The core knows a kernel through
 * backend.h only.
 */
#ifndef SCXI_HANDLE_H
#define SCXI_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <scx/scx.h>
#include <scx/tunable.h>

#include "backend.h"

#define SCXI_ERRMSG_BYTES 4096 /* a sentence, and the last lines of the verifier */

struct scxi_definition;

/* A tunable, with the value that the next load gets. */
struct scxi_chosen {
	struct scx_tunable info;
	struct scxi_tunable_value *values; /* ends with a NULL name */
	void *value;			   /* info.size bytes */
	bool changed;
	bool named_only; /* its values are those that have names; else names are a convenience */
	char *text;	 /* what the strings of info and values point into */
};

struct scxi_stat_name {
	char text[48];
};

struct scxi_report {
	struct scx_end end;
	char *text; /* what the strings of end point into */
};

struct scx {
	const struct scx_backend *backend;
	struct scxi_session *session;
	enum scx_state state;
	bool fresh;   /* the session was not loaded yet */
	bool emptied; /* it was unloaded: renew or close comes next */
	/* A page that is zero in a forked child, so that it costs no system call to tell. */
	volatile unsigned char *mine;
	size_t mine_bytes;

	struct scxi_source source;
	char *scheduler; /* what source points to */
	void *object;
	struct scxi_ops_wish wish;
	struct scxi_features features;

	struct scxi_chosen *tunables;
	size_t nr_tunables;
	struct scxi_stat_name *stat_names;
	unsigned nr_stats;
	/* SCX_DOMAIN_MAX of them, each as it was last defined or NULL; NULL: no domain was ever set. */
	struct scxi_definition **domains;
	struct scxi_memory memory; /* .memory is NULL while there is none */
	uint64_t runs;		   /* loads so far: tells memory of one run from the next */

	bool ended; /* report is valid */
	struct scxi_report report;
	enum scx_restart restart;
	unsigned restarts;
	unsigned failures; /* restarts and runs that failed early, in a row */
	uint64_t attached_ns;
	uint64_t retry_ns; /* when a restart is due */
	uint64_t poll_ns;  /* when to look whether it still runs, if nothing tells us */
	uint64_t alarm_ns; /* the caller's */
	uint64_t armed_ns; /* what the backend's alarm is set to */

	char errmsg[SCXI_ERRMSG_BYTES];
};

/* Writes the sentence and returns @err. */
int scxi_fail(struct scx *scx, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* open.c: 0, or -ECHILD in a forked child, which may only close what its parent opened. */
int scxi_check_owner(struct scx *scx);
bool scxi_is_mine(const struct scx *scx);

/* Where a call of the backend's writes its sentence. */
struct scxi_error scxi_error_of(struct scx *scx);

static inline bool scxi_loaded(const struct scx *scx)
{
	return scx->state == SCX_STATE_LOADED || scx->state == SCX_STATE_ATTACHED ||
	       scx->state == SCX_STATE_ENDED;
}

/* tunable.c: discovers, hands over to a session that is not loaded, forgets. */
int scxi_tunables_read(struct scx *scx);
int scxi_tunables_write(struct scx *scx);
void scxi_tunables_free(struct scx *scx);

/* stats.c */
int scxi_stats_read_names(struct scx *scx);

/* domain.c: gives a loaded scheduler its domains, and has some set by the topology if there are none. */
int scxi_domains_default(struct scx *scx);
int scxi_domains_write(struct scx *scx);
unsigned scxi_domains_room(const struct scx *scx);
void scxi_domains_free(struct scx *scx);

/* end.c: takes the report of the run if it ended (1, else 0); or writes one that knows nothing. */
int scxi_report_take(struct scx *scx);
void scxi_report_unknown(struct scx *scx);
void scxi_report_clear(struct scx *scx);

/* attach.c: loads and attaches; notices the end and restarts, if it is time for that. */
int scxi_start(struct scx *scx);
int scxi_follow(struct scx *scx, uint64_t now_ns);

/* loop.c: sets the backend's alarm to the next time at which there is something to do. */
int scxi_alarm_arm(struct scx *scx);

/* memory.c: finds the memory of a loaded scheduler, if it has one. */
int scxi_memory_open(struct scx *scx);

#endif /* SCXI_HANDLE_H */
