// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * atropos: one dispatch queue a domain, and a balancer in user space.
 *
 * A task belongs to a domain (the CPUs that share a cache). When it wakes it goes straight to an idle
 * CPU of its domain, else to the nearest idle CPU that it may use, else into its domain's queue: first
 * in, first out, or in order of virtual time. A CPU with nothing to do pulls from its
 * domain's queue, then steals from the nearest domain that has a queue; a stolen task keeps its domain.
 * Which domain a task belongs to is decided when it begins, when its affinity or a domain leaves no
 * other choice, and by the balancer: it reads the arena (memory.h) and calls the verbs (verb.h).
 *
 * Virtual time is CPU time divided by weight. A slice lasts until its task is where the foremost of
 * the domain are, and a little on. So shares follow weights although light tasks come round more often
 * than heavy ones and although ticks end slices late; who is too far ahead by then waits a turn.
 *
 * Tasks that may run on one CPU only wait in that CPU's own queue, which takes turns with the
 * domain's in proportion to how many wait in each. They need no balancer.
 */
#include "atropos.h"
#include "include/scx/exit.bpf.h"

enum { ORDER_FIFO, ORDER_VTIME };
#define SCX_QUEUES_IN_VTIME (order == ORDER_VTIME)

SCX_TUNABLE_NAMED(u32, order, ORDER_FIFO, "fifo=0,vtime=1", "order of a domain's queue");
SCX_TUNABLE(u64, slice_us, 20000, "us", "100..1000000",
	    "slice while nobody waits, and what a task saves up while it sleeps");
SCX_TUNABLE(u64, slice_busy_us, 5000, "us", "100..1000000",
	    "slice of a task of weight 100 while others wait in its domain");
SCX_TUNABLE(
	u32, greedy, 1, "tasks", "0..1000000",
	"queued tasks from which another domain's idle CPU steals; 0: never, and new tasks stay too");
SCX_TUNABLE(bool, kthreads_local, 0, "", "0..1",
	    "kernel threads of one CPU go straight to it when they wake, before all that wait");
SCX_TUNABLE(bool, whole_cores, 1, "", "0..1",
	    "prefer a whole idle core to an idle CPU of a busy one");

#include "include/scx/migrate.bpf.h"

SCX_STATS(atropos);

char LICENSE[] SEC("license") = "GPL";

#define SLICE_LEAST_NS 100000ULL   /* shorter ones are lost in the switch */
#define SLICE_MOST_NS 200000000ULL /* a heavy task shall not keep others waiting longer */
#define SHARE_MOST 4000		   /* and does not count for more than that allows */
#define AHEAD_MOST_NS 200000000LL  /* in virtual time: nobody waits longer for what it had before */
#define PLACE_MOST 32		   /* domains that a new task is offered */

static __always_inline void count(struct scx_cpu_slot __arena *c, enum atropos_stat what)
{
	c->stats[what]++;
}

static __always_inline struct scx_cpu_slot __arena *this_cpu(void)
{
	return scx_cpu(bpf_get_smp_processor_id());
}

/* Nobody waits for this CPU: what the task runs now is charged from here on, if others come at all. */
static __always_inline u64 free_slice(struct task_struct *p, struct scx_task_slot __arena *s)
{
	s->charged_ns = p->se.sum_exec_runtime;
	return slice_us * 1000;
}

static __always_inline u32 share(struct scx_task_slot __arena *s)
{
	return s->weight < SHARE_MOST ? s->weight : SHARE_MOST;
}

/*
 * Charges the task for what it ran, and returns how much virtual time it has left: until it is one
 * slice ahead of where the foremost of its domain are now. At or below 0 others go first.
 */
static __always_inline s64 charge(struct task_struct *p, struct scx_task_slot __arena *s,
				  struct scx_domain_slot __arena *d)
{
	u64 total = p->se.sum_exec_runtime, vtime = d->vtime_ns;
	s64 ahead = s->vtime_ns + (total - s->charged_ns) * 100 / share(s) - vtime;
	s64 busy = slice_busy_us * 1000, saved = slice_us * 1000;

	if (ahead < -saved)
		ahead = -saved;
	if (ahead > AHEAD_MOST_NS)
		ahead = AHEAD_MOST_NS;
	s->charged_ns = total;
	s->vtime_ns = vtime + ahead;
	if (ahead > 0)
		d->vtime_ns = vtime + (ahead < busy ? ahead : busy);
	return busy - ahead;
}

