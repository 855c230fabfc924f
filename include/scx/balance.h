/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The planner: which tasks should change their domain so that all domains are loaded alike.
 *
 * Arrays in, plan out. Nothing here knows a kernel, a scheduler, a file of the system or a clock:
 * a program may plan for its own worker threads as well as scx-atropos does for a machine. The same
 * input gives the same plan, on every compiler and every machine: all arithmetic is on integers.
 *
 * Words. The *duty* of a task is the share of time in which it was runnable. Its *load* is the CPU
 * time that it would get if the machine were one ideal queue: duty times weight, scaled so that all
 * loads together are what the CPUs can give, and never more than one CPU, whatever the weight.
 * The *pressure* of a domain is its load by its capacity, relative to the mean of the machine: 1000
 * per mille is the fair share. The planner brings every pressure near 1000 with few and cheap moves.
 *
 * What holds for every plan: nobody is placed where it may not run; the greatest pressure does not
 * rise and the (capacity-weighted) variance of the pressures falls; planning again after the moves
 * were made proposes nothing (unless moves_max or work_max cut the plan short).
 *
 * Example:
 *
 *	struct scx_plan_domain domains[] = {{.id = 0, .capacity = 4096, .cpus = 4},
 *					    {.id = 1, .capacity = 4096, .cpus = 4}};
 *	struct scx_plan_task tasks[12] = {0};
 *	struct scx_plan_input in = SCX_OPTS(scx_plan_input, .domains = domains, .domain_count = 2,
 *					    .tasks = tasks, .task_count = 12);
 *	struct scx_plan plan = {.size = sizeof(plan)};
 *	struct scx_planner *planner = scx_planner_new(NULL);
 *
 *	for (unsigned i = 0; i < 12; i++)
 *		tasks[i] = (struct scx_plan_task){.id = i, .weight = 100, .duty = SCX_PLAN_ONE};
 *	if (planner && scx_balance(planner, &in, &plan) == 0)
 *		for (size_t i = 0; i < plan.move_count; i++)
 *			printf("%u -> %u\n", plan.moves[i].from, plan.moves[i].to);
 *	scx_planner_free(planner);
 */
#ifndef SCX_BALANCE_H
#define SCX_BALANCE_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One: the duty of a task that is always runnable, and a load of one whole CPU. */
#define SCX_PLAN_ONE 65536u
/* The capacity of one full CPU, as in the kernel's cpu_capacity. */
#define SCX_PLAN_CPU 1024u
/* The weight of a task at nice 0, as in cpu.weight, and the greatest one: cgroups multiply it. */
#define SCX_PLAN_WEIGHT_DEFAULT 100u
#define SCX_PLAN_WEIGHT_MAX 1000000u
/* In an option where 0 means the default: really nothing. */
#define SCX_PLAN_NONE UINT32_MAX
/* The most domains, nodes and tasks that an input can have, and the greatest sum of capacities. */
#define SCX_PLAN_DOMAINS_MAX 65536u
#define SCX_PLAN_NODES_MAX 1024u
#define SCX_PLAN_TASKS_MAX (1u << 26)
#define SCX_PLAN_CAPACITY_MAX (1u << 30)

enum scx_plan_domain_flags {
	/*
	 * @load and @runnable were measured and include what is not in the tasks array: kernel
	 * threads, tasks that came and went. Without it they are the sums over the tasks array.
	 */
	SCX_PLAN_DOMAIN_MEASURED = 1,
	/* Its tasks were not read, the array has none of them: it can receive, but not give. */
	SCX_PLAN_DOMAIN_UNREAD = 2,
	/* Takes no task in: it is about to be removed, or set aside. */
	SCX_PLAN_DOMAIN_CLOSED = 4,
};

/**
 * struct scx_plan_domain - a set of CPUs that share a queue
 * @id:       decides between equals, nothing else; a task's domain is an index, not this
 * @flags:    enum scx_plan_domain_flags
 * @capacity: sum over its CPUs that are online and allowed, SCX_PLAN_CPU for a full one, less for a
 *            small core, an SMT sibling or a CPU that others take time from. 0: no CPU is left, all
 *            that can should leave
 * @cpus:     how many CPUs that are; 0: as many as @capacity has full ones
 * @node:     NUMA node, an index into the distances; nodes need not be consecutive
 * @reserved: 0
 * @load:     mean sum of the weights of its runnable tasks, times SCX_PLAN_ONE
 * @runnable: mean number of its runnable tasks, times SCX_PLAN_ONE
 */
