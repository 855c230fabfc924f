/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The machine that the command line speaks of, and its domains.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>

#include <scx/partition.h>
#include <scx/topology.h>

struct options;

struct machine {
	struct scx_topology *topology;
	struct scx_partition *partition;
};

/* Returns 0, or a negative errno with a sentence in @err. */
int machine_read(struct machine *m, const struct options *o, char *err, size_t err_size);
/* May be called again. */
void machine_end(struct machine *m);

#endif /* MACHINE_H */
