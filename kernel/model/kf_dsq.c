// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Queues as schedulers use them (kernel/sched/ext/ext.c, from scx_vet_enq_flags() on). */
#include <errno.h>

#include "cycle.h"
#include "dsq.h"
#include "kf.h"

/* What the opaque words of an iterator hold. */
struct iterator {
	struct scx_dsq_list_node cursor;
	struct scx_dispatch_q *dsq;
	uint64_t slice, vtime;
};
_Static_assert(sizeof(struct iterator) <= sizeof(struct bpf_iter_scx_dsq), "kernel's size");

static struct iterator *iterator_of(struct bpf_iter_scx_dsq *it)
{
	return (struct iterator *)(void *)it;
}

static bool is_local(u64 id)
{
	return id == SCX_DSQ_LOCAL || (id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON;
}

static bool vet_flags(struct scxm *m, u64 dsq, u64 *flags)
{
	if (*flags & __SCX_ENQ_INTERNAL_MASK) {
		scxm_error(m, "invalid enq_flags 0x%llx", (unsigned long long)*flags);
		return false;
	}
	if ((*flags & SCX_ENQ_IMMED) && !is_local(dsq)) {
		scxm_error(m, "SCX_ENQ_IMMED on a non-local DSQ 0x%llx", (unsigned long long)dsq);
		return false;
	}
	if ((m->sched.ops.flags & SCX_OPS_ALWAYS_ENQ_IMMED) && is_local(dsq))
		*flags |= SCX_ENQ_IMMED;
	if ((*flags & SCX_ENQ_RESCUE) && !is_local(dsq)) {
		scxm_error(m, "SCX_ENQ_RESCUE on a non-local DSQ 0x%llx", (unsigned long long)dsq);
		return false;
	}
	return true;
}

s32 scxm_kf_create_dsq(u64 id, s32 node)
{
	struct scxm *m = scxm_here;

	if (!scxm_may_call(m, "scx_bpf_create_dsq", SCXM_UNLOCKED))
		return -EACCES;
	if (node != NUMA_NO_NODE && (node < 0 || (uint32_t)node >= m->nr_nodes))
		return -EINVAL;
	return m->sched.used ? scxm_dsq_create(m, id) : -ENODEV;
}

void scxm_kf_destroy_dsq(u64 id)
{
	scxm_dsq_destroy(scxm_here, id);
}

s32 scxm_kf_dsq_nr_queued(u64 id)
{
	struct scxm *m = scxm_here;
	struct scx_dispatch_q *dsq;

	if (id == SCX_DSQ_LOCAL) {
		struct rq *rq = m->frame->locked_rq ? m->frame->locked_rq : &scxm_this_cpu(m)->rq;

		return (s32)rq->scx.local_dsq.nr;
	}
	if ((id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON) {
		s32 cpu = (s32)(id & SCX_DSQ_LOCAL_CPU_MASK);

		return scxm_cpu_valid(m, cpu, NULL) ? (s32)m->cpus[cpu].rq.scx.local_dsq.nr
						    : -ENOENT;
	}
	dsq = scxm_dsq_find(m, id);
	return dsq ? (s32)dsq->nr : -ENOENT;
}

/* ---- insert ---- */

static void mark_direct(struct scxm *m, struct scxm_cpu *here, const struct scxm_insert *ent)
{
	struct task_struct *direct = here->direct, *p = ent->p;

	here->direct = SCXM_SPOILED;
	if (direct == SCXM_SPOILED) {
		scxm_error(m, "%s[%d] already direct-dispatched", p->comm, p->pid);
		return;
	}
	if (direct != p) {
		scxm_error(m, "scheduling for %s[%d] but trying to direct-dispatch %s[%d]",
			   direct->comm, direct->pid, p->comm, p->pid);
		return;
	}
	p->scx.ddsp_slice = ent->slice;
	p->scx.ddsp_vtime = ent->vtime;
	p->scx.ddsp_dsq_id = ent->dsq_id;
	p->scx.ddsp_enq_flags = ent->enq_flags;
}

static bool insert(const char *name, struct task_struct *p, u64 dsq, u64 slice, u64 vtime,
		   u64 flags, u64 priq)
{
	struct scxm *m = scxm_here;
	struct scxm_cpu *here = scxm_this_cpu(m);
	struct scxm_insert ent = { .p = p, .dsq_id = dsq, .slice = slice, .vtime = vtime };

	if (!scxm_may_call(m, name, SCXM_ENQUEUE) || !scxm_task_arg(m, name, p) ||
	    !vet_flags(m, dsq, &flags))
		return false;
	ent.enq_flags = flags | priq;
	ent.qseq = p->scx.ops_state >> SCX_OPSS_QSEQ_SHIFT;
	if (here->direct) {
		mark_direct(m, here, &ent);
		return true;
	}
	if (here->cursor >= m->sched.max_batch) {
		scxm_error(m, "dispatch buffer overflow");
		return true;
	}
	here->buffer[here->cursor++] = ent;
	return true;
}

bool scxm_kf_dsq_insert(struct task_struct *p, u64 dsq, u64 slice, u64 flags)
{
	return insert("scx_bpf_dsq_insert", p, dsq, slice, 0, flags, 0);
}

bool scxm_kf_dsq_insert_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime, u64 flags)
{
	return insert("scx_bpf_dsq_insert_vtime", p, dsq, slice, vtime, flags, SCX_ENQ_DSQ_PRIQ);
}

bool scxm_kf_dsq_insert_vtime_args(struct task_struct *p,
				   struct scx_bpf_dsq_insert_vtime_args *args)
{
	return scxm_kf_dsq_insert_vtime(p, args->dsq_id, args->slice, args->vtime, args->enq_flags);
}

/* ---- dispatch ---- */

bool scxm_kf_dsq_move_to_local_flags(u64 id, u64 flags)
{
	struct scxm *m = scxm_here;
	struct scxm_cpu *cpu = scxm_this_cpu(m);
	struct scx_dispatch_q *dsq;

	if (!scxm_may_call(m, "scx_bpf_dsq_move_to_local", SCXM_DISPATCH) ||
	    !vet_flags(m, SCX_DSQ_LOCAL, &flags))
		return false;
	scxm_flush_buffer(m, cpu);
	dsq = scxm_dsq_find(m, id);
	if (!dsq) {
		scxm_error(m, "invalid DSQ ID 0x%016llx", (unsigned long long)id);
		return false;
	}
	if (!scxm_consume(m, cpu, dsq, flags))
		return false;
	cpu->nr_dispatched++;
	return true;
}

bool scxm_kf_dsq_move_to_local(u64 id)
{
	return scxm_kf_dsq_move_to_local_flags(id, 0);
}

u32 scxm_kf_dispatch_nr_slots(void)
{
	struct scxm *m = scxm_here;

	if (!scxm_may_call(m, "scx_bpf_dispatch_nr_slots", SCXM_DISPATCH))
		return 0;
	return m->sched.max_batch - scxm_this_cpu(m)->cursor;
}

void scxm_kf_dispatch_cancel(void)
{
	struct scxm *m = scxm_here;
	struct scxm_cpu *here = scxm_this_cpu(m);

	if (!scxm_may_call(m, "scx_bpf_dispatch_cancel", SCXM_DISPATCH))
		return;
	if (here->cursor)
		here->cursor--;
	else
		scxm_error(m, "dispatch buffer underflow");
}

/* ---- iterators ---- */

int scxm_kf_iter_dsq_new(struct bpf_iter_scx_dsq *it, u64 id, u64 flags)
{
	struct scxm *m = scxm_here;
	struct iterator *i = iterator_of(it);

	*i = (struct iterator){ .dsq = NULL };
	scxm_list_init(&i->cursor.node);
	m->frame->iterators++;
	if (flags & ~(u64)SCX_DSQ_ITER_REV)
		return -EINVAL;
	i->dsq = scxm_dsq_find(m, id);
	if (!i->dsq)
		return -ENOENT;
	i->cursor.flags = SCX_DSQ_LNODE_ITER_CURSOR | (u32)flags;
	i->cursor.priv = i->dsq->seq;
	return 0;
}

struct task_struct *scxm_kf_iter_dsq_next(struct bpf_iter_scx_dsq *it)
{
	struct iterator *i = iterator_of(it);
	bool rev = i->cursor.flags & SCX_DSQ_ITER_REV;
	struct list_head *at;

	if (!i->dsq)
		return NULL;
	at = scxm_list_empty(&i->cursor.node) ? &i->dsq->list : &i->cursor.node;
	for (;;) {
		struct scx_dsq_list_node *node;
		struct task_struct *p;

		at = rev ? at->prev : at->next;
		if (at == &i->dsq->list)
			break;
		node = scxm_container(at, struct scx_dsq_list_node, node);
		if (node->flags & SCX_DSQ_LNODE_ITER_CURSOR)
			continue;
		p = scxm_container(node, struct task_struct, scx.dsq_list);
		/* Those that were queued after the iterator began are not visited. */
		if (scxm_before32(i->cursor.priv, p->scx.dsq_seq))
			continue;
		scxm_list_del(&i->cursor.node);
		if (rev)
			scxm_list_add_tail(&i->cursor.node, at);
		else
			scxm_list_add(&i->cursor.node, at);
		return p;
	}
	scxm_list_del(&i->cursor.node);
	return NULL;
}

void scxm_kf_iter_dsq_destroy(struct bpf_iter_scx_dsq *it)
{
	struct iterator *i = iterator_of(it);

	scxm_list_del(&i->cursor.node);
	i->dsq = NULL;
	scxm_here->frame->iterators--;
}

static bool move(const char *name, struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 id,
		 u64 flags, u64 priq)
{
	struct scxm *m = scxm_here;
	struct iterator *i = iterator_of(it);
	struct scx_dispatch_q *src = i->dsq, *dst;
	struct scxm_cpu *cpu = scxm_this_cpu(m);

	if (!scxm_may_call(m, name, SCXM_DISPATCH | SCXM_UNLOCKED) || !scxm_task_arg(m, name, p))
		return false;
	if (!src || !vet_flags(m, id, &flags) || m->sched.aborting)
		return false;
	/* It left the queue, or left and came back, since the iterator saw it. */
	if (p->scx.dsq != src || scxm_before32(i->cursor.priv, p->scx.dsq_seq) ||
	    p->scx.holding_cpu >= 0) {
		i->cursor.flags &= ~(u32)(__SCX_DSQ_ITER_HAS_SLICE | __SCX_DSQ_ITER_HAS_VTIME);
		return false;
	}
	dst = scxm_find_for_dispatch(m, cpu, id, (int)p->thread_info.cpu);
	if (i->cursor.flags & __SCX_DSQ_ITER_HAS_VTIME)
		p->scx.dsq_vtime = i->vtime;
	if (i->cursor.flags & __SCX_DSQ_ITER_HAS_SLICE)
		scxm_set_slice(p, i->slice);
	scxm_move_between(m, p, flags | priq, src, dst);
	i->cursor.flags &= ~(u32)(__SCX_DSQ_ITER_HAS_SLICE | __SCX_DSQ_ITER_HAS_VTIME);
	return true;
}

bool scxm_kf_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 id, u64 flags)
{
	return move("scx_bpf_dsq_move", it, p, id, flags, 0);
}

