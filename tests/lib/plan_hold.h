/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Looking for a snapshot of which a property is false.
 *
 * SCX_PLAN_CASES=N draws N cases for each property (without it 100,000; under sanitizers 10,000, which take
 * as long), SCX_PLAN_SEED=N replays one. A counterexample is made small and printed as a snapshot, which
 * scx-plan reads.
 */
#ifndef TESTS_PLAN_HOLD_H
#define TESTS_PLAN_HOLD_H

#include <stdint.h>

#include "plan_case.h"

/* Cases of a property that costs @share times as much as others are fewer by that. */
uint64_t plan_hold_cases(uint32_t share);

/* Fails the test that calls it when it finds a case of which @property is false. */
void plan_hold(const char *name, plan_property *property, const struct plan_mix *mix);
void plan_hold_cases_of(const char *name, plan_property *property, const struct plan_mix *mix,
			uint64_t cases);

#endif /* TESTS_PLAN_HOLD_H */
