/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The bridge to hwloc: for programs that have a topology of hwloc's already, or CPU sets in its
 * form.
 *
 * It is the only header that needs hwloc's own (2.9 or later); libscx works without it.
 *
 * Example:
 *
 *	hwloc_topology_t h;
 *
 *	hwloc_topology_init(&h);
 *	hwloc_topology_load(h);
 *	struct scx_topology *t = scx_hwloc_topology_new(h, NULL);
 */
#ifndef SCX_HWLOC_H
#define SCX_HWLOC_H

#include <hwloc.h>
#include <sched.h>
#include <stddef.h>

#include <scx/api.h>
#include <scx/topology.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * scx_hwloc_topology_new - a topology from one of hwloc's
 * @hwloc: loaded; it is only read, and not needed any more after the call
 * @opts:  may be NULL; @xml and @synthetic must be NULL
 *
 * What @hwloc has filtered out is missing. Load it with HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED, or
 * CPUs that this process may not use look as if they were offline. If it is of this machine, sysfs
 * is read too, as in scx_topology_new().
 *
 * Returns the topology, or NULL with errno: E2BIG (unknown options, or too many CPUs), EINVAL (not
 * loaded; of an incompatible hwloc; @xml or @synthetic given), ENOMEM.
 * Threads: safe as long as nobody changes @hwloc. Since: 0.1
 */
SCX_API struct scx_topology *scx_hwloc_topology_new(hwloc_topology_t hwloc,
						    const struct scx_topology_opts *opts);

/**
 * scx_hwloc_cpuset_get - a CPU set from a bitmap
 * @bitmap:  kernel CPU numbers (hwloc's OS indexes, which is what its cpusets hold)
 * @setsize: bytes in @ret_set, as in <scx/cpuset.h>
 * @ret_set: replaced by the CPUs of @bitmap; untouched on failure
 *
 * Returns 0, or -EINVAL (@setsize), -ERANGE (@ret_set cannot hold one of the CPUs; @bitmap has no
 * end). Threads: safe. Since: 0.1
 */
SCX_API int scx_hwloc_cpuset_get(hwloc_const_bitmap_t bitmap, size_t setsize, cpu_set_t *ret_set);

/**
 * scx_hwloc_cpuset_set - a bitmap from a CPU set
 * @bitmap:  replaced by the CPUs of @set; on failure its contents are undefined
 * @setsize: bytes in @set, as in <scx/cpuset.h>
 * @set:     the CPUs
 *
 * Returns 0, or -EINVAL (@setsize), -ENOMEM. Threads: not with another call on @bitmap. Since: 0.1
 */
SCX_API int scx_hwloc_cpuset_set(hwloc_bitmap_t bitmap, size_t setsize, const cpu_set_t *set);

#ifdef __cplusplus
}
#endif

#endif /* SCX_HWLOC_H */
