/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/partition.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scx/cpuset.h>

#include "../../libscx/partition.h"
#include "../lib/fail_alloc.h"
#include "../lib/topologies.h"

static struct scx_partition *make(const char *machine, struct scx_partition_opts opts)
{
	char errbuf[512] = "";
	struct scx_topology *topology = open_machine(machine);
	struct scx_partition *partition;

	opts.size = sizeof(opts);
	opts.errbuf = errbuf;
	opts.errbuf_size = sizeof(errbuf);
	partition = scx_partition_new(topology, &opts);
	cr_assert_not_null(partition, "%s: %s", machine, errbuf);
	scx_topology_free(topology);
	return partition;
}

/* Makes a partition and compares it with lists separated by ";", and with its description. */
static void check_domains(const char *machine, struct scx_partition_opts opts, const char *expected,
			  const char *description)
{
	struct scx_partition *p = make(machine, opts);
	char all[1024] = "", text[256];

	for (unsigned d = 0; d < scx_partition_count(p); d++) {
		cr_assert_eq(scx_partition_cpu_list(p, d, text, sizeof(text)), 0);
		(void)strcat(strcat(all, d ? ";" : ""), text);
	}
	cr_assert_str_eq(all, expected, "%s: %s", machine, all);
	cr_assert_eq(scx_partition_describe(p, text, sizeof(text)), 0);
	cr_assert_str_eq(text, description, "%s: %s", machine, text);
	scx_partition_free(p);
}

#define LEVEL(name) ((struct scx_partition_opts){ .level = SCX_LEVEL_##name })
#define MAX(max) ((struct scx_partition_opts){ .cpus_max = (max) })
#define LISTS(text) ((struct scx_partition_opts){ .lists = (text) })

Test(partition, makes_a_domain_of_each_thing_of_a_level)
{
	const char *m = "pack:2 numa:2 l3:2 l2:2 core:1 pu:2";

	check_domains(m, LEVEL(AUTO), "0-3;4-7;8-11;12-15;16-19;20-23;24-27;28-31",
		      "8 domains by L3 cache");
	check_domains(m, LEVEL(L3), "0-3;4-7;8-11;12-15;16-19;20-23;24-27;28-31",
		      "8 domains by L3 cache");
	check_domains(m, LEVEL(NODE), "0-7;8-15;16-23;24-31", "4 domains by NUMA node");
	check_domains(m, LEVEL(PACKAGE), "0-15;16-31", "2 domains by package");
	check_domains(m, LEVEL(DIE), "0-15;16-31", "2 domains by die");
	check_domains(m, LEVEL(MACHINE), "0-31", "1 domain by machine");
	check_domains("l3:1 l2:2 core:1 pu:2", LEVEL(L2), "0-1;2-3", "2 domains by L2 cache");
	check_domains("l3:1 l2:1 core:2 pu:2", LEVEL(CORE), "0-1;2-3", "2 domains by core");
	check_domains(DIES, LEVEL(DIE), "0-1;2-3;4-5;6-7", "4 domains by die");
}

Test(partition, goes_on_to_other_levels_where_there_is_no_l3)
{
	check_domains("pu:1", LEVEL(AUTO), "0",
		      "1 domain by NUMA node (the machine has no L3 cache)");
	check_domains("l2:2 core:2 pu:1", LEVEL(AUTO), "0-1;2-3",
		      "2 domains by L2 cache (the machine has no L3 cache)");
	check_domains("pack:2 l2:2 core:1 pu:2", LEVEL(AUTO), "0-3;4-7",
		      "2 domains by package (the machine has no L3 cache)");
	/* Packages of one core are what a virtual machine has that knows of no cache. */
	check_domains("pack:4 core:1 pu:1", LEVEL(AUTO), "0-3",
		      "1 domain by NUMA node (the machine has no L3 cache)");
	check_domains(ARM, LEVEL(AUTO), "0-3;4-6;7",
		      "3 domains: 2 by L2 cache, 1 by NUMA node (the machine has no L3 cache)");
}

