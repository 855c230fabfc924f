/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * A BPF scheduler inside a C program: open, attach, watch, detach.
 *
 * A handle is one scheduler. It is opened from the library's own stock ("simple", "atropos", ...),
 * from a file, or from memory; configured (<scx/tunable.h>, <scx/domain.h>); attached, so that the
 * kernel schedules with it; and watched, since the kernel throws a scheduler out that misbehaves.
 * The library prints nothing, starts no thread, installs no signal handler and never exits.
 *
 * The states of a handle, and what each call does in each of them, are in docs/states.md. After fork()
 * without exec the handle stays the parent's: in the child, calls that would reach the scheduler return
 * -ECHILD, and scx_close() gives up the child's copy.
 *
 * Example:
 *
 *	char err[1024];
 *	struct scx *s = scx_open("simple", &SCX_OPTS(scx_open_opts, .errbuf = err,
 *						     .errbuf_size = sizeof(err)));
 *
 *	if (!s)
 *		return fprintf(stderr, "%s\n", err), 1;
 *	if (scx_attach(s) < 0 || scx_run(s, NULL) < 0)
 *		fprintf(stderr, "%s\n", scx_errmsg(s));
 *	if (scx_end(s))
 *		printf("it ended: %s\n", scx_end(s)->reason);
 *	scx_close(s);
 */
#ifndef SCX_SCX_H
#define SCX_SCX_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx;
struct scx_backend;

/* Where a handle is in its life. */
enum scx_state {
	SCX_STATE_OPENED = 1,	/* the kernel knows nothing of it yet */
	SCX_STATE_LOADED = 2,	/* verified and loaded, but it schedules nothing */
	SCX_STATE_ATTACHED = 3, /* the kernel schedules with it */
	SCX_STATE_RESTARTING =
		4, /* the kernel ended it; scx_process() attaches it again when it is time */
	SCX_STATE_ENDED = 5,	/* the kernel ended it, for good */
	SCX_STATE_DETACHED = 6, /* detached; scx_attach() begins anew */
};

/* When a scheduler that the kernel ended is attached again. */
enum scx_restart {
	SCX_RESTART_ASKED = 0,	/* when the kernel asks for it: a CPU came or went */
	SCX_RESTART_NEVER = 1,	/* never */
	SCX_RESTART_ERRORS = 2, /* also after an error or a stall; not when somebody ended it */
};

/* Who or what ended it: the kernel's numbers, so that newer ones come through. */
enum scx_end_kind {
	SCX_END_UNKNOWN = 1,	    /* it is gone, and it kept no record of why */
	SCX_END_DETACHED = 64,	    /* from user space: scx_detach(), or someone else */
	SCX_END_BPF = 65,	    /* it ended itself; the code is its own */
	SCX_END_KERNEL = 66,	    /* the kernel: a CPU came or went, a cgroup vanished */
	SCX_END_SYSRQ = 67,	    /* someone pressed SysRq-S */
	SCX_END_PARENT = 68,	    /* its parent scheduler ended */
	SCX_END_PARENT_KILL = 69,   /* its parent scheduler ended it */
	SCX_END_ERROR = 1024,	    /* it did what a scheduler may not do */
	SCX_END_ERROR_BPF = 1025,   /* it found an error itself */
	SCX_END_ERROR_STALL = 1026, /* a runnable task waited longer than the watchdog allows */
};

/**
 * struct scx_end - how a run ended
 * @kind:       enum scx_end_kind, or a number of the kernel's that is newer
 * @error:      1: an error of the scheduler's; 0: someone wanted it to end
 * @restart:    1: the kernel asks to attach it again
 * @cpu:        the CPU that it ended on, -1 if the kernel does not tell (before 7.2)
 * @code:       a code that goes with @kind
 * @reason:     the kernel's word for @kind
 * @message:    what exactly; "" if there is nothing more to say
 * @dump:       the state of the scheduler and of its tasks when an error ended it; else ""
 * @dump_bytes: length of @dump
 *
 * Read it through the pointer only, do not copy it: later versions have more fields.
 */
struct scx_end {
	unsigned kind;
	int error;
	int restart;
	int cpu;
	int64_t code;
	const char *reason;
	const char *message;
	const char *dump;
	size_t dump_bytes;
};

/**
 * struct scx_open_opts - what to open, and how
 * @size:         sizeof(struct scx_open_opts)
 * @errbuf:       on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size:  bytes in @errbuf; 1024 hold the longest
 * @object:       an object file in memory (copied), instead of a name; or NULL
 * @object_bytes: bytes in @object
 * @backend:      the kernel to run on; NULL is the running one (<scx/model.h> has another)
 * @partial:      1: schedule only the threads that join (<scx/task.h>)
 * @restart:      enum scx_restart
 * @timeout_ms:   how long a task may wait before the kernel ends the scheduler; 0: what the
 *                scheduler says, or 30000; not above 30000
 * @dump_bytes:   room for the dump that the kernel makes on an error; 0: what the scheduler says, or
 *                32768
 */
