/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains: sets of CPUs with one dispatch queue each, whose id is the domain's number. Beside them
 * every CPU has a queue of its own, for tasks that may run nowhere else.
 *
 * User space defines domains before attach or live (scx_verb_domain_define, one at a time); CPUs that
 * go offline or come back are counted in and out. A scheduler that includes this file defines
 * SCX_QUEUES_IN_VTIME before (are its domains' queues in order of vtime?), and calls
 * scx_domains_init() in init, scx_cpu_online() and scx_cpu_offline() in the callbacks of that name.
 */
#ifndef SCX_DOMAIN_BPF_H
#define SCX_DOMAIN_BPF_H

#include "task.bpf.h"
#include "verb.h"

#define SCX_CPU_QUEUE(cpu) (0x10000ULL | (cpu))
#define SCX_ANY_DOMAIN SCX_DOMAINS_MAX /* stands for all domains together, in scx_domain_cpus() */

/* The online CPUs of a domain, for kfuncs that want a cpumask. */
struct scx_domain_mask {
	struct bpf_cpumask __kptr *cpus;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SCX_DOMAINS_MAX + 1);
	__type(key, u32);
	__type(value, struct scx_domain_mask);
} scx_domain_masks SEC(".maps");

static bool scx_attached;

static __always_inline struct scx_cpu_slot __arena *scx_cpu(u32 cpu)
{
	return scx_ref(struct scx_cpu_slot, scx_tables.cpus) + cpu;
}

static __always_inline struct scx_domain_slot __arena *scx_domain(u32 domain)
{
	return scx_ref(struct scx_domain_slot, scx_tables.domains) + domain;
}

/* The CPUs of @domain, or NULL; valid to the end of the RCU section, which every callback is. */
static __always_inline const struct cpumask *scx_domain_cpus(u32 domain)
{
	struct scx_domain_mask *m = bpf_map_lookup_elem(&scx_domain_masks, &domain);

	return m ? (const struct cpumask *)m->cpus : NULL;
}

static __always_inline bool scx_bit(u64 __arena *words, u32 bit)
{
	return words[bit / 64] >> (bit % 64) & 1;
}

/* May the task queue in @domain? */
static __always_inline bool scx_domain_allowed(struct scx_task_slot __arena *s, u32 domain)
{
	return !(s->flags & SCX_SLOT_CONFINED) || scx_bit(s->allowed, domain);
}

/* Gives the task @domain; its virtual time goes by that domain's from now on. */
static __always_inline void scx_task_enter(struct scx_task_slot __arena *s, u32 domain)
{
	u32 old = s->domain;

	if (old < SCX_DOMAINS_MAX && domain < SCX_DOMAINS_MAX)
		s->vtime_ns += scx_domain(domain)->vtime_ns - scx_domain(old)->vtime_ns;
	s->domain = domain;
}

/*
 * Another domain for a task that may not stay in @domain: the nearest with an online CPU that the
 * task may use. SCX_NO_DOMAIN when there is none. Global, so that it is verified once.
 */
__noinline u32 scx_domain_nearest(u32 slot, u32 domain)
{
	struct scx_task_slot __arena *s = scx_ref(struct scx_task_slot, slot);
	u32 n = scx_memory.nr_domains;

	if (domain < SCX_DOMAINS_MAX) {
		struct scx_domain_slot __arena *d = scx_domain(domain);

		scx_for(i, d->nr_near) {
			u32 other = d->near[i];

			if (scx_domain(other)->nr_cpus && scx_domain_allowed(s, other))
				return other;
		}
	}
	scx_for(other, n) {
		if (scx_domain(other)->nr_cpus && scx_domain_allowed(s, other))
			return other;
	}
	return SCX_NO_DOMAIN;
}

static __always_inline u32 scx_domain_other(struct scx_task_slot __arena *s, u32 domain)
{
	return scx_domain_nearest(scx_ref_of(s), domain);
}

