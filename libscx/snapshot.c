/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The snapshot: domains, and the arrays.
 *
 * A domain's load is kept in one account for each CPU, written by that CPU alone under a sequence
 * count (bpf/include/scx/memory.h); single accounts may be negative, sums are exact up to what
 * changes while they are read. Times there are on the scheduler's clock, which may be another than
 * CLOCK_MONOTONIC: the two are compared once in a while, by a verb.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"

#include <include/scx/verb.h>

#define ACCOUNT_SHIFT 10 /* accounts count time in units of 1024 ns */
#define SEQ_TRIES 1000	 /* a writer needs some ten instructions: more is a scheduler's bug */
#define CLOCK_EVERY_NS 1000000000ULL /* NTP may slew by 0.05 %: half a millisecond in this time */

_Static_assert(SCX_LOAD_ONE == 65536, "the planner's SCX_PLAN_ONE");

struct scx_snapshot *scx_snapshot_new(struct scx *scx)
{
	struct scx_snapshot *snap;

	if (!scx->features.memory) {
		errno = -scxi_fail(scx, -ENOTSUP, "%s shares no memory to read",
				   scx->features.name);
		return NULL;
	}
	snap = calloc(1, sizeof(*snap));
	if (snap) {
		snap->scx = scx;
		snap->domains = calloc(SCX_DOMAINS_MAX, sizeof(*snap->domains));
		snap->sums = calloc(SCX_DOMAINS_MAX, sizeof(*snap->sums));
		snap->now = calloc(SCX_DOMAINS_MAX, sizeof(*snap->now));
	}
	if (!snap || !snap->domains || !snap->sums || !snap->now) {
		scx_snapshot_free(snap);
		errno = -scxi_fail(scx, -ENOMEM, "out of memory");
		return NULL;
	}
	return snap;
}

void scx_snapshot_free(struct scx_snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->domains);
	free(snapshot->sums);
	free(snapshot->now);
	free(snapshot->tasks);
	free(snapshot->pasts);
	free(snapshot);
}

uint64_t scxi_snapshot_clock(struct scx_snapshot *snap)
{
	struct scx *scx = snap->scx;
	uint64_t now_ns = scx->backend->ops->now(scx->backend);
	struct scx_verb_clock clock = { .result = 0 };

	if (snap->clock_at_ns && now_ns - snap->clock_at_ns < CLOCK_EVERY_NS)
		return now_ns + (uint64_t)snap->clock_ns;
	/* A scheduler without the verb uses our clock. */
	if (!scx->backend->ops->verb(scx->session, "clock", &clock, sizeof(clock)) && !clock.result)
		snap->clock_ns = (int64_t)(clock.scheduler_ns - clock.monotonic_ns);
	snap->clock_at_ns = now_ns;
	return now_ns + (uint64_t)snap->clock_ns;
}

/* Begins anew when the scheduler was loaded anew. */
static int begin(struct scx_snapshot *snap)
{
	struct scx *scx = snap->scx;

	if (!scxi_is_mine(scx))
		return scxi_check_owner(scx);
	if (!scxi_loaded(scx) || !scx->memory.memory)
		return scxi_fail(scx, -ENOTCONN, "%s is not loaded, there is nothing to read",
				 scx->features.name);
	if (snap->run == scx->runs)
		return 0;
	snap->run = scx->runs;
	snap->time_ns = 0;
	snap->tasks_time_ns = 0;
	snap->clock_at_ns = 0;
	snap->clock_ns = 0;
	snap->nr_domains = 0;
	snap->nr_tasks = 0;
	if (snap->pasts)
		memset(snap->pasts, 0, snap->nr_pasts * sizeof(*snap->pasts));
	return 0;
}

/* A consistent copy of an account. */
static void read_account(const struct scx_account *account, struct scx_account *ret)
{
	for (unsigned i = 0; i < SEQ_TRIES; i++) {
		uint32_t seq = __atomic_load_n(&account->seq, __ATOMIC_ACQUIRE);

		ret->tasks = SCXI_READ(account->tasks);
		ret->weight = SCXI_READ(account->weight);
		ret->task_moment = SCXI_READ(account->task_moment);
		ret->weight_moment = SCXI_READ(account->weight_moment);
		SCXI_READ_ORDER();
		if (!(seq & 1) && SCXI_READ(account->seq) == seq)
			return;
	}
}

/* Sums the accounts of all CPUs into @sums, counters brought forward to @clock_ns. */
static void sum_accounts(const struct scxi_memory *memory, unsigned nr_domains, uint64_t clock_ns,
			 struct scxi_sums *sums)
{
	const struct scx_memory *m = memory->memory;
	size_t stride = m->account_stride, nr_cpus = m->nr_cpus;
	const struct scx_account *accounts =
		scxi_ref(memory, m->accounts, nr_cpus * stride * sizeof(*accounts));
	uint64_t t = clock_ns >> ACCOUNT_SHIFT;

