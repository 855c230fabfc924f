// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Machines in hwloc's synthetic words: levels from the whole to the thread, each with how many of it
 * the one before has. CPUs are numbered in that order, as hwloc does. Caches are the last level's;
 * without one a package shares its cache. Without a NUMA level there is one node.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum level { CORE, LLC, NODE, PACKAGE, OTHER, NR_LEVELS };

struct parse {
	const char *at;
	uint32_t total; /* objects of the level that was read last */
	uint32_t count[NR_LEVELS];
	unsigned cache; /* of the level in count[LLC] */
	bool pu;
};

static enum level level_of(struct parse *p, const char *name, size_t n)
{
	static const struct {
		const char *name;
		enum level level;
	} names[] = {
		{ "core", CORE },      { "numa", NODE },    { "numanode", NODE },
		{ "node", NODE },      { "pack", PACKAGE }, { "package", PACKAGE },
		{ "socket", PACKAGE },
	};
	unsigned cache;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i].name) == n && !strncasecmp(names[i].name, name, n))
			return names[i].level;
	}
	if (n >= 2 && tolower(name[0]) == 'l' && isdigit(name[1]) && (n == 2 || name[2] != 'i')) {
		cache = (unsigned)(name[1] - '0');
		if (cache < 2 || cache < p->cache)
			return OTHER;
		p->cache = cache;
		return LLC;
	}
	return OTHER;
}

/* "(memory=1GB)": what does not shape the machine. */
static void skip_attributes(struct parse *p)
{
	if (*p->at == '(')
		p->at += strcspn(p->at, ")");
	if (*p->at == ')')
		p->at++;
}

/* "[numa]" hangs a node on each object of the level before. */
static bool parse_memory(struct parse *p)
{
	size_t n = strcspn(p->at, "]");

	if (p->at[n] != ']')
		return false;
	p->count[NODE] = p->total;
	p->at += n + 1;
	return true;
}

static bool parse_level(struct parse *p)
{
	const char *name = p->at;
	size_t n = strcspn(name, ":([ \t");
	unsigned long count;
	enum level level;
	char *end;

	if (name[n] != ':' || p->pu)
		return false;
	p->at += n + 1;
	count = strtoul(p->at, &end, 10);
	if (end == p->at || !count || count > SCXM_CPUS_MAX || p->total * count > SCXM_CPUS_MAX)
		return false;
	p->at = end;
	skip_attributes(p);
	p->total *= (uint32_t)count;
	if (n == 2 && !strncasecmp(name, "pu", 2)) {
		p->pu = true;
		return true;
	}
	level = level_of(p, name, n);
	p->count[level] = p->total;
	return true;
}

static void fill(uint16_t *of, uint32_t *nr, uint32_t cpus, uint32_t count)
{
	*nr = count;
	for (uint32_t i = 0; i < cpus; i++)
		of[i] = (uint16_t)(i / (cpus / count));
}

int scxm_shape_parse(const char *text, struct scxm_shape *shape, char *errbuf, size_t errbuf_size)
{
	struct parse p = { .at = text, .total = 1 };
	bool good = true;

	while (good) {
		p.at += strspn(p.at, " \t");
		if (!*p.at)
			break;
		good = *p.at == '[' ? parse_memory(&p) : parse_level(&p);
	}
	if (!good || !p.pu) {
		(void)snprintf(
			errbuf, errbuf_size,
			"\"%.64s\" at \"%.20s\" is no machine of up to %d CPUs like \"pack:2 l3:8 core:8 pu:2\"",
			text, p.at, SCXM_CPUS_MAX);
		return -EINVAL;
	}
	if (!p.count[CORE])
		p.count[CORE] = p.total;
	if (!p.count[LLC])
		p.count[LLC] = p.count[PACKAGE] ? p.count[PACKAGE] : 1;
	if (!p.count[NODE])
		p.count[NODE] = 1;
	shape->nr_cpus = p.total;
	fill(shape->core, &shape->nr_cores, p.total, p.count[CORE]);
	fill(shape->llc, &shape->nr_llcs, p.total, p.count[LLC]);
	fill(shape->node, &shape->nr_nodes, p.total, p.count[NODE]);
	return 0;
}
