/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/topology.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <scx/cpuset.h>
#include <scx/hwloc.h>

#include "../../libscx/topology.h"
#include "../lib/fail_alloc.h"
#include "../lib/topologies.h"

static void check_list(const struct scx_topology *topology, unsigned state, const char *expected)
{
	char list[256];

	cr_assert_eq(scx_topology_cpu_list(topology, state, list, sizeof(list)), 0);
	cr_assert_str_eq(list, expected);
}

static void check_text(const struct scx_topology *topology, const char *expected)
{
	char text[1024];

	cr_assert_eq(scx_topology_describe(topology, text, sizeof(text)), 0);
	cr_assert_str_eq(text, expected);
}

/* Expects the id of each CPU of a level, in the order of CPU numbers from 0. */
static void check_ids(const struct scx_topology *topology, enum scx_level level, const int *ids,
		      unsigned count)
{
	for (unsigned cpu = 0; cpu < count; cpu++)
		cr_assert_eq(scx_topology_id(topology, level, cpu), ids[cpu], "%s of CPU %u is %d",
			     scx_level_name(level), cpu, scx_topology_id(topology, level, cpu));
}

Test(topology, counts_what_a_description_says)
{
	struct scx_topology *t = open_machine("pack:2 numa:1 l3:4 core:8 pu:2");

	cr_assert_eq(scx_topology_cpu_end(t), 128);
	cr_assert_eq(scx_topology_setsize(t), 16);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_CORE), 64);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_L2), 0);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_L3), 8);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_DIE), 2);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_PACKAGE), 2);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_NODE), 2);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_MACHINE), 1);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_AUTO), 0);
	cr_assert_eq(scx_topology_count(t, (enum scx_level)99), 0);
	check_list(t, SCX_CPU_ALLOWED, "0-127");
	check_text(t, "128 CPUs, 64 cores, 8 L3 caches, 2 packages, 2 NUMA nodes");
	scx_topology_free(t);
}

Test(topology, tells_where_each_cpu_is)
{
	struct scx_topology *t = open_machine("pack:2 numa:1 l3:2 core:1 pu:2");

	check_ids(t, SCX_LEVEL_CORE, (int[]){ 0, 0, 1, 1, 2, 2, 3, 3 }, 8);
	check_ids(t, SCX_LEVEL_L3, (int[]){ 0, 0, 1, 1, 2, 2, 3, 3 }, 8);
	check_ids(t, SCX_LEVEL_PACKAGE, (int[]){ 0, 0, 0, 0, 1, 1, 1, 1 }, 8);
	check_ids(t, SCX_LEVEL_NODE, (int[]){ 0, 0, 0, 0, 1, 1, 1, 1 }, 8);
	check_ids(t, SCX_LEVEL_MACHINE, (int[]){ 0, 0, 0, 0, 0, 0, 0, 0 }, 8);
	for (unsigned cpu = 0; cpu < 8; cpu++) {
		cr_assert_eq(scx_topology_threads(t, cpu), 2);
		cr_assert_eq(scx_topology_capacity(t, cpu), 1024);
	}
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_L2, 0), -ENOENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_CORE, 8), -ENOENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_AUTO, 0), -EINVAL);
	cr_assert_eq(scx_topology_state(t, 8), 0);
	cr_assert_eq(scx_topology_capacity(t, 8), 0);
	cr_assert_eq(scx_topology_threads(t, 8), 0);
	scx_topology_free(t);
}

