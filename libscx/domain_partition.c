/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains from a partition: the one place where topology and scheduler meet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/topology.h>

#include "domain.h"
#include "error.h"
#include "handle.h"

static struct scxi_definition *definition(const struct scx_partition *partition, unsigned domain)
{
	unsigned order[SCX_DOMAIN_MAX];
	struct scxi_definition *d = calloc(1, sizeof(*d));
	int node = scx_partition_node(partition, domain);

	if (!d)
		return NULL;
	d->ordered = true;
	d->verb.domain = domain;
	d->verb.node = node < 0 ? SCXI_NO_NODE : (unsigned)node;
	d->verb.nr_near = scx_partition_count(partition) - 1;
	if (!scx_partition_order(partition, domain, order))
		for (unsigned i = 0; i < d->verb.nr_near; i++)
			d->verb.near[i] = (uint8_t)order[i];
	return d;
}

int scx_domain_set_partition(struct scx *scx, const struct scx_partition *partition)
{
	unsigned nr = scx_partition_count(partition);
	size_t cpus = scx_partition_setsize(partition) * 8;
	struct scxi_definition **table;
	int err;

	if (!scx->features.domains)
		return scxi_fail(scx, -ENOTSUP, "%s has no domains", scx->features.name);
	err = scxi_check_owner(scx);
	if (err)
		return err;
	if (!nr || nr > SCX_DOMAIN_MAX)
		return scxi_fail(
			scx, -EINVAL,
			"the partition has %u domains, 1 .. %d are possible; cpus_max or a larger level makes fewer",
			nr, SCX_DOMAIN_MAX);
	table = calloc(SCX_DOMAIN_MAX, sizeof(struct scxi_definition *));
	for (unsigned d = 0; table && d < nr; d++) {
		table[d] = definition(partition, d);
		if (!table[d]) {
			scxi_table_free(table);
			table = NULL;
		}
	}
	if (!table)
		return scxi_fail(scx, -ENOMEM, "out of memory");
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		int home = scx_partition_home(partition, cpu);

		if (home < 0)
			continue;
		if (cpu >= SCX_CPUS_MAX) {
			scxi_table_free(table);
			return scxi_fail(scx, -ENODEV,
					 "CPU %u: schedulers have room for CPUs below %d", cpu,
					 SCX_CPUS_MAX);
		}
		table[home]->verb.cpus[cpu / 64] |= 1ULL << (cpu % 64);
		table[home]->verb.nr_cpus++;
	}
	return scxi_domains_replace(scx, table);
}

int scxi_domains_default(struct scx *scx)
{
	char words[256] = "";
	struct scx_topology_opts topology_opts = {
		.size = sizeof(topology_opts),
		.errbuf = words,
		.errbuf_size = sizeof(words),
		.synthetic = scx->backend->ops->synthetic(scx->backend),
	};
	struct scx_partition_opts opts = {
		.size = sizeof(opts),
		.errbuf = words,
		.errbuf_size = sizeof(words),
		/* A scheduler of the whole machine serves also those whom this process's cgroup shuts out. */
		.flags = scx->wish.partial ? 0 : SCX_PARTITION_DISALLOWED,
	};
	struct scx_partition *partition = NULL;
	struct scx_topology *topology;
	int err;

	if (!scx->features.domains || scx_domain_next(scx, -1) >= 0)
		return 0;
	topology = scx_topology_new(&topology_opts);
	if (topology)
		partition = scx_partition_new(topology, &opts);
	err = partition ? scx_domain_set_partition(scx, partition)
			: scxi_fail(scx, -errno, "no domains: %s", words);
	scx_partition_free(partition);
	scx_topology_free(topology);
	return err;
}
