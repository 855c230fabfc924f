/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* The tree of cgroups, as far as the cpu controller and sched_ext see it. */
#ifndef SCXM_CGROUP_H
#define SCXM_CGROUP_H

#include "scxm.h"

#define SCXM_CGROUP_MAGIC 0x63677270U

int scxm_cgroups_init(struct scxm *m);
/* 0, -ENOMEM, -ELOOP (too deep), or what the scheduler's cgroup_init says. */
int scxm_cgroup_new(struct scxm *m, struct scxm_cgroup *parent, const char *name,
		    struct scxm_cgroup **ret);
/* -EBUSY: it has tasks or children. */
int scxm_cgroup_remove(struct scxm *m, struct scxm_cgroup *cgroup);
int scxm_cgroup_set_weight(struct scxm *m, struct scxm_cgroup *cgroup, uint32_t weight);
/* Moves a live task; what the scheduler's cgroup_prep_move says, if it says no. */
int scxm_cgroup_move(struct scxm *m, struct scxm_task *task, struct scxm_cgroup *to);
void scxm_cgroup_join(struct scxm_task *task, struct scxm_cgroup *cgroup);
void scxm_cgroup_leave(struct scxm_task *task);
void scxm_cgroup_put(struct scxm *m, struct scxm_cgroup *cgroup);
struct scxm_cgroup *scxm_cgroup_by_id(struct scxm *m, uint64_t id);

/* In enable and disable. */
int scxm_cgroups_attach(struct scxm *m);
void scxm_cgroups_detach(struct scxm *m);

#endif
