/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * One object file for every kernel from 6.12 on: what changed in between is decided here, when the
 * object is loaded, and a scheduler tests neither a version nor a symbol. A branch that the running
 * kernel does not take is removed by its verifier. Each entry says since when its first choice
 * exists; the others can go when no older kernel is wanted.
 *
 * Two bpf_ksym_exists() are never joined by ||: clang would compute with the addresses.
 */
#ifndef SCX_PORTABLE_BPF_H
#define SCX_PORTABLE_BPF_H

#include "kernel.bpf.h"

#define SCX_OP(name, args...) SEC("struct_ops/" #name) BPF_PROG(name, ##args)
#define SCX_OP_SLEEPABLE(name, args...) SEC("struct_ops.s/" #name) BPF_PROG(name, ##args)

/*
 * A tunable is a `const volatile` with its help, unit and range; user space finds all of them through
 * BTF:  SCX_TUNABLE(u64, slice_us, 20000, "us", "100..1000000", "slice of ...");
 */
#define SCX_TAG(text) __attribute__((btf_decl_tag(text)))
#define SCX_TUNABLE(type, name, value, unit, range, help)                                          \
	const volatile type name SCX_TAG("unit:" unit) SCX_TAG("range:" range)                     \
		SCX_TAG("help:" help) = value
/* The same with names for its values: "fifo=0,vtime=1". */
#define SCX_TUNABLE_NAMED(type, name, value, values, help)                                         \
	const volatile type name SCX_TAG("values:" values) SCX_TAG("help:" help) = value
/*
 * The names of what a scheduler counts in scx_cpu_slot.stats: those of enum NAME_stat. Inlined functions
 * leave no trace of it in the BTF, a variable does.
 */
#define SCX_STATS(name) enum name##_stat *scx_stats_of_##name

/* Flags that moved between 6.18 and 6.19; a kernel that lacks one gives 0. */
#define scx_enum(type, value)                                                                      \
	(bpf_core_enum_value_exists(enum type, value) ? bpf_core_enum_value(enum type, value) : 0)

#define scx_barrier() asm volatile("" ::: "memory")

/* Orders the stores before it with those after it, as others see them; free where the CPU keeps it. */
#if defined(__TARGET_ARCH_x86)
#define scx_store_order(word) scx_barrier()
#else
#define scx_store_order(word) __sync_fetch_and_add(word, 0)
#endif

/*
 * A loop's condition that is true until the kernel loses patience (8 million rounds, 250 ms): with it
 * the verifier accepts any loop, and looks at its body once if no bound is a constant.
 */
#define scx_may_loop()                                                                             \
	({                                                                                         \
		__label__ scx_stop, scx_go;                                                        \
		bool scx_on = true;                                                                \
		asm goto("may_goto %l[scx_stop]" : : : : scx_stop);                                \
		goto scx_go;                                                                       \
scx_stop:                                                                                          \
		scx_on = false;                                                                    \
scx_go:                                                                                            \
		scx_on;                                                                            \
	})

/*
 * Loops over i = 0 .. n - 1. scx_for() costs nearly nothing a round; scx_each() costs four calls, and its
 * body is verified once whatever it holds: where every instruction counts, and everywhere else.
 */
#define scx_for(i, n) for (u32 i = 0; i < (n) && scx_may_loop(); i++)
#define scx_each(i, n)                                                                             \
	for (u32 i, scx_once_##i = 1; scx_once_##i; scx_once_##i = 0)                              \
		bpf_for(i, 0, n)

/* Formatted text for scx_bpf_error_bstr() and its like: at most 12 values, as the kernel allows. */
#define scx_bstr(call, fmt, args...)                                                               \
	({                                                                                         \
		static char scx_fmt[] = fmt;                                                       \
		unsigned long long scx_data[___bpf_narg(args) ?: 1] = {};                          \
		_Pragma("GCC diagnostic push")                                                     \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                     \
				___bpf_fill(scx_data, args);                                       \
		_Pragma("GCC diagnostic pop") call(scx_fmt, scx_data, sizeof(scx_data));           \
	})
/* Ends the scheduler with an error of its own. */
#define scx_error(fmt, args...) scx_bstr(scx_bpf_error_bstr, fmt, ##args)
/* A line of the debug dump; in the dump callbacks only. */
#define scx_dump(fmt, args...) scx_bstr(scx_bpf_dump_bstr, fmt, ##args)

/* scx_bpf_now() since 6.14: the time the runqueue's clock shows, cheaper than reading the clock. */
static __always_inline u64 scx_now(void)
{
	if (bpf_ksym_exists(scx_bpf_now))
		return scx_bpf_now();
	return bpf_ktime_get_ns();
}

/* ___v2 since 6.19, scx_bpf_dsq_insert() since 6.13. */
static __always_inline void scx_insert(struct task_struct *p, u64 dsq, u64 slice, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___compat))
		scx_bpf_dsq_insert___v2___compat(p, dsq, slice, enq_flags);
	else if (bpf_ksym_exists(scx_bpf_dsq_insert))
		scx_bpf_dsq_insert(p, dsq, slice, enq_flags);
	else
		scx_bpf_dispatch(p, dsq, slice, enq_flags);
}

