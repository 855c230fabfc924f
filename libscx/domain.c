/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains: a table of definitions, each the argument of the verb that makes the scheduler know it.
 *
 * The table is what the caller set; it is written to the scheduler when it is loaded, and each change
 * at once while it is. A change reaches the table only after the scheduler took it. Domains whose
 * order was not given have all others in it, so that a new domain changes them too.
 */
#include <scx/domain.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <scx/cpuset.h>
#include <scx/partition.h>
#include <scx/topology.h>

#include "domain.h"
#include "error.h"
#include "handle.h"

_Static_assert(SCX_DOMAIN_MAX == SCX_DOMAINS_MAX, "public and shared limits");
_Static_assert(SCX_CPUS_MAX % CPU_SETSIZE == 0, "whole cpu_set_t");

struct cpus {
	cpu_set_t bits[(SCX_CPUS_MAX + CPU_SETSIZE - 1) / CPU_SETSIZE];
};

static bool test_cpu(const struct scxi_definition *d, unsigned cpu)
{
	return d->verb.cpus[cpu / 64] >> (cpu % 64) & 1;
}

static struct scxi_definition *get(const struct scx *scx, unsigned domain)
{
	return scx->domains && domain < SCX_DOMAIN_MAX ? scx->domains[domain] : NULL;
}

static int check_domain(struct scx *scx, unsigned domain)
{
	if (!scx->features.domains)
		return scxi_fail(scx, -ENOTSUP, "%s has no domains", scx->features.name);
	if (domain >= SCX_DOMAIN_MAX)
		return scxi_fail(scx, -EINVAL, "domain %u: domains are 0 .. %d", domain,
				 SCX_DOMAIN_MAX - 1);
	return scxi_check_owner(scx);
}

/* The domain that has @cpu and is not @but, or -1. */
static int owner_of(const struct scx *scx, unsigned cpu, unsigned but)
{
	for (unsigned d = 0; d < SCX_DOMAIN_MAX; d++)
		if (d != but && get(scx, d) && test_cpu(get(scx, d), cpu))
			return (int)d;
	return -1;
}

/* Enters the CPUs that are possible here and in no other domain. */
static int fill_cpus(struct scx *scx, struct scxi_definition *d, size_t setsize,
		     const cpu_set_t *set)
{
	struct cpus possible;
	int err = scx->backend->ops->cpus(scx->backend, sizeof(possible), possible.bits, NULL);

	if (err)
		return scxi_fail(scx, err, "the CPUs of this machine are not known: %s",
				 strerror(-err));
	for (int cpu = -1; (cpu = scx_cpuset_next(setsize, set, cpu)) != -ENOENT;) {
		int owner;

		if (cpu < 0)
			return scxi_fail(scx, cpu, "domain %u: setsize %zu is no multiple of %zu",
					 d->verb.domain, setsize, sizeof(unsigned long));
		if (scx_cpuset_has(sizeof(possible), possible.bits, (unsigned)cpu) != 1)
			return scxi_fail(scx, -ENODEV,
					 "domain %u: CPU %d is not possible on this machine",
					 d->verb.domain, cpu);
		owner = owner_of(scx, (unsigned)cpu, d->verb.domain);
		if (owner >= 0)
			return scxi_fail(
				scx, -EINVAL,
				"domain %u: CPU %d is in domain %d; take it out there first",
				d->verb.domain, cpu, owner);
		d->verb.cpus[cpu / 64] |= 1ULL << (cpu % 64);
		d->verb.nr_cpus++;
	}
	if (!d->verb.nr_cpus)
		return scxi_fail(scx, -EINVAL,
				 "domain %u: no CPU is given; scx_domain_remove() removes a domain",
				 d->verb.domain);
	return 0;
}

/* The order of a domain that was given none: all others, behind it and then from the first. */
static void fill_order(struct scxi_definition *const *table, struct scxi_definition *d)
{
	unsigned self = d->verb.domain;

	if (d->ordered)
		return;
	memset(d->verb.near, 0, sizeof(d->verb.near));
	d->verb.nr_near = 0;
	for (unsigned i = 1; i < SCX_DOMAIN_MAX; i++) {
		unsigned other = (self + i) % SCX_DOMAIN_MAX;

		if (table[other])
			d->verb.near[d->verb.nr_near++] = (uint8_t)other;
	}
}