struct scx_plan_domain {
	uint64_t id;
	uint32_t flags;
	uint32_t capacity;
	uint32_t cpus;
	uint32_t node;
	uint64_t load;
	uint64_t runnable;
	uint64_t reserved;
};

enum scx_plan_task_flags {
	/* Is never moved: counted in the load of its domain only. */
	SCX_PLAN_TASK_PINNED = 1,
	/* Prefers @node: a memory policy, or most of its memory is there. */
	SCX_PLAN_TASK_HOME = 2,
};

/**
 * struct scx_plan_task - a task
 * @id:           opaque; handed back in the move, decides between equals
 * @moved_ns:     when it last changed its domain, on the clock of scx_plan_input.now_ns; 0: never
 * @domain:       where it is, an index into the domains
 * @duty:         share of time that it is runnable, 0 .. SCX_PLAN_ONE
 * @allowed:      0: every domain; else the number, from 1, of a set in scx_plan_input.allowed
 * @group:        tasks with the same number belong together (process, cgroup); 0: none
 * @footprint_us: how long it runs at a stretch, which is how much cache it fills; 0: unknown
 * @weight:       1 .. SCX_PLAN_WEIGHT_MAX
 * @flags:        enum scx_plan_task_flags
 * @node:         its home, with SCX_PLAN_TASK_HOME
 * @reserved:     0
 */
struct scx_plan_task {
	uint64_t id;
	uint64_t moved_ns;
	uint32_t domain;
	uint32_t duty;
	uint32_t allowed;
	uint32_t group;
	uint32_t footprint_us;
	uint32_t weight;
	uint16_t flags;
	uint16_t node;
	uint32_t reserved;
};

/**
 * struct scx_plan_input - what the planner looks at
 * @size:         sizeof(struct scx_plan_input)
 * @domains:      the domains; entry i is domain i
 * @domain_count: how many, up to SCX_PLAN_DOMAINS_MAX
 * @domain_size:  bytes from one entry to the next; 0: sizeof(struct scx_plan_domain) of 0.1
 * @tasks:        the tasks, in any order
 * @task_count:   how many, up to SCX_PLAN_TASKS_MAX
 * @task_size:    bytes from one entry to the next; 0: sizeof(struct scx_plan_task) of 0.1
 * @allowed:      sets of domains, one after the other, each (@domain_count + 63) / 64 words wide;
 *                bit d % 64 of word d / 64 is domain d. Tasks may share a set
 * @allowed_count: how many sets
 * @distances:    distance from node f to node t at [f * @node_count + t], 10 is local as in the
 *                firmware's table; NULL: 10 and 20
 * @node_count:   nodes in @distances
 * @now_ns:       the time, on any clock, of which the tasks' moved_ns are
 *
 * A task that makes no sense (no such domain or set, weight or duty out of range) is left out and
 * counted in scx_plan.skipped: it costs the plan a little, never the caller.
 */
struct scx_plan_input {
	size_t size;
	const struct scx_plan_domain *domains;
	size_t domain_count;
	size_t domain_size;
	const struct scx_plan_task *tasks;
	size_t task_count;
	size_t task_size;
	const uint64_t *allowed;
	size_t allowed_count;
	const uint32_t *distances;
	size_t node_count;
	uint64_t now_ns;
};

enum scx_plan_flags {
	SCX_PLAN_NO_SWAPS = 1, /* single moves only */
};

/**
 * struct scx_plan_opts - how to plan
 * @size:          sizeof(struct scx_plan_opts)
 * @errbuf:        on failure of scx_planner_new(), gets the sentence that says what is wrong; may be NULL
 * @errbuf_size:   bytes in @errbuf
 * @flags:         enum scx_plan_flags
 * @moves_max:     most moves of a plan (a swap is two); 0: no limit
 * @work_max:      most steps of the search; 0: 64 million. A bound on time that does not depend on it
 * @band_ppt:      a domain is left alone while its pressure differs less than this from the mean; 0: 50
 * @spare_ppt:     nor does a domain give tasks away while its runnable tasks fill less than this of its
 *                 capacity; 0: 500
 * @near_ppt:      a move must bridge at least this difference of pressures; 0: 5
 * @node_ppt:      and this in addition between nodes at distance 20, more or less with the distance; 0: 50
 * @home_ppt:      and this in addition when the task leaves its home node (it gets as much off on
 *                 its way home); 0: 150
 * @recent_ppt:    and this in addition when it has just moved, less the longer that is ago; 0: 100
 * @footprint_ppt: and this in addition when it fills a cache (runs 10 ms and more at a stretch), less when
 *                 it runs shorter; 0: 10
 * @group_ppt:     and this in addition when it leaves more of its group than it joins (it gets as much
 *                 off when it joins more than it leaves); 0: groups do not matter
 * @cooldown_ms:   a task that moved less than this ago is not moved; 0: 1000
 * @recent_ms:     after this time @recent_ppt is nothing any more; 0: 10000
 *
 * In fields that end in _ppt and _ms SCX_PLAN_NONE is nothing at all. All figures are per mille of
 * the mean pressure.
 */
