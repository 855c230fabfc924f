/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Chance that is the same on every machine: SplitMix64 (Steele, Lea, Flood 2014). */
#ifndef SCXM_RANDOM_H
#define SCXM_RANDOM_H

#include <stdint.h>

struct scxm_random {
	uint64_t state;
};

static inline uint64_t scxm_random_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline struct scxm_random scxm_random_new(uint64_t seed, uint64_t purpose)
{
	return (struct scxm_random){ scxm_random_mix(seed ^ scxm_random_mix(purpose)) };
}

static inline uint64_t scxm_random_next(struct scxm_random *r)
{
	r->state += 0x9e3779b97f4a7c15ULL;
	return scxm_random_mix(r->state);
}

/* 0 .. @n - 1; @n > 0. The bias is below 2^-32 for any n a model uses. */
static inline uint64_t scxm_random_below(struct scxm_random *r, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)scxm_random_next(r) * n) >> 64);
}

#endif
