/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The capabilities that schedulers need.
 */
#ifndef SCXI_CAPS_H
#define SCXI_CAPS_H

#include <stdbool.h>
#include <stddef.h>

/* linux/capability.h */
enum scxi_cap {
	SCXI_CAP_SYS_ADMIN = 21,
	SCXI_CAP_SYS_NICE = 23,
	SCXI_CAP_PERFMON = 38,
	SCXI_CAP_BPF = 39,
};

/* Is it in the effective set of this thread? CAP_SYS_ADMIN has what CAP_BPF and CAP_PERFMON have. */
bool scxi_cap_has(enum scxi_cap cap);

/* What is missing to load and attach a scheduler: "CAP_BPF and CAP_PERFMON"; "" if nothing. */
const char *scxi_caps_missing(void);

#endif /* SCXI_CAPS_H */
