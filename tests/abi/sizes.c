/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The layout of every public struct and the value of every public enumerator, where pointers have 8
 * bytes: what programs were compiled against. Options structs may grow at their end, and so may those
 * of which the library alone makes instances; then SIZE changes here, and no OFFSET. All others stay.
 */
#include <stddef.h>

#include <scx/balance.h>
#include <scx/balancer.h>
#include <scx/cpuset.h>
#include <scx/domain.h>
#include <scx/model.h>
#include <scx/partition.h>
#include <scx/probe.h>
#include <scx/scx.h>
#include <scx/snapshot.h>
#include <scx/stats.h>
#include <scx/task.h>
#include <scx/topology.h>
#include <scx/tunable.h>

#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), "size of struct " #type)
#define OFFSET(type, member, at)                                                                   \
	_Static_assert(offsetof(struct type, member) == (at), "offset of " #type "." #member)
#define VALUE(name, value) _Static_assert((long)(name) == (value), "value of " #name)

SIZE(scx_plan_domain, 48);
OFFSET(scx_plan_domain, id, 0);
OFFSET(scx_plan_domain, flags, 8);
OFFSET(scx_plan_domain, capacity, 12);
OFFSET(scx_plan_domain, cpus, 16);
OFFSET(scx_plan_domain, node, 20);
OFFSET(scx_plan_domain, load, 24);
OFFSET(scx_plan_domain, runnable, 32);
OFFSET(scx_plan_domain, reserved, 40);

SIZE(scx_plan_task, 48);
OFFSET(scx_plan_task, id, 0);
OFFSET(scx_plan_task, moved_ns, 8);
OFFSET(scx_plan_task, domain, 16);
OFFSET(scx_plan_task, duty, 20);
OFFSET(scx_plan_task, allowed, 24);
OFFSET(scx_plan_task, group, 28);
OFFSET(scx_plan_task, footprint_us, 32);
OFFSET(scx_plan_task, weight, 36);
OFFSET(scx_plan_task, flags, 40);
OFFSET(scx_plan_task, node, 42);
OFFSET(scx_plan_task, reserved, 44);

SIZE(scx_plan_input, 96);
OFFSET(scx_plan_input, size, 0);
OFFSET(scx_plan_input, domains, 8);
OFFSET(scx_plan_input, domain_count, 16);
OFFSET(scx_plan_input, domain_size, 24);
OFFSET(scx_plan_input, tasks, 32);
OFFSET(scx_plan_input, task_count, 40);
OFFSET(scx_plan_input, task_size, 48);
OFFSET(scx_plan_input, allowed, 56);
OFFSET(scx_plan_input, allowed_count, 64);
OFFSET(scx_plan_input, distances, 72);
OFFSET(scx_plan_input, node_count, 80);
OFFSET(scx_plan_input, now_ns, 88);

SIZE(scx_plan_opts, 80);
OFFSET(scx_plan_opts, size, 0);
OFFSET(scx_plan_opts, errbuf, 8);
OFFSET(scx_plan_opts, errbuf_size, 16);
OFFSET(scx_plan_opts, flags, 24);
OFFSET(scx_plan_opts, moves_max, 28);
OFFSET(scx_plan_opts, work_max, 32);
OFFSET(scx_plan_opts, band_ppt, 40);
OFFSET(scx_plan_opts, spare_ppt, 44);
OFFSET(scx_plan_opts, near_ppt, 48);
OFFSET(scx_plan_opts, node_ppt, 52);
OFFSET(scx_plan_opts, home_ppt, 56);
OFFSET(scx_plan_opts, recent_ppt, 60);
OFFSET(scx_plan_opts, footprint_ppt, 64);
OFFSET(scx_plan_opts, group_ppt, 68);
OFFSET(scx_plan_opts, cooldown_ms, 72);
OFFSET(scx_plan_opts, recent_ms, 76);

SIZE(scx_plan_move, 64);
OFFSET(scx_plan_move, id, 0);
OFFSET(scx_plan_move, task, 8);
OFFSET(scx_plan_move, from, 12);
OFFSET(scx_plan_move, to, 16);
OFFSET(scx_plan_move, reason, 20);
OFFSET(scx_plan_move, load, 24);
OFFSET(scx_plan_move, cost_ppt, 28);
OFFSET(scx_plan_move, gain_ppt, 32);
OFFSET(scx_plan_move, from_ppt, 36);
OFFSET(scx_plan_move, to_ppt, 40);
OFFSET(scx_plan_move, distance, 44);
OFFSET(scx_plan_move, partner, 48);
OFFSET(scx_plan_move, home, 52);
OFFSET(scx_plan_move, reserved, 56);

SIZE(scx_plan, 88);
OFFSET(scx_plan, size, 0);
OFFSET(scx_plan, moves, 8);
OFFSET(scx_plan, move_count, 16);
OFFSET(scx_plan, move_size, 24);
OFFSET(scx_plan, cut, 32);
OFFSET(scx_plan, reserved, 36);
OFFSET(scx_plan, skipped, 40);
OFFSET(scx_plan, pinned, 48);
OFFSET(scx_plan, considered, 56);
OFFSET(scx_plan, work, 64);
OFFSET(scx_plan, max_before_ppt, 72);
OFFSET(scx_plan, max_after_ppt, 76);
OFFSET(scx_plan, min_before_ppt, 80);
OFFSET(scx_plan, min_after_ppt, 84);

SIZE(scx_load, 32);
OFFSET(scx_load, counter, 0);
OFFSET(scx_load, at_ns, 8);
OFFSET(scx_load, mean, 16);
OFFSET(scx_load, reserved, 24);

SIZE(scx_plan_reader_opts, 56);
OFFSET(scx_plan_reader_opts, size, 0);
OFFSET(scx_plan_reader_opts, errbuf, 8);
OFFSET(scx_plan_reader_opts, errbuf_size, 16);
OFFSET(scx_plan_reader_opts, text, 24);
OFFSET(scx_plan_reader_opts, text_size, 32);
OFFSET(scx_plan_reader_opts, fd, 40);
OFFSET(scx_plan_reader_opts, reserved, 44);
OFFSET(scx_plan_reader_opts, bytes_max, 48);

SIZE(scx_balancer_opts, 64);
OFFSET(scx_balancer_opts, size, 0);
OFFSET(scx_balancer_opts, errbuf, 8);
OFFSET(scx_balancer_opts, errbuf_size, 16);
OFFSET(scx_balancer_opts, topology, 24);
OFFSET(scx_balancer_opts, plan, 32);
OFFSET(scx_balancer_opts, interval_ns, 40);
OFFSET(scx_balancer_opts, half_life_ns, 48);
OFFSET(scx_balancer_opts, flags, 56);

SIZE(scx_round, 72);
OFFSET(scx_round, number, 0);
OFFSET(scx_round, kind, 8);
OFFSET(scx_round, reserved, 12);
OFFSET(scx_round, time_ns, 16);
OFFSET(scx_round, pause_ns, 24);
OFFSET(scx_round, input, 32);
OFFSET(scx_round, plan, 40);
OFFSET(scx_round, moved, 48);
OFFSET(scx_round, queued, 56);
OFFSET(scx_round, refused, 64);

SIZE(scx_migration_request, 24);
OFFSET(scx_migration_request, start_ns, 0);
OFFSET(scx_migration_request, slot, 8);
OFFSET(scx_migration_request, tid, 12);
OFFSET(scx_migration_request, domain, 16);
OFFSET(scx_migration_request, result, 20);

SIZE(scx_partition_opts, 48);
OFFSET(scx_partition_opts, size, 0);
OFFSET(scx_partition_opts, errbuf, 8);
OFFSET(scx_partition_opts, errbuf_size, 16);
OFFSET(scx_partition_opts, level, 24);
OFFSET(scx_partition_opts, cpus_max, 28);
OFFSET(scx_partition_opts, lists, 32);
OFFSET(scx_partition_opts, flags, 40);

SIZE(scx_probe_item, 32);
OFFSET(scx_probe_item, name, 0);
OFFSET(scx_probe_item, answer, 8);
OFFSET(scx_probe_item, required, 12);
OFFSET(scx_probe_item, reason, 16);
OFFSET(scx_probe_item, remedy, 24);

SIZE(scx_end, 56);
OFFSET(scx_end, kind, 0);
OFFSET(scx_end, error, 4);
OFFSET(scx_end, restart, 8);
OFFSET(scx_end, cpu, 12);
OFFSET(scx_end, code, 16);
OFFSET(scx_end, reason, 24);
OFFSET(scx_end, message, 32);
OFFSET(scx_end, dump, 40);
OFFSET(scx_end, dump_bytes, 48);

SIZE(scx_open_opts, 64);
OFFSET(scx_open_opts, size, 0);
OFFSET(scx_open_opts, errbuf, 8);
OFFSET(scx_open_opts, errbuf_size, 16);
OFFSET(scx_open_opts, object, 24);
OFFSET(scx_open_opts, object_bytes, 32);
OFFSET(scx_open_opts, backend, 40);
OFFSET(scx_open_opts, partial, 48);
OFFSET(scx_open_opts, restart, 52);
OFFSET(scx_open_opts, timeout_ms, 56);
OFFSET(scx_open_opts, dump_bytes, 60);

SIZE(scx_model_opts, 48);
OFFSET(scx_model_opts, size, 0);
OFFSET(scx_model_opts, errbuf, 8);
OFFSET(scx_model_opts, errbuf_size, 16);
OFFSET(scx_model_opts, synthetic, 24);
OFFSET(scx_model_opts, seed, 32);
OFFSET(scx_model_opts, hz, 40);
OFFSET(scx_model_opts, no_costs, 44);

SIZE(scx_run_opts, 32);
OFFSET(scx_run_opts, size, 0);
OFFSET(scx_run_opts, stop, 8);
OFFSET(scx_run_opts, use_fd, 16);
OFFSET(scx_run_opts, fd, 20);
OFFSET(scx_run_opts, timeout_ns, 24);

SIZE(scx_domain_info, 64);
OFFSET(scx_domain_info, domain, 0);
OFFSET(scx_domain_info, node, 4);
OFFSET(scx_domain_info, nr_cpus, 8);
OFFSET(scx_domain_info, nr_all, 12);
OFFSET(scx_domain_info, nr_tasks, 16);
OFFSET(scx_domain_info, reserved, 20);
OFFSET(scx_domain_info, weight, 24);
OFFSET(scx_domain_info, load, 32);
OFFSET(scx_domain_info, runnable, 40);
OFFSET(scx_domain_info, weight_ns, 48);
OFFSET(scx_domain_info, tasks_ns, 56);

SIZE(scx_task_info, 104);
OFFSET(scx_task_info, start_ns, 0);
OFFSET(scx_task_info, runnable_ns, 8);
OFFSET(scx_task_info, runtime_ns, 16);
OFFSET(scx_task_info, load, 24);
OFFSET(scx_task_info, slot, 32);
OFFSET(scx_task_info, index, 36);
OFFSET(scx_task_info, tid, 40);
OFFSET(scx_task_info, tgid, 44);
OFFSET(scx_task_info, weight, 48);
OFFSET(scx_task_info, domain, 52);
OFFSET(scx_task_info, flags, 56);
OFFSET(scx_task_info, duty, 60);
OFFSET(scx_task_info, cpu, 64);
OFFSET(scx_task_info, reserved, 68);
OFFSET(scx_task_info, allowed, 72);

SIZE(scx_event, 64);
OFFSET(scx_event, name, 0);
OFFSET(scx_event, value, 56);

SIZE(scx_topology_opts, 40);
OFFSET(scx_topology_opts, size, 0);
OFFSET(scx_topology_opts, errbuf, 8);
OFFSET(scx_topology_opts, errbuf_size, 16);
OFFSET(scx_topology_opts, xml, 24);
OFFSET(scx_topology_opts, synthetic, 32);

SIZE(scx_tunable, 56);
OFFSET(scx_tunable, name, 0);
OFFSET(scx_tunable, help, 8);
OFFSET(scx_tunable, unit, 16);
OFFSET(scx_tunable, values, 24);
OFFSET(scx_tunable, type, 32);
OFFSET(scx_tunable, size, 36);
OFFSET(scx_tunable, min, 40);
OFFSET(scx_tunable, max, 48);

/* enum scx_plan_domain_flags */
VALUE(SCX_PLAN_DOMAIN_MEASURED, 1);
VALUE(SCX_PLAN_DOMAIN_UNREAD, 2);
VALUE(SCX_PLAN_DOMAIN_CLOSED, 4);

/* enum scx_plan_task_flags */
VALUE(SCX_PLAN_TASK_PINNED, 1);
VALUE(SCX_PLAN_TASK_HOME, 2);

/* enum scx_plan_flags */
VALUE(SCX_PLAN_NO_SWAPS, 1);

/* enum scx_plan_reason */
VALUE(SCX_PLAN_OVERLOAD, 1);
VALUE(SCX_PLAN_UNDERLOAD, 2);
VALUE(SCX_PLAN_SWAP, 3);
VALUE(SCX_PLAN_EVACUATE, 4);
VALUE(SCX_PLAN_REARRANGE, 5);

/* enum scx_balancer_flags */
VALUE(SCX_BALANCER_DRY_RUN, 1);
VALUE(SCX_BALANCER_ALL_TASKS, 2);

/* enum scx_round_kind */
VALUE(SCX_ROUND_BEGUN, 1);
VALUE(SCX_ROUND_CALM, 2);
VALUE(SCX_ROUND_LOOKED, 3);
VALUE(SCX_ROUND_PLANNED, 4);

/* enum scx_partition_flags */
VALUE(SCX_PARTITION_DISALLOWED, 1);

/* enum scx_answer */
VALUE(SCX_ANSWER_NO, 0);
VALUE(SCX_ANSWER_YES, 1);
VALUE(SCX_ANSWER_UNKNOWN, 2);

/* enum scx_state */
VALUE(SCX_STATE_OPENED, 1);
VALUE(SCX_STATE_LOADED, 2);
VALUE(SCX_STATE_ATTACHED, 3);
VALUE(SCX_STATE_RESTARTING, 4);
VALUE(SCX_STATE_ENDED, 5);
VALUE(SCX_STATE_DETACHED, 6);

/* enum scx_restart */
VALUE(SCX_RESTART_ASKED, 0);
VALUE(SCX_RESTART_NEVER, 1);
VALUE(SCX_RESTART_ERRORS, 2);

/* enum scx_end_kind */
VALUE(SCX_END_UNKNOWN, 1);
VALUE(SCX_END_DETACHED, 64);
VALUE(SCX_END_BPF, 65);
VALUE(SCX_END_KERNEL, 66);
VALUE(SCX_END_SYSRQ, 67);
VALUE(SCX_END_PARENT, 68);
VALUE(SCX_END_PARENT_KILL, 69);
VALUE(SCX_END_ERROR, 1024);
VALUE(SCX_END_ERROR_BPF, 1025);
VALUE(SCX_END_ERROR_STALL, 1026);

/* enum scx_task_flag */
VALUE(SCX_INFO_RUNNABLE, 1);
VALUE(SCX_INFO_PINNED, 2);
VALUE(SCX_INFO_CONFINED, 4);
VALUE(SCX_INFO_KTHREAD, 8);

/* enum scx_join */
VALUE(SCX_JOIN_PROCESS, 1);

/* enum scx_level */
VALUE(SCX_LEVEL_AUTO, 0);
VALUE(SCX_LEVEL_CORE, 1);
VALUE(SCX_LEVEL_L2, 2);
VALUE(SCX_LEVEL_L3, 3);
VALUE(SCX_LEVEL_DIE, 4);
VALUE(SCX_LEVEL_PACKAGE, 5);
VALUE(SCX_LEVEL_NODE, 6);
VALUE(SCX_LEVEL_MACHINE, 7);

/* enum scx_cpu_state */
VALUE(SCX_CPU_PRESENT, 1);
VALUE(SCX_CPU_ONLINE, 2);
VALUE(SCX_CPU_ALLOWED, 4);

/* enum scx_tunable_type */
VALUE(SCX_TUNABLE_UNSIGNED, 1);
VALUE(SCX_TUNABLE_SIGNED, 2);
VALUE(SCX_TUNABLE_BOOL, 3);
VALUE(SCX_TUNABLE_STRING, 4);

int main(void)
{
	return 0; /* it compiled */
}
