/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Machines for tests: see topologies.h.
 */
#include "topologies.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

const char *const recorded_machines[] = {
	HYBRID, ARM, SPARSE, PPC, RING, CONTAINER, DIES, VM, NULL
};

struct scx_topology *open_machine(const char *machine)
{
	char errbuf[256] = "", path[512];
	struct scx_topology_opts opts = { .size = sizeof(opts),
					  .errbuf = errbuf,
					  .errbuf_size = sizeof(errbuf) };
	struct scx_topology *topology;

	if (strstr(machine, ".xml")) {
		(void)snprintf(path, sizeof(path), "%s/topology/%s", SCX_TEST_DATA, machine);
		opts.xml = path;
	} else {
		opts.synthetic = machine;
	}
	topology = scx_topology_new(&opts);
	cr_assert_not_null(topology, "%s: %s", machine, errbuf);
	return topology;
}
