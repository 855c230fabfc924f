/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Sets of CPUs. Bits past the machine's last CPU are never set, so all words may be looked at. */
#ifndef SCXM_MASK_H
#define SCXM_MASK_H

#include <string.h>

#include "kernel.h"

#define SCXM_MASK_WORDS (SCXM_CPUS_MAX / 64)

static inline bool scxm_mask_test(const cpumask_t *m, int cpu)
{
	return m->bits[cpu / 64] >> (cpu % 64) & 1;
}

static inline void scxm_mask_set(cpumask_t *m, int cpu)
{
	m->bits[cpu / 64] |= 1UL << (cpu % 64);
}

static inline void scxm_mask_clear(cpumask_t *m, int cpu)
{
	m->bits[cpu / 64] &= ~(1UL << (cpu % 64));
}

static inline bool scxm_mask_test_and_clear(cpumask_t *m, int cpu)
{
	bool was = scxm_mask_test(m, cpu);

	scxm_mask_clear(m, cpu);
	return was;
}

static inline void scxm_mask_zero(cpumask_t *m)
{
	memset(m, 0, sizeof(*m));
}

/* The first CPU at or after @from that is in @a and, if not NULL, in @b; -1: none. */
static inline int scxm_mask_next(const cpumask_t *a, const cpumask_t *b, int from)
{
	unsigned w = (unsigned)from / 64;
	unsigned long keep = ~0UL << (from % 64);

	for (; w < SCXM_MASK_WORDS; w++, keep = ~0UL) {
		unsigned long bits = a->bits[w] & keep;

		if (b)
			bits &= b->bits[w];
		if (bits)
			return (int)(w * 64) + __builtin_ctzl(bits);
	}
	return -1;
}

static inline int scxm_mask_first(const cpumask_t *m)
{
	return scxm_mask_next(m, NULL, 0);
}

static inline bool scxm_mask_empty(const cpumask_t *m)
{
	return scxm_mask_first(m) < 0;
}

static inline bool scxm_mask_intersects(const cpumask_t *a, const cpumask_t *b)
{
	return scxm_mask_next(a, b, 0) >= 0;
}

static inline bool scxm_mask_subset(const cpumask_t *a, const cpumask_t *of)
{
	for (int w = 0; w < SCXM_MASK_WORDS; w++) {
		if (a->bits[w] & ~of->bits[w])
			return false;
	}
	return true;
}

static inline bool scxm_mask_equal(const cpumask_t *a, const cpumask_t *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* True if something is left. */
static inline bool scxm_mask_and(cpumask_t *dst, const cpumask_t *a, const cpumask_t *b)
{
	unsigned long any = 0;

	for (int w = 0; w < SCXM_MASK_WORDS; w++)
		any |= dst->bits[w] = a->bits[w] & b->bits[w];
	return any != 0;
}

static inline void scxm_mask_or(cpumask_t *dst, const cpumask_t *a, const cpumask_t *b)
{
	for (int w = 0; w < SCXM_MASK_WORDS; w++)
		dst->bits[w] = a->bits[w] | b->bits[w];
}

static inline void scxm_mask_andnot(cpumask_t *dst, const cpumask_t *a, const cpumask_t *b)
{
	for (int w = 0; w < SCXM_MASK_WORDS; w++)
		dst->bits[w] = a->bits[w] & ~b->bits[w];
}

static inline int scxm_mask_weight(const cpumask_t *m)
{
	int n = 0;

	for (int w = 0; w < SCXM_MASK_WORDS; w++)
		n += __builtin_popcountl(m->bits[w]);
	return n;
}

#define scxm_for_each_cpu(cpu, mask)                                                               \
	for (int cpu = scxm_mask_first(mask); cpu >= 0; cpu = scxm_mask_next(mask, NULL, cpu + 1))

#endif