bool scxm_kf_dsq_move_vtime(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 id, u64 flags)
{
	return move("scx_bpf_dsq_move_vtime", it, p, id, flags, SCX_ENQ_DSQ_PRIQ);
}

void scxm_kf_dsq_move_set_slice(struct bpf_iter_scx_dsq *it, u64 slice)
{
	struct iterator *i = iterator_of(it);

	if (!scxm_may_call(scxm_here, "scx_bpf_dsq_move_set_slice", SCXM_DISPATCH | SCXM_UNLOCKED))
		return;
	i->slice = slice;
	i->cursor.flags |= __SCX_DSQ_ITER_HAS_SLICE;
}

void scxm_kf_dsq_move_set_vtime(struct bpf_iter_scx_dsq *it, u64 vtime)
{
	struct iterator *i = iterator_of(it);

	if (!scxm_may_call(scxm_here, "scx_bpf_dsq_move_set_vtime", SCXM_DISPATCH | SCXM_UNLOCKED))
		return;
	i->vtime = vtime;
	i->cursor.flags |= __SCX_DSQ_ITER_HAS_VTIME;
}

/* ---- looking, and starting anew ---- */

struct task_struct *scxm_kf_dsq_peek(u64 id)
{
	struct scxm *m = scxm_here;
	struct scx_dispatch_q *dsq;

