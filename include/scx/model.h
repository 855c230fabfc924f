/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The model: a machine with a sched_ext kernel, in this process and in simulated time.
 *
 * A scheduler is opened on it as on the running kernel, with scx_open_opts.backend; then every call
 * of libscx works on the simulated machine, and waiting (scx_wait(), scx_run()) is what makes time
 * pass there. The same model and seed give the same run, bit for bit. Nothing is needed of the machine
 * that this runs on: no privilege, no sched_ext, no CPUs.
 *
 * Link with libscx-model. The schedulers in it are those of libscx, compiled natively; other ones are
 * opened by the path of the shared object that scx-sim made of their source.
 *
 * A workload is text, one item a line, # begins a comment, times are 5ns 5us 5ms 5s:
 *
 *	cgroup /web weight=300
 *	task db[8] nice=-5 cpus=0-3 cgroup=/web policy=normal from=1s : wait db; run 1ms; wake done
 *	task req[64] : sleep exp(2ms); run 100us..300us; wake db sync; wait done
 *	task child template : run 5ms; exit
 *	at 5s offline 12
 *	at 6s cpus req[3] 0-1
 *	expect end none
 *	expect share req 200..400
 *	expect wait db 5ms
 *
 * Steps are run, sleep, until (the next multiple of), wait and wake (a channel that counts), fork (a
 * task of that name), yield, pin and unpin (migrate_disable()), times N (what comes before, N times),
 * exit; after the last step a task begins anew. Events are start, online, offline, nice, cpus, policy
 * (normal batch idle ext fifo:N rr:N deadline), move, weight, kill, stuck (the watchdog itself). A share is in
 * thousandths of all CPU time; the wait is the longest of any of the tasks.
 *
 * Example:
 *
 *	char err[1024];
 *	struct scx_model *m = scx_model_new(&SCX_OPTS(scx_model_opts, .synthetic = "l3:8 core:8 pu:2"));
 *	struct scx *s = m ? scx_open("simple", &SCX_OPTS(scx_open_opts, .backend = scx_model_backend(m)))
 *			  : NULL;
 *
 *	if (s && !scx_model_workload(m, "task hog[200] : run 1s", err, sizeof(err)) && !scx_attach(s))
 *		scx_run(s, &SCX_OPTS(scx_run_opts, .timeout_ns = 10000000000));
 *	scx_close(s);
 *	scx_model_free(m);
 */
#ifndef SCX_MODEL_H
#define SCX_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx_backend;
struct scx_model;

/**
 * struct scx_model_opts - which machine
 * @size:        sizeof(struct scx_model_opts)
 * @errbuf:      on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size: bytes in @errbuf
 * @synthetic:   the machine in hwloc's words, up to 1024 CPUs; NULL: "core:8 pu:1"
 * @seed:        of all chance
 * @hz:          ticks a second; 0: 1000
 * @no_costs:    1: switches, wake-ups and migrations take no time
 */
struct scx_model_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	const char *synthetic;
	uint64_t seed;
	unsigned hz;
	unsigned no_costs;
};

/**
 * scx_model_new - make a machine
 * @opts: may be NULL
 *
 * Returns the model, or NULL with errno set: EINVAL (no machine, or an option that this version does
 * not know), ENOMEM. Threads: any; one at a time uses a model. Since: 0.1
 */
SCX_API struct scx_model *scx_model_new(const struct scx_model_opts *opts);

/**
 * scx_model_free - take a machine apart
 * @model: may be NULL; every handle that was opened on it is closed
 *
 * Since: 0.1
 */
SCX_API void scx_model_free(struct scx_model *model);

/**
 * scx_model_backend - for scx_open_opts.backend
 * @model: a model
 *
 * One handle at a time can be open on a model. scx_fd() is -ENOTSUP there: use scx_wait().
 *
 * Returns the model's backend, valid as long as the model. Since: 0.1
 */
SCX_API const struct scx_backend *scx_model_backend(struct scx_model *model);

/**
 * scx_model_workload - give the machine something to do
 * @model:       a model
 * @text:        the workload, see above
 * @errbuf:      on failure, gets the line and what is wrong there; may be NULL
 * @errbuf_size: bytes in @errbuf
 *
 * Tasks begin now, or when their from= says.
 *
 * Returns 0, or -EINVAL (text that is none), -EBUSY (the model has its workload), -ENOENT (a cgroup
 * without its parent), -ENOMEM. Since: 0.1
 */
SCX_API int scx_model_workload(struct scx_model *model, const char *text, char *errbuf,
			       size_t errbuf_size);

/**
 * scx_model_check - is what the workload expects true now?
 * @model:       a model
 * @errbuf:      gets what is not; may be NULL
 * @errbuf_size: bytes in @errbuf
 *
 * Returns 0, or -ERANGE (something is not), -EIO (the model found itself wrong). Since: 0.1
 */
SCX_API int scx_model_check(struct scx_model *model, char *errbuf, size_t errbuf_size);

/**
 * scx_model_run - let time pass without a scheduler's handle
 * @model: a model
 * @ns:    how long
 *
 * Returns 0, or -EIO: the model found itself wrong, and scx_model_check() says how. Since: 0.1
 */
SCX_API int scx_model_run(struct scx_model *model, uint64_t ns);

/**
 * scx_model_cpu_set_online - a CPU goes, or comes back
 * @model:  a model
 * @cpu:    its number
 * @online: 1 or 0
 *
 * A CPU that goes is offline when its last task has left, in simulated time.
 *
 * Returns 0, -ENODEV (no such CPU), -EALREADY (it is so), -EBUSY (the last one). Since: 0.1
 */
SCX_API int scx_model_cpu_set_online(struct scx_model *model, unsigned cpu, int online);

/**
 * scx_model_task - the n-th task of a line of the workload
 * @model: a model
 * @name:  of the line
 * @index: from 0
 *
 * Returns its tid, or -ENOENT: there is none, or it has ended. Since: 0.1
 */
SCX_API int scx_model_task(struct scx_model *model, const char *name, unsigned index);

/**
 * scx_model_task_ns - the CPU time that a task had
 * @model: a model
 * @tid:   of a live task
 *
 * Returns nanoseconds; 0 if there is no such task. Since: 0.1
 */
SCX_API uint64_t scx_model_task_ns(struct scx_model *model, int tid);

/**
 * scx_model_task_cpu - where a task runs or waits
 * @model: a model
 * @tid:   of a live task
 *
 * Returns its CPU, or -ESRCH. Since: 0.1
 */
SCX_API int scx_model_task_cpu(struct scx_model *model, int tid);

/**
 * scx_model_hash - of all that happened
 * @model: a model
 *
 * Equal for the same machine, seed, workload and calls, whatever compiled it. Since: 0.1
 */
SCX_API uint64_t scx_model_hash(const struct scx_model *model);

/**
 * scx_model_events - how many events were simulated
 * @model: a model
 *
 * Since: 0.1
 */
SCX_API uint64_t scx_model_events(const struct scx_model *model);

#ifdef __cplusplus
}
#endif

#endif /* SCX_MODEL_H */
