// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/* Loads schedulers, gives their maps bodies, calls their verbs. */
#include "object.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call.h"
#include "machine.h"
#include "timer.h"

void *scxm_object_symbol(const struct scxm_object *object, const char *name)
{
	return dlsym(object->dl, name);
}

/* An anonymous file is an object of its own for the dynamic linker, however often it is loaded. */
static int load_copy(struct scxm_object *o, const void *data, size_t bytes)
{
	const char *at = data;
	char path[32];

	o->fd = memfd_create("scheduler", MFD_CLOEXEC);
	if (o->fd < 0)
		return -errno;
	while (bytes) {
		ssize_t n = write(o->fd, at, bytes);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		bytes -= (size_t)n;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", o->fd);
	o->dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return o->dl ? 0 : -ENOEXEC;
}

static int connect_thunks(struct scxm_object *o)
{
	const void **slots = scxm_object_symbol(o, "scxm_table");
	const void **end = scxm_object_symbol(o, "scxm_table_end");

	o->loops = scxm_object_symbol(o, "scxm_loops_left");
	if (!slots || !end || !o->loops)
		return -ENOEXEC;
	/* Made for another list of functions than ours? */
	for (unsigned i = 0; slots + i < end; i++) {
		if (!scxm_table(i))
			return -ENOEXEC;
		slots[i] = scxm_table(i);
	}
	return scxm_table((unsigned)(end - slots)) ? -ENOEXEC : 0;
}

static int read_btf(struct scxm_object *o)
{
	const char *begin = scxm_object_symbol(o, "scxm_btf");
	const char *end = scxm_object_symbol(o, "scxm_btf_end");

	if (!begin || !end)
		return -ENOEXEC;
	o->btf = scxm_btf_open(begin, (size_t)(end - begin));
	return o->btf ? 0 : -ENOEXEC;
}

static int make_map(struct scxm *m, struct scxm_object *o, const struct scxm_btf_var *var)
{
	void **variable = scxm_object_symbol(o, var->name);
	struct scxm_map *map = &o->maps[o->nr_maps];
	int err;

	if (!variable)
		return -ENOEXEC;
	*map = (struct scxm_map){
		.name = var->name,
		.type = scxm_btf_map_fact(o->btf, var->type, "type"),
		.key_bytes = scxm_btf_map_fact(o->btf, var->type, "key"),
		.value_bytes = scxm_btf_map_fact(o->btf, var->type, "value"),
		.max_entries = scxm_btf_map_fact(o->btf, var->type, "max_entries"),
		.storage = o->nr_maps,
	};
	err = scxm_map_init(m, map);
	if (err)
		return err;
	o->nr_maps++;
	*variable = map;
	return 0;
}

static int find_parts(struct scxm *m, struct scxm_object *o, char *errbuf, size_t errbuf_size)
{
	struct scxm_btf_var var;
	unsigned nr = 0;
	int err = 0;

	for (unsigned i = 0; scxm_btf_var(o->btf, i, &var); i++)
		nr += !strcmp(var.section, ".maps");
	o->maps = calloc(nr ? nr : 1, sizeof(*o->maps));
	if (!o->maps)
		return -ENOMEM;
	for (unsigned i = 0; scxm_btf_var(o->btf, i, &var) && !err; i++) {
		if (!strcmp(var.section, ".maps"))
			err = make_map(m, o, &var);
		else if (!strncmp(var.section, ".struct_ops", 11))
			o->ops = scxm_object_symbol(o, var.name);
	}
	if (err)
		(void)snprintf(errbuf, errbuf_size, "the model cannot make the map %s: %s",
			       o->maps[o->nr_maps].name, strerror(-err));
	if (!err && !o->ops) {
		(void)snprintf(errbuf, errbuf_size, "it has no struct sched_ext_ops");
		err = -EINVAL;
	}
	return err;
}

int scxm_object_open(struct scxm *m, const void *data, size_t bytes, char *errbuf,
		     size_t errbuf_size)
{
	struct scxm_object *o = calloc(1, sizeof(*o));
	int err;

	if (!o)
		return -ENOMEM;
	errbuf[0] = '\0';
	m->object = o;
	o->fd = -1;
	err = load_copy(o, data, bytes);
	if (err == -ENOEXEC)
		(void)snprintf(errbuf, errbuf_size, "it cannot be loaded: %s", dlerror());
	if (!err)
		err = connect_thunks(o);
	if (!err)
		err = read_btf(o);
	if (err && !errbuf[0])
		(void)snprintf(errbuf, errbuf_size,
			       "it is no scheduler that was built for this model: %s",
			       strerror(-err));
	if (!err)
		err = find_parts(m, o, errbuf, errbuf_size);
	if (err)
		scxm_object_close(m);
	return err;
}

static void forget_storage(struct scxm *m)
{
	for (struct list_head *at = m->tasks.next; at != &m->tasks; at = at->next)
		scxm_storage_free(m, scxm_container(at, struct scxm_task, all)->storage);
	for (struct list_head *at = m->cgroups.next; at != &m->cgroups; at = at->next)
		scxm_storage_free(m, scxm_container(at, struct scxm_cgroup, all)->storage);
}

void scxm_object_close(struct scxm *m)
{
	struct scxm_object *o = m->object;

	if (!o)
		return;
	scxm_timers_free(m);
	if (m->root_cgroup)
		forget_storage(m);
	for (unsigned i = 0; i < o->nr_maps; i++)
		scxm_map_free(m, &o->maps[i]);
	free(o->maps);
	scxm_btf_close(o->btf);
	if (o->dl)
		(void)dlclose(o->dl); /* what it leaves behind is a leak that tools show */
	if (o->fd >= 0)
		(void)close(o->fd);
	free(o);
	m->object = NULL;
}

int scxm_object_poke(struct scxm_object *o, const char *name, const void *value, size_t bytes)
{
	unsigned char *at = scxm_object_symbol(o, name);
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first, end;

	if (!at)
		return -ENOENT;
	first = (uintptr_t)at & ~(page - 1);
	end = ((uintptr_t)at + bytes + page - 1) & ~(page - 1);
	if (mprotect((void *)first, end - first, PROT_READ | PROT_WRITE))
		return -errno;
	memcpy(at, value, bytes);
	return 0;
}

int scxm_object_verb(struct scxm *m, const char *name, void *arg)
{
	int (*program)(void *) = NULL;
	struct scxm_frame frame;
	int value;

	*(void **)&program = scxm_object_symbol(m->object, name);
	if (!program)
		return -ENOENT;
	scxm_outside_begin(m);
	scxm_enter_call(m, &frame, SCXM_OP_verb, NULL, NULL, NULL);
	value = program(arg);
	scxm_leave_call(m, &frame);
	scxm_outside_end(m);
	return value;
}