/* The arguments in a struct since 6.19, scx_bpf_dsq_insert_vtime() since 6.13. */
static __always_inline void scx_insert_vtime(struct task_struct *p, u64 dsq, u64 slice, u64 vtime,
					     u64 enq_flags)
{
	if (bpf_core_type_exists(struct scx_bpf_dsq_insert_vtime_args)) {
		struct scx_bpf_dsq_insert_vtime_args args = {
			.dsq_id = dsq,
			.slice = slice,
			.vtime = vtime,
			.enq_flags = enq_flags,
		};

		__scx_bpf_dsq_insert_vtime(p, &args);
	} else if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime)) {
		scx_bpf_dsq_insert_vtime(p, dsq, slice, vtime, enq_flags);
	} else {
		scx_bpf_dispatch_vtime(p, dsq, slice, vtime, enq_flags);
	}
}

/* ___v2 since 7.1, scx_bpf_dsq_move_to_local() since 6.13. */
static __always_inline bool scx_move_to_local(u64 dsq)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___compat))
		return scx_bpf_dsq_move_to_local___v2___compat(dsq, 0);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local))
		return scx_bpf_dsq_move_to_local(dsq);
	return scx_bpf_consume(dsq);
}

/* A function since 6.19; the field may be written directly up to 7.2. */
static __always_inline void scx_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice))
		scx_bpf_task_set_slice(p, slice);
	else
		p->scx.slice = slice;
}

/*
 * Must @p stay on its CPU now? A kernel that has the flag (since 6.14) enqueues such tasks itself, as
 * no scheduler of ours sets it. Before, a callback itself counts for the task it interrupts.
 */
static __always_inline bool scx_migration_disabled(const struct task_struct *p)
{
	u32 n;

	if (bpf_core_enum_value_exists(enum scx_ops_flags, SCX_OPS_ENQ_MIGRATION_DISABLED))
		return false;
	n = p->migration_disabled;
	return n > 1 || (n == 1 && (u64)bpf_get_current_task_btf() != (u64)p);
}

static __always_inline void scx_set_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime))
		scx_bpf_task_set_dsq_vtime(p, vtime);
	else
		p->scx.dsq_vtime = vtime;
}

/* Is any CPU idle? Costs a tenth of a search in vain. */
static __always_inline bool scx_any_idle(void)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	bool any = !bpf_cpumask_empty(idle);

	scx_bpf_put_idle_cpumask(idle);
	return any;
}

/*
 * Claims an idle CPU among those in @cpus that @p may use: @prev first, a whole idle core before half
 * of one, near before far. Negative when there is none. The struct since 6.19, the function since
 * 6.16; before, only a task that may run on all of @cpus is sure to find one.
 */
static __always_inline s32 scx_select_idle(struct task_struct *p, s32 prev, u64 wake_flags,
					   const struct cpumask *cpus)
{
	s32 cpu;

	if (bpf_core_type_exists(struct scx_bpf_select_cpu_and_args)) {
		struct scx_bpf_select_cpu_and_args args = {
			.prev_cpu = prev,
			.wake_flags = wake_flags,
		};

		return __scx_bpf_select_cpu_and(p, cpus, &args);
	}
	if (bpf_ksym_exists(scx_bpf_select_cpu_and))
		return scx_bpf_select_cpu_and(p, prev, wake_flags, cpus, 0);
	if (bpf_cpumask_test_cpu(prev, cpus) && scx_bpf_test_and_clear_cpu_idle(prev))
		return prev;
	cpu = scx_bpf_pick_idle_cpu(cpus, SCX_PICK_IDLE_CORE);
	if (cpu < 0)
		cpu = scx_bpf_pick_idle_cpu(cpus, 0);
	/* The claimed CPU stays marked busy until it is kicked: it finds nothing and is idle again. */
	if (cpu >= 0 && !bpf_cpumask_test_cpu(cpu, p->cpus_ptr)) {
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		return -1;
	}
	return cpu;
}

#endif
