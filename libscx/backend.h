/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The door to a kernel. Everything above it (tunables, domains, snapshot, loop, restart, end) is
 * the same for the running kernel (backend_bpf.c) and for the model (kernel/model/backend_model.c);
 * everything below it is the backend's own.
 *
 * A backend is a place where schedulers run. A session is one scheduler in it, from scx_open() to
 * scx_close(), through any number of runs:
 *
 *	open -> tunable* -> load -> verb* -> attach -> (memory, verb, end)* -> detach -> unload
 *	     -> renew -> tunable* -> load ...
 *
 * The core calls in this order and never from two threads at a time for one session; a backend need
 * not check the state. Every call returns 0 or a negative errno; calls that take a struct scxi_error
 * also write the sentence there. A scheduler is memory (struct scx_memory, bpf/include/scx/memory.h)
 * and verbs (bpf/include/scx/verb.h), nothing else is shared with it.
 *
 * Time is the backend's: `now` is CLOCK_MONOTONIC in the running kernel and simulated time in the
 * model, the clock that the duty words and accounts in memory use; `wait` sleeps, or simulates.
 * Nothing above the door reads a clock or sleeps by other means.
 */
#ifndef SCXI_BACKEND_H
#define SCXI_BACKEND_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bpf_object;
struct scx_backend;
struct scx_memory;
struct scxi_session;

/* Where a sentence for a person goes: scxi_fail_buf(err->buf, err->size, ...). */
struct scxi_error {
	char *buf;
	size_t size;
};

/* What to open: one of the three. All belong to the caller and stay valid as long as the session. */
struct scxi_source {
	const char *scheduler; /* a bundled name, or a path: it has a '/' or ends in ".o" */
	const void *object;    /* an object file in memory */
	size_t object_bytes;
	struct bpf_object
		*adopt; /* opened by the caller, neither loaded nor closed by us; else NULL */
};

/* What the caller wants of any scheduler; 0 leaves what the scheduler itself says. */
struct scxi_ops_wish {
	bool partial;	     /* SCX_OPS_SWITCH_PARTIAL: only tasks that join */
	unsigned timeout_ms; /* of the watchdog */
	unsigned dump_bytes; /* exit_dump_len */
};

/* What a scheduler has; known when it is open. */
struct scxi_features {
	char name[128]; /* of the ops: what the kernel calls it */
	bool memory;	/* struct scx_memory: snapshot and statistics */
	bool domains;	/* scx_verb_domain_define */
	bool migrate;	/* scx_verb_migrate */
	bool wakes;	/* `fd` and `wait` notice the end at once; else the core asks by timer */
	bool renews;	/* `renew` works; not for an adopted object */
};

enum scxi_tunable_kind {
	SCXI_TUNABLE_UNSIGNED = 1,
	SCXI_TUNABLE_SIGNED = 2,
	SCXI_TUNABLE_BOOL = 3,
	SCXI_TUNABLE_STRING = 4, /* char array, 0-terminated */
};

/* One name for a value. */
struct scxi_tunable_value {
	const char *name;
	int64_t value;
};

/* A tunable as declared. The strings live as long as the call; the core copies them. */
struct scxi_tunable {
	const char *name;
	enum scxi_tunable_kind kind;
	unsigned size; /* bytes: 1, 2, 4, 8, or of the char array */
	const char *
		tags[8]; /* btf_decl_tag texts: "help:...", "unit:us", "range:1..9", "values:..." */
	unsigned nr_tags;
	const struct scxi_tunable_value *values; /* of an enum type; NULL: none */
	unsigned nr_values;
	const void *initial; /* @size bytes: the default */
};

/* Called once for each tunable; a non-zero return stops the walk and is handed back. */
typedef int (*scxi_tunable_fn)(void *arg, const struct scxi_tunable *tunable);

/* The shared memory. References (low 32 bits of an address) are in the 4 GiB of @base. */
struct scxi_memory {
	struct scx_memory *memory;
	unsigned char *base; /* of the arena */
	size_t bytes;
};

/* How a run ended. The strings live until the next call with the session. */
struct scxi_end {
	uint64_t kind; /* the kernel's enum scx_exit_kind; 1: it ended, and nobody knows why */
	int64_t code;
	int cpu; /* -1: not known */
	const char *reason;
	const char *message;
	const char *dump; /* may be cut off; "" if there is none */
};

/* What runs in the kernel, whoever attached it. */
struct scxi_state {
	bool supported;	     /* the kernel has sched_ext */
	bool enabled;	     /* a scheduler is attached, or about to be or to go */
	bool switch_all;     /* it has all normal tasks */
	char name[128];	     /* "" if none */
	uint64_t enable_seq; /* counts what was ever attached */
};