Test(partition, puts_cores_without_l3_with_their_like)
{
	check_domains(HYBRID, LEVEL(AUTO), "0-7;8-9",
		      "2 domains: 1 by L2 cache, 1 by L3 cache (some CPUs have no L3 cache)");
	check_domains(HYBRID, LEVEL(L3), "0-7;8-9",
		      "2 domains: 1 by L3 cache, 1 by package (some CPUs have no L3 cache)");
	check_domains(HYBRID, LEVEL(L2), "0-1;2-3;4-7;8-9", "4 domains by L2 cache");
}

Test(partition, serves_what_a_container_allows)
{
	struct scx_partition_opts all = { .flags = SCX_PARTITION_DISALLOWED };

	check_domains(CONTAINER, LEVEL(AUTO), "2-3;4", "2 domains by L3 cache");
	check_domains(CONTAINER, all, "0-1;2-3;4-5;6-7", "4 domains by L3 cache");
}

Test(partition, keeps_a_core_whole_whose_threads_have_own_caches)
{
	struct scx_partition_opts l2 = { .level = SCX_LEVEL_L2, .flags = SCX_PARTITION_DISALLOWED };

	check_domains(VM, l2, "0-1;2-3;4;6-7;9", "5 domains by L2 cache");
}

Test(partition, splits_a_large_group_evenly)
{
	const char *m = "l3:2 core:5 pu:2";

	check_domains(m, MAX(10), "0-9;10-19", "2 domains by L3 cache, of at most 10 CPUs");
	check_domains(m, MAX(9), "0-3;4-9;10-13;14-19", "4 domains by L3 cache, of at most 9 CPUs");
	check_domains(m, MAX(5), "0-3;4-5;6-9;10-13;14-15;16-19",
		      "6 domains by L3 cache, of at most 5 CPUs");
	check_domains(m, MAX(2), "0-1;2-3;4-5;6-7;8-9;10-11;12-13;14-15;16-17;18-19",
		      "10 domains by L3 cache, of at most 2 CPUs");
	check_domains("l3:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)", MAX(4), "0-1,4-5;2-3,6-7",
		      "2 domains by L3 cache, of at most 4 CPUs");
	/* What shares an L2 stays together if it can. */
	check_domains(HYBRID, MAX(4), "0-3;4-7;8-9",
		      "3 domains: 1 by L2 cache, 2 by L3 cache (some CPUs have no L3 cache), "
		      "of at most 4 CPUs");
}

Test(partition, obeys_lists)
{
	const char *m = "pack:2 core:2 pu:2";

	check_domains(m, LISTS("0-3;4-7"), "0-3;4-7", "2 domains from lists");
	check_domains(m, LISTS("4-7;0-3"), "4-7;0-3", "2 domains from lists");
	check_domains(m, LISTS(" 1,3 , 5,7 ; 0-6:1/2 ; "), "1,3,5,7;0,2,4,6",
		      "2 domains from lists");
	check_domains(m, LISTS("0-3\n4-7\n"), "0-3;4-7", "2 domains from lists");
	check_domains(m, LISTS("0xf;0xF0"), "0-3;4-7", "2 domains from lists");
	check_domains(m, LISTS("0x0f;4-7;"), "0-3;4-7", "2 domains from lists");
	check_domains(m, ((struct scx_partition_opts){ .lists = "0-7", .cpus_max = 4 }), "0-3;4-7",
		      "2 domains from lists, of at most 4 CPUs");
}

static void check_refused(const char *machine, struct scx_partition_opts opts, int error,
			  const char *piece)
{
	char errbuf[512] = "";
	struct scx_topology *topology = open_machine(machine);

	opts.size = sizeof(opts);
	opts.errbuf = errbuf;
	opts.errbuf_size = sizeof(errbuf);
	errno = 0;
	cr_assert_null(scx_partition_new(topology, &opts));
	cr_assert_eq(errno, error, "errno is %d: %s", errno, errbuf);
	cr_assert_not_null(strstr(errbuf, piece), "\"%s\" lacks \"%s\"", errbuf, piece);
	scx_topology_free(topology);
}

