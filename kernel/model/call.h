/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Calls into a scheduler. Each opens a frame that says what the callback may do and what it is
 * about, and closes it with the checks that the kernel's verifier makes before a program ever runs:
 * locks, references and iterators are given back.
 */
#ifndef SCXM_CALL_H
#define SCXM_CALL_H

#include "scxm.h"
#include "trace.h"

enum scxm_op {
	SCXM_OP_select_cpu,
	SCXM_OP_enqueue,
	SCXM_OP_dequeue,
	SCXM_OP_dispatch,
	SCXM_OP_tick,
	SCXM_OP_runnable,
	SCXM_OP_running,
	SCXM_OP_stopping,
	SCXM_OP_quiescent,
	SCXM_OP_yield,
	SCXM_OP_core_sched_before,
	SCXM_OP_set_weight,
	SCXM_OP_set_cpumask,
	SCXM_OP_update_idle,
	SCXM_OP_init_task,
	SCXM_OP_exit_task,
	SCXM_OP_enable,
	SCXM_OP_disable,
	SCXM_OP_dump,
	SCXM_OP_dump_cpu,
	SCXM_OP_dump_task,
	SCXM_OP_cgroup_init,
	SCXM_OP_cgroup_exit,
	SCXM_OP_cgroup_prep_move,
	SCXM_OP_cgroup_move,
	SCXM_OP_cgroup_cancel_move,
	SCXM_OP_cgroup_set_weight,
	SCXM_OP_cgroup_set_bandwidth,
	SCXM_OP_cgroup_set_idle,
	SCXM_OP_cpu_online,
	SCXM_OP_cpu_offline,
	SCXM_OP_init,
	SCXM_OP_exit,
	SCXM_OP_cpu_acquire,
	SCXM_OP_cpu_release,
	SCXM_OP_timer,
	SCXM_OP_verb,
	SCXM_OP_MAX,
};

struct scxm_op_info {
	const char *name;
	uint32_t allow;
};
extern const struct scxm_op_info scxm_op_info[SCXM_OP_MAX];

/* Opens and closes the frame of a callback; scxm_leave_call() makes the verifier's checks. */
void scxm_enter_call(struct scxm *m, struct scxm_frame *frame, enum scxm_op op,
		     struct scxm_cpu *locked, struct task_struct *a, struct task_struct *b);
void scxm_leave_call(struct scxm *m, struct scxm_frame *frame);

/*
 * SCXM_CALL(m, op, locked CPU or NULL, task or NULL, second task or NULL, what the trace notes,
 * args...): the value of the callback. The caller has checked that there is one.
 */
#define SCXM_CALL(m, op, locked, a, b, note, args...)                                              \
	({                                                                                         \
		struct scxm_frame scxm_frame;                                                      \
		scxm_enter_call(m, &scxm_frame, SCXM_OP_##op, locked, a, b);                       \
		scxm_trace_arg(m, (uint64_t)(note));                                               \
		__typeof__((m)->sched.ops.op(args)) scxm_value = (m)->sched.ops.op(args);          \
		scxm_leave_call(m, &scxm_frame);                                                   \
		scxm_value;                                                                        \
	})
#define SCXM_CALL_VOID(m, op, locked, a, b, note, args...)                                         \
	do {                                                                                       \
		struct scxm_frame scxm_frame;                                                      \
		scxm_enter_call(m, &scxm_frame, SCXM_OP_##op, locked, a, b);                       \
		scxm_trace_arg(m, (uint64_t)(note));                                               \
		(m)->sched.ops.op(args);                                                           \
		scxm_leave_call(m, &scxm_frame);                                                   \
	} while (0)

/* Is the callback there, and is it the time for it? */
#define SCXM_HAS(m, op) ((m)->sched.live && (m)->sched.ops.op)
/* A callback about one task, on whose CPU it is told. */
#define SCXM_TELL(m, op, p, note, args...)                                                         \
	do {                                                                                       \
		if (SCXM_HAS(m, op))                                                               \
			SCXM_CALL_VOID(m, op, scxm_cpu_of(m, p), p, NULL, note, p, ##args);        \
	} while (0)

#endif
