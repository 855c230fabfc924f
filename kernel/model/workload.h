/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What tasks do, as text (docs in include/scx/model.h): tasks with their steps, what happens to the
 * machine at a time, and what is expected in the end.
 */
#ifndef SCXM_WORKLOAD_H
#define SCXM_WORKLOAD_H

#include "scxm.h"

enum scxm_wl_verb {
	SCXM_WL_RUN,
	SCXM_WL_SLEEP,
	SCXM_WL_UNTIL, /* the next multiple of a time */
	SCXM_WL_WAIT,  /* for a channel */
	SCXM_WL_WAKE,
	SCXM_WL_FORK,
	SCXM_WL_YIELD,
	SCXM_WL_EXIT,
	SCXM_WL_PIN,   /* migrate_disable() */
	SCXM_WL_UNPIN, /* migrate_enable() */
	SCXM_WL_TIMES, /* what comes before, this often; then what follows */
};

/* A time: @least, or chance between @least and @most, or exponential around @least. */
struct scxm_wl_time {
	uint64_t least, most;
	bool exponential;
};

struct scxm_wl_step {
	enum scxm_wl_verb verb;
	struct scxm_wl_time time;
	struct scxm_wl_group *group;	 /* fork */
	struct scxm_wl_channel *channel; /* wait, wake */
	uint64_t times;
	bool sync;
};

struct scxm_wl_channel {
	struct scxm_wl_channel *next;
	char name[32];
	uint64_t count;
	struct list_head waiters; /* struct scxm_wl_life.waiting */
};

/* Tasks of one line. */
struct scxm_wl_group {
	struct scxm_wl_group *next;
	char name[TASK_COMM_LEN];
	unsigned count;
	bool template; /* only forks make such tasks */
	unsigned policy;
	int rt_priority, nice;
	uint64_t from_ns;
	cpumask_t cpus;
	struct scxm_cgroup *cgroup;
	struct scxm_wl_step *steps;
	unsigned nr_steps;
	struct scxm_wl_life *lives; /* of those that there are or were */
	uint64_t ended_ns;	    /* CPU time of those that ended */
	uint64_t ended_wait_ns, ended_wait_max_ns;
};

struct scxm_wl_life {
	struct scxm_wl_life *next;
	struct scxm_wl_group *group;
	struct scxm_task *task; /* NULL: ended */
	int pid;
	unsigned index, at;
	uint64_t rounds;
	struct list_head waiting;
};

enum scxm_wl_action {
	SCXM_WL_START,
	SCXM_WL_ONLINE,
	SCXM_WL_OFFLINE,
	SCXM_WL_NICE,
	SCXM_WL_CPUS,
	SCXM_WL_POLICY,
	SCXM_WL_MOVE,
	SCXM_WL_WEIGHT,
	SCXM_WL_KILL,
	SCXM_WL_STUCK, /* the watchdog itself stops */
};

struct scxm_wl_at {
	struct scxm_event event;
	struct scxm_wl_at *next;
	enum scxm_wl_action action;
	struct scxm_wl_group *group;
	int index; /* of the group's tasks; -1: all */
	int number, priority;
	cpumask_t cpus;
	struct scxm_cgroup *cgroup;
};

enum scxm_wl_what { SCXM_WL_END, SCXM_WL_SHARE, SCXM_WL_LONGEST_WAIT };

struct scxm_wl_expect {
	struct scxm_wl_expect *next;
	enum scxm_wl_what what;
	struct scxm_wl_group *group;
	uint64_t least, most; /* a share: thousandths of all CPU time */
	int kind;
	char text[96];
};

struct scxm_workload {
	struct scxm_wl_group *groups;
	struct scxm_wl_channel *channels;
	struct scxm_wl_at *ats;
	struct scxm_wl_expect *expects;
	uint64_t since_ns;
};

/* Adds a workload to the machine; a machine has one. @errbuf: which line, and what is wrong there. */
int scxm_workload_open(struct scxm *m, const char *text, char *errbuf, size_t errbuf_size);
void scxm_workload_close(struct scxm *m);
/* Is what the workload expects true? If not, @errbuf says what is not, and -ERANGE is returned. */
int scxm_workload_check(struct scxm *m, char *errbuf, size_t errbuf_size);

/* workload_parse.c */
int scxm_workload_parse(struct scxm *m, struct scxm_workload *w, const char *text, char *errbuf,
			size_t errbuf_size);
bool scxm_cpulist_parse(const char *text, uint32_t nr_cpus, cpumask_t *ret);
/* workload.c: begins a task of @group, or all when @parent is NULL. */
int scxm_wl_start(struct scxm *m, struct scxm_wl_group *group, struct scxm_task *parent);

#endif
