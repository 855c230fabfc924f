// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * A queue is a list in dispatch order; one that is ordered by vtime has its tasks in a tree too, so
 * that the place in the list is found quickly. An iterator that stands in a queue is a node of the
 * list that is not a task. Invariant: first_task is the first task of a user queue.
 */
#include "dsq.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "tree.h"

void scxm_dsq_init(struct scx_dispatch_q *dsq, uint64_t id, struct scx_sched *sched)
{
	*dsq = (struct scx_dispatch_q){ .id = id, .sched = sched };
	scxm_list_init(&dsq->list);
	scxm_list_init(&dsq->reenq);
}

static struct scx_dsq_list_node *node_of(const struct list_head *list)
{
	return scxm_container(list, struct scx_dsq_list_node, node);
}

struct task_struct *scxm_dsq_next(const struct scx_dispatch_q *dsq, const struct task_struct *cur,
				  bool rev)
{
	const struct list_head *at = cur ? &cur->scx.dsq_list.node : &dsq->list;

	do {
		at = rev ? at->prev : at->next;
		if (at == &dsq->list)
			return NULL;
	} while (node_of(at)->flags & SCX_DSQ_LNODE_ITER_CURSOR);
	return scxm_container(node_of(at), struct task_struct, scx.dsq_list);
}

static struct task_struct *task_of(const struct scxm_node *node)
{
	return scxm_container(node, struct task_struct, scx.dsq_priq);
}

static bool vtime_before(const struct scxm_node *a, const struct scxm_node *b)
{
	return scxm_before64(task_of(a)->scx.dsq_vtime, task_of(b)->scx.dsq_vtime);
}

void scxm_dsq_insert_vtime(struct scx_dispatch_q *dsq, struct task_struct *p)
{
	struct scxm_node *node = &p->scx.dsq_priq, *prev;

	p->scx.dsq_flags |= SCX_TASK_DSQ_ON_PRIQ;
	scxm_tree_insert(&dsq->priq, node, scxm_random_mix((uint64_t)p->pid), vtime_before);
	prev = scxm_tree_prev(node);
	if (prev) {
		scxm_list_add(&p->scx.dsq_list.node, &task_of(prev)->scx.dsq_list.node);
	} else {
		scxm_list_add(&p->scx.dsq_list.node, &dsq->list);
		dsq->first_task = p;
	}
}

void scxm_dsq_insert_head(struct scx_dispatch_q *dsq, struct task_struct *p)
{
	scxm_list_add(&p->scx.dsq_list.node, &dsq->list);
	if (!(dsq->id & SCX_DSQ_FLAG_BUILTIN))
		dsq->first_task = p;
}

void scxm_dsq_insert_tail(struct scx_dispatch_q *dsq, struct task_struct *p)
{
	scxm_list_add_tail(&p->scx.dsq_list.node, &dsq->list);
	if (!dsq->first_task && !(dsq->id & SCX_DSQ_FLAG_BUILTIN))
		dsq->first_task = p;
}

void scxm_dsq_remove(struct scx_dispatch_q *dsq, struct task_struct *p)
{
	if (p->scx.dsq_flags & SCX_TASK_DSQ_ON_PRIQ) {
		scxm_tree_erase(&dsq->priq, &p->scx.dsq_priq);
		p->scx.dsq_flags &= ~(uint32_t)SCX_TASK_DSQ_ON_PRIQ;
	}
	scxm_list_del(&p->scx.dsq_list.node);
	if (dsq->first_task == p)
		dsq->first_task = scxm_dsq_next(dsq, NULL, false);
}

/* ---- user DSQs ---- */

static uint32_t slot_of(const struct scx_sched *sch, uint64_t id)
{
	return (uint32_t)scxm_random_mix(id) & (sch->hash_size - 1);
}

struct scx_dispatch_q *scxm_dsq_find(struct scxm *m, uint64_t id)
{
	struct scx_sched *sch = &m->sched;
	struct scx_dispatch_q *dsq;

	if (!sch->hash)
		return NULL;
	for (dsq = sch->hash[slot_of(sch, id)]; dsq; dsq = dsq->hash_next) {
		if (dsq->id == id)
			return dsq;
	}
	return NULL;
}

static bool grow(struct scx_sched *sch)
{
	uint32_t old = sch->hash_size, size = old ? old * 2 : 64;
	struct scx_dispatch_q **hash = calloc(size, sizeof(*hash)), **was = sch->hash;

	if (!hash)
		return false;
	sch->hash = hash;
	sch->hash_size = size;
	for (uint32_t i = 0; i < old; i++) {
		struct scx_dispatch_q *dsq = was[i], *next;

		for (; dsq; dsq = next) {
			next = dsq->hash_next;
			dsq->hash_next = hash[slot_of(sch, dsq->id)];
			hash[slot_of(sch, dsq->id)] = dsq;
		}
	}
	free(was);
	return true;
}

int scxm_dsq_create(struct scxm *m, uint64_t id)
{
	struct scx_sched *sch = &m->sched;
	struct scx_dispatch_q *dsq;

	if (id & SCX_DSQ_FLAG_BUILTIN)
		return -EINVAL;
	if (scxm_dsq_find(m, id))
		return -EEXIST;
	if (sch->nr_dsqs >= sch->hash_size && !grow(sch))
		return -ENOMEM;
	dsq = calloc(1, sizeof(*dsq));
	if (!dsq)
		return -ENOMEM;
	scxm_dsq_init(dsq, id, sch);
	dsq->hash_next = sch->hash[slot_of(sch, id)];
	sch->hash[slot_of(sch, id)] = dsq;
	sch->nr_dsqs++;
	return 0;
}

void scxm_dsq_destroy(struct scxm *m, uint64_t id)
{
	struct scx_sched *sch = &m->sched;
	struct scx_dispatch_q *dsq = scxm_dsq_find(m, id), **link;

	if (!dsq)
		return;
	if (dsq->nr) {
		scxm_error(m, "attempting to destroy in-use dsq 0x%016llx (nr=%u)",
			   (unsigned long long)dsq->id, dsq->nr);
		return;
	}
	for (link = &sch->hash[slot_of(sch, id)]; *link != dsq; link = &(*link)->hash_next)
		;
	*link = dsq->hash_next;
	sch->nr_dsqs--;
	scxm_list_del(&dsq->reenq);
	/* Whoever holds it may still try to insert: it is freed with the scheduler. */
	dsq->id = SCX_DSQ_INVALID;
	dsq->hash_next = m->dead_dsqs;
	m->dead_dsqs = dsq;
}

void scxm_dsq_free_all(struct scxm *m)
{
	struct scx_sched *sch = &m->sched;
	struct scx_dispatch_q *dsq, *next;

	for (uint32_t i = 0; i < sch->hash_size; i++) {
		for (dsq = sch->hash[i]; dsq; dsq = next) {
			next = dsq->hash_next;
			free(dsq);
		}
	}
	for (dsq = m->dead_dsqs; dsq; dsq = next) {
		next = dsq->hash_next;
		free(dsq);
	}
	m->dead_dsqs = NULL;
	free(sch->hash);
	sch->hash = NULL;
	sch->hash_size = sch->nr_dsqs = 0;
}