Test(topology, knows_what_is_usual_about_this_machine)
{
	struct scx_topology *t = scx_topology_new(NULL);
	cpu_set_t allowed, *set;
	size_t setsize;

	cr_assert_not_null(t);
	setsize = scx_topology_setsize(t);
	cr_assert_geq(scx_topology_cpu_end(t), sysconf(_SC_NPROCESSORS_CONF));
	set = calloc(1, setsize);
	cr_assert_eq(scx_topology_cpus(t, SCX_CPU_ONLINE, setsize, set), 0);
	cr_assert_eq(scx_cpuset_count(setsize, set), sysconf(_SC_NPROCESSORS_ONLN));
	/* The affinity of this process is within its cgroup's CPUs. */
	cr_assert_eq(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (int cpu = -1; (cpu = scx_cpuset_next(sizeof(allowed), &allowed, cpu)) >= 0;)
		cr_assert(scx_topology_state(t, (unsigned)cpu) & SCX_CPU_ALLOWED, "CPU %d", cpu);
	free(set);
	scx_topology_free(t);
}

Test(topology, leaves_the_affinity_of_the_caller)
{
	cpu_set_t before, after;

	cr_assert_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	scx_topology_free(scx_topology_new(NULL));
	cr_assert_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	cr_assert(CPU_EQUAL(&before, &after));
}

Test(topology, tells_kinds_of_cores_by_frequency)
{
	struct scx_topology *t = open_machine(HYBRID);

	check_ids(t, SCX_LEVEL_CORE, (int[]){ 0, 0, 1, 1, 2, 3, 4, 5, 6, 7 }, 10);
	check_ids(t, SCX_LEVEL_L2, (int[]){ 0, 0, 1, 1, 2, 2, 2, 2, 3, 3 }, 10);
	check_ids(t, SCX_LEVEL_L3, (int[]){ 0, 0, 0, 0, 0, 0, 0, 0, -ENOENT, -ENOENT }, 10);
	cr_assert_eq(scx_topology_threads(t, 3), 2);
	cr_assert_eq(scx_topology_threads(t, 4), 1);
	cr_assert_eq(scx_topology_capacity(t, 0), 1024);
	cr_assert_eq(scx_topology_capacity(t, 4), 768);
	cr_assert_eq(scx_topology_capacity(t, 9), 512);
	check_text(t, "10 CPUs, 8 cores, 4 L2 caches, 1 L3 cache, 1 package, 1 NUMA node\n"
		      "capacity 1024: CPUs 0-3\n"
		      "capacity 768: CPUs 4-7\n"
		      "capacity 512: CPUs 8-9");
	scx_topology_free(t);
}

Test(topology, takes_the_capacities_of_the_kernel)
{
	struct scx_topology *t = open_machine(ARM);

	cr_assert_eq(scx_topology_capacity(t, 0), 250);
	cr_assert_eq(scx_topology_capacity(t, 6), 700);
	cr_assert_eq(scx_topology_capacity(t, 7), 1024);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_PACKAGE, 0), -ENOENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_DIE, 0), -ENOENT);
	check_text(t, "8 CPUs, 8 cores, 3 L2 caches, no L3 cache, 1 NUMA node\n"
		      "capacity 1024: CPUs 7\n"
		      "capacity 700: CPUs 4-6\n"
		      "capacity 250: CPUs 0-3");
	scx_topology_free(t);
}

Test(topology, keeps_cpu_numbers_that_have_gaps)
{
	struct scx_topology *t = open_machine(SPARSE);

	cr_assert_eq(scx_topology_cpu_end(t), 100);
	check_list(t, SCX_CPU_ONLINE, "0,4,8,12,64,68");
	check_list(t, SCX_CPU_PRESENT, "0,4,8,12,64,68,72,99");
	cr_assert_eq(scx_topology_state(t, 1), 0);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_CORE, 68), 5);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_L3, 68), 1);
	scx_topology_free(t);
}

Test(topology, tells_of_offline_cpus_what_is_known)
{
	struct scx_topology *t = open_machine(SPARSE);

	cr_assert_eq(scx_topology_state(t, 72), SCX_CPU_PRESENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_L3, 72), 1);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_CORE, 72), -ENOENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_L3, 99), -ENOENT);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_MACHINE, 99), 0);
	cr_assert_eq(scx_topology_capacity(t, 72), 0);
	check_text(t, "6 CPUs, 6 cores, 2 L3 caches, 1 package, 1 NUMA node\n"
		      "offline: CPUs 72,99");
	scx_topology_free(t);
}