	if (id & SCX_DSQ_FLAG_BUILTIN) {
		scxm_error(m, "peek disallowed on builtin DSQ 0x%llx", (unsigned long long)id);
		return NULL;
	}
	dsq = scxm_dsq_find(m, id);
	if (!dsq) {
		scxm_error(m, "peek on non-existent DSQ 0x%llx", (unsigned long long)id);
		return NULL;
	}
	return dsq->first_task;
}

void scxm_kf_dsq_reenq(u64 id, u64 flags)
{
	struct scxm *m = scxm_here;
	struct rq *locked = m->frame->locked_rq;
	struct scxm_cpu *cpu =
		locked ? scxm_container(locked, struct scxm_cpu, rq) : scxm_this_cpu(m);
	struct scx_dispatch_q *dsq;

	if (flags & ~(u64)__SCX_REENQ_USER_MASK) {
		scxm_error(m, "invalid SCX_REENQ flags 0x%llx", (unsigned long long)flags);
		return;
	}
	if (!(flags & __SCX_REENQ_FILTER_MASK))
		flags |= SCX_REENQ_ANY;
	dsq = scxm_find_for_dispatch(m, cpu, id, m->cpu);
	scxm_reenq(m, dsq, flags, locked ? cpu : NULL);
}

u32 scxm_kf_reenqueue_local(void)
{
	struct scxm *m = scxm_here;

	if (!scxm_may_call(m, "scx_bpf_reenqueue_local", SCXM_CPU_RELEASE))
		return 0;
	return scxm_reenq_local(m, scxm_this_cpu(m), SCX_REENQ_ANY);
}

void scxm_kf_reenqueue_local_any(void)
{
	scxm_kf_dsq_reenq(SCX_DSQ_LOCAL, 0);
}
