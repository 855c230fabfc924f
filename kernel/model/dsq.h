/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Dispatch queues as a structure: what is on them and in which order. Who may put what where is
 * enqueue.c's and move.c's business.
 */
#ifndef SCXM_DSQ_H
#define SCXM_DSQ_H

#include "scxm.h"

void scxm_dsq_init(struct scx_dispatch_q *dsq, uint64_t id, struct scx_sched *sched);

/* The task after @cur (NULL: the first), or before it; iterators' cursors are passed over. */
struct task_struct *scxm_dsq_next(const struct scx_dispatch_q *dsq, const struct task_struct *cur,
				  bool rev);
void scxm_dsq_insert_vtime(struct scx_dispatch_q *dsq, struct task_struct *p);
void scxm_dsq_insert_head(struct scx_dispatch_q *dsq, struct task_struct *p);
void scxm_dsq_insert_tail(struct scx_dispatch_q *dsq, struct task_struct *p);
/* Takes @p from the lists; nr is the caller's. */
void scxm_dsq_remove(struct scx_dispatch_q *dsq, struct task_struct *p);

/* User DSQs by id. */
struct scx_dispatch_q *scxm_dsq_find(struct scxm *m, uint64_t id);
int scxm_dsq_create(struct scxm *m, uint64_t id);
void scxm_dsq_destroy(struct scxm *m, uint64_t id);
void scxm_dsq_free_all(struct scxm *m);

/* Was @a before @b, when counters wrap? */
static inline bool scxm_before32(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool scxm_before64(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

/* Do runqueues own it, rather than its own lock? */
static inline bool scxm_dsq_is_local(const struct scx_dispatch_q *dsq)
{
	return dsq->id == SCX_DSQ_LOCAL;
}

static inline struct scxm_cpu *scxm_dsq_cpu(struct scx_dispatch_q *local)
{
	return scxm_container(local, struct scxm_cpu, rq.scx.local_dsq);
}

#endif
