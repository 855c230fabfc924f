// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * attach NAME TIMES: one handle attaches and detaches many times. Each end says that it was from user
 * space; afterwards the process has the descriptors and mappings that it had, and the kernel no more
 * BPF maps and programs than before.
 */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "fixture.h"

#define WARM_UP 2 /* rounds that may leave something for the next ones, such as a heap */

struct holdings {
	unsigned fds;
	unsigned mappings;     /* in all */
	unsigned bpf_mappings; /* of BPF maps */
	unsigned bpf_maps;     /* in the kernel, of all processes */
	unsigned bpf_progs;
};

static unsigned count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned nr = 0;

	expect(dir, "/proc/self/fd cannot be read");
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void count_mappings(struct holdings *h)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[512];

	expect(file, "/proc/self/maps cannot be read");
	while (fgets(line, sizeof(line), file)) {
		h->mappings++;
		h->bpf_mappings += strstr(line, "bpf") != NULL;
	}
	fclose(file);
}

static struct holdings look(void)
{
	struct holdings h = { .fds = count_fds() };

	count_mappings(&h);
	for (uint32_t id = 0; !bpf_map_get_next_id(id, &id);)
		h.bpf_maps++;
	for (uint32_t id = 0; !bpf_prog_get_next_id(id, &id);)
		h.bpf_progs++;
	return h;
}

static void cycle(struct scx *scx)
{
	attach(scx);
	expect_attached(scx);
	must(scx, scx_detach(scx));
	expect(scx_end(scx) && scx_end(scx)->kind == SCX_END_DETACHED && !scx_end(scx)->error,
	       "the end: %s", scx_end(scx) ? scx_end(scx)->reason : "none");
	expect(kernel_says("disabled"), "the kernel does not say 'disabled'");
}

static void expect_same(const char *when, struct holdings now, struct holdings then)
{
	expect(now.fds == then.fds, "%s: %u descriptors, before %u", when, now.fds, then.fds);
	expect(now.mappings <= then.mappings, "%s: %u mappings, before %u", when, now.mappings,
	       then.mappings);
	expect(now.bpf_mappings == then.bpf_mappings, "%s: %u mappings of BPF maps, before %u",
	       when, now.bpf_mappings, then.bpf_mappings);
	/* The kernel frees them a grace period later. */
	await(look().bpf_maps <= then.bpf_maps && look().bpf_progs <= then.bpf_progs);
}

int main(int argc, char **argv)
{
	struct holdings before, warm;
	struct scx *scx;
	int times;

	expect(argc == 3, "attach NAME TIMES");
	times = atoi(argv[2]);
	/* Large blocks are mappings from the beginning, and stay so. */
	(void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	before = look();
	scx = open_scheduler(argv[1], NULL);
	for (int i = 0; i < WARM_UP; i++)
		cycle(scx);
	warm = look();
	for (int i = WARM_UP; i < times; i++)
		cycle(scx);
	expect_same("detached", look(), warm);
	scx_close(scx);
	warm.fds = before.fds;
	warm.bpf_mappings = before.bpf_mappings;
	warm.bpf_maps = before.bpf_maps;
	warm.bpf_progs = before.bpf_progs;
	expect_same("closed", look(), warm);
	printf("%u descriptors, %u mappings\n", before.fds, warm.mappings);
	return 0;
}