Test(topology, tells_what_a_container_is_denied)
{
	struct scx_topology *t = open_machine(CONTAINER);

	check_list(t, SCX_CPU_ONLINE, "0-7");
	check_list(t, SCX_CPU_ALLOWED, "2-4");
	check_list(t, SCX_CPU_ALLOWED | SCX_CPU_ONLINE, "2-4");
	check_text(t, "8 CPUs, 8 cores, 4 L3 caches, 1 package, 1 NUMA node\n"
		      "not allowed to this process: CPUs 0-1,5-7");
	scx_topology_free(t);
}

Test(topology, finds_things_at_several_depths_of_the_tree)
{
	/* Here L2 caches are below cores of two threads, and above cores of one. */
	struct scx_topology *t = open_machine(VM);

	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_L2), 8);
	check_ids(t, SCX_LEVEL_L2, (int[]){ 0, 1, 2, 3, 4, -ENOENT, 5, 6, -ENOENT, 7 }, 10);
	check_ids(t, SCX_LEVEL_CORE, (int[]){ 0, 0, 1, 1, 2, -ENOENT, 3, 3, -ENOENT, 4 }, 10);
	check_ids(t, SCX_LEVEL_DIE, (int[]){ 0, 0, 0, 0, 1, -ENOENT, 1, 1, -ENOENT, 2 }, 10);
	check_text(t, "8 CPUs, 5 cores, 3 L3 caches, 3 packages, 3 NUMA nodes\n"
		      "offline: CPUs 5,8\n"
		      "not allowed to this process: CPUs 0-1,9\n"
		      "nodes without CPUs: 2");
	scx_topology_free(t);
}

Test(topology, keeps_node_numbers_that_have_gaps)
{
	struct scx_topology *t = open_machine(PPC);
	int expected[] = { 0, 8, 252, 255 };
	unsigned found = 0;

	for (int node = -1; (node = scx_topology_node_next(t, node)) >= 0; found++)
		cr_assert_eq(node, expected[found]);
	cr_assert_eq(found, 4);
	cr_assert_eq(scx_topology_count(t, SCX_LEVEL_NODE), 4);
	check_ids(t, SCX_LEVEL_NODE, (int[]){ 0, 0, 0, 0, 8, 8, 8, 8 }, 8);
	cr_assert_eq(scx_topology_distance(t, 0, 0), 10);
	cr_assert_eq(scx_topology_distance(t, 0, 8), 40);
	cr_assert_eq(scx_topology_distance(t, 255, 8), 80);
	cr_assert_eq(scx_topology_distance(t, 0, 1), -ENOENT);
	check_text(t, "8 CPUs, 8 cores, 2 L3 caches, 2 packages, 4 NUMA nodes\n"
		      "nodes without CPUs: 252, 255");
	scx_topology_free(t);
}

Test(topology, supposes_distances_where_nobody_tells)
{
	struct scx_topology *t = open_machine("pack:2 numa:2 core:1 pu:1");

	cr_assert_eq(scx_topology_distance(t, 3, 3), 10);
	cr_assert_eq(scx_topology_distance(t, 0, 3), 20);
	scx_topology_free(t);
}

Test(topology, checks_the_room_for_answers)
{
	struct scx_topology *t = open_machine("core:70 pu:1");
	cpu_set_t set;
	char buf[32] = "before";

	memset(&set, 0xa5, sizeof(set));
	cr_assert_eq(scx_topology_cpus(t, SCX_CPU_ONLINE, 8, &set), -ERANGE);
	cr_assert_eq(scx_topology_cpus(t, SCX_CPU_ONLINE, 9, &set), -EINVAL);
	cr_assert_eq(scx_topology_cpus(t, 0, sizeof(set), &set), -EINVAL);
	cr_assert_eq(scx_topology_cpus(t, 8, sizeof(set), &set), -EINVAL);
	cr_assert_eq(*(unsigned char *)&set, 0xa5);
	cr_assert_eq(scx_topology_cpus(t, SCX_CPU_ONLINE, 16, &set), 0);
	cr_assert_eq(scx_cpuset_count(16, &set), 70);
	cr_assert_eq(scx_topology_cpu_list(t, 0, buf, sizeof(buf)), -EINVAL);
	cr_assert_eq(scx_topology_cpu_list(t, SCX_CPU_ONLINE, buf, 4), -ENOSPC);
	cr_assert_eq(scx_topology_describe(t, buf, sizeof(buf)), -ENOSPC);
	cr_assert_str_eq(buf, "before");
	scx_topology_free(t);
}

