/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
#include "machine.h"

#include <errno.h>

#include "options.h"

int machine_read(struct machine *m, const struct options *o, char *err, size_t err_size)
{
	struct scx_topology_opts topology = {
		.size = sizeof(topology),
		.errbuf = err,
		.errbuf_size = err_size,
		.xml = o->topology_xml,
		.synthetic = o->synthetic,
	};
	struct scx_partition_opts partition = {
		.size = sizeof(partition),
		.errbuf = err,
		.errbuf_size = err_size,
		.level = o->level,
		.cpus_max = o->cpus_max,
		.lists = o->lists,
		/* Of the whole machine also tasks are scheduled that may run where we may not. */
		.flags = o->partial ? 0 : SCX_PARTITION_DISALLOWED,
	};

	*m = (struct machine){ .topology = scx_topology_new(&topology) };
	if (m->topology)
		m->partition = scx_partition_new(m->topology, &partition);
	if (m->partition)
		return 0;
	machine_end(m);
	return -errno;
}

void machine_end(struct machine *m)
{
	int saved = errno;

	scx_partition_free(m->partition);
	scx_topology_free(m->topology);
	*m = (struct machine){ NULL, NULL };
	errno = saved;
}
