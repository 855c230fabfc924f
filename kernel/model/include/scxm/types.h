/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The kernel's types as a scheduler sees them, shared by the schedulers that are compiled natively
 * and by the model that runs them: one layout, no translation in between. Names and meanings are
 * the kernel's (7.3); order, and what is left out, are the model's own.
 */
#ifndef SCXM_TYPES_H
#define SCXM_TYPES_H

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef __kernel_pid_t pid_t;
typedef __kernel_ssize_t ssize_t;

#define SCXM_CPUS_MAX 1024
#define SCXM_STORAGE_MAX 8 /* task or cgroup storage maps of one scheduler */
#define TASK_COMM_LEN 16

#include "enums.h"

struct list_head {
	struct list_head *next, *prev;
};

struct cpumask {
	unsigned long bits[SCXM_CPUS_MAX / 64];
};
typedef struct cpumask cpumask_t;
struct bpf_cpumask {
	cpumask_t cpumask;
	u32 usage;
	u32 magic;
};

/* A node of the tree that keeps a queue in order of vtime. */
struct scxm_node {
	struct scxm_node *parent, *left, *right;
	u64 priority;
};

struct scx_dsq_list_node {
	struct list_head node;
	u32 flags;
	u32 priv;
};

struct scx_sched;
struct task_struct;

struct scx_dispatch_q {
	struct task_struct *first_task;
	struct list_head list;
	struct scxm_node *priq;
	u32 nr;
	u32 seq;
	u64 id;
	struct scx_sched *sched;
	struct scx_dispatch_q *hash_next;
	struct list_head reenq; /* on the CPU that shall re-enqueue its tasks */
	u64 reenq_flags;
};

struct sched_ext_entity {
	struct scx_dispatch_q *dsq;
	u64 ops_state;
	u64 ddsp_dsq_id;
	u64 ddsp_enq_flags;
	u64 ddsp_slice;
	u64 ddsp_vtime;
	struct scx_dsq_list_node dsq_list;
	struct scxm_node dsq_priq;
	u32 dsq_seq;
	u32 dsq_flags;
	u32 flags;
	u32 weight;
	u32 reenq_cnt;
	s32 sticky_cpu;
	s32 holding_cpu;
	s32 selected_cpu;
	s32 runnable_cpu;
	u32 ops_qseq;
	struct list_head runnable_node;
	unsigned long runnable_at;
	u64 tid;
	u64 slice;
	u64 dsq_vtime;
	u64 slice_oob;
	u64 reenq_reason_caps;
	s32 reenq_reason_cid;
	bool disallow;
	struct cgroup *cgrp_moving_from;
};

struct load_weight {
	unsigned long weight;
	u32 inv_weight;
};

struct sched_avg {
	u64 last_update_time;
	unsigned long load_avg;
	unsigned long runnable_avg;
	unsigned long util_avg;
};

struct sched_entity {
	u64 sum_exec_runtime;
	u64 exec_start;
	u64 prev_sum_exec_runtime;
	u64 vruntime;
	struct load_weight load;
	struct sched_avg avg;
};

struct thread_info {
	unsigned long flags;
	u32 cpu;
};

struct mm_struct {
	u64 id;
};

struct kernfs_node {
	const char *name;
	u64 id;
};

struct cgroup_subsys {
	int id;
	const char *name;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys *ss;
	struct cgroup_subsys_state *parent;
	int id;
	unsigned int flags;
	u64 serial_nr;
};

struct cgroup {
	struct cgroup_subsys_state self;
	unsigned long flags;
	int level;
	int nr_descendants;
	struct kernfs_node *kn;
	struct cgroup_subsys_state *subsys[2];
	struct cgroup *ancestors[16];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct scx_task_group {
	struct scx_sched *sched;
	u32 flags;
	u32 weight;
	u64 bw_period_us;
	u64 bw_quota_us;
	u64 bw_burst_us;
	bool idle;
};

struct task_group {
	struct cgroup_subsys_state css;
	struct task_group *parent;
	unsigned long shares;
	int idle;
	struct scx_task_group scx;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	int exit_state;
	unsigned int flags;
	int on_cpu;
	int on_rq;
	int prio;
	int static_prio;
	int normal_prio;
	unsigned int rt_priority;
	unsigned int policy;
	int wake_cpu;
	int recent_used_cpu;
	int nr_cpus_allowed;
	unsigned short migration_disabled;
	int pid;
	int tgid;
	struct sched_entity se;
	struct sched_ext_entity scx;
	const cpumask_t *cpus_ptr;
	cpumask_t *user_cpus_ptr;
	cpumask_t cpus_mask;
	unsigned long nvcsw;
	unsigned long nivcsw;
	u64 start_time;
	u64 start_boottime;
	unsigned long core_cookie;
	struct task_struct *parent;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct css_set *cgroups;
	struct task_group *sched_task_group;
	char comm[TASK_COMM_LEN];
};

struct scx_rq {
	struct scx_dispatch_q local_dsq;
	struct list_head runnable_list;
	struct list_head ddsp_deferred_locals;
	unsigned long ops_qseq;
	u64 extra_enq_flags;
	u32 nr_running;
	u32 cpuperf_target;
	bool cpu_released;
	bool in_select_cpu;
	bool kick_sync_pending;
	u32 flags;
	u32 nr_immed;
	u64 clock;
	unsigned long kick_sync;
	struct task_struct *sub_dispatch_prev;
};

struct rq {
	struct task_struct *curr;
	struct task_struct *donor;
	struct task_struct *idle;
	struct task_struct *stop;
	unsigned int nr_running;
	u64 nr_switches;
	u64 clock;
	u64 clock_task;
	u64 clock_pelt;
	unsigned long lost_idle_time;
	int cpu;
	int online;
	struct scx_rq scx;
};

struct scx_exit_info {
	enum scx_exit_kind kind;
	s32 exit_cpu;
	s64 exit_code;
	u64 flags;
	const char *reason;
	unsigned long *bt;
	u32 bt_len;
	char *msg;
	char *dump;
};

struct scx_init_task_args {
	bool fork;
	struct cgroup *cgroup;
};
struct scx_exit_task_args {
	bool cancelled;
};
struct scx_enable_args {
	u64 cmask_arena_addr;
};
struct scx_cgroup_init_args {
	u32 weight;
	u64 bw_period_us;
	u64 bw_quota_us;
	u64 bw_burst_us;
	bool sched_idle;
};
struct scx_cpu_acquire_args {
	u8 empty[0];
};
struct scx_cpu_release_args {
	enum scx_cpu_preempt_reason reason;
	struct task_struct *task;
};
struct scx_dump_ctx {
	enum scx_exit_kind kind;
	s64 exit_code;
	const char *reason;
	u64 at_ns;
	u64 at_jiffies;
};
struct scx_sub_attach_args {
	struct sched_ext_ops *ops;
	char *cgroup_path;
};
struct scx_sub_detach_args {
	struct sched_ext_ops *ops;
	char *cgroup_path;
};
struct scx_cmask;

struct scx_event_stats {
#define SCXM_EVENT(name, since) s64 name;
#include "events.h"
#undef SCXM_EVENT
};

struct bpf_iter_scx_dsq {
	u64 opaque[6];
} __attribute__((aligned(8)));
struct scx_bpf_select_cpu_and_args {
	s32 prev_cpu;
	u64 wake_flags;
	u64 flags;
};
struct scx_bpf_dsq_insert_vtime_args {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
};

#include "ops.h"

#endif