static int run_define(struct scx *scx, const struct scx_verb_domain_define *verb)
{
	struct scx_verb_domain_define arg = *verb;
	int err = scx->backend->ops->verb(scx->session, "domain_define", &arg, sizeof(arg));

	err = err ? err : arg.result;
	if (err == -EINVAL && scx->memory.memory &&
	    verb->domain >= scx->memory.memory->account_stride)
		return scxi_fail(
			scx, err,
			"domain %u: the running scheduler has room for domains 0 .. %u; set it before attach",
			verb->domain, scx->memory.memory->account_stride - 1);
	if (err)
		return scxi_fail(scx, err, "domain %u: the scheduler refuses it: %s", verb->domain,
				 strerror(-err));
	return 0;
}

/* Hands a whole table to the loaded scheduler. */
static int write_table(struct scx *scx, struct scxi_definition *const *table)
{
	for (unsigned i = 0; i < SCX_DOMAIN_MAX; i++) {
		int err;

		if (!table[i])
			continue;
		fill_order(table, table[i]);
		err = run_define(scx, &table[i]->verb);
		if (err)
			return err;
	}
	return 0;
}

static int make_table(struct scx *scx)
{
	if (!scx->domains)
		scx->domains = calloc(SCX_DOMAIN_MAX, sizeof(*scx->domains));
	return scx->domains ? 0 : scxi_fail(scx, -ENOMEM, "out of memory");
}

static bool is_live(const struct scx *scx)
{
	return scx->state == SCX_STATE_LOADED || scx->state == SCX_STATE_ATTACHED;
}

/* @domain joined or left the table: those that name all others must name it, or must not. */
static int write_orders(struct scx *scx, unsigned domain)
{
	for (unsigned i = 0; i < SCX_DOMAIN_MAX; i++) {
		int err;

		if (i == domain || !scx->domains[i] || scx->domains[i]->ordered)
			continue;
		fill_order(scx->domains, scx->domains[i]);
		err = run_define(scx, &scx->domains[i]->verb);
		if (err)
			return err;
	}
	return 0;
}

/* Takes @d, which is freed if that fails. */
static int store(struct scx *scx, struct scxi_definition *d)
{
	unsigned domain = d->verb.domain;
	bool is_new = !scx->domains[domain];
	int err = 0;

	fill_order(scx->domains, d);
	if (is_live(scx))
		err = run_define(scx, &d->verb);
	if (err) {
		free(d);
		return err;
	}
	free(scx->domains[domain]);
	scx->domains[domain] = d;
	return is_new && is_live(scx) ? write_orders(scx, domain) : 0;
}

int scx_domain_set(struct scx *scx, unsigned domain, size_t setsize, const cpu_set_t *cpus)
{
	const struct scxi_definition *old = get(scx, domain);
	struct scxi_definition *d;
	int err = check_domain(scx, domain);

	if (!err)
		err = make_table(scx);
	if (err)
		return err;
	d = calloc(1, sizeof(*d));
	if (!d)
		return scxi_fail(scx, -ENOMEM, "out of memory");
	if (old) {
		*d = *old;
		memset(d->verb.cpus, 0, sizeof(d->verb.cpus));
		d->verb.nr_cpus = 0;
	} else {
		d->verb.node = SCXI_NO_NODE;
	}
	d->verb.domain = domain;
	err = fill_cpus(scx, d, setsize, cpus);
	if (err) {
		free(d);
		return err;
	}
	return store(scx, d);
}

int scx_domain_set_list(struct scx *scx, unsigned domain, const char *cpus)
{
	struct cpus set;
	int err = check_domain(scx, domain);

	if (err)
		return err;
	err = scx_cpuset_parse(cpus, sizeof(set), set.bits);
	if (err == -ERANGE)
		return scxi_fail(scx, -ENODEV, "domain %u: \"%.64s\" has a CPU above %d", domain,
				 cpus, SCX_CPUS_MAX - 1);
	if (err)
		return scxi_fail(scx, err, "domain %u: \"%.64s\" is not a list of CPUs like 0-7,16",
				 domain, cpus);
	return scx_domain_set(scx, domain, sizeof(set), set.bits);
}

int scx_domain_set_order(struct scx *scx, unsigned domain, int node, const unsigned *near,
			 size_t nr)
{
	bool seen[SCX_DOMAIN_MAX] = { false };
	struct scxi_definition *d;
	int err = check_domain(scx, domain);

	if (err)
		return err;
	if (!get(scx, domain))
		return scxi_fail(scx, -ENOENT, "domain %u was not set", domain);
	for (size_t i = 0; i < nr; i++) {
		if (near[i] >= SCX_DOMAIN_MAX || near[i] == domain || seen[near[i]])
			return scxi_fail(
				scx, -EINVAL,
				"domain %u: %u in its order is itself, named twice, or above %d",
				domain, near[i], SCX_DOMAIN_MAX - 1);
		seen[near[i]] = true;
	}
	d = malloc(sizeof(*d));
	if (!d)
		return scxi_fail(scx, -ENOMEM, "out of memory");
	*d = *get(scx, domain);
	d->ordered = true;
	d->verb.node = node < 0 ? SCXI_NO_NODE : (unsigned)node;
	d->verb.nr_near = (unsigned)nr;
	memset(d->verb.near, 0, sizeof(d->verb.near));
	for (size_t i = 0; i < nr; i++)
		d->verb.near[i] = (uint8_t)near[i];
	return store(scx, d);
}