struct scx_open_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	const void *object;
	size_t object_bytes;
	const struct scx_backend *backend;
	unsigned partial;
	unsigned restart;
	unsigned timeout_ms;
	unsigned dump_bytes;
};

/**
 * struct scx_run_opts - when scx_run() returns
 * @size:       sizeof(struct scx_run_opts)
 * @stop:       returns soon after this becomes non-zero; a signal handler may set it; or NULL
 * @use_fd:     1: returns when @fd becomes readable (a signalfd, an eventfd, a pipe, a socket)
 * @fd:         a descriptor of the caller's, only looked at
 * @timeout_ns: returns after this time; 0: never
 */
struct scx_run_opts {
	size_t size;
	const volatile int *stop;
	int use_fd;
	int fd;
	uint64_t timeout_ns;
};

/**
 * scx_version - the version of the library
 *
 * Returns a text like "0.1.0", never NULL. Threads: safe. Since: 0.1
 */
SCX_API const char *scx_version(void);

/**
 * scx_bundled - the schedulers that are inside the library
 * @index: 0, 1, ...
 *
 * Returns the name that scx_open() takes, or NULL when there are no more. Threads: safe. Since: 0.1
 */
SCX_API const char *scx_bundled(unsigned index);

/**
 * scx_open - open a scheduler
 * @scheduler: a name of scx_bundled(); or the path of any sched_ext object file, which has a '/' in
 *             it or ends in ".o"; NULL if @opts has an object in memory
 * @opts:      may be NULL
 *
 * Reads the object and what it has to configure. Nothing is loaded into the kernel, and no privilege
 * is needed. A path is read again at each restart.
 *
 * Returns the handle, or NULL with errno: EINVAL (no scheduler, or two; a bad option; not a sched_ext
 * object), ENOENT (no such name or file; the sentence lists the names), E2BIG (an option that this
 * version does not know), ENOMEM, EMFILE; or what opening the file gave.
 * Threads: safe. Cost: parsing the object and its BTF. Since: 0.1
 */
SCX_API struct scx *scx_open(const char *scheduler, const struct scx_open_opts *opts);

/**
 * scx_close - detach if attached, and forget the handle
 * @scx: may be NULL
 *
 * In a child that was forked without exec it gives up the child's copy only, and the parent's
 * scheduler goes on. Keeps errno.
 *
 * Threads: not with another call on @scx. Cost: as scx_detach(). Since: 0.1
 */
SCX_API void scx_close(struct scx *scx);

/**
 * scx_load - have the kernel verify and load the scheduler
 * @scx: opened or detached
 *
 * scx_attach() does this by itself. Separate, it answers whether the scheduler would run here, and
 * it lets programs fill maps of their own before the scheduler starts (<scx/libbpf.h>). Tunables
 * cannot be set any more.
 *
 * Returns 0, also when it is loaded or attached already, or -EPERM (a capability is missing: the
 * sentence says which), -ENOTSUP (no sched_ext in this kernel; the scheduler uses what the kernel
 * does not have), -EACCES or -EINVAL (the verifier refuses it; the sentence ends with its last
 * lines), -E2BIG (a value that the kernel does not allow), -ENOMEM, or another negative errno.
 * Threads: not with another call on @scx. Cost: the verifier's. Since: 0.1
 */
SCX_API int scx_load(struct scx *scx);

/**
 * scx_attach - let the kernel schedule with it
 * @scx: opened, loaded, ended or detached
 *
 * Loads it if need be, gives it the domains that were set, and attaches it. When this returns 0 the
 * kernel has really switched: an error that shows only while the kernel enables the scheduler is
 * returned as one, and scx_end() has the details.
 *
 * Returns 0, or -EALREADY (attached), -EBUSY (another scheduler is attached: the sentence has its
 * name), -ECANCELED (the kernel ended it while it was enabled: see scx_end()), or as scx_load().
 * Threads: not with another call on @scx. Cost: stops all CPUs for a moment. Since: 0.1
 */
SCX_API int scx_attach(struct scx *scx);

/**
 * scx_detach - take the scheduler out of the kernel
 * @scx: in any state
 *
 * Tasks return to the kernel's own scheduler. Works although forked children hold copies of our
 * descriptors. The scheduler's memory is given back: read statistics before. A restart that was due
 * does not happen any more.
 *
 * Returns 0; in the states opened and detached there is nothing to do. Threads: not with another call
 * on @scx. Cost: stops all CPUs for a moment. Since: 0.1
 */