Test(partition, says_what_is_wrong_with_lists)
{
	const char *m = "pack:2 core:2 pu:2";

	check_refused(m, LISTS("0-3;4-6"), EINVAL, "CPU 7 is in no domain");
	check_refused(m, LISTS("0-3;3-7"), EINVAL, "domain 1 (3-7): CPU 3 is in domain 0 already");
	check_refused(m, LISTS("0-3;4-8"), ENODEV, "domain 1 (4-8): CPU 8 is not present");
	check_refused(m, LISTS("0-3;4-64"), ENODEV, "the highest is 7");
	check_refused(m, LISTS("0-3;;4-7"), ENODEV, "domain 1 ()");
	check_refused(m, LISTS("0-3;0x0;4-7"), ENODEV, "domain 1 (0x0): no CPU in it");
	check_refused(m, LISTS(""), ENODEV, "domain 0 ()");
	check_refused(m, LISTS("0-3;a"), EINVAL, "domain 1 (a)");
	check_refused(m, LISTS("0-3;0xg0"), EINVAL, "domain 1 (0xg0)");
	check_refused(CONTAINER, LISTS("2-4;5-7"), ENODEV, "online and allowed");
	check_refused(SPARSE, LISTS("0-98"), ENODEV, "CPU 1 is not present");
	check_refused(m, ((struct scx_partition_opts){ .lists = "0-7", .level = SCX_LEVEL_L3 }),
		      EINVAL, "not both");
}

Test(partition, says_what_is_wrong_with_options)
{
	check_refused("core:2 pu:2", LEVEL(L3), ENODATA,
		      "no L3 cache; choose from core, NUMA node, machine");
	check_refused("core:2 pu:2", MAX(1), EINVAL, "the core of CPU 0 has 2");
	check_refused("pu:1", ((struct scx_partition_opts){ .level = (enum scx_level)9 }), EINVAL,
		      "9 is not a level");
	check_refused("pu:1", ((struct scx_partition_opts){ .flags = 6 }), EINVAL, "0x6");
}

Test(partition, refuses_options_that_it_does_not_know)
{
	struct {
		struct scx_partition_opts known;
		char more[8];
	} opts = { .known = { .size = sizeof(opts) }, .more = { [7] = 1 } };
	struct scx_topology *topology = open_machine("pu:1");

	errno = 0;
	cr_assert_null(scx_partition_new(topology, &opts.known));
	cr_assert_eq(errno, E2BIG);
	scx_topology_free(topology);
}

Test(partition, gives_offline_and_forbidden_cpus_a_home)
{
	struct scx_partition *p = make(SPARSE, LEVEL(AUTO));

	cr_assert_eq(scx_partition_domain(p, 72), -ENOENT);
	cr_assert_eq(scx_partition_home(p, 72), 1);
	cr_assert_eq(scx_partition_home(p, 64), 1);
	cr_assert_eq(scx_partition_home(p, 99), -ENOENT); /* in either of two */
	cr_assert_eq(scx_partition_home(p, 1), -ENOENT);
	cr_assert_eq(scx_partition_home(p, 100), -ENOENT);
	scx_partition_free(p);
	p = make(SPARSE, LEVEL(MACHINE));
	cr_assert_eq(scx_partition_home(p, 99), 0);
	cr_assert_eq(scx_partition_home(p, 1), -ENOENT);
	scx_partition_free(p);
	p = make(SPARSE, LISTS("0,4;8,12,99;64,68"));
	cr_assert_eq(scx_partition_home(p, 99), 1);
	cr_assert_eq(scx_partition_domain(p, 99), -ENOENT);
	cr_assert_eq(scx_partition_home(p, 72), 2);
	scx_partition_free(p);
	p = make(CONTAINER, LEVEL(AUTO));
	cr_assert_eq(scx_partition_home(p, 5), 1);
	cr_assert_eq(scx_partition_home(p, 6), -ENOENT);
	scx_partition_free(p);
}