struct scx_plan_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	uint32_t flags;
	uint32_t moves_max;
	uint64_t work_max;
	uint32_t band_ppt;
	uint32_t spare_ppt;
	uint32_t near_ppt;
	uint32_t node_ppt;
	uint32_t home_ppt;
	uint32_t recent_ppt;
	uint32_t footprint_ppt;
	uint32_t group_ppt;
	uint32_t cooldown_ms;
	uint32_t recent_ms;
};

enum scx_plan_reason {
	SCX_PLAN_OVERLOAD = 1,	/* the domain that it leaves has too much */
	SCX_PLAN_UNDERLOAD = 2, /* the domain that it joins has too little */
	SCX_PLAN_SWAP = 3,	/* changes places with @partner: no single move helps */
	SCX_PLAN_EVACUATE = 4,	/* the domain that it leaves has no CPU left */
	SCX_PLAN_REARRANGE = 5, /* one of several moves that help only together */
};

/**
 * struct scx_plan_move - a task and its new domain
 * @id:        the task's id
 * @task:      its index in the input
 * @from:      the domain that it leaves
 * @to:        the domain that it joins
 * @reason:    enum scx_plan_reason
 * @load:      CPU time that moves with it, SCX_PLAN_ONE is one CPU
 * @cost_ppt:  pressure that the move had to bridge to be worth it
 * @gain_ppt:  pressure that it bridges, together with its partner if it has one
 * @from_ppt:  pressure of the domain that it leaves, before; UINT32_MAX: without end
 * @to_ppt:    pressure of the domain that it joins, before
 * @distance:  between their nodes; 10: the same node
 * @partner:   index of the task that it changes places with, or UINT32_MAX
 * @home:      1: it goes to its home node; 2: it leaves it
 * @reserved:  0
 *
 * Pressures are those at the time the move was chosen: the moves are in that order.
 */
struct scx_plan_move {
	uint64_t id;
	uint32_t task;
	uint32_t from;
	uint32_t to;
	uint32_t reason;
	uint32_t load;
	uint32_t cost_ppt;
	uint32_t gain_ppt;
	uint32_t from_ppt;
	uint32_t to_ppt;
	uint32_t distance;
	uint32_t partner;
	uint32_t home;
	uint64_t reserved;
};

/**
 * struct scx_plan - a plan
 * @size:          sizeof(struct scx_plan), set by the caller
 * @moves:         in the order in which they should be made; the planner's, until the next call on it
 * @move_count:    how many
 * @move_size:     bytes from one to the next; scx_plan_at() knows it
 * @cut:           1: moves_max, 2: work_max ended the search, more would have helped
 * @skipped:       tasks of the input that made no sense
 * @pinned:        tasks that nothing can move
 * @considered:    tasks that were looked at as candidates
 * @work:          steps of the search
 * @max_before_ppt: greatest pressure of a domain with capacity
 * @max_after_ppt: the same after the moves
 * @min_before_ppt: least pressure of an open domain
 * @min_after_ppt: the same after the moves
 */
struct scx_plan {
	size_t size;
	const struct scx_plan_move *moves;
	size_t move_count;
	size_t move_size;
	uint32_t cut;
	uint32_t reserved;
	uint64_t skipped;
	uint64_t pinned;
	uint64_t considered;
	uint64_t work;
	uint32_t max_before_ppt;
	uint32_t max_after_ppt;
	uint32_t min_before_ppt;
	uint32_t min_after_ppt;
};

/* The planner: its options, and memory that it keeps from plan to plan. */
struct scx_planner;

/**
 * scx_planner_new - get a planner
 * @opts: how to plan; NULL: the defaults
 *
 * Returns the planner, or NULL with errno EINVAL (an option out of range), E2BIG (an option that this
 * version does not know) or ENOMEM; opts->errbuf says which option.
 * Threads: safe. Cost: one allocation. Since: 0.1
 */
SCX_API struct scx_planner *scx_planner_new(const struct scx_plan_opts *opts);

/**
 * scx_planner_free - give a planner and its plans back
 * @planner: a planner, or NULL
 *
 * Threads: not with another call on @planner. Since: 0.1
 */
