/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The end of a scheduler by what it did, and the model's checks of itself. */
#ifndef SCXM_CHECK_H
#define SCXM_CHECK_H

#include "scxm.h"

/* Ends the scheduler; the first end counts, later ones return false. */
bool scxm_exit(struct scxm *m, int kind, int64_t code, int exit_cpu, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool scxm_exit_claim(struct scxm *m, int kind);
void scxm_exit_finish(struct scxm *m, int kind, int64_t code, int exit_cpu);
#define scxm_error(m, ...) scxm_exit(m, SCX_EXIT_ERROR, 0, (m)->cpu, __VA_ARGS__)

/* Is @cpu possible? If not, the scheduler ends. @where: "from ..." or NULL. */
bool scxm_cpu_valid(struct scxm *m, int cpu, const char *where);
/* -errno as the kernel accepts it from a callback. */
int scxm_sane_errno(struct scxm *m, const char *op, int err);

/* The model contradicts itself: the run stops, and says so. */
void scxm_bug(struct scxm *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define scxm_expect(m, condition)                                                                  \
	do {                                                                                       \
		if (!(condition))                                                                  \
			scxm_bug(m, "%s:%d: %s", __FILE__, __LINE__, #condition);                  \
	} while (0)

/* Everything that must be true between two events; O(tasks + CPUs). False and bug are set if not. */
bool scxm_check_all(struct scxm *m);

/* May the running callback call the kernel function @name of @group? If not, the scheduler ends. */
bool scxm_may_call_slow(struct scxm *m, const char *name);
static inline bool scxm_may_call(struct scxm *m, const char *name, uint32_t group)
{
	return (m->frame->allow & group) || scxm_may_call_slow(m, name);
}

/* The verifier would not have let this happen: the scheduler ends. */
#define scxm_refuse(m, ...) scxm_exit(m, SCX_EXIT_ERROR, 0, (m)->cpu, "verifier: " __VA_ARGS__)

/* A pointer that a scheduler hands in: a live task? If not, the scheduler ends. */
bool scxm_task_arg(struct scxm *m, const char *name, const struct task_struct *p);

#endif
