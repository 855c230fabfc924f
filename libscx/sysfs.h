/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The files of /sys/kernel/sched_ext and their like.
 */
#ifndef SCXI_SYSFS_H
#define SCXI_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#include "backend.h"

/* The file as text, without a newline at its end, cut off if it does not fit; bytes, or -errno. */
int scxi_sysfs_read(const char *path, char *buf, size_t size);

/* A file with one number; -EINVAL: it is none. */
int scxi_sysfs_read_u64(const char *path, uint64_t *ret);

int scxi_sysfs_state(struct scxi_state *ret);
int scxi_sysfs_cpus(size_t setsize, cpu_set_t *ret_possible, cpu_set_t *ret_online);

#endif /* SCXI_SYSFS_H */