Test(partition, knows_its_domains)
{
	struct scx_partition *p = make(HYBRID, LEVEL(AUTO));
	cpu_set_t set;

	cr_assert_eq(scx_partition_count(p), 2);
	cr_assert_eq(scx_partition_setsize(p), 8);
	cr_assert_eq(scx_partition_cores(p, 0), 6);
	cr_assert_eq(scx_partition_cores(p, 1), 2);
	cr_assert_eq(scx_partition_capacity(p, 0), 4 * 1024 + 4 * 768);
	cr_assert_eq(scx_partition_capacity(p, 1), 2 * 512);
	cr_assert_eq(scx_partition_level(p, 0), SCX_LEVEL_L3);
	cr_assert_eq(scx_partition_level(p, 1), SCX_LEVEL_L2);
	cr_assert_eq(scx_partition_node(p, 1), 0);
	cr_assert_eq(scx_partition_domain(p, 7), 0);
	cr_assert_eq(scx_partition_cpus(p, 1, sizeof(set), &set), 0);
	cr_assert(CPU_COUNT(&set) == 2 && CPU_ISSET(8, &set) && CPU_ISSET(9, &set));
	scx_partition_free(p);
}

Test(partition, answers_wrong_questions_with_errors)
{
	struct scx_partition *p = make("core:70 pu:1", LEVEL(AUTO));
	unsigned order[1] = { 77 };
	char buf[8] = "before";
	cpu_set_t set;

	cr_assert_eq(scx_partition_cpus(p, 1, sizeof(set), &set), -ENOENT);
	cr_assert_eq(scx_partition_cpus(p, 0, 8, &set), -ERANGE);
	cr_assert_eq(scx_partition_cpus(p, 0, 9, &set), -EINVAL);
	cr_assert_eq(scx_partition_cpu_list(p, 1, buf, sizeof(buf)), -ENOENT);
	cr_assert_eq(scx_partition_cpu_list(p, 0, buf, 4), -ENOSPC);
	cr_assert_eq(scx_partition_describe(p, buf, sizeof(buf)), -ENOSPC);
	cr_assert_str_eq(buf, "before");
	cr_assert_eq(scx_partition_level(p, 1), -ENOENT);
	cr_assert_eq(scx_partition_node(p, 1), -ENOENT);
	cr_assert_eq(scx_partition_cores(p, 1), 0);
	cr_assert_eq(scx_partition_capacity(p, 1), 0);
	cr_assert_eq(scx_partition_distance(p, 0, 1), -ENOENT);
	cr_assert_eq(scx_partition_order(p, 1, order), -ENOENT);
	cr_assert_eq(scx_partition_order(p, 0, order), 0);
	cr_assert_eq(order[0], 77);
	scx_partition_free(p);
	scx_partition_free(NULL);
}

static void check_order(const struct scx_partition *p, unsigned domain, const char *expected)
{
	unsigned order[64];
	char text[256] = "", one[16];

	cr_assert_leq(scx_partition_count(p), 64);
	cr_assert_eq(scx_partition_order(p, domain, order), 0);
	for (unsigned i = 0; i + 1 < scx_partition_count(p); i++) {
		(void)snprintf(one, sizeof(one), "%s%u", i ? " " : "", order[i]);
		(void)strcat(text, one);
	}
	cr_assert_str_eq(text, expected, "domain %u: %s", domain, text);
}

Test(partition, orders_neighbours_by_node_distance)
{
	struct scx_partition *p = make(RING, LEVEL(AUTO));

	check_order(p, 0, "1 3 2");
	check_order(p, 1, "2 0 3");
	check_order(p, 3, "0 2 1");
	cr_assert_eq(scx_partition_distance(p, 0, 2), 31);
	cr_assert_eq(scx_partition_distance(p, 3, 3), 10);
	scx_partition_free(p);
	p = make(PPC, LEVEL(AUTO));
	cr_assert_eq(scx_partition_node(p, 1), 8);
	cr_assert_eq(scx_partition_distance(p, 0, 1), 40);
	scx_partition_free(p);
}