int scx_domain_remove(struct scx *scx, unsigned domain)
{
	struct scx_verb_domain_define none = { .domain = domain };
	int err = check_domain(scx, domain);

	if (err)
		return err;
	if (!get(scx, domain))
		return scxi_fail(scx, -ENOENT, "domain %u was not set", domain);
	if (is_live(scx)) {
		int first = scx_domain_next(scx, -1);

		if (first == (int)domain && scx_domain_next(scx, first) < 0)
			return scxi_fail(scx, -EBUSY,
					 "domain %u is the last one; a running scheduler needs one",
					 domain);
		err = run_define(scx, &none);
		if (err)
			return err;
	}
	free(scx->domains[domain]);
	scx->domains[domain] = NULL;
	return is_live(scx) ? write_orders(scx, domain) : 0;
}

int scx_domain_get(struct scx *scx, unsigned domain, size_t setsize, cpu_set_t *ret_cpus)
{
	const struct scxi_definition *d = get(scx, domain);
	int err;

	if (!d)
		return scxi_fail(scx, -ENOENT, "domain %u was not set", domain);
	/* All must fit before the first one is written. */
	for (int pass = 0; pass < 2; pass++) {
		if (pass || setsize % sizeof(unsigned long) || !setsize) {
			err = scx_cpuset_clear(setsize, ret_cpus);
			if (err)
				return scxi_fail(scx, err, "setsize %zu is no multiple of %zu",
						 setsize, sizeof(unsigned long));
		}
		for (unsigned cpu = 0; cpu < SCX_CPUS_MAX; cpu++) {
			if (!test_cpu(d, cpu))
				continue;
			if (cpu >= setsize * 8)
				return scxi_fail(scx, -ERANGE,
						 "domain %u: CPU %u does not fit into %zu bytes",
						 domain, cpu, setsize);
			if (pass)
				(void)scx_cpuset_add(setsize, ret_cpus, cpu); /* it fits */
		}
	}
	return 0;
}

int scx_domain_next(const struct scx *scx, int domain)
{
	for (unsigned d = domain < 0 ? 0 : (unsigned)domain + 1; d < SCX_DOMAIN_MAX; d++)
		if (get(scx, d))
			return (int)d;
	return -ENOENT;
}

int scxi_domains_write(struct scx *scx)
{
	return scx->domains ? write_table(scx, scx->domains) : 0;
}

unsigned scxi_domains_room(const struct scx *scx)
{
	unsigned last = 0, possible;
	struct cpus cpus;

	for (int d = -1; (d = scx_domain_next(scx, d)) >= 0;)
		last = (unsigned)d;
	if (scx->backend->ops->cpus(scx->backend, sizeof(cpus), cpus.bits, NULL))
		return SCX_DOMAIN_MAX;
	possible = (unsigned)scx_cpuset_count(sizeof(cpus), cpus.bits);
	/* Each domain needs a CPU; some room for numbers with gaps. */
	if (possible < SCXI_DOMAINS_ROOM_MIN)
		possible = SCXI_DOMAINS_ROOM_MIN;
	if (possible < last + 1)
		possible = last + 1;
	return possible < SCX_DOMAIN_MAX ? possible : SCX_DOMAIN_MAX;
}

void scxi_domains_free(struct scx *scx)
{
	scxi_table_free(scx->domains);
	scx->domains = NULL;
}

void scxi_table_free(struct scxi_definition **table)
{
	for (unsigned i = 0; table && i < SCX_DOMAIN_MAX; i++)
		free(table[i]);
	free(table);
}

/* For domain_partition.c: replaces the table by @table, which it takes in any case. */
int scxi_domains_replace(struct scx *scx, struct scxi_definition **table)
{
	int err = is_live(scx) ? write_table(scx, table) : 0;

	for (unsigned i = 0; !err && is_live(scx) && i < SCX_DOMAIN_MAX; i++) {
		struct scx_verb_domain_define none = { .domain = i };

		if (get(scx, i) && !table[i])
			err = run_define(scx, &none);
	}
	if (err) {
		scxi_table_free(table);
		return err;
	}
	scxi_domains_free(scx);
	scx->domains = table;
	return 0;
}
