/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What is true of a snapshot: loads and pressures computed from their definitions, in floating point,
 * without the planner's code. Slow, and meant to be.
 */
#ifndef TESTS_PLAN_TRUTH_H
#define TESTS_PLAN_TRUTH_H

#include <stdint.h>

#include <scx/balance.h>

struct plan_truth {
	double *load;	  /* per domain, in CPUs */
	double *pressure; /* per domain, 1.0 is the mean; 0 without capacity */
	double max;
	double min;	 /* of domains with capacity */
	double variance; /* weighted by capacity, around 1.0 */
	double stranded; /* load in domains without capacity, in CPUs */
	double total;	 /* load of all */
};

/* Fills @ret_truth for a snapshot; its arrays are to be freed by plan_truth_free(). */
void plan_truth(const struct scx_plan_input *in, struct plan_truth *ret_truth);
void plan_truth_free(struct plan_truth *truth);

/* The load of a task of that weight that is always runnable, in CPUs. */
double plan_truth_rate(const struct scx_plan_input *in, uint32_t weight);

#endif /* TESTS_PLAN_TRUTH_H */
