/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The bridge to hwloc: its topologies and bitmaps, for programs that have them.
 *
 * The caller's topology is only read. A bitmap of hwloc's may have no end, a CPU set always has.
 */
#include <scx/hwloc.h>

#include <errno.h>

#include <scx/cpuset.h>

#include "cpuset.h"
#include "error.h"
#include "options.h"
#include "topology.h"

static int read_hwloc(hwloc_topology_t hwloc, const struct scx_topology_opts *opts,
		      struct scx_topology **ret_topology)
{
	if (opts->xml || opts->synthetic)
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "a topology of hwloc's is given: no XML file or description "
				     "can be opened too");
	if (hwloc_topology_abi_check(hwloc))
		return scxi_fail_buf(opts->errbuf, opts->errbuf_size, -EINVAL,
				     "the topology was made by an incompatible hwloc");
	/* hwloc has no question for it, but what is loaded has a CPU. */
	if (hwloc_get_nbobjs_by_type(hwloc, HWLOC_OBJ_PU) < 1)
		return scxi_fail_buf(
			opts->errbuf, opts->errbuf_size, -EINVAL,
			"the topology is not loaded; call hwloc_topology_load() first");
	return scxi_topology_read(hwloc, opts, ret_topology);
}

struct scx_topology *scx_hwloc_topology_new(hwloc_topology_t hwloc,
					    const struct scx_topology_opts *opts)
{
	struct scx_topology_opts known;
	struct scx_topology *topology = NULL;
	int err = scxi_options_read(&known, sizeof(known), opts);

	if (!err)
		err = read_hwloc(hwloc, &known, &topology);
	if (err)
		errno = -err;
	return topology;
}

int scx_hwloc_cpuset_get(hwloc_const_bitmap_t bitmap, size_t setsize, cpu_set_t *ret_set)
{
	int last = hwloc_bitmap_last(bitmap);

	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	if (!hwloc_bitmap_iszero(bitmap) && (last < 0 || (size_t)last / 8 >= setsize))
		return -ERANGE;
	(void)scx_cpuset_clear(setsize, ret_set);
	for (int cpu = hwloc_bitmap_first(bitmap); cpu >= 0; cpu = hwloc_bitmap_next(bitmap, cpu))
		(void)scx_cpuset_add(setsize, ret_set, (unsigned)cpu);
	return 0;
}

int scx_hwloc_cpuset_set(hwloc_bitmap_t bitmap, size_t setsize, const cpu_set_t *set)
{
	if (!scxi_cpuset_size_ok(setsize))
		return -EINVAL;
	hwloc_bitmap_zero(bitmap);
	for (int cpu = -1; (cpu = scx_cpuset_next(setsize, set, cpu)) >= 0;)
		if (hwloc_bitmap_set(bitmap, (unsigned)cpu))
			return -ENOMEM;
	return 0;
}
