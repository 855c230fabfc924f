/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A kernel that is none: behind the door (libscx/backend.h) it keeps the books of what the core asks,
 * lets any call fail, and ends schedulers when told to. So the core runs in unit tests, under
 * sanitizers, without a kernel.
 *
 * It also holds the core to the door's order of calls: `broken` names the first one out of order.
 * Time is simulated. Not for two threads at once: one fake for each handle.
 */
#ifndef TESTS_FAKE_BACKEND_H
#define TESTS_FAKE_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "../../libscx/backend.h"

/* A benchmark has it larger. */
#ifndef FAKE_CPUS
#define FAKE_CPUS 4
#define FAKE_TASKS 32
#define FAKE_MACHINE "pack:1 l3:2 core:2 pu:1"
#endif

struct fake_session;

struct fake {
	struct scx_backend backend; /* scx_open_opts.backend */
	const char *broken;	    /* the first call out of order, or NULL */

	/* Set by tests, also while a scheduler runs. */
	uint64_t now_ns;
	struct scxi_features features;
	struct scxi_state kernel; /* what else is attached: enabled, name */
	unsigned fail_at;	  /* this call fails, 1 being the next; 0: none */
	int fail_with;		  /* with this negative errno */
	bool ends_at_once;	  /* attach returns 0, and the end is there */
	bool keeps_no_record;	  /* ... and `end` says nothing, `state` says disabled */
	uint64_t ends_at_ns;	  /* the run ends by itself when time comes there; 0: no */
	struct scxi_end next_end; /* how */
	int fd;			  /* what `fd` gives; -1: none */

	/* Read by tests. */
	unsigned sessions; /* open now */
	unsigned inherited_closes;
	unsigned loads, attaches, detaches, unloads, renews, alarms, verbs, states;
	uint64_t alarm_ns;
	uint64_t slice_us; /* as the last load saw the tunable of that name */
	bool happened;	   /* fail_at was reached */
	struct fake_session *running;
};

/* A fake with all features. */
void fake_init(struct fake *fake);

/* Ends the run as the kernel does: scx_process() finds it. */
void fake_end(struct fake *fake, uint64_t kind, int64_t code, const char *message);

/* A task in the running scheduler's memory, runnable, at nice 0. */
void fake_task(struct fake *fake, int tid, unsigned domain);

#endif /* TESTS_FAKE_BACKEND_H */
