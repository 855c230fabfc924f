/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Machines for tests: by description, or from tests/data/topology, where files are named by shape.
 */
#ifndef TESTS_TOPOLOGIES_H
#define TESTS_TOPOLOGIES_H

#include <scx/topology.h>

/* A file of tests/data/topology, or a description. Aborts the test when it cannot be opened. */
struct scx_topology *open_machine(const char *machine);

/* The files of tests/data/topology; NULL at the end. */
extern const char *const recorded_machines[];

#define HYBRID "10x86-1pa-1l3-2co2pu+4co-and-2co.xml"
#define ARM "8arm-4+3+1co-no-l3.xml"
#define SPARSE "6amd64-1pa-2l3-4+2co-sparse-2off.xml"
#define PPC "8ppc-2pa-2l3-4co-nodes-0+8+252+255.xml"
#define RING "8amd64-4pa-4l3-2co-ring.xml"
#define CONTAINER "8amd64-1pa-4l3-2co-3allowed.xml"
#define DIES "8amd64-2pa-2di-2l3-1co.xml"
#define VM "10amd64-3pa-3l3-2co2pu-2no+1-2off-6allowed.xml"

#endif /* TESTS_TOPOLOGIES_H */