/* What is left of virtual time, as CPU time. */
static __always_inline u64 busy_slice(struct scx_task_slot __arena *s, s64 left)
{
	u64 slice = left > 0 ? (u64)left * share(s) / 100 : 0;

	if (slice < SLICE_LEAST_NS)
		return SLICE_LEAST_NS;
	return slice < SLICE_MOST_NS ? slice : SLICE_MOST_NS;
}

/* Weight and whereabouts as they are now; each may have changed without a callback. */
static __always_inline void refresh(struct task_struct *p, struct scx_task_slot __arena *s)
{
	s->weight = scx_group_weight(s->group, p->scx.weight);
	if (s->flags & SCX_SLOT_RESTRICTED && s->epoch != (u16)scx_memory.epoch)
		scx_task_confine(p, s);
}

/* Makes sure that the task's domain can serve it; SCX_NO_DOMAIN when none can. */
static __always_inline u32 settle(struct scx_task_slot __arena *s)
{
	u32 domain = s->domain;

	if (domain < SCX_DOMAINS_MAX && scx_domain(domain)->nr_cpus &&
	    scx_domain_allowed(s, domain))
		return domain;
	domain = scx_domain_other(s, domain);
	scx_task_enter(s, domain);
	count(this_cpu(), ATROPOS_REHOMED);
	return domain;
}

/* How many wait for a CPU of @domain, in 1/256. */
static __always_inline u32 crowd(u32 domain)
{
	u32 cpus = scx_domain(domain)->nr_cpus;
	s32 queued = scx_bpf_dsq_nr_queued(domain);

	return cpus && queued >= 0 ? queued * 256U / cpus : ~0U;
}

/* The domain of a new task that no CPU was idle for: its parent's, or a nearer one that is less crowded. */
__noinline u32 place(u32 slot, u32 domain)
{
	struct scx_task_slot __arena *s = scx_ref(struct scx_task_slot, slot);
	struct scx_domain_slot __arena *d = scx_domain(domain);
	u32 best = domain, least = crowd(domain);

	scx_for(i, d->nr_near) {
		u32 other = d->near[i], n;

		if (i >= PLACE_MOST || !least)
			break;
		if (!scx_domain_allowed(s, other))
			continue;
		n = crowd(other);
		if (n < least) {
			best = other;
			least = n;
		}
	}
	return best;
}

/* Claims an idle CPU for @p, in its domain or as near as there is one; negative when there is none. */
static __always_inline s32 claim(struct task_struct *p, struct scx_task_slot __arena *s, s32 prev,
				 u64 wake_flags)
{
	struct scx_cpu_slot __arena *c = this_cpu();
	const struct cpumask *cpus;
	u32 domain = s->domain;
	s32 cpu = -1;

	if (!whole_cores && !(s->flags & SCX_SLOT_RESTRICTED) && scx_cpu(prev)->domain == domain &&
	    scx_bpf_test_and_clear_cpu_idle(prev)) {
		count(c, ATROPOS_IDLE_HOME);
		return prev;
	}
	/* The CPU of a waker that is about to sleep is as good as one at home, wherever it is. */
	if (!(wake_flags & SCX_WAKE_SYNC && greedy && c->domain != domain)) {
		cpus = scx_domain_cpus(domain);
		if (cpus)
			cpu = scx_select_idle(p, prev, wake_flags, cpus);
		if (cpu >= 0) {
			count(c, ATROPOS_IDLE_HOME);
			return cpu;
		}
		if (!greedy)
			return cpu;
	}
	cpus = scx_domain_cpus(SCX_ANY_DOMAIN);
	if (cpus)
		cpu = scx_select_idle(p, prev, wake_flags, cpus);
	if (cpu >= 0)
		count(c, ATROPOS_IDLE_AWAY);
	return cpu;
}

s32 SCX_OP(atropos_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool new = wake_flags &SCX_WAKE_FORK;
	struct scx_task_slot __arena *s;
	s32 cpu;

	if (!new && !scx_any_idle())
		return prev_cpu;
	s = scx_task(p);
	if (!s)
		return prev_cpu;
	cpu = claim(p, s, prev_cpu, wake_flags);
	if (new && greedy) {
		u32 domain = cpu >= 0 ? scx_cpu(cpu)->domain : place(scx_ref_of(s), s->domain);

		if (domain < SCX_DOMAINS_MAX && domain != s->domain &&
		    scx_domain_allowed(s, domain)) {
			scx_task_enter(s, domain);
			count(this_cpu(), ATROPOS_PLACED);
		}
	}
	if (cpu < 0)
		return prev_cpu;
	refresh(p, s);
	settle(s);
	scx_task_runnable(s);
	scx_insert(p, SCX_DSQ_LOCAL, free_slice(p, s), 0);
	return cpu;
}

