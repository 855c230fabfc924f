/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The kernel functions and helpers as schedulers call them, with the instance that runs on this
 * thread behind them (scxm_here). Which are there for whom: surface.h.
 */
#ifndef SCXM_KF_H
#define SCXM_KF_H

#include <linux/bpf.h>

#include "check.h"
#include "scxm.h"
#include "task.h"

/* ---- kf_dsq.c ---- */
s32 scxm_kf_create_dsq(u64 id, s32 node);
void scxm_kf_destroy_dsq(u64 id);
s32 scxm_kf_dsq_nr_queued(u64 id);
bool scxm_kf_dsq_insert(struct task_struct *p, u64 dsq, u64 slice, u64 flags);
bool scxm_kf_dsq_insert_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime, u64 flags);
bool scxm_kf_dsq_insert_vtime_args(struct task_struct *p,
				   struct scx_bpf_dsq_insert_vtime_args *args);
bool scxm_kf_dsq_move_to_local(u64 dsq);
bool scxm_kf_dsq_move_to_local_flags(u64 dsq, u64 flags);
u32 scxm_kf_dispatch_nr_slots(void);
void scxm_kf_dispatch_cancel(void);
bool scxm_kf_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags);
bool scxm_kf_dsq_move_vtime(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq, u64 flags);
void scxm_kf_dsq_move_set_slice(struct bpf_iter_scx_dsq *it, u64 slice);
void scxm_kf_dsq_move_set_vtime(struct bpf_iter_scx_dsq *it, u64 vtime);
struct task_struct *scxm_kf_dsq_peek(u64 dsq);
void scxm_kf_dsq_reenq(u64 dsq, u64 flags);
u32 scxm_kf_reenqueue_local(void);
void scxm_kf_reenqueue_local_any(void);
int scxm_kf_iter_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq, u64 flags);
struct task_struct *scxm_kf_iter_dsq_next(struct bpf_iter_scx_dsq *it);
void scxm_kf_iter_dsq_destroy(struct bpf_iter_scx_dsq *it);

/* ---- kf_idle.c ---- */
s32 scxm_kf_select_cpu_dfl(struct task_struct *p, s32 prev, u64 wake_flags, bool *is_idle);
s32 scxm_kf_select_cpu_and(struct task_struct *p, s32 prev, u64 wake_flags,
			   const struct cpumask *allowed, u64 flags);
s32 scxm_kf_select_cpu_and_args(struct task_struct *p, const struct cpumask *allowed,
				struct scx_bpf_select_cpu_and_args *args);
const struct cpumask *scxm_kf_get_idle_cpumask(void);
const struct cpumask *scxm_kf_get_idle_smtmask(void);
const struct cpumask *scxm_kf_get_idle_cpumask_node(s32 node);
const struct cpumask *scxm_kf_get_idle_smtmask_node(s32 node);
const struct cpumask *scxm_kf_get_possible_cpumask(void);
const struct cpumask *scxm_kf_get_online_cpumask(void);
void scxm_kf_put_cpumask(const struct cpumask *mask);
bool scxm_kf_test_and_clear_cpu_idle(s32 cpu);
s32 scxm_kf_pick_idle_cpu(const struct cpumask *allowed, u64 flags);
s32 scxm_kf_pick_any_cpu(const struct cpumask *allowed, u64 flags);
s32 scxm_kf_pick_idle_cpu_node(const struct cpumask *allowed, s32 node, u64 flags);
s32 scxm_kf_pick_any_cpu_node(const struct cpumask *allowed, s32 node, u64 flags);
s32 scxm_kf_cpu_node(s32 cpu);
u32 scxm_kf_nr_node_ids(void);
u32 scxm_kf_nr_cpu_ids(void);

/* ---- kf_task.c ---- */
void scxm_kf_kick_cpu(s32 cpu, u64 flags);
bool scxm_kf_task_running(const struct task_struct *p);
s32 scxm_kf_task_cpu(const struct task_struct *p);
struct task_struct *scxm_kf_cpu_curr(s32 cpu);
u64 scxm_kf_now(void);
void scxm_kf_events(struct scx_event_stats *events, size_t bytes);
u32 scxm_kf_cpuperf_cap(s32 cpu);
u32 scxm_kf_cpuperf_cur(s32 cpu);
void scxm_kf_cpuperf_set(s32 cpu, u32 perf);
struct task_struct *scxm_kf_tid_to_task(u64 tid);
void scxm_kf_exit_bstr(s64 code, char *fmt, unsigned long long *data, u32 bytes);
void scxm_kf_error_bstr(char *fmt, unsigned long long *data, u32 bytes);
void scxm_kf_dump_bstr(char *fmt, unsigned long long *data, u32 bytes);
bool scxm_kf_task_set_slice(struct task_struct *p, u64 slice);
bool scxm_kf_task_set_dsq_vtime(struct task_struct *p, u64 vtime);
struct cgroup *scxm_kf_task_cgroup(struct task_struct *p);
struct task_struct *scxm_kf_task_from_pid(s32 pid);
struct task_struct *scxm_kf_task_acquire(struct task_struct *p);
void scxm_kf_task_release(struct task_struct *p);
struct cgroup *scxm_kf_cgroup_ancestor(struct cgroup *cgrp, int level);
struct cgroup *scxm_kf_cgroup_acquire(struct cgroup *cgrp);
void scxm_kf_cgroup_release(struct cgroup *cgrp);
struct cgroup *scxm_kf_cgroup_from_id(u64 id);