Test(topology, knows_the_words_for_levels)
{
	static const char *const words[] = { "auto", "core",	"L2",	"l3",
					     "DIE",  "package", "node", "machine" };
	enum scx_level level = SCX_LEVEL_DIE;

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		cr_assert_eq(scx_level_parse(words[i], &level), 0, "%s", words[i]);
		cr_assert_eq(level, i);
		cr_assert_not_null(scx_level_name(level));
	}
	cr_assert(scx_level_parse("llc", &level) == 0 && level == SCX_LEVEL_AUTO);
	cr_assert(scx_level_parse("3", &level) == 0 && level == SCX_LEVEL_L3);
	cr_assert_eq(scx_level_parse("", &level), -EINVAL);
	cr_assert_eq(scx_level_parse("l4", &level), -EINVAL);
	cr_assert_eq(level, SCX_LEVEL_L3);
	cr_assert_str_eq(scx_level_name(SCX_LEVEL_NODE), "NUMA node");
	cr_assert_null(scx_level_name((enum scx_level)8));
	cr_assert_null(scx_level_name((enum scx_level) - 1));
}

/* Expects that @opts are refused, with this errno and this piece of the sentence. */
static void check_refused(struct scx_topology_opts opts, int error, const char *piece)
{
	char errbuf[512] = "";

	opts.size = sizeof(opts);
	opts.errbuf = errbuf;
	opts.errbuf_size = sizeof(errbuf);
	errno = 0;
	cr_assert_null(scx_topology_new(&opts));
	cr_assert_eq(errno, error, "errno is %d: %s", errno, errbuf);
	cr_assert_not_null(strstr(errbuf, piece), "\"%s\" lacks \"%s\"", errbuf, piece);
	/* Without a buffer the number is the same. */
	opts.errbuf = NULL;
	errno = 0;
	cr_assert_null(scx_topology_new(&opts));
	cr_assert_eq(errno, error);
}

Test(topology, says_what_is_wrong_with_a_source)
{
	char file[] = "/tmp/scx-test-XXXXXX";
	int fd = mkstemp(file);

	check_refused((struct scx_topology_opts){ .xml = "a.xml", .synthetic = "pu:1" }, EINVAL,
		      "not from both");
	check_refused((struct scx_topology_opts){ .xml = "/nowhere/a.xml" }, ENOENT,
		      "/nowhere/a.xml: No such file");
	check_refused((struct scx_topology_opts){ .xml = "/tmp" }, EINVAL, "not a regular file");
	check_refused((struct scx_topology_opts){ .xml = "/dev/zero" }, EINVAL,
		      "not a regular file");
	check_refused((struct scx_topology_opts){ .xml = file }, EINVAL, file);
	cr_assert_eq(write(fd, "<topology version=\"2.0\"><object", 31), 31);
	check_refused((struct scx_topology_opts){ .xml = file }, EINVAL, file);
	check_refused((struct scx_topology_opts){ .synthetic = "" }, EINVAL, "understand");
	check_refused((struct scx_topology_opts){ .synthetic = "foo:2" }, EINVAL, "\"foo:2\"");
	check_refused((struct scx_topology_opts){ .synthetic = "core:0 pu:1" }, EINVAL, "core:0");
	check_refused((struct scx_topology_opts){ .synthetic = "pu:65537" }, E2BIG, "65536");
	check_refused((struct scx_topology_opts){ .synthetic = "pack:99999 core:99999 pu:99999" },
		      E2BIG, "65536");
	check_refused((struct scx_topology_opts){ .synthetic = "core:99999999999999999999 pu:1" },
		      E2BIG, "65536");
	check_refused((struct scx_topology_opts){ .synthetic = "pu:2(indexes=0,70000)" }, E2BIG,
		      "65535");
	close(fd);
	unlink(file);
}