/* A task that may run on one CPU only, or must not leave it now. */
static __always_inline void enqueue_pinned(struct task_struct *p, struct scx_task_slot __arena *s,
					   u64 slice, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct scx_cpu_slot __arena *c = scx_cpu(cpu);

	if (enq_flags & scx_enum(scx_enq_flags, SCX_ENQ_WAKEUP) &&
	    (scx_bpf_test_and_clear_cpu_idle(cpu) ||
	     (kthreads_local && s->flags & SCX_SLOT_KTHREAD))) {
		count(c, ATROPOS_DIRECT);
		scx_insert(p, SCX_DSQ_LOCAL, free_slice(p, s), enq_flags);
		return;
	}
	count(c, ATROPOS_PINNED);
	c->pinned = 1;
	scx_insert(p, SCX_CPU_QUEUE(cpu), slice, enq_flags);
}

void SCX_OP(atropos_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct scx_task_slot __arena *s = scx_task(p);
	struct scx_domain_slot __arena *d;
	u32 domain;
	u64 slice;
	s64 left;

	if (!s) {
		scx_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
		return;
	}
	refresh(p, s);
	domain = settle(s);
	scx_task_runnable(s);
	d = scx_domain(domain);
	left = domain < SCX_DOMAINS_MAX ? charge(p, s, d) : slice_busy_us * 1000;
	slice = busy_slice(s, left);
	if (s->flags & SCX_SLOT_PINNED || scx_migration_disabled(p)) {
		enqueue_pinned(p, s, slice, enq_flags);
		return;
	}
	if (domain >= SCX_DOMAINS_MAX) {
		count(this_cpu(), ATROPOS_GLOBAL);
		scx_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
		return;
	}
	count(this_cpu(), ATROPOS_QUEUED);
	if (!d->queued)
		d->queued = 1;
	if (SCX_QUEUES_IN_VTIME) {
		scx_insert_vtime(p, domain, slice, s->vtime_ns, enq_flags);
	} else {
		if (left <= 0)
			d->ahead = 1;
		scx_insert(p, domain, slice, enq_flags);
	}
	/* The domain's idle CPUs do not look here by themselves when select_cpu did not just ask them. */
	if (!(enq_flags & scx_enum(scx_enq_flags, SCX_ENQ_CPU_SELECTED)) &&
	    scx_cpu(scx_bpf_task_cpu(p))->domain != domain)
		scx_domain_kick(domain);
}

/* Lets those at the head of the queue that had their share wait a turn; if all had, the first one goes. */
__noinline int skip_ahead(u32 domain)
{
	s64 busy = slice_busy_us * 1000;
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;

	if (!bpf_iter_scx_dsq_new(&it, domain, 0)) {
		while ((p = bpf_iter_scx_dsq_next(&it))) {
			struct scx_task_slot __arena *s = scx_task(p);

			if (!s || (s64)(s->vtime_ns - scx_domain(domain)->vtime_ns) < busy ||
			    !scx_bpf_dsq_move(&it, p, domain, 0))
				break;
			count(this_cpu(), ATROPOS_SKIPPED);
		}
	}
	bpf_iter_scx_dsq_destroy(&it);
	return 0;
}

/* Takes a task from the queue of @domain, unless too few wait there. */
__noinline int steal_from(u32 domain)
{
	struct scx_domain_slot __arena *d = scx_domain(domain);
	s32 n;

	n = scx_bpf_dsq_nr_queued(domain);
	if (n <= 0) {
		/* The hint goes, and comes back for a task that was put there meanwhile. */
		d->queued = 0;
		if (scx_bpf_dsq_nr_queued(domain) > 0)
			d->queued = 1;
		return false;
	}
	return ((u32)n >= greedy || !d->nr_cpus) && scx_move_to_local(domain);
}

