/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Walks the table of docs/states.md: every call in every state, over whatever kernel the caller
 * has. The table is the truth here; a call that it does not have, or that is not known here, is an
 * error.
 */
#ifndef TESTS_STATE_WALK_H
#define TESTS_STATE_WALK_H

#include <stdbool.h>
#include <stdio.h>

struct scx;
struct scx_partition;

enum walk_state {
	WALK_OPENED = 1, /* as enum scx_state */
	WALK_LOADED,
	WALK_ATTACHED,
	WALK_RESTARTING,
	WALK_ENDED,
	WALK_DETACHED,
	WALK_CHILD, /* attached, and the call is made in a forked child */
};

/*
 * How to come to a state. A handle has the tunable slice_us, and the domains 0 with the CPUs 0-1 and 1
 * with the CPUs 2-3, which are also those of @partition.
 */
struct walk_kernel {
	void *arg;
	const struct scx_partition *partition;
	bool libbpf; /* it is the running kernel's */
	struct scx *(*make)(void *arg, enum walk_state state);
	/* Nothing else is attached any more that kept a restart from succeeding. */
	void (*make_room)(void *arg);
};

/* Returns how many cells were tried, or -1: what is wrong is written to @out, a line each. */
int walk_states(const char *table, const struct walk_kernel *kernel, FILE *out);

#endif /* TESTS_STATE_WALK_H */
