/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The kernel's types for the model itself, and the flags of the scheduler core that it uses. */
#ifndef SCXM_KERNEL_H
#define SCXM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCXM_HOST 1
#include "include/scxm/types.h"

/* include/linux/sched.h */
#define TASK_RUNNING 0x0
#define TASK_INTERRUPTIBLE 0x1
#define TASK_DEAD 0x80
#define TASK_WAKING 0x200
#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000
#define PF_NO_SETAFFINITY 0x04000000
#define TASK_ON_RQ_QUEUED 1
#define TASK_ON_RQ_MIGRATING 2

/* include/uapi/linux/sched.h */
#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define SCHED_DEADLINE 6
#define SCHED_EXT 7

/* kernel/sched/sched.h: a dequeue's flags match those of the enqueue that undoes it. */
#define DEQUEUE_SLEEP 0x0001
#define DEQUEUE_SAVE 0x0002
#define DEQUEUE_MOVE 0x0004
#define DEQUEUE_NOCLOCK 0x0008
#define DEQUEUE_CLASS 0x0040
#define DEQUEUE_SPECIAL 0x00010000
#define ENQUEUE_WAKEUP 0x0001
#define ENQUEUE_RESTORE 0x0002
#define ENQUEUE_NOCLOCK 0x0008
#define ENQUEUE_CLASS 0x0040
#define ENQUEUE_HEAD 0x00010000
#define ENQUEUE_MIGRATED 0x00040000
#define ENQUEUE_INITIAL 0x00080000
#define ENQUEUE_RQ_SELECTED 0x00100000
#define WF_EXEC 0x02
#define WF_FORK 0x04
#define WF_TTWU 0x08
#define WF_SYNC 0x10
#define WF_MIGRATED 0x20
#define WF_RQ_SELECTED 0x80

#define MAX_RT_PRIO 100
#define DEFAULT_PRIO 120
#define CGROUP_WEIGHT_DFL 100

/* Where the scheduler class of a task stands; a higher one always runs first. */
enum scxm_class {
	SCXM_CLASS_IDLE = 0,
	SCXM_CLASS_EXT = 1,
	SCXM_CLASS_FAIR = 2,
	SCXM_CLASS_RT = 3,
	SCXM_CLASS_DL = 4,
	SCXM_CLASS_STOP = 5,
};

#define scxm_container(ptr, type, member) ((type *)((uintptr_t)(ptr) - offsetof(type, member)))

static inline void scxm_list_init(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline bool scxm_list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void scxm_list_add(struct list_head *node, struct list_head *after)
{
	node->prev = after;
	node->next = after->next;
	after->next->prev = node;
	after->next = node;
}

static inline void scxm_list_add_tail(struct list_head *node, struct list_head *list)
{
	scxm_list_add(node, list->prev);
}

static inline void scxm_list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
	scxm_list_init(node);
}

#endif