/* Steals for a CPU of @domain with nothing to do, from near to far. */
static __always_inline bool steal(u32 domain)
{
	struct scx_domain_slot __arena *all = scx_domain(0), *d = all + domain;
	u32 n = d->nr_near;

	scx_for(i, n) {
		u32 other = d->near[i];

		if (all[other].queued && steal_from(other))
			return true;
	}
	return false;
}

/* Pulls from the CPU's own queue when it is its turn against the domain's. */
static __always_inline bool pull_pinned(s32 cpu, struct scx_cpu_slot __arena *c, u32 domain)
{
	s32 own = scx_bpf_dsq_nr_queued(SCX_CPU_QUEUE(cpu)), others = 0, credit;

	if (own <= 0) {
		c->pinned = 0; /* under the runqueue's lock, as is every insertion there */
		return false;
	}
	if (domain < SCX_DOMAINS_MAX) {
		others = scx_bpf_dsq_nr_queued(domain);
		own *= scx_domain(domain)->nr_cpus;
	}
	credit = c->credit + own;
	if (others > 0 && credit < own + others) {
		c->credit = credit;
		return false;
	}
	c->credit = others > 0 ? credit - own - others : 0;
	count(c, ATROPOS_PULLED_PINNED);
	return scx_move_to_local(SCX_CPU_QUEUE(cpu));
}

/* Nobody waits for this CPU's @prev to leave: it goes on with a new slice. */
static __always_inline void keep(struct task_struct *prev, struct scx_task_slot __arena *s,
				 struct scx_cpu_slot __arena *c)
{
	s->runtime_ns = prev->se.sum_exec_runtime;
	scx_set_slice(prev, free_slice(prev, s));
	count(c, ATROPOS_KEPT);
}

/*
 * Should @prev, a guest from another domain, go on here now that this CPU has nothing better? Not if
 * its own domain has an idle CPU for it, nor where nothing is ever stolen: it is enqueued at home then
 * (SCX_OPS_ENQ_LAST).
 */
static __always_inline bool guest_stays(struct scx_task_slot __arena *s)
{
	const struct cpumask *cpus;
	s32 cpu;

	if (!greedy)
		return false;
	if (s->flags & SCX_SLOT_RESTRICTED)
		return true;
	cpus = scx_domain_cpus(s->domain);
	cpu = cpus ? scx_bpf_pick_idle_cpu(cpus, 0) : -1;
	if (cpu < 0)
		return true;
	scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	return false;
}

void SCX_OP(atropos_dispatch, s32 cpu, struct task_struct *prev)
{
	struct scx_cpu_slot __arena *c = scx_cpu(cpu);
	struct scx_task_slot __arena *s = NULL;
	u32 domain = c->domain;

	if (c->pinned && pull_pinned(cpu, c, domain))
		return;
	if (domain < SCX_DOMAINS_MAX) {
		struct scx_domain_slot __arena *d = scx_domain(domain);

		if (d->ahead)
			skip_ahead(domain);
		if (scx_move_to_local(domain)) {
			count(c, ATROPOS_PULLED);
			return;
		}
		if (d->ahead)
			d->ahead = 0;
	}
	if (prev && prev->scx.flags & SCX_TASK_QUEUED)
		s = scx_task(prev);
	if (s && (s->domain == domain || s->flags & SCX_SLOT_PINNED)) {
		keep(prev, s, c);
		return;
	}
	if (domain >= SCX_DOMAINS_MAX)
		return;
	if (greedy && steal(domain)) {
		count(c, ATROPOS_STOLEN);
		return;
	}
	if (s && guest_stays(s))
		keep(prev, s, c);
}

void SCX_OP(atropos_stopping, struct task_struct *p, bool runnable)
{
	struct scx_task_slot __arena *s = scx_task(p);

	if (!s)
		return;
	s->runtime_ns = p->se.sum_exec_runtime;
	s->cpu = bpf_get_smp_processor_id();
	if (!runnable)
		scx_task_quiescent(s);
}

/*
 * The thread that takes its CPU offline runs until it is done. Kernels before 7.3 lose it if its slice
 * ends when its CPU is no longer active: they do not ask for another task then, put it into the local
 * queue, and go idle, since with SCX_OPS_ENQ_LAST it would be for us to wake the CPU.
 */
void SCX_OP(atropos_tick, struct task_struct *p)
{
	struct scx_task_slot __arena *s;

	if (!(p->flags & PF_KTHREAD))
		return;
	s = scx_task(p);
	if (s && s->comm[0] == 'c' && s->comm[1] == 'p' && s->comm[2] == 'u' && s->comm[3] == 'h' &&
	    s->comm[4] == 'p' && s->comm[5] == '/')
		scx_set_slice(p, SCX_SLICE_INF);
}