/* ---- kf_mask.c ---- */
struct bpf_cpumask *scxm_kf_cpumask_create(void);
struct bpf_cpumask *scxm_kf_cpumask_acquire(struct bpf_cpumask *mask);
void scxm_kf_cpumask_release(struct bpf_cpumask *mask);
u32 scxm_kf_cpumask_first(const struct cpumask *mask);
u32 scxm_kf_cpumask_first_zero(const struct cpumask *mask);
void scxm_kf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *mask);
void scxm_kf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *mask);
bool scxm_kf_cpumask_test_cpu(u32 cpu, const struct cpumask *mask);
bool scxm_kf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *mask);
bool scxm_kf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *mask);
void scxm_kf_cpumask_setall(struct bpf_cpumask *mask);
void scxm_kf_cpumask_clear(struct bpf_cpumask *mask);
bool scxm_kf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *a, const struct cpumask *b);
void scxm_kf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *a, const struct cpumask *b);
void scxm_kf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src);
bool scxm_kf_cpumask_equal(const struct cpumask *a, const struct cpumask *b);
bool scxm_kf_cpumask_intersects(const struct cpumask *a, const struct cpumask *b);
bool scxm_kf_cpumask_subset(const struct cpumask *a, const struct cpumask *b);
bool scxm_kf_cpumask_empty(const struct cpumask *mask);
bool scxm_kf_cpumask_full(const struct cpumask *mask);
u32 scxm_kf_cpumask_any_distribute(const struct cpumask *mask);
u32 scxm_kf_cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b);
u32 scxm_kf_cpumask_weight(const struct cpumask *mask);

/* ---- map.c ---- */
void *scxm_h_map_lookup(void *map, const void *key);
void *scxm_h_map_lookup_percpu(void *map, const void *key, u32 cpu);
long scxm_h_map_update(void *map, const void *key, const void *value, u64 flags);
long scxm_h_map_delete(void *map, const void *key);
long scxm_h_map_push(void *map, const void *value, u64 flags);
long scxm_h_map_pop(void *map, void *value);
long scxm_h_map_peek(void *map, void *value);
void *scxm_h_task_storage_get(void *map, struct task_struct *p, void *value, u64 flags);
long scxm_h_task_storage_delete(void *map, struct task_struct *p);
void *scxm_h_cgrp_storage_get(void *map, struct cgroup *cgrp, void *value, u64 flags);
long scxm_h_cgrp_storage_delete(void *map, struct cgroup *cgrp);
void *scxm_h_ringbuf_reserve(void *map, u64 size, u64 flags);
void scxm_h_ringbuf_submit(void *data, u64 flags);
void scxm_h_ringbuf_discard(void *data, u64 flags);
void *scxm_kf_arena_alloc_pages(void *map, void *addr, u32 pages, int node, u64 flags);
void scxm_kf_arena_free_pages(void *map, void *addr, u32 pages);

/* ---- timer.c ---- */
long scxm_h_timer_init(struct bpf_timer *timer, void *map, u64 flags);
long scxm_h_timer_callback(struct bpf_timer *timer, void *fn);
long scxm_h_timer_start(struct bpf_timer *timer, u64 ns, u64 flags);
long scxm_h_timer_cancel(struct bpf_timer *timer);

/* ---- helper.c ---- */
void scxm_kf_rcu_read_lock(void);
void scxm_kf_rcu_read_unlock(void);
void scxm_kf_preempt_disable(void);
void scxm_kf_preempt_enable(void);
void scxm_kf_local_irq_save(unsigned long *flags);
void scxm_kf_local_irq_restore(unsigned long *flags);
void scxm_h_spin_lock(struct bpf_spin_lock *lock);
void scxm_h_spin_unlock(struct bpf_spin_lock *lock);
u64 scxm_h_ktime_get_ns(void);
u64 scxm_h_jiffies64(void);
u32 scxm_h_smp_processor_id(void);
s32 scxm_h_numa_node_id(void);
u32 scxm_h_prandom_u32(void);
struct task_struct *scxm_h_current_task(void);
u64 scxm_h_current_pid_tgid(void);
long scxm_h_probe_read(void *dst, u32 size, const void *src);
long scxm_h_probe_read_str(void *dst, u32 size, const void *src);
long scxm_h_strncmp(const char *a, u32 size, const char *b);
void *scxm_h_kptr_xchg(void *slot, void *ptr);
long scxm_h_printk(const char *fmt, const u64 *data, u32 nr);

/* ---- pose.c ---- */
bool scxm_h_ksym_exists(const char *name);
bool scxm_h_field_exists(const char *expression);
bool scxm_h_type_exists(const char *type);
bool scxm_h_enum_exists(const char *name);
u64 scxm_h_enum_value(const char *name, u64 here);

/* ---- text.c: the kernel's bstr_printf() ---- */
/* Bytes without the final 0, or -EINVAL for a format that the kernel does not take. */
int scxm_text(char *buf, size_t size, const char *fmt, const uint64_t *data, uint32_t nr);

#endif