enum scxi_task_op {
	SCXI_TASK_JOIN = 1,  /* policy SCHED_EXT */
	SCXI_TASK_LEAVE = 2, /* policy SCHED_OTHER */
};

#define SCXI_WAIT_FD 1 /* `wait`: the extra descriptor is readable */

struct scxi_backend_ops {
	const char *name;

	/* The CPUs that can exist, and those that are online now. Either may be NULL. */
	int (*cpus)(const struct scx_backend *backend, size_t setsize, cpu_set_t *ret_possible,
		    cpu_set_t *ret_online);
	/* The machine in hwloc's words (scx_topology_opts.synthetic); NULL: the one we run on. */
	const char *(*synthetic)(const struct scx_backend *backend);
	int (*state)(const struct scx_backend *backend, struct scxi_state *ret);
	uint64_t (*now)(const struct scx_backend *backend);
	/* @tid 0 is the calling thread. */
	int (*task)(const struct scx_backend *backend, pid_t tid, enum scxi_task_op op);
	/* The threads of the process that has @tid, in an array that the caller frees; their number. */
	int (*threads)(const struct scx_backend *backend, pid_t tid, pid_t **ret_tids);
	/* The kernel's event counters, "NAME VALUE\n" each, with a final 0; bytes, or -ENOTSUP. */
	int (*events)(const struct scx_backend *backend, char *buf, size_t size);

	/* Opens; also what `fd` needs, so that it is valid from here on. */
	int (*open)(const struct scx_backend *backend, const struct scxi_source *source,
		    const struct scxi_ops_wish *wish, struct scxi_error *err,
		    struct scxi_session **ret);
	void (*features)(struct scxi_session *session, struct scxi_features *ret);
	int (*tunables)(struct scxi_session *session, scxi_tunable_fn fn, void *arg);
	/* The names of the statistics in scx_cpu_slot.stats, by index; NULL at the end. */
	const char *(*stat_name)(struct scxi_session *session, unsigned index);
	/* Before load. */
	int (*tunable_write)(struct scxi_session *session, const char *name, const void *value,
			     size_t size);
	int (*load)(struct scxi_session *session, struct scxi_error *err);
	/* 0 does not say that it runs: the core looks at `end` and `state` after it. */
	int (*attach)(struct scxi_session *session, struct scxi_error *err);
	/* After load; -ENOTSUP: the scheduler has none. */
	int (*memory)(struct scxi_session *session, struct scxi_memory *ret);
	/*
	 * Runs the program named "scx_verb_" @verb with @arg (in and out), of @size bytes. Returns a
	 * negative errno if it could not run; what it answers is in @arg.
	 */
	int (*verb)(struct scxi_session *session, const char *verb, void *arg, size_t size);
	/* Has the run ended? 1 and @ret, or 0. Cheap: no system call if the scheduler records its end. */
	int (*end)(struct scxi_session *session, struct scxi_end *ret);
	/* Ends the run if it still goes on, and waits for that; `end` and `memory` stay. */
	void (*detach)(struct scxi_session *session);
	/* Forgets the run, its memory and what is loaded. After it come `renew` and `close` only. */
	void (*unload)(struct scxi_session *session);
	/* Opens the scheduler again as it was at first. -ENOTSUP for an adopted object. */
	int (*renew)(struct scxi_session *session, struct scxi_error *err);
	/* Detaches if need be, and frees; @inherited: in a forked child, the parent keeps its run. */
	void (*close)(struct scxi_session *session, bool inherited);

	/* Pollable: readable at the end of a run and at the alarm. -1: this backend has none. */
	int (*fd)(struct scxi_session *session);
	/* Wakes `fd` and `wait` at @at_ns, until it is set anew; 0: never. */
	int (*alarm)(struct scxi_session *session, uint64_t at_ns);
	/*
	 * Returns when the run ended, the alarm rang, @extra_fd (-1: none) is readable, or it is
	 * @deadline_ns (UINT64_MAX: never): 0 or SCXI_WAIT_FD, or -EINTR.
	 */
	int (*wait)(struct scxi_session *session, int extra_fd, uint64_t deadline_ns);
};

/* scx_open_opts.backend. @data is the backend's own. */
struct scx_backend {
	const struct scxi_backend_ops *ops;
	void *data;
};

/* The first member of a backend's own session. */
struct scxi_session {
	const struct scx_backend *backend;
};

/* The running kernel, through libbpf. */
extern const struct scx_backend scxi_backend_kernel;

#endif /* SCXI_BACKEND_H */
