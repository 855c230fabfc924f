// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* bpf_cpumask (kernel/bpf/cpumask.c). A CPU that cannot be is ignored, as there. */
#include "idle.h"
#include "kf.h"
#include "mask.h"
#include "memory.h"

#define MASK_MAGIC 0x6d61736bU

static bool valid(u32 cpu)
{
	return cpu < scxm_here->nr_cpus;
}

/* The kernel's "none" is the number of CPUs. */
static u32 or_none(int cpu)
{
	return cpu >= 0 ? (u32)cpu : scxm_here->nr_cpus;
}

struct bpf_cpumask *scxm_kf_cpumask_create(void)
{
	struct bpf_cpumask *mask = scxm_alloc(scxm_here, sizeof(*mask));

	if (!mask)
		return NULL;
	mask->usage = 1;
	mask->magic = MASK_MAGIC;
	scxm_here->frame->refs++;
	return mask;
}

struct bpf_cpumask *scxm_kf_cpumask_acquire(struct bpf_cpumask *mask)
{
	mask->usage++;
	scxm_here->frame->refs++;
	return mask;
}

void scxm_kf_cpumask_release(struct bpf_cpumask *mask)
{
	struct scxm *m = scxm_here;

	m->frame->refs--;
	if (mask->magic != MASK_MAGIC || !mask->usage) {
		scxm_refuse(m, "bpf_cpumask_release: %p is no cpumask", (void *)mask);
		return;
	}
	if (--mask->usage)
		return;
	mask->magic = 0;
	scxm_free(m, mask, sizeof(*mask));
}

u32 scxm_kf_cpumask_first(const struct cpumask *mask)
{
	return or_none(scxm_mask_first(mask));
}

u32 scxm_kf_cpumask_first_zero(const struct cpumask *mask)
{
	cpumask_t rest;

	scxm_mask_andnot(&rest, &scxm_here->possible, mask);
	return or_none(scxm_mask_first(&rest));
}

void scxm_kf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *mask)
{
	if (valid(cpu))
		scxm_mask_set(&mask->cpumask, (int)cpu);
}

void scxm_kf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *mask)
{
	if (valid(cpu))
		scxm_mask_clear(&mask->cpumask, (int)cpu);
}

bool scxm_kf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask)
{
	return valid(cpu) && scxm_mask_test(mask, (int)cpu);
}

bool scxm_kf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *mask)
{
	bool was = scxm_kf_cpumask_test_cpu(cpu, &mask->cpumask);

	scxm_kf_cpumask_set_cpu(cpu, mask);
	return was;
}

bool scxm_kf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *mask)
{
	return valid(cpu) && scxm_mask_test_and_clear(&mask->cpumask, (int)cpu);
}

void scxm_kf_cpumask_setall(struct bpf_cpumask *mask)
{
	mask->cpumask = scxm_here->possible;
}

void scxm_kf_cpumask_clear(struct bpf_cpumask *mask)
{
	scxm_mask_zero(&mask->cpumask);
}

bool scxm_kf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *a, const struct cpumask *b)
{
	return scxm_mask_and(&dst->cpumask, a, b);
}

void scxm_kf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *a, const struct cpumask *b)
{
	scxm_mask_or(&dst->cpumask, a, b);
}

void scxm_kf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src)
{
	dst->cpumask = *src;
}

bool scxm_kf_cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return scxm_mask_equal(a, b);
}

bool scxm_kf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	return scxm_mask_intersects(a, b);
}

bool scxm_kf_cpumask_subset(const struct cpumask *a, const struct cpumask *b)
{
	return scxm_mask_subset(a, b);
}

bool scxm_kf_cpumask_empty(const struct cpumask *mask)
{
	return scxm_mask_empty(mask);
}

bool scxm_kf_cpumask_full(const struct cpumask *mask)
{
	return scxm_mask_subset(&scxm_here->possible, mask);
}

u32 scxm_kf_cpumask_any_distribute(const struct cpumask *mask)
{
	return or_none(scxm_mask_distribute(scxm_here, mask, NULL));
}

u32 scxm_kf_cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b)
{
	return or_none(scxm_mask_distribute(scxm_here, a, b));
}

u32 scxm_kf_cpumask_weight(const struct cpumask *mask)
{
	return (u32)scxm_mask_weight(mask);
}
