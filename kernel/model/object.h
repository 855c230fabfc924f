/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A scheduler that was compiled natively: one shared object with its code, the thunks of the kernel
 * functions (thunk.S) and the BPF object of the same source, for what BTF says. Each instance is a
 * copy of its own, with variables of its own.
 */
#ifndef SCXM_OBJECT_H
#define SCXM_OBJECT_H

#include "btf.h"
#include "map.h"
#include "scxm.h"

#define SCXM_LOOPS_MAX (1L << 23) /* BPF_MAX_LOOPS: what may_goto grants a callback */

struct scxm_object {
	int fd;
	void *dl;
	long *loops;
	struct scxm_btf *btf;
	struct scxm_map *maps;
	unsigned nr_maps;
	struct sched_ext_ops *ops;
};

/* Loads the shared object in @bytes; negative errno and a sentence. One a machine. */
int scxm_object_open(struct scxm *m, const void *data, size_t bytes, char *errbuf,
		     size_t errbuf_size);
void scxm_object_close(struct scxm *m);
/* The variable or function of that name, or NULL. */
void *scxm_object_symbol(const struct scxm_object *object, const char *name);
/* Sets a variable that is constant for the scheduler itself. */
int scxm_object_poke(struct scxm_object *object, const char *name, const void *value, size_t bytes);
/* Calls the SEC("syscall") program @name. -ENOENT: there is none. */
int scxm_object_verb(struct scxm *m, const char *name, void *arg);

static inline void scxm_object_loops(struct scxm_object *object)
{
	if (object)
		*object->loops = SCXM_LOOPS_MAX;
}

/* 1: the callback that ends now was cut off in a loop. */
static inline unsigned scxm_object_loops_cut(const struct scxm_object *object)
{
	return object && *object->loops < 0;
}

/* table.c: the model's function for slot @index of thunk.S; NULL: behind the last. */
const void *scxm_table(unsigned index);
/* Does the kernel that is posed as have the function? */
bool scxm_table_has(const struct scxm *m, const char *name);

#endif