SCX_API int scx_detach(struct scx *scx);

/**
 * scx_state - where the handle is in its life
 * @scx: in any state
 *
 * It changes by calls only: scx_process() notices that the kernel ended the scheduler.
 *
 * Returns enum scx_state. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_state(const struct scx *scx);

/**
 * scx_name - what the kernel calls the scheduler
 * @scx: in any state
 *
 * Returns the name in its sched_ext_ops, as in /sys/kernel/sched_ext/root/ops. Threads: safe.
 * Since: 0.1
 */
SCX_API const char *scx_name(const struct scx *scx);

/**
 * scx_end - how the last run ended
 * @scx: in any state
 *
 * Returns NULL while it is attached and before it ever was; else the report, which stays valid until
 * the next call of scx_attach(), scx_process(), scx_run(), scx_detach() or scx_close().
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API const struct scx_end *scx_end(const struct scx *scx);

/**
 * scx_restarts - how often it was attached again by itself
 * @scx: in any state
 *
 * Returns the number of restarts since scx_attach(). Threads: not with another call on @scx.
 * Since: 0.1
 */
SCX_API unsigned scx_restarts(const struct scx *scx);

/**
 * scx_errmsg - the last error of this handle, in words
 * @scx: in any state
 *
 * Says the thing, what is wrong with it, and the remedy; after a refused load, then the last lines of
 * the verifier. Without a newline at its end.
 *
 * Returns the sentence of the last call on @scx that failed; "" if none did. Valid until the next
 * call on @scx. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API const char *scx_errmsg(const struct scx *scx);

/**
 * scx_fd - what to poll for
 * @scx: in any state
 *
 * Readable (POLLIN, level-triggered; an epoll may hold it) when scx_process() has something to do:
 * the scheduler ended, an alarm rang, a restart is due. It may wake for nothing. The same descriptor
 * for the whole life of the handle; do not read from it, do not close it.
 *
 * Returns the descriptor, or -ENOTSUP: the backend has simulated time, use scx_wait().
 * Threads: safe. Since: 0.1
 */
SCX_API int scx_fd(const struct scx *scx);

/**
 * scx_process - handle what is ready
 * @scx: in any state
 *
 * Notices the end of the scheduler, and attaches it again when that is asked for and due, but never in
 * the same call: in between, scx_end() says how it ended. A restart that fails is tried again later,
 * each time after twice the pause, up to 30 s.
 *
 * Returns 0, or a negative errno of a restart that failed and is not tried again (as scx_attach()).
 * Threads: not with another call on @scx. Cost: no system call when nothing happened. Since: 0.1
 */
SCX_API int scx_process(struct scx *scx);

/**
 * scx_now_ns - the time
 * @scx: in any state
 *
 * Returns CLOCK_MONOTONIC in ns, or the simulated time of the backend. Threads: safe. Since: 0.1
 */
SCX_API uint64_t scx_now_ns(const struct scx *scx);

/**
 * scx_alarm_set - wake scx_fd() at a time
 * @scx:   in any state
 * @at_ns: by the clock of scx_now_ns(); 0: no alarm
 *
 * For loops that have something to do at a time and own no timer. There is one alarm in a handle;
 * it stays due until it is set anew.
 *
 * Returns 0, or a negative errno of the timer. Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_alarm_set(struct scx *scx, uint64_t at_ns);

/**
 * scx_wait - sleep until there is something to do
 * @scx:         in any state
 * @fd:          also wake when this becomes readable; -1: none
 * @deadline_ns: also wake at this time by scx_now_ns(); UINT64_MAX: no limit
 *
 * Then call scx_process(). With simulated time, waiting is what makes time pass.
 *
 * Returns 0, 1 when @fd is readable, -EINTR when a signal came, or -EBADF (@fd is not open).
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_wait(struct scx *scx, int fd, uint64_t deadline_ns);

/**
 * scx_run - the loop, for programs that have none
 * @scx:  attached
 * @opts: may be NULL: runs until the scheduler ended for good
 *
 * Waits and processes until the scheduler has ended and will not be restarted, or what @opts says.
 * It does not detach. A signal that sets @stop between the test and the sleep is noticed at the
 * next wake-up, at the latest after a second; with @fd it is noticed at once.
 *
 * Returns 0 when @opts said so or the alarm of scx_alarm_set() is due, 1 when the scheduler ended (see
 * scx_end()), -ENOTCONN (it is neither attached nor about to be), -E2BIG (an option that this version
 * does not know), or as scx_process().
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_run(struct scx *scx, const struct scx_run_opts *opts);

#ifdef __cplusplus
}
#endif

#endif /* SCX_SCX_H */
