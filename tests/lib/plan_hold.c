/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include "plan_hold.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
#define CASES 10000
#else
#define CASES 100000
#endif

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

uint64_t plan_hold_cases(uint32_t share)
{
	uint64_t cases = number_from("SCX_PLAN_CASES", CASES) / share;

	return cases ? cases : 1;
}

void plan_hold_cases_of(const char *name, plan_property *property, const struct plan_mix *mix,
			uint64_t cases)
{
	bool replay = getenv("SCX_PLAN_SEED");
	uint64_t seed = number_from("SCX_PLAN_SEED", 0), end = replay ? seed + 1 : cases;
	char why[256] = "";

	for (; seed < end; seed++) {
		struct plan_case *c = plan_case_random(seed, mix);

		if (property(c, why, sizeof(why))) {
			plan_case_free(c);
			continue;
		}
		c = plan_case_shrink(c, property);
		(void)property(c, why, sizeof(why));
		fprintf(stderr, "%s: %s\nreplay with SCX_PLAN_SEED=%" PRIu64 "; smallest case:\n",
			name, why, seed);
		(void)scx_plan_save(STDERR_FILENO, &c->in, &c->opts);
		plan_case_free(c);
		cr_assert_fail("%s: %s (seed %" PRIu64 ")", name, why, seed);
	}
}

void plan_hold(const char *name, plan_property *property, const struct plan_mix *mix)
{
	plan_hold_cases_of(name, property, mix, plan_hold_cases(1));
}