	memset(sums, 0, nr_domains * sizeof(*sums));
	if (!accounts)
		return;
	for (size_t cpu = 0; cpu < nr_cpus; cpu++)
		for (unsigned d = 0; d < nr_domains; d++) {
			const struct scx_account *shared = &accounts[cpu * stride + d];
			struct scx_account a;

			/* This CPU never had to do with this domain. */
			if (!SCXI_READ(shared->seq))
				continue;
			read_account(shared, &a);
			sums[d].tasks += a.tasks;
			sums[d].weight += a.weight;
			sums[d].tasks_ns += ((uint64_t)(int64_t)a.tasks * t - a.task_moment)
					    << ACCOUNT_SHIFT;
			sums[d].weight_ns += ((uint64_t)a.weight * t - a.weight_moment)
					     << ACCOUNT_SHIFT;
		}
}

/* Growth of a counter by time, times SCX_LOAD_ONE. */
static uint64_t mean(uint64_t now, uint64_t before, uint64_t interval_ns)
{
	uint64_t growth = now - before;

	/* Reads are not one moment: what hardly grew may seem to have shrunk. */
	if ((int64_t)growth <= 0)
		return 0;
	return (uint64_t)((unsigned __int128)growth * SCX_LOAD_ONE / interval_ns);
}

static uint64_t positive(int64_t value)
{
	return value > 0 ? (uint64_t)value : 0;
}

static void fill_domain(const struct scx_snapshot *snap, unsigned domain,
			const struct scx_domain_slot *slot, struct scx_domain_info *info)
{
	const struct scxi_sums *now = &snap->now[domain], *before = &snap->sums[domain];
	uint32_t node = SCXI_READ(slot->node);

	*info = (struct scx_domain_info){
		.domain = domain,
		.node = (int32_t)node,
		.nr_cpus = SCXI_READ(slot->nr_cpus),
		.nr_all = SCXI_READ(slot->nr_all),
		.nr_tasks = (uint32_t)positive(now->tasks),
		.weight = positive(now->weight),
		.weight_ns = now->weight_ns,
		.tasks_ns = now->tasks_ns,
	};
	if (snap->interval_ns) {
		info->load = mean(now->weight_ns, before->weight_ns, snap->interval_ns);
		info->runnable = mean(now->tasks_ns, before->tasks_ns, snap->interval_ns);
	} else {
		info->load = info->weight * SCX_LOAD_ONE;
		info->runnable = (uint64_t)info->nr_tasks * SCX_LOAD_ONE;
	}
}

int scx_snapshot_read_domains(struct scx_snapshot *snapshot)
{
	const struct scxi_memory *memory = &snapshot->scx->memory;
	const struct scx_domain_slot *slots;
	struct scxi_sums *swap = snapshot->sums;
	unsigned nr;
	uint64_t clock_ns;
	int err = begin(snapshot);

	if (err)
		return err;
	nr = SCXI_READ(memory->memory->nr_domains);
	slots = scxi_ref(memory, memory->memory->domains, nr * sizeof(*slots));
	if (nr > memory->memory->account_stride || (nr && !slots))
		return scxi_fail(snapshot->scx, -EPROTO, "%s shares memory that makes no sense",
				 snapshot->scx->features.name);
	clock_ns = scxi_snapshot_clock(snapshot);
	sum_accounts(memory, nr, clock_ns, snapshot->now);
	clock_ns -= (uint64_t)snapshot->clock_ns;
	snapshot->interval_ns = snapshot->time_ns && clock_ns > snapshot->time_ns
					? clock_ns - snapshot->time_ns
					: 0;
	snapshot->time_ns = clock_ns;
	snapshot->nr_live = SCXI_READ(memory->memory->nr_tasks);
	snapshot->nr_tasks = 0;
	snapshot->nr_domains = 0;
	for (unsigned d = 0; d < nr; d++)
		if (SCXI_READ(slots[d].defined))
			fill_domain(snapshot, d, &slots[d],
				    &snapshot->domains[snapshot->nr_domains++]);
	snapshot->sums = snapshot->now;
	snapshot->now = swap;
	return 0;
}

int scx_snapshot_read(struct scx_snapshot *snapshot)
{
	int err = scx_snapshot_read_domains(snapshot);

	return err ? err : scxi_snapshot_tasks(snapshot, NULL);
}

int scx_snapshot_read_tasks(struct scx_snapshot *snapshot, const unsigned *domains, size_t nr)
{
	uint64_t wanted[SCX_DOMAIN_WORDS] = { 0 };
	int err;

	for (size_t i = 0; i < nr; i++) {
		if (domains[i] >= SCX_DOMAINS_MAX)
			return scxi_fail(snapshot->scx, -EINVAL, "domain %u: domains are 0 .. %d",
					 domains[i], SCX_DOMAINS_MAX - 1);
		wanted[domains[i] / 64] |= 1ULL << (domains[i] % 64);
	}
	err = begin(snapshot);
	return err ? err : scxi_snapshot_tasks(snapshot, wanted);
}

uint64_t scx_snapshot_time_ns(const struct scx_snapshot *snapshot)
{
	return snapshot->time_ns;
}

uint64_t scx_snapshot_interval_ns(const struct scx_snapshot *snapshot)
{
	return snapshot->interval_ns;
}

size_t scx_snapshot_nr_domains(const struct scx_snapshot *snapshot)
{
	return snapshot->nr_domains;
}

const struct scx_domain_info *scx_snapshot_domain(const struct scx_snapshot *snapshot, size_t index)
{
	return index < snapshot->nr_domains ? &snapshot->domains[index] : NULL;
}

uint64_t scx_snapshot_nr_live(const struct scx_snapshot *snapshot)
{
	return snapshot->nr_live;
}