/*
 * Learns which CPUs and domains the task may use, now that its affinity or a domain changed, and
 * marks what it may not use any more. In an RCU section.
 */
static __noinline int scx_task_confine(struct task_struct *p, struct scx_task_slot __arena *s)
{
	const struct cpumask *cpus = p->cpus_ptr, *of;
	u32 flags = s->flags & ~(SCX_SLOT_PINNED | SCX_SLOT_CONFINED | SCX_SLOT_RESTRICTED);
	u32 n = scx_memory.nr_domains;
	bool missing = false;

	s->epoch = scx_memory.epoch;
	if ((u32)p->nr_cpus_allowed >= scx_memory.nr_cpus) {
		s->flags = flags;
		return 0;
	}
	flags |= SCX_SLOT_RESTRICTED;
	if (p->nr_cpus_allowed == 1)
		flags |= SCX_SLOT_PINNED;
	scx_each(w, SCX_DOMAIN_WORDS)
		s->allowed[w] = 0;
	scx_each(i, n) {
		of = scx_domain_cpus(i);
		if (of && bpf_cpumask_intersects(of, cpus))
			s->allowed[i / 64] |= 1ULL << (i % 64);
		else if (scx_domain(i)->defined)
			missing = true;
	}
	if (missing)
		flags |= SCX_SLOT_CONFINED;
	s->flags = flags;
	return 0;
}

/* Counts the CPUs of @domain, or of any, and makes its mask anew, after a CPU came or went. */
__noinline int scx_domain_rebuild(u32 domain)
{
	struct scx_domain_mask *m = bpf_map_lookup_elem(&scx_domain_masks, &domain);
	struct bpf_cpumask *mask;
	u32 all = 0, online = 0, n = scx_memory.nr_cpus;

	if (!m)
		return -EINVAL;
	mask = bpf_cpumask_create();
	if (!mask)
		return -ENOMEM;
	scx_each(cpu, n) {
		u32 of = scx_cpu(cpu)->domain;

		if (of != domain && (domain != SCX_ANY_DOMAIN || of == SCX_NO_DOMAIN))
			continue;
		all++;
		if (!scx_cpu(cpu)->online)
			continue;
		online++;
		bpf_cpumask_set_cpu(cpu, mask);
	}
	if (domain != SCX_ANY_DOMAIN) {
		scx_domain(domain)->nr_all = all;
		scx_domain(domain)->nr_cpus = online;
	}
	mask = bpf_kptr_xchg(&m->cpus, mask);
	if (mask)
		bpf_cpumask_release(mask);
	return 0;
}

/* The same; a change on another CPU meanwhile (hotplug beside a verb) is not lost. */
static __always_inline int scx_domain_changed(u32 domain)
{
	int err = 0;

	__sync_fetch_and_add(&scx_memory.epoch, 1);
	scx_each(i, 8) {
		u32 epoch = *(volatile u32 __arena *)&scx_memory.epoch;

		err = scx_domain_rebuild(domain) ?: scx_domain_rebuild(SCX_ANY_DOMAIN);
		if (err || *(volatile u32 __arena *)&scx_memory.epoch == epoch)
			break;
	}
	return err;
}

