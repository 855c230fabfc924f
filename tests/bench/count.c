// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * A QEMU plugin that counts executed instructions: all of them, and those of BPF programs (with
 * "kernel", of the whole kernel) by address. At each mark (mark.h) and at the end it writes a section:
 *	mark NUMBER total
 *	ADDRESS INSTRUCTIONS RUNS	one line a block of code, with all counts so far
 * The first mark starts the count, so that a machine boots at full speed. What happened between two
 * marks is the difference of their sections. Blocks are translated anew and cut differently now and
 * then, so that one address may have several lines.
 *
 *	-plugin count.so,out=FILE[,kernel]
 *
 * QEMU's packages bring no header for plugins, so the few functions in use are declared here; they
 * have been the same from QEMU 6 to 10. CPUs are emulated by one thread: counters need no lock.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define PLUGIN __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_info;
typedef void tb_translated(plugin_id id, struct qemu_plugin_tb *tb);
typedef void tb_executed(unsigned cpu, void *data);
typedef void plugin_ends(plugin_id id, void *data);
typedef void plugin_reset(plugin_id id);
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, tb_translated *call);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, tb_executed *call,
						 int flags, void *data);
extern void qemu_plugin_reset(plugin_id id, plugin_reset *call);
extern void qemu_plugin_register_atexit_cb(plugin_id id, plugin_ends *call, void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

PLUGIN int qemu_plugin_version = 1;
PLUGIN int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv);

/* x86-64 Linux has BPF programs and modules above its own text. */
#define TEXT_LOWEST 0xffffffff80000000ULL
#define BPF_LOWEST 0xffffffffa0000000ULL
#define BPF_HIGHEST 0xffffffffff000000ULL

struct block {
	uint64_t address;
	uint64_t length;
	uint64_t runs;
};

#define BLOCKS_MAX (1U << 20)
static struct block *blocks;
static uint64_t total, lowest = BPF_LOWEST;
static FILE *out;
static plugin_id self;
static bool counting;

/* QEMU looks at the version after it has loaded us; from 9.0 on it knows this function and wants 2. */
__attribute__((constructor)) static void choose_version(void)
{
	if (dlsym(RTLD_DEFAULT, "qemu_plugin_register_vcpu_tb_exec_cond_cb"))
		qemu_plugin_version = 2;
}

static struct block *find_block(uint64_t address, uint64_t length)
{
	uint64_t i = ((address << 8 | length) * 0x9e3779b97f4a7c15ULL) >> 44;

	while (blocks[i].length && (blocks[i].address != address || blocks[i].length != length))
		i = (i + 1) % BLOCKS_MAX;
	blocks[i].address = address;
	blocks[i].length = length;
	return &blocks[i];
}

static void write_section(int mark)
{
	fprintf(out, "mark %d %llu\n", mark, (unsigned long long)total);
	for (unsigned i = 0; i < BLOCKS_MAX; i++)
		if (blocks[i].runs)
			fprintf(out, "%llx %llu %llu\n", (unsigned long long)blocks[i].address,
				(unsigned long long)(blocks[i].length * blocks[i].runs),
				(unsigned long long)blocks[i].runs);
	fflush(out);
}

static void run_block(unsigned cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	block->runs++;
	total += block->length;
}

static void run_other(unsigned cpu, void *data)
{
	(void)cpu;
	total += (uintptr_t)data;
}

static void begin_counting(plugin_id id);

static void run_mark(unsigned cpu, void *data)
{
	(void)cpu;
	write_section((int)(intptr_t)data);
	if (!counting)
		qemu_plugin_reset(self, begin_counting);
	counting = true;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	uint64_t address = qemu_plugin_tb_vaddr(tb), length = qemu_plugin_tb_n_insns(tb);
	uint64_t mark = (address - MARK_BASE) / MARK_STEP;

	(void)id;
	if (address >= MARK_BASE && mark < 2 * (uint64_t)PHASES_MAX)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, run_mark, 0, (void *)(uintptr_t)mark);
	else if (!counting)
		return;
	else if (address >= lowest && address < BPF_HIGHEST)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, run_block, 0, find_block(address, length));
	else
		qemu_plugin_register_vcpu_tb_exec_cb(tb, run_other, 0, (void *)(uintptr_t)length);
}

static void ended(plugin_id id, void *data)
{
	(void)id;
	(void)data;
	write_section(-1);
	fclose(out);
}

/* QEMU has forgotten our callbacks, and translates everything anew. */
static void begin_counting(plugin_id id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
}

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4) && !out)
			out = fopen(argv[i] + 4, "we");
		else if (!strncmp(argv[i], "kernel", 6))
			lowest = TEXT_LOWEST;
	blocks = calloc(BLOCKS_MAX, sizeof(*blocks));
	if (!out || !blocks)
		return 1;
	self = id;
	begin_counting(id);
	return 0;
}
