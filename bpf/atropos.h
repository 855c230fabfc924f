/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* What atropos counts, per CPU, in scx_cpu_slot.stats. These comments are the manual's. */
#ifndef SCX_ATROPOS_H
#define SCX_ATROPOS_H

enum atropos_stat {
	ATROPOS_IDLE_HOME = 0,	   /* woken onto an idle CPU of its own domain */
	ATROPOS_IDLE_AWAY = 1,	   /* woken onto an idle CPU of another domain, its own had none */
	ATROPOS_QUEUED = 2,	   /* entered its domain's queue */
	ATROPOS_PINNED = 3,	   /* may run on one CPU only: went to that CPU's own queue */
	ATROPOS_DIRECT = 4,	   /* may run on one CPU only: went straight onto it */
	ATROPOS_PULLED = 5,	   /* a CPU took a task from its own domain's queue */
	ATROPOS_PULLED_PINNED = 6, /* a CPU took a task from its own queue */
	ATROPOS_STOLEN = 7,   /* a CPU with nothing to do took a task from another domain's queue */
	ATROPOS_KEPT = 8,     /* the slice ended and nobody waited: the task went on */
	ATROPOS_SKIPPED = 9,  /* a task that had more than its share waited a turn */
	ATROPOS_PLACED = 10,  /* a new task began in another domain than its parent's */
	ATROPOS_REHOMED = 11, /* a task's domain had no CPU for it: it got another one */
	ATROPOS_GLOBAL = 12,  /* no domain has a CPU for it: went to the kernel's global queue */
};

#endif
