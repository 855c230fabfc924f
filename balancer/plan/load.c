/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Means that forget: two readings of a counter that only grows make a rate, and rates make a mean in
 * which a half-life ago counts half.
 *
 * A counter is written by others while it is read, may be 64 bits read as two halves, may be of a task that was
 * replaced by another, and wraps around. One test catches what cannot be: growth beyond what the
 * time allows. What is left is true or harmless.
 */
#include "plan.h"

/*
 * 2^(-i / 32), times 2^16, for i = 0 .. 32: round(65536 * 2 ** (-i / 32)). Between two of them a straight
 * line is at most 4 units wrong.
 */
static const uint32_t half_powers[] = {
	65536, 64132, 62757, 61413, 60097, 58809, 57549, 56316, 55109, 53928, 52773,
	51642, 50535, 49452, 48393, 47356, 46341, 45348, 44376, 43425, 42495, 41584,
	40693, 39821, 38968, 38133, 37316, 36516, 35734, 34968, 34219, 33486, 32768,
};

uint32_t scx_load_keep(uint64_t elapsed_ns, uint64_t half_life_ns)
{
	uint64_t halvings, part, index, between;
	uint32_t keep;

	if (!half_life_ns)
		return 0;
	halvings = elapsed_ns / half_life_ns;
	if (halvings > 16)
		return 0;
	/* The rest of a half-life, in 1/2^16 of it. */
	part = scxi_muldiv(elapsed_ns % half_life_ns, 65536, half_life_ns);
	index = part >> 11;
	between = part & 2047;
	keep = half_powers[index] -
	       (uint32_t)((half_powers[index] - half_powers[index + 1]) * between >> 11);
	return keep >> halvings;
}

void scx_load_begin(struct scx_load *load, uint64_t counter, uint64_t now_ns, uint64_t estimate)
{
	*load = (struct scx_load){ .counter = counter, .at_ns = now_ns, .mean = estimate };
}

/* Rounded away from zero, so that a constant rate is reached exactly, in whatever small steps. */
static uint64_t share(uint64_t difference, uint64_t of)
{
	uint64_t whole = scxi_muldiv(difference, of, SCX_PLAN_ONE);

	return whole < difference && of ? whole + 1 : whole;
}

int scx_load_update(struct scx_load *load, uint64_t counter, uint64_t now_ns, uint64_t rate_max,
		    uint64_t half_life_ns)
{
	/* Unsigned: a counter that has wrapped around grew by a little. */
	uint64_t grown = counter - load->counter, elapsed = now_ns - load->at_ns, most, rate,
		 forget;
	bool sound = load->at_ns && now_ns > load->at_ns;

	load->counter = counter;
	load->at_ns = now_ns;
	if (!sound)
		return 0;
	if (rate_max > UINT32_MAX)
		rate_max = UINT32_MAX;
	most = scxi_muldiv(elapsed, rate_max, 1);
	if (grown > most && grown - most > most / 8)
		return 0;
	if (grown > most)
		grown = most;
	rate = scxi_muldiv(grown, SCX_PLAN_ONE, elapsed);
	forget = SCX_PLAN_ONE - scx_load_keep(elapsed, half_life_ns);
	if (rate > load->mean)
		load->mean += share(rate - load->mean, forget);
	else
		load->mean -= share(load->mean - rate, forget);
	return 1;
}