void SCX_OP(atropos_set_weight, struct task_struct *p, u32 weight)
{
	struct scx_task_slot __arena *s = scx_task(p);

	if (s)
		s->weight = scx_group_weight(s->group, weight);
}

void SCX_OP(atropos_set_cpumask, struct task_struct *p, const struct cpumask *cpumask)
{
	struct scx_task_slot __arena *s = scx_task(p);
	u32 domain;

	if (!s)
		return;
	scx_task_confine(p, s);
	if (s->flags & SCX_SLOT_PINNED) {
		domain = scx_cpu(bpf_cpumask_first(cpumask))->domain;
		if (domain < SCX_DOMAINS_MAX)
			scx_task_enter(s, domain);
	} else {
		settle(s);
	}
}

void SCX_OP(atropos_enable, struct task_struct *p)
{
	struct scx_task_slot __arena *s = scx_task(p);

	if (!s)
		return;
	s->runtime_ns = p->se.sum_exec_runtime;
	s->charged_ns = s->runtime_ns;
	s->group = scx_task_group(p);
	s->weight = scx_group_weight(s->group, p->scx.weight);
	scx_task_identify(p, s);
}

void SCX_OP(atropos_disable, struct task_struct *p)
{
	struct scx_task_slot __arena *s = scx_task(p);

	if (s)
		scx_task_quiescent(s);
}

s32 SCX_OP_SLEEPABLE(atropos_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	struct scx_task_slot __arena *s = scx_task_new(p);

	if (!s)
		return -ENOMEM;
	/* Where it runs now; at fork that is its parent's CPU. */
	s->domain = scx_cpu(scx_bpf_task_cpu(p))->domain;
	if (s->domain < SCX_DOMAINS_MAX)
		s->vtime_ns = scx_domain(s->domain)->vtime_ns;
	return 0;
}

void SCX_OP(atropos_exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	scx_task_free(p);
}

s32 SCX_OP_SLEEPABLE(atropos_cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	return scx_group_new(cgrp, args->weight);
}

void SCX_OP(atropos_cgroup_exit, struct cgroup *cgrp)
{
	scx_group_free(cgrp);
}

void SCX_OP(atropos_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	struct scx_task_slot __arena *s = scx_task(p);

	if (s)
		s->group = scx_group_ref(to);
}

void SCX_OP(atropos_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	u32 ref = scx_group_ref(cgrp);

	if (ref)
		scx_group_set_weight(ref, weight);
}

void SCX_OP_SLEEPABLE(atropos_cpu_online, s32 cpu)
{
	scx_cpu_set_online(cpu, true);
}

void SCX_OP_SLEEPABLE(atropos_cpu_offline, s32 cpu)
{
	scx_cpu_set_online(cpu, false);
}

s32 SCX_OP_SLEEPABLE(atropos_init)
{
	return scx_domains_init();
}

void SCX_OP_SLEEPABLE(atropos_exit, struct scx_exit_info *info)
{
	scx_exit_save(info);
}

SEC(".struct_ops.link")
struct sched_ext_ops atropos = {
	.select_cpu = (void *)atropos_select_cpu,
	.enqueue = (void *)atropos_enqueue,
	.dispatch = (void *)atropos_dispatch,
	.stopping = (void *)atropos_stopping,
	.tick = (void *)atropos_tick,
	.set_weight = (void *)atropos_set_weight,
	.set_cpumask = (void *)atropos_set_cpumask,
	.enable = (void *)atropos_enable,
	.disable = (void *)atropos_disable,
	.init_task = (void *)atropos_init_task,
	.exit_task = (void *)atropos_exit_task,
	.cgroup_init = (void *)atropos_cgroup_init,
	.cgroup_exit = (void *)atropos_cgroup_exit,
	.cgroup_move = (void *)atropos_cgroup_move,
	.cgroup_set_weight = (void *)atropos_cgroup_set_weight,
	.cpu_online = (void *)atropos_cpu_online,
	.cpu_offline = (void *)atropos_cpu_offline,
	.init = (void *)atropos_init,
	.exit = (void *)atropos_exit,
	.flags = SCX_OPS_ENQ_LAST,
	.name = "atropos",
};
