/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What bpf/include/scx/kernel.bpf.h declares, for the model: included before a scheduler that uses
 * the project's headers. Types and constants are in types.h.
 */
#ifndef SCXM_KFUNCS_H
#define SCXM_KFUNCS_H

#include <asm-generic/errno.h>

#include "../bpf/bpf_core_read.h"
#include "../bpf/bpf_tracing.h"

#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

/* Queues. */
extern s32 scx_bpf_create_dsq(u64 id, s32 node) __weak;
extern void scx_bpf_destroy_dsq(u64 id) __weak;
extern s32 scx_bpf_dsq_nr_queued(u64 id) __weak;
extern void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq, u64 slice, u64 enq_flags) __weak;
extern bool scx_bpf_dsq_insert___v2___compat(struct task_struct *p, u64 dsq, u64 slice,
					     u64 enq_flags) __weak;
extern void scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime,
				     u64 enq_flags) __weak;
extern bool __scx_bpf_dsq_insert_vtime(struct task_struct *p,
				       struct scx_bpf_dsq_insert_vtime_args *args) __weak;
extern void scx_bpf_dispatch(struct task_struct *p, u64 dsq, u64 slice, u64 enq_flags) __weak;
extern void scx_bpf_dispatch_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime,
				   u64 enq_flags) __weak;
extern bool scx_bpf_dsq_move_to_local(u64 dsq) __weak;
extern bool scx_bpf_dsq_move_to_local___v2___compat(u64 dsq, u64 enq_flags) __weak;
extern bool scx_bpf_consume(u64 dsq) __weak;
extern u32 scx_bpf_dispatch_nr_slots(void) __weak;
extern void scx_bpf_dispatch_cancel(void) __weak;
extern int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq, u64 flags) __weak;
extern struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it) __weak;
extern void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it) __weak;
extern bool scx_bpf_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq,
			     u64 enq_flags) __weak;
extern bool scx_bpf_dsq_move_vtime(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq,
				   u64 enq_flags) __weak;
extern void scx_bpf_dsq_move_set_slice(struct bpf_iter_scx_dsq *it, u64 slice) __weak;
extern void scx_bpf_dsq_move_set_vtime(struct bpf_iter_scx_dsq *it, u64 vtime) __weak;
extern struct task_struct *scx_bpf_dsq_peek(u64 dsq) __weak;
extern void scx_bpf_dsq_reenq(u64 dsq, u64 reenq_flags) __weak;
extern u32 scx_bpf_reenqueue_local(void) __weak;

/* CPUs. */
extern u32 scx_bpf_nr_cpu_ids(void) __weak;
extern u32 scx_bpf_nr_node_ids(void) __weak;
extern int scx_bpf_cpu_node(s32 cpu) __weak;
extern s32 scx_bpf_task_cpu(const struct task_struct *p) __weak;
extern bool scx_bpf_task_running(const struct task_struct *p) __weak;
extern struct task_struct *scx_bpf_cpu_curr(s32 cpu) __weak;
extern bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __weak;
extern s32 scx_bpf_pick_idle_cpu(const struct cpumask *allowed, u64 flags) __weak;
extern s32 scx_bpf_pick_idle_cpu_node(const struct cpumask *allowed, int node, u64 flags) __weak;
extern s32 scx_bpf_pick_any_cpu(const struct cpumask *allowed, u64 flags) __weak;
extern s32 scx_bpf_pick_any_cpu_node(const struct cpumask *allowed, int node, u64 flags) __weak;
extern s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				  bool *is_idle) __weak;
extern s32 scx_bpf_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				  const struct cpumask *allowed, u64 flags) __weak;
extern s32 __scx_bpf_select_cpu_and(struct task_struct *p, const struct cpumask *allowed,
				    struct scx_bpf_select_cpu_and_args *args) __weak;
extern void scx_bpf_kick_cpu(s32 cpu, u64 flags) __weak;
extern const struct cpumask *scx_bpf_get_online_cpumask(void) __weak;
extern const struct cpumask *scx_bpf_get_possible_cpumask(void) __weak;
extern void scx_bpf_put_cpumask(const struct cpumask *mask) __weak;
extern const struct cpumask *scx_bpf_get_idle_cpumask(void) __weak;
extern const struct cpumask *scx_bpf_get_idle_smtmask(void) __weak;
extern void scx_bpf_put_idle_cpumask(const struct cpumask *mask) __weak;
extern u32 scx_bpf_cpuperf_cap(s32 cpu) __weak;
extern u32 scx_bpf_cpuperf_cur(s32 cpu) __weak;
extern void scx_bpf_cpuperf_set(s32 cpu, u32 perf) __weak;

/* Tasks, time, the end. */
extern u64 scx_bpf_now(void) __weak;
extern bool scx_bpf_task_set_slice(struct task_struct *p, u64 slice) __weak;
extern bool scx_bpf_task_set_dsq_vtime(struct task_struct *p, u64 vtime) __weak;
extern void scx_bpf_events(struct scx_event_stats *events, size_t size) __weak;
extern void scx_bpf_exit_bstr(s64 code, char *fmt, unsigned long long *data, u32 bytes) __weak;
extern void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 bytes) __weak;
extern void scx_bpf_dump_bstr(char *fmt, unsigned long long *data, u32 bytes) __weak;
extern struct cgroup *scx_bpf_task_cgroup(struct task_struct *p) __weak;

/* From the rest of the kernel. */
extern struct task_struct *bpf_task_from_pid(s32 pid) __weak;
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __weak;
extern void bpf_task_release(struct task_struct *p) __weak;
extern void bpf_rcu_read_lock(void) __weak;
extern void bpf_rcu_read_unlock(void) __weak;
extern void bpf_preempt_disable(void) __weak;
extern void bpf_preempt_enable(void) __weak;
extern void bpf_local_irq_save(unsigned long *flags) __weak;
extern void bpf_local_irq_restore(unsigned long *flags) __weak;
extern struct bpf_cpumask *bpf_cpumask_create(void) __weak;
extern struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *mask) __weak;
extern void bpf_cpumask_release(struct bpf_cpumask *mask) __weak;
extern void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *mask) __weak;
extern void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *mask) __weak;
extern void bpf_cpumask_clear(struct bpf_cpumask *mask) __weak;
extern void bpf_cpumask_setall(struct bpf_cpumask *mask) __weak;
extern bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask) __weak;
extern bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *a,
			    const struct cpumask *b) __weak;
extern void bpf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *a,
			   const struct cpumask *b) __weak;
extern void bpf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src) __weak;
extern bool bpf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b) __weak;
extern bool bpf_cpumask_subset(const struct cpumask *a, const struct cpumask *b) __weak;
extern bool bpf_cpumask_equal(const struct cpumask *a, const struct cpumask *b) __weak;
extern u32 bpf_cpumask_first(const struct cpumask *mask) __weak;
extern u32 bpf_cpumask_weight(const struct cpumask *mask) __weak;
extern u32 bpf_cpumask_any_distribute(const struct cpumask *mask) __weak;
extern u32 bpf_cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b) __weak;
extern bool bpf_cpumask_empty(const struct cpumask *mask) __weak;
extern bool bpf_cpumask_full(const struct cpumask *mask) __weak;
extern struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp) __weak;
extern void bpf_cgroup_release(struct cgroup *cgrp) __weak;
extern struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) __weak;
extern struct cgroup *bpf_cgroup_from_id(u64 id) __weak;
extern void *bpf_arena_alloc_pages(void *map, void *addr, u32 pages, int node, u64 flags) __weak;
extern void bpf_arena_free_pages(void *map, void *addr, u32 pages) __weak;

#endif