SCX_API void scx_planner_free(struct scx_planner *planner);

/**
 * scx_plan_needed - say which tasks must be read
 * @planner:     a planner
 * @in:          the domains, measured; and the tasks of those that are not UNREAD
 * @ret_domains: gets the numbers of domains that are UNREAD and whose tasks a plan needs, the most
 *               loaded first; room for domain_count. May be NULL
 *
 * Lets a caller read nothing while all is well, and else only the tasks of few domains: mark all domains
 * MEASURED and UNREAD, read the tasks of those that are returned, clear their UNREAD, and ask again until
 * it returns 0 (one or two times; a domain that seemed overloaded may not be, once the weights of its
 * tasks are known). What is not read counts as tasks of one weight, the mean: where a few tasks have so much
 * weight that they are cut to a CPU each, pressures are then an estimate, and so is what a plan promises.
 *
 * Returns how many, 0 when scx_balance() needs no more, or -EINVAL, -E2BIG, -ENOMEM as scx_balance().
 * Threads: not with another call on @planner. Cost: O(domains log domains + tasks given). Since: 0.1
 */
SCX_API int scx_plan_needed(struct scx_planner *planner, const struct scx_plan_input *in,
			    uint32_t *ret_domains);

/**
 * scx_balance - plan
 * @planner:  a planner
 * @in:       the domains and tasks; only read, and not kept
 * @ret_plan: its size set; gets the plan, with no moves when all is well
 *
 * Allocates memory only when the input is larger than all before.
 *
 * Returns 0, or -EINVAL (no domains, a NULL array with a count, a stride that is too small or not a
 * multiple of 8, a distance below 10), -E2BIG (counts or the sum of capacities above the limits; a field
 * that this version does not know), -ENOMEM; scx_planner_errmsg() says which. @ret_plan is then untouched.
 * Threads: not with another call on @planner. Cost: O(domains log domains + tasks) to look, and
 * O(log tasks) a move. Since: 0.1
 */
SCX_API int scx_balance(struct scx_planner *planner, const struct scx_plan_input *in,
			struct scx_plan *ret_plan);

/**
 * scx_planner_errmsg - say what was wrong with the last call
 * @planner: a planner
 *
 * Returns a sentence, empty after success; the planner's, until the next call on it.
 * Threads: not with another call on @planner. Since: 0.1
 */
SCX_API const char *scx_planner_errmsg(const struct scx_planner *planner);

/**
 * scx_plan_at - get a move
 * @plan: a plan
 * @i:    0 .. move_count - 1, in the order in which they should be made
 *
 * For programs that were compiled before a member was added to struct scx_plan_move, and for bindings.
 *
 * Returns the move, or NULL when there are not so many. Threads: safe. Since: 0.1
 */
SCX_API const struct scx_plan_move *scx_plan_at(const struct scx_plan *plan, size_t i);

/**
 * scx_plan_explain - say in one line why a task moves
 * @move: a move
 * @buf:  gets the sentence and a final 0
 * @size: bytes in @buf; 256 are always enough
 *
 * Returns its length, or -EINVAL (@move is NULL), -ENOSPC (@buf is too small; it is then untouched).
 * Threads: safe. Since: 0.1
 */
SCX_API int scx_plan_explain(const struct scx_plan_move *move, char *buf, size_t size);

/**
 * struct scx_load - a mean that forgets, of what a counter counts
 * @counter: the counter when it was last read
 * @at_ns:   the time then; 0: not begun
 * @mean:    growth of the counter a nanosecond, times SCX_PLAN_ONE: a duty, when the counter
 *           is time runnable; a weighted load, when it is the integral of weights
 * @reserved: 0
 */
struct scx_load {
	uint64_t counter;
	uint64_t at_ns;
	uint64_t mean;
	uint64_t reserved;
};

/**
 * scx_load_begin - begin with an estimate
 * @load:     is set up
 * @counter:  the counter now
 * @now_ns:   the time now; not 0
 * @estimate: the mean to begin with: for a new task, its parent's or its domain's mean duty
 *
 * Threads: not with another call on @load. Since: 0.1
 */
SCX_API void scx_load_begin(struct scx_load *load, uint64_t counter, uint64_t now_ns,
			    uint64_t estimate);