Test(topology, cuts_a_sentence_that_does_not_fit)
{
	char errbuf[8] = "1234567";
	struct scx_topology_opts opts = {
		.size = sizeof(opts), .errbuf = errbuf, .errbuf_size = 5, .synthetic = "foo:2"
	};

	cr_assert_null(scx_topology_new(&opts));
	cr_assert_str_eq(errbuf, "topo");
	cr_assert_eq(errbuf[5], '6');
}

Test(topology, refuses_options_that_it_does_not_know)
{
	struct {
		struct scx_topology_opts known;
		char more[8];
	} opts = { .known = { .size = sizeof(opts), .synthetic = "pu:1" } };
	struct scx_topology *t = scx_topology_new(&opts.known);

	cr_assert_not_null(t);
	scx_topology_free(t);
	opts.more[7] = 1;
	errno = 0;
	cr_assert_null(scx_topology_new(&opts.known));
	cr_assert_eq(errno, E2BIG);
	/* An older program's struct ends before what it does not know. */
	opts.known.size = offsetof(struct scx_topology_opts, synthetic);
	t = scx_topology_new(&opts.known);
	cr_assert_not_null(t);
	cr_assert_eq(scx_topology_cpu_end(t) > 0, 1);
	scx_topology_free(t);
	opts.known.size = 4;
	cr_assert_null(scx_topology_new(&opts.known));
	cr_assert_eq(errno, EINVAL);
}

Test(topology, prints_nothing)
{
	FILE *captured = tmpfile();
	int saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);
	struct scx_topology_opts bad = { .size = sizeof(bad), .synthetic = "foo:2" };
	struct stat stat;

	(void)fflush(NULL);
	dup2(fileno(captured), STDOUT_FILENO);
	dup2(fileno(captured), STDERR_FILENO);
	scx_topology_free(scx_topology_new(NULL));
	scx_topology_free(scx_topology_new(&bad));
	bad.synthetic = NULL;
	bad.xml = "/dev/null";
	scx_topology_free(scx_topology_new(&bad));
	bad.xml = __FILE__;
	scx_topology_free(scx_topology_new(&bad));
	(void)fflush(NULL);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	cr_assert_eq(fstat(fileno(captured), &stat), 0);
	cr_assert_eq(stat.st_size, 0);
	(void)fclose(captured);
}

static unsigned count_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Fails every allocation in turn, until the call succeeds. */
static void fail_all(struct scx_topology *(*make)(const void *arg), const void *arg)
{
	long live = fail_alloc_live();
	unsigned fds = count_fds(), failed = 0;

	for (unsigned nth = 1;; nth++) {
		struct scx_topology *t;
		bool happened;

		fail_alloc_at(nth);
		errno = 0;
		t = make(arg);
		happened = fail_alloc_happened();
		fail_alloc_at(0);
		if (t)
			scx_topology_free(t);
		else
			cr_assert_eq(errno, ENOMEM, "allocation %u: errno %d", nth, errno);
		cr_assert_eq(fail_alloc_live(), live, "allocation %u: %ld left", nth,
			     fail_alloc_live() - live);
		cr_assert_eq(count_fds(), fds, "allocation %u left a descriptor", nth);
		failed += !t;
		if (!happened) {
			cr_assert_not_null(t);
			break;
		}
	}
	cr_assert_gt(failed, 5, "only %u allocations failed", failed);
}

static struct scx_topology *make_topology(const void *opts)
{
	return scx_topology_new(opts);
}

