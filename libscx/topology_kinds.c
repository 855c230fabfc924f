/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Kinds of cores into CPU capacities.
 *
 * hwloc groups CPUs into kinds and says about each what the system told. The best of it is the
 * kernel's own capacity; else frequencies, which are at least in the right order. A value counts
 * only if every kind has it: a ratio to an unknown is none. hwloc's "efficiency" is a rank, not a
 * size, and is not used.
 */
#include "topology.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"

/* What may tell a capacity, the best first. */
enum measure { MEASURE_CAPACITY, MEASURE_FREQUENCY_MAX, MEASURE_FREQUENCY_BASE, MEASURES };

static const char *const measure_names[MEASURES] = {
	[MEASURE_CAPACITY] = "LinuxCapacity",
	[MEASURE_FREQUENCY_MAX] = "FrequencyMaxMHz",
	[MEASURE_FREQUENCY_BASE] = "FrequencyBaseMHz",
};

struct kind {
	unsigned values[MEASURES]; /* 0: not told */
	const char *core_type;	   /* hwloc's, or NULL */
};

static void free_bitmap(hwloc_bitmap_t *bitmap)
{
	hwloc_bitmap_free(*bitmap);
}

static unsigned parse_value(const char *text)
{
	unsigned long value = strtoul(text, NULL, 10);

	/* No clock has terahertz: what is larger is not a measure. */
	return value > 1000000 ? 0 : (unsigned)value;
}

static void read_kind(struct kind *kind, const struct hwloc_info_s *infos, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (unsigned m = 0; m < MEASURES; m++)
			if (!strcmp(infos[i].name, measure_names[m]))
				kind->values[m] = parse_value(infos[i].value);
		if (!strcmp(infos[i].name, "CoreType"))
			kind->core_type = infos[i].value;
	}
}

/* The first measure that every kind has, or MEASURES. */
static unsigned choose_measure(const struct kind *kinds, unsigned count)
{
	for (unsigned m = 0; m < MEASURES; m++) {
		unsigned known = 0;

		while (known < count && kinds[known].values[m])
			known++;
		if (known == count)
			return m;
	}
	return MEASURES;
}

static unsigned kind_capacity(const struct kind *kind, unsigned measure, unsigned largest)
{
	unsigned capacity;

	if (measure == MEASURES)
		return SCXI_CAPACITY_FULL;
	if (measure == MEASURE_CAPACITY)
		capacity = kind->values[measure];
	else
		capacity = kind->values[measure] * SCXI_CAPACITY_FULL / largest;
	if (capacity > SCXI_CAPACITY_FULL)
		return SCXI_CAPACITY_FULL;
	return capacity ? capacity : 1;
}

static void set_capacities(struct scx_topology *topology, const struct kind *kinds, unsigned count)
{
	unsigned measure = choose_measure(kinds, count);
	unsigned largest = 1;

	for (unsigned i = 0; measure < MEASURES && i < count; i++)
		if (kinds[i].values[measure] > largest)
			largest = kinds[i].values[measure];
	for (unsigned i = 0; i < topology->cpu_end; i++) {
		struct scxi_cpu *cpu = &topology->cpus[i];

		if (!(cpu->state & SCX_CPU_ONLINE))
			continue;
		cpu->capacity = SCXI_CAPACITY_FULL;
		if (cpu->kind < count)
			cpu->capacity =
				(uint16_t)kind_capacity(&kinds[cpu->kind], measure, largest);
	}
}

static int read_one_kind(struct scx_topology *topology, hwloc_topology_t hwloc, unsigned index,
			 struct kind *kind)
{
	__attribute__((cleanup(free_bitmap))) hwloc_bitmap_t cpus = hwloc_bitmap_alloc();
	struct hwloc_info_s *infos = NULL;
	unsigned count = 0;

	if (!cpus)
		return -ENOMEM;
	if (hwloc_cpukinds_get_info(hwloc, index, cpus, NULL, &count, &infos, 0))
		return 0; /* a kind without a word about it */
	read_kind(kind, infos, count);
	for (unsigned cpu = 0; cpu < topology->cpu_end; cpu++)
		if (hwloc_bitmap_isset(cpus, cpu))
			topology->cpus[cpu].kind = (uint16_t)index;
	return 0;
}

int scxi_topology_read_kinds(struct scx_topology *topology, hwloc_topology_t hwloc)
{
	int found = hwloc_cpukinds_get_nr(hwloc, 0);
	unsigned count = found > 0 && found < USHRT_MAX ? (unsigned)found : 0;

	scxi_auto_free struct kind *kinds = calloc(count + 1, sizeof(*kinds));
	if (!kinds)
		return -ENOMEM;
	for (unsigned i = 0; i < topology->cpu_end; i++)
		topology->cpus[i].kind = USHRT_MAX;
	for (unsigned i = 0; i < count; i++) {
		int err = read_one_kind(topology, hwloc, i, &kinds[i]);

		if (err)
			return err;
	}
	topology->kinds = count;
	for (unsigned i = 1; i < count; i++)
		if (kinds[i].core_type && kinds[0].core_type &&
		    strcmp(kinds[i].core_type, kinds[0].core_type) != 0)
			topology->kinds_differ = true;
	set_capacities(topology, kinds, count);
	return 0;
}