/**
 * scx_load_update - take a new reading in
 * @load:         begun
 * @counter:      the counter now; may have wrapped around at 2^64
 * @now_ns:       the time now
 * @rate_max:     the most that the counter can grow in a nanosecond: 1 for time runnable, up to 2^32 - 1
 * @half_life_ns: after this time the past counts half; 0: only the last interval counts
 *
 * A reading that cannot be true is not counted: the mean stays, and the next one starts from it. That is
 * a counter that grew faster than @rate_max (by more than an eighth, what two clocks read at different
 * times may differ) or went backwards. Time that stands still or goes backwards changes nothing but the
 * starting point.
 *
 * Returns 1 if the reading counted, 0 if not.
 * Threads: not with another call on @load. Cost: about 30 instructions. Since: 0.1
 */
SCX_API int scx_load_update(struct scx_load *load, uint64_t counter, uint64_t now_ns,
			    uint64_t rate_max, uint64_t half_life_ns);

/**
 * scx_load_keep - what share of the past still counts
 * @elapsed_ns:   time since the last reading
 * @half_life_ns: after this time half; 0: none
 *
 * Returns 2^(-elapsed / half life), times SCX_PLAN_ONE: the same on every machine.
 * Threads: safe. Since: 0.1
 */
SCX_API uint32_t scx_load_keep(uint64_t elapsed_ns, uint64_t half_life_ns);

/**
 * struct scx_plan_reader_opts - where a recorded snapshot is
 * @size:        sizeof(struct scx_plan_reader_opts)
 * @errbuf:      on failure, gets the sentence that says what is wrong; may be NULL
 * @errbuf_size: bytes in @errbuf
 * @text:        the record in memory, which must live as long as the reader; NULL: @fd
 * @text_size:   bytes in @text
 * @fd:          a file, pipe or socket; the caller's, read to its end, not closed
 * @bytes_max:   most memory that one snapshot may take; 0: 1 GiB
 */
struct scx_plan_reader_opts {
	size_t size;
	char *errbuf;
	size_t errbuf_size;
	const char *text;
	size_t text_size;
	int fd;
	uint32_t reserved;
	uint64_t bytes_max;
};

struct scx_plan_reader;

/**
 * scx_plan_save - record a snapshot
 * @fd:   a file, pipe or socket, open for writing
 * @in:   the snapshot
 * @opts: the options that it is planned with; NULL: the defaults
 *
 * Writes text, described in docs/snapshot-format.md. Several snapshots may follow one another in a file.
 *
 * Returns 0, or -EINVAL (no domains, a NULL array with a count, a stride), -E2BIG (a field that this version
 * does not know), or what write(2) gives.
 * Threads: safe. Cost: about 100 bytes a task. Since: 0.1
 */
SCX_API int scx_plan_save(int fd, const struct scx_plan_input *in,
			  const struct scx_plan_opts *opts);

/**
 * scx_plan_reader_new - read recorded snapshots
 * @opts: where they are
 *
 * Nothing is read yet.
 *
 * Returns the reader, or NULL with errno EINVAL (no @opts), E2BIG (an option that this version does not
 * know) or ENOMEM; opts->errbuf says it in words.
 * Threads: safe. Since: 0.1
 */
SCX_API struct scx_plan_reader *scx_plan_reader_new(const struct scx_plan_reader_opts *opts);

/**
 * scx_plan_reader_next - get the next snapshot
 * @reader:   a reader
 * @ret_in:   its size set; gets the snapshot, whose arrays are the reader's until the next call on it
 * @ret_opts: its size set; gets the options that it was planned with; may be NULL
 *
 * What is returned is a snapshot by its form; whether its content makes sense, scx_balance() says.
 *
 * Returns 1, or 0 at the end, or -EBADMSG (not a snapshot: scx_plan_reader_errmsg() says what and in
 * which line), -ENOTSUP (of a later version of the format), -EFBIG (more memory than bytes_max),
 * -EINVAL (a size), -ENOMEM, or what read(2) gives. After an error there is no next one.
 * Threads: not with another call on @reader. Since: 0.1
 */
SCX_API int scx_plan_reader_next(struct scx_plan_reader *reader, struct scx_plan_input *ret_in,
				 struct scx_plan_opts *ret_opts);

/**
 * scx_plan_reader_errmsg - say what was wrong with the last call
 * @reader: a reader
 *
 * Returns a sentence, empty after success; the reader's, until the next call on it. Since: 0.1
 */
SCX_API const char *scx_plan_reader_errmsg(const struct scx_plan_reader *reader);

/**
 * scx_plan_reader_free - give a reader and its snapshots back
 * @reader: a reader, or NULL
 *
 * Threads: not with another call on @reader. Since: 0.1
 */
SCX_API void scx_plan_reader_free(struct scx_plan_reader *reader);

#ifdef __cplusplus
}
#endif

#endif /* SCX_BALANCE_H */