Test(partition, orders_neighbours_by_die_and_package_on_one_node)
{
	struct scx_partition *p = make(DIES, LEVEL(AUTO));

	check_order(p, 0, "1 2 3 4 5 6 7");
	check_order(p, 3, "2 0 1 4 5 6 7");
	check_order(p, 5, "4 6 7 0 1 2 3");
	scx_partition_free(p);
}

Test(partition, orders_parts_of_one_group_first)
{
	struct scx_partition *p = make("numa:2 l3:2 core:4 pu:1", MAX(2));

	check_order(p, 0, "1 2 3 4 5 6 7");
	check_order(p, 3, "2 0 1 4 5 6 7");
	check_order(p, 6, "7 4 5 0 1 2 3");
	scx_partition_free(p);
}

Test(partition, takes_the_node_of_most_cpus)
{
	struct scx_partition *p = make(RING, LISTS("0,2-3;1,4-5;6-7"));

	cr_assert_eq(scx_partition_node(p, 0), 1);
	cr_assert_eq(scx_partition_node(p, 1), 2);
	cr_assert_eq(scx_partition_node(p, 2), 3);
	scx_partition_free(p);
	p = make(RING, LISTS("2-5,0-1,6;7"));
	cr_assert_eq(scx_partition_node(p, 0), 0);
	scx_partition_free(p);
}

Test(partition, counts_a_core_in_each_domain_that_lists_put_it_in)
{
	struct scx_partition *p = make("core:2 pu:2", LISTS("0,2;1,3"));

	cr_assert_eq(scx_partition_cores(p, 0), 2);
	cr_assert_eq(scx_partition_cores(p, 1), 2);
	scx_partition_free(p);
}

Test(partition, copes_with_4096_cpus_and_256_domains)
{
	struct scx_partition *p = make("pack:16 numa:2 l3:8 core:8 pu:2", LEVEL(AUTO));
	unsigned order[255];
	char list[64];

	cr_assert_eq(scx_partition_count(p), 256);
	cr_assert_eq(scx_partition_cpu_list(p, 255, list, sizeof(list)), 0);
	cr_assert_str_eq(list, "4080-4095");
	cr_assert_eq(scx_partition_order(p, 255, order), 0);
	cr_assert_eq(order[0], 248);
	cr_assert_eq(order[6], 254);
	cr_assert_eq(order[7], 240); /* the other node of its package */
	cr_assert_eq(scx_partition_node(p, 255), 31);
	scx_partition_free(p);
}

static void fail_all(const struct scx_topology *topology, const struct scx_partition_opts *opts)
{
	long live = fail_alloc_live();

	for (unsigned nth = 1;; nth++) {
		struct scx_partition *p;
		bool happened;

		fail_alloc_at(nth);
		errno = 0;
		p = scx_partition_new(topology, opts);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		cr_assert_eq(happened, p == NULL, "allocation %u", nth);
		cr_assert(p || errno == ENOMEM, "allocation %u: errno %d", nth, errno);
		scx_partition_free(p);
		cr_assert_eq(fail_alloc_live(), live, "allocation %u", nth);
		if (!happened) {
			cr_assert_gt(nth, 8, "only %u allocations", nth - 1);
			return;
		}
	}
}

Test(partition, survives_every_failing_allocation)
{
	struct scx_topology *topology = open_machine(HYBRID);
	struct scx_partition_opts max = { .size = sizeof(max), .cpus_max = 3 };
	struct scx_partition_opts lists = { .size = sizeof(lists), .lists = "0-5;6-9" };

	fail_all(topology, NULL);
	fail_all(topology, &max);
	fail_all(topology, &lists);
	scx_topology_free(topology);
}