static struct scx_topology *make_from_hwloc(const void *hwloc)
{
	return scx_hwloc_topology_new(*(const hwloc_topology_t *)hwloc, NULL);
}

Test(topology, survives_every_failing_allocation)
{
	struct scx_topology_opts opts = { .size = sizeof(opts),
					  .xml = SCX_TEST_DATA "/topology/" HYBRID };

	fail_all(make_topology, &opts);
	fail_all(make_topology, NULL);
}

/* A file of a tree that stands for /sys/devices/system. */
static void put_file(const char *root, const char *path, const char *text)
{
	char full[256];
	FILE *file;

	(void)snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	cr_assert_not_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

static char *new_tree(char *root)
{
	cr_assert_not_null(mkdtemp(root));
	return root;
}

static void remove_tree(const char *root)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -r %s", root);
	cr_assert_eq(system(command), 0);
}

Test(topology, reads_nodes_and_possible_cpus_from_sysfs)
{
	char root[] = "/tmp/scx-test-XXXXXX";
	struct scx_topology *t = open_machine(VM);

	new_tree(root);
	put_file(root, "cpu/possible", "0-11\n");
	put_file(root, "node/node0/cpulist", "0-3,9\n");
	put_file(root, "node/node1/cpulist", "4,6-7\n");
	put_file(root, "node/node2/cpulist", "\n");
	put_file(root, "cpu/cpu5/node1/x", "");
	put_file(root, "cpu/cpu8/node2/x", "");
	cr_assert_eq(scxi_topology_read_sysfs(t, root), 0);
	cr_assert_eq(scx_topology_cpu_end(t), 12);
	cr_assert_eq(scx_topology_state(t, 11), 0);
	cr_assert_eq(scx_topology_id(t, SCX_LEVEL_NODE, 11), -ENOENT);
	check_ids(t, SCX_LEVEL_NODE, (int[]){ 0, 0, 0, 0, 1, 1, 1, 1, 2, 0 }, 10);
	scx_topology_free(t);
	remove_tree(root);
}

static void put_values(const char *root, const char *name, const char *const *values,
		       unsigned count)
{
	char path[64];

	for (unsigned cpu = 0; cpu < count; cpu++) {
		(void)snprintf(path, sizeof(path), "cpu/cpu%u/%s", cpu, name);
		put_file(root, path, values[cpu]);
	}
}

Test(topology, prefers_the_capacities_in_sysfs)
{
	static const char *const values[] = { "1024\n", "1024\n", "900\n", "900\n", "400\n",
					      "400\n",	"400\n",  "400\n", "0\n",   "9999\n" };
	char root[] = "/tmp/scx-test-XXXXXX";
	struct scx_topology *t = open_machine(HYBRID);

	/* 0 is no capacity: nothing is believed then. */
	new_tree(root);
	put_values(root, "cpu_capacity", values, 10);
	cr_assert_eq(scxi_topology_read_sysfs(t, root), 0);
	cr_assert_eq(scx_topology_capacity(t, 2), 1024);
	put_file(root, "cpu/cpu8/cpu_capacity", "200\n");
	cr_assert_eq(scxi_topology_read_sysfs(t, root), 0);
	cr_assert_eq(scx_topology_capacity(t, 2), 900);
	cr_assert_eq(scx_topology_capacity(t, 8), 200);
	cr_assert_eq(scx_topology_capacity(t, 9), 1024);
	scx_topology_free(t);
	remove_tree(root);
}