/* Wakes an idle CPU of @domain, for a task that was put into its queue from elsewhere. */
static __always_inline void scx_domain_kick(u32 domain)
{
	const struct cpumask *cpus = scx_domain_cpus(domain);
	s32 cpu = cpus ? scx_bpf_pick_idle_cpu(cpus, 0) : -1;

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

/*
 * Gives the task @domain from process context, and moves what its account holds along. Callbacks do
 * that for themselves when they see the task next; this is for tasks that are not seen for a while.
 */
static __always_inline void scx_task_rehome(struct scx_task_slot __arena *s, u32 domain)
{
	unsigned long irq;
	u64 old, new;

	scx_task_enter(s, domain);
	if (!bpf_ksym_exists(bpf_local_irq_save)) /* since 6.14 */
		return;
	bpf_local_irq_save(&irq);
	old = s->counted;
	new = scx_counted(domain, (u32)old);
	if (old && old != new && __sync_val_compare_and_swap(&s->counted, old, new) == old)
		scx_recount(old, new, scx_now());
	bpf_local_irq_restore(&irq);
}

/* Moves the task that the iterator stands at to the queue of its domain. */
static __always_inline bool scx_queue_move(struct bpf_iter_scx_dsq *it, struct task_struct *p,
					   struct scx_task_slot __arena *s)
{
	u32 to = s->domain;
	bool moved;

	if (to >= SCX_DOMAINS_MAX)
		return scx_bpf_dsq_move(it, p, SCX_DSQ_GLOBAL, 0);
	if (SCX_QUEUES_IN_VTIME) {
		scx_bpf_dsq_move_set_vtime(it, s->vtime_ns);
		moved = scx_bpf_dsq_move_vtime(it, p, to, 0);
	} else {
		moved = scx_bpf_dsq_move(it, p, to, 0);
	}
	if (moved) {
		scx_domain(to)->queued = 1;
		scx_domain_kick(to);
	}
	return moved;
}

/* Sends away those in the queue of @domain that no CPU of it may run now. From unlocked contexts. */
static __noinline int scx_domain_review(u32 domain)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;

	bpf_rcu_read_lock();
	if (!bpf_iter_scx_dsq_new(&it, domain, 0)) {
		while ((p = bpf_iter_scx_dsq_next(&it))) {
			struct scx_task_slot __arena *s = scx_task(p);

			if (!s)
				continue;
			if (s->flags & SCX_SLOT_RESTRICTED)
				scx_task_confine(p, s);
			if (scx_domain(domain)->nr_cpus && scx_domain_allowed(s, domain))
				continue;
			scx_task_rehome(s, scx_domain_other(s, domain));
			scx_queue_move(&it, p, s);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

static __always_inline void scx_cpu_set_online(u32 cpu, bool online)
{
	struct scx_cpu_slot __arena *c = scx_cpu(cpu);
	u32 domain = c->domain;

	c->online = online;
	if (domain >= SCX_DOMAINS_MAX)
		return;
	if (scx_domain_changed(domain))
		scx_error("no memory for the CPUs of domain %u", domain);
	if (!online)
		scx_domain_review(domain);
}

/* In init, where CPUs neither come nor go: the queues, and which CPUs are online. */
static __always_inline s32 scx_domains_init(void)
{
	u32 n = scx_memory.nr_cpus, domains = scx_memory.nr_domains;
	const struct cpumask *online;
	s32 err = 0;

	if (!domains) {
		scx_error("no domain is defined");
		return -EINVAL;
	}
	online = scx_bpf_get_online_cpumask();
	scx_each(cpu, n)
		scx_cpu(cpu)->online = bpf_cpumask_test_cpu(cpu, online);
	scx_bpf_put_cpumask(online);
	scx_each(cpu, n) {
		err = scx_bpf_create_dsq(SCX_CPU_QUEUE(cpu), -1);
		if (err)
			return err;
	}
	scx_each(domain, domains) {
		if (!scx_domain(domain)->defined)
			continue;
		err = scx_bpf_create_dsq(domain, -1);
		if (!err)
			err = scx_domain_rebuild(domain);
		if (err)
			return err;
	}
	err = scx_domain_rebuild(SCX_ANY_DOMAIN);
	scx_attached = !err;
	return err;
}

SEC("syscall")
int scx_verb_init(struct scx_verb_init *args)
{
	u32 n = scx_bpf_nr_cpu_ids(), domains = args->domains ?: SCX_DOMAINS_MAX;
	const struct cpumask *online;

	args->result = -EEXIST;
	if (scx_memory.version)
		return -EEXIST;
	args->result = -E2BIG;
	if (n > SCX_CPUS_MAX || domains > SCX_DOMAINS_MAX)
		return -E2BIG;
	domains = (domains + 1) & ~1U; /* no two CPUs' accounts share a cache line */
	args->result = -ENOMEM;
	scx_memory.chunks = scx_arena_new(SCX_CHUNKS_MAX * sizeof(u32));
	scx_memory.accounts = scx_arena_new((u64)n * domains * sizeof(struct scx_account));
	scx_memory.cpus = scx_arena_new(n * sizeof(struct scx_cpu_slot));
	scx_memory.domains = scx_arena_new(domains * sizeof(struct scx_domain_slot));
	scx_memory.batch = scx_arena_new(SCX_BATCH_MAX * sizeof(struct scx_migration));
	if (!scx_memory.chunks || !scx_memory.accounts || !scx_memory.cpus || !scx_memory.domains ||
	    !scx_memory.batch)
		return -ENOMEM;
	scx_memory.nr_cpus = n;
	scx_memory.account_stride = domains;
	scx_tables.accounts = scx_memory.accounts;
	scx_tables.account_stride = domains;
	scx_tables.cpus = scx_memory.cpus;
	scx_tables.domains = scx_memory.domains;
	online = scx_bpf_get_online_cpumask();
	scx_each(cpu, n) {
		scx_cpu(cpu)->domain = SCX_NO_DOMAIN;
		scx_cpu(cpu)->online = bpf_cpumask_test_cpu(cpu, online);
	}
	scx_bpf_put_cpumask(online);
	scx_memory.version = SCX_MEMORY_VERSION;
	args->result = 0;
	return 0;
}

/* Enters the CPUs that @domain has now; those it took from other domains leave them, which marks these. */
__noinline int scx_domain_take_cpus(u32 domain)
{
	struct scx_domain_slot __arena *d = scx_domain(domain);
	u32 n = scx_memory.nr_cpus;

	scx_each(cpu, n) {
		struct scx_cpu_slot __arena *c = scx_cpu(cpu);
		u32 old = c->domain;

		if (!scx_bit(d->cpus, cpu)) {
			if (old == domain)
				c->domain = SCX_NO_DOMAIN;
			continue;
		}
		if (old == domain)
			continue;
		if (old < SCX_DOMAINS_MAX) {
			scx_domain(old)->cpus[cpu / 64] &= ~(1ULL << (cpu % 64));
			scx_domain(old)->marked = 1;
		}
		c->domain = domain;
	}
	return 0;
}

SEC("syscall")
int scx_verb_domain_define(struct scx_verb_domain_define *args)
{
	u32 domain = args->domain, n = scx_memory.account_stride, near = args->nr_near;
	struct scx_domain_slot __arena *d;
	s32 err = -EINVAL;

	if (!scx_memory.version || domain >= n || near >= SCX_DOMAINS_MAX)
		goto out;
	/* Its queue comes first: the moment it has a CPU, tasks may be put there. */
	if (scx_attached) {
		err = scx_bpf_create_dsq(domain, -1);
		if (err && err != -EEXIST)
			goto out;
	}
	d = scx_domain(domain);
	d->node = args->node;
#pragma unroll
	for (int i = 0; i < SCX_CPU_WORDS; i++)
		d->cpus[i] = args->cpus[i];
#pragma unroll
	for (int i = 0; i < SCX_DOMAINS_MAX / 8; i++)
		((u64 __arena *)d->near)[i] = ((u64 *)args->near)[i];
	d->nr_near = near;
	d->defined = args->nr_cpus != 0;
	if (domain >= scx_memory.nr_domains)
		scx_memory.nr_domains = domain + 1;
	scx_domain_take_cpus(domain);
	d->marked = 1;

	scx_each(i, n) {
		if (!scx_domain(i)->marked)
			continue;
		err = scx_domain_changed(i);
		if (err)
			goto out;
	}
	err = 0;
	scx_each(i, n) {
		if (!scx_domain(i)->marked)
			continue;
		scx_domain(i)->marked = 0;
		if (scx_attached)
			scx_domain_review(i);
	}
out:
	args->result = err;
	return err;
}

#endif
