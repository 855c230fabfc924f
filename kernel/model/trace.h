/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What happened, in the order it happened: callbacks, switches, wake-ups. Each record goes into the
 * hash of the run; they are kept only if somebody asked for them.
 */
#ifndef SCXM_TRACE_H
#define SCXM_TRACE_H

#include "scxm.h"

enum scxm_trace_kind {
	SCXM_TRACE_CALL = 1,   /* a callback: op, task */
	SCXM_TRACE_ARG = 2,    /* belongs to the call before it: time_ns is the argument */
	SCXM_TRACE_SWITCH = 3, /* pid is the task that runs now */
	SCXM_TRACE_WAKE = 4,   /* cpu is the waker's, op is 0 */
	SCXM_TRACE_END = 5,    /* the scheduler's end; pid is the kind */
};

struct scxm_record {
	uint64_t time_ns;
	uint16_t cpu;
	uint8_t kind;
	uint8_t op; /* enum scxm_op */
	int32_t pid;
};

struct scxm_trace {
	struct scxm_record *records;
	size_t nr, room;
	bool lost; /* no memory for more */
};

int scxm_trace_keep(struct scxm *m);
void scxm_trace_free(struct scxm *m);
void scxm_trace_keep_record(struct scxm *m, const struct scxm_record *record);

static inline void scxm_trace_put(struct scxm *m, uint64_t time_ns, int cpu, uint8_t kind,
				  uint8_t op, int pid)
{
	struct scxm_record record = { time_ns, (uint16_t)cpu, kind, op, pid };
	uint64_t word = (uint64_t)(uint16_t)cpu << 48 | (uint64_t)kind << 40 | (uint64_t)op << 32 |
			(uint32_t)pid;

	m->hash = (m->hash ^ time_ns) * 0x9fb21c651e98df25ULL;
	m->hash = (m->hash ^ (m->hash >> 32) ^ word) * 0x9fb21c651e98df25ULL;
	if (m->trace)
		scxm_trace_keep_record(m, &record);
}

static inline void scxm_trace_call(struct scxm *m, uint8_t op, const struct task_struct *p)
{
	scxm_trace_put(m, scxm_now(m), m->cpu, SCXM_TRACE_CALL, op, p ? p->pid : -1);
}

static inline void scxm_trace_arg(struct scxm *m, uint64_t value)
{
	scxm_trace_put(m, value, m->cpu, SCXM_TRACE_ARG, 0, 0);
}

static inline void scxm_trace_switch(struct scxm *m, int cpu, const struct task_struct *prev,
				     const struct task_struct *next)
{
	(void)prev;
	scxm_trace_put(m, scxm_now(m), cpu, SCXM_TRACE_SWITCH, 0, next->pid);
}

static inline void scxm_trace_wake(struct scxm *m, int waker, const struct task_struct *p, int cpu)
{
	scxm_trace_put(m, scxm_now(m), waker, SCXM_TRACE_WAKE, 0, p->pid);
	scxm_trace_arg(m, (uint64_t)cpu);
}

#endif