Test(topology, compares_kinds_by_the_firmware_s_performance)
{
	static const char *const values[] = { "60", "60", "64", "64", "40",
					      "40", "40", "40", "32", "31" };
	char root[] = "/tmp/scx-test-XXXXXX";
	struct scx_topology *t = open_machine(HYBRID);

	new_tree(root);
	put_values(root, "acpi_cppc/highest_perf", values, 10);
	cr_assert_eq(scxi_topology_read_sysfs(t, root), 0);
	/* Two cores of a kind are equal, whichever boosts better. */
	cr_assert_eq(scx_topology_capacity(t, 0), 1024);
	cr_assert_eq(scx_topology_capacity(t, 2), 1024);
	cr_assert_eq(scx_topology_capacity(t, 7), 640);
	cr_assert_eq(scx_topology_capacity(t, 9), 512);
	scx_topology_free(t);
	/* Equal cores are only ranked by it. */
	t = open_machine("core:10 pu:1");
	cr_assert_eq(scxi_topology_read_sysfs(t, root), 0);
	cr_assert_eq(scx_topology_capacity(t, 9), 1024);
	scx_topology_free(t);
	remove_tree(root);
}

Test(topology, lives_without_sysfs)
{
	struct scx_topology *t = open_machine("core:2 pu:1");

	cr_assert_eq(scxi_topology_read_sysfs(t, "/nowhere"), 0);
	cr_assert_eq(scxi_topology_read_sysfs(t, "/tmp"), 0);
	check_text(t, "2 CPUs, 2 cores, no L3 cache, 1 NUMA node");
	scx_topology_free(t);
}

Test(hwloc, adopts_a_topology)
{
	struct scx_topology_opts opts = { .size = sizeof(opts), .synthetic = "pu:1" };
	struct scx_topology *t;
	hwloc_topology_t h;

	cr_assert_eq(hwloc_topology_init(&h), 0);
	errno = 0;
	cr_assert_null(scx_hwloc_topology_new(h, NULL));
	cr_assert_eq(errno, EINVAL);
	cr_assert_eq(hwloc_topology_set_synthetic(h, "pack:2 l3:2 core:2 pu:2"), 0);
	cr_assert_eq(hwloc_topology_load(h), 0);
	errno = 0;
	cr_assert_null(scx_hwloc_topology_new(h, &opts));
	cr_assert_eq(errno, EINVAL);
	fail_all(make_from_hwloc, &h);
	t = scx_hwloc_topology_new(h, NULL);
	cr_assert_not_null(t);
	hwloc_topology_destroy(h);
	check_text(t, "16 CPUs, 8 cores, 4 L3 caches, 2 packages, 1 NUMA node");
	scx_topology_free(t);
}

Test(hwloc, converts_cpu_sets_both_ways)
{
	hwloc_bitmap_t bitmap = hwloc_bitmap_alloc();
	cpu_set_t set, again;
	char text[64];

	cr_assert_eq(scx_cpuset_parse("0,63-64,1023", sizeof(set), &set), 0);
	cr_assert_eq(scx_hwloc_cpuset_set(bitmap, sizeof(set), &set), 0);
	cr_assert_gt(hwloc_bitmap_list_snprintf(text, sizeof(text), bitmap), 0);
	cr_assert_str_eq(text, "0,63-64,1023");
	cr_assert_eq(scx_hwloc_cpuset_get(bitmap, sizeof(again), &again), 0);
	cr_assert_eq(memcmp(&set, &again, sizeof(set)), 0);
	cr_assert_eq(scx_hwloc_cpuset_get(bitmap, 64, &again), -ERANGE);
	cr_assert_eq(scx_hwloc_cpuset_get(bitmap, 3, &again), -EINVAL);
	cr_assert_eq(scx_hwloc_cpuset_set(bitmap, 0, &set), -EINVAL);
	hwloc_bitmap_set_range(bitmap, 7, -1);
	cr_assert_eq(scx_hwloc_cpuset_get(bitmap, sizeof(again), &again), -ERANGE);
	cr_assert_eq(memcmp(&set, &again, sizeof(set)), 0);
	hwloc_bitmap_zero(bitmap);
	cr_assert_eq(scx_hwloc_cpuset_get(bitmap, sizeof(again), &again), 0);
	cr_assert_eq(scx_cpuset_count(sizeof(again), &again), 0);
	hwloc_bitmap_free(bitmap);
}
