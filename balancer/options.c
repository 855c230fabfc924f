/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The command line, by argp. Short options are those that scx_rusty's users know, with the same
 * meaning; what sets a tunable has the tunable's own default, and the scheduler checks its range.
 */
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <scx/scx.h>

#include "report.h"

enum key {
	KEY_LEVEL = 0x100,
	KEY_DOMAINS,
	KEY_CPUS_MAX,
	KEY_TOPOLOGY,
	KEY_SYNTHETIC,
	KEY_LIST_DOMAINS,
	KEY_CHECK,
	KEY_JSON,
	KEY_DRY_RUN,
	KEY_EXPLAIN,
	KEY_NO_MOVES,
	KEY_RECORD,
	KEY_STATS,
	KEY_ORDER,
	KEY_SET,
	KEY_RESTART,
	KEY_TIMEOUT,
};

static const struct argp_option table[] = {
	{ NULL, 0, NULL, 0, "What to do, if not to schedule:", 1 },
	{ "list-domains", KEY_LIST_DOMAINS, NULL, 0, "Print the machine and its domains, and exit",
	  0 },
	{ "check", KEY_CHECK, NULL, 0,
	  "Would it run here? Print each requirement with yes or no, the reason and the remedy, and exit",
	  0 },
	{ "json", KEY_JSON, NULL, 0, "With --check and --list-domains: as JSON", 0 },
	{ "dry-run", KEY_DRY_RUN, NULL, 0,
	  "Have the kernel verify the scheduler, print domains and settings, attach nothing, and exit",
	  0 },

	{ NULL, 0, NULL, 0, "Domains (CPUs that share a queue):", 2 },
	{ "level", KEY_LEVEL, "LEVEL", 0,
	  "A domain for each: core, l2, l3 (the default), die, package, node, machine", 0 },
	{ "cache-level", 'c', "N", 0, "The same for caches: 2 or 3", 0 },
	{ "domains", KEY_DOMAINS, "LISTS", 0,
	  "Domains by hand, as CPU lists or masks: \"0-7,16-23;8-15,24-31\"", 0 },
	{ "cpumasks", 'C', "MASK", 0, "A domain by hand, as a mask; once for each domain", 0 },
	{ "max-cpus", KEY_CPUS_MAX, "N", 0,
	  "Split a domain that has more CPUs; cores are kept whole", 0 },
	{ "topology", KEY_TOPOLOGY, "FILE", 0,
	  "With --list-domains: of the machine that lstopo recorded in FILE (XML)", 0 },
	{ "synthetic", KEY_SYNTHETIC, "MACHINE", 0,
	  "With --list-domains: of a machine in hwloc's words: \"pack:2 l3:4 core:8 pu:2\"", 0 },

	{ NULL, 0, NULL, 0, "Balancing:", 3 },
	{ "interval", 'i', "SECONDS", 0,
	  "Time between two rounds while all is well; 2.0 by default", 0 },
	{ "load-half-life", 'l', "SECONDS", 0,
	  "After this time a measured load counts half; 1.0 by default; 0: only the last interval counts",
	  0 },
	{ "explain", KEY_EXPLAIN, NULL, 0, "Say in a line why each task is moved", 0 },
	{ "no-moves", KEY_NO_MOVES, NULL, 0, "Plan, but let every task where it is", 0 },
	{ "record", KEY_RECORD, "FILE", 0,
	  "Write what each round saw to FILE, to be attached to a bug report", 0 },

	{ NULL, 0, NULL, 0, "Scheduling:", 4 },
	{ "slice-us-underutil", 'u', "US", 0,
	  "Slice of a task of weight 100 while nobody waits in its domain; 20000 by default", 0 },
	{ "slice-us-overutil", 'o', "US", 0,
	  "Slice of a task of weight 100 while others wait; see --dry-run for the default", 0 },
	{ "greedy-threshold", 'g', "TASKS", 0,
	  "Queued tasks from which another domain's idle CPU steals; 1 by default, 0: never", 0 },
	{ "kthreads-local", 'k', NULL, 0,
	  "Kernel threads of one CPU go straight to it, before all that wait", 0 },
	{ "order", KEY_ORDER, "ORDER", 0, "Order of a domain's queue: fifo (the default) or vtime",
	  0 },
	{ "partial", 'p', NULL, 0, "Schedule only threads that have the policy SCHED_EXT", 0 },
	{ "set", KEY_SET, "TUNABLE=VALUE", 0,
	  "Any tunable of the scheduler; `scx-run --list atropos' names them", 0 },
	{ "restart", KEY_RESTART, "WHEN", 0,
	  "Attach again after the kernel ended it: asked (by default: when the kernel asks for it), never, errors (also after errors)",
	  0 },
	{ "timeout", KEY_TIMEOUT, "MS", 0,
	  "How long a task may wait before the kernel ends the scheduler; at most, and by default, 30000",
	  0 },

	{ NULL, 0, NULL, 0, "Output:", 5 },
	{ "stats", KEY_STATS, "SECONDS", 0, "Print a table of the domains, again and again", 0 },
	{ "verbose", 'v', NULL, 0, "Print a line for each round; twice: also for calm ones", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char doc[] =
	"Schedules the tasks of this machine: a first-in-first-out queue for each domain in the kernel, and a "
	"balancer here that evens out the domains. Runs until SIGINT or SIGTERM, then detaches and reports.\v"
	"Exit status: 0 detached as asked; 110 the program could not go on; 111 wrong arguments; 112 it could "
	"not be attached, or --check says no; 113 someone else ended it; 114 an error ended it; 115 the watchdog "
	"ended it.";

/* A number of seconds in ns, from @least to an hour. */
static uint64_t seconds(struct argp_state *state, const char *option, const char *text,
			double least)
{
	char *end;
	double value = (errno = 0, strtod(text, &end));

	if (end == text || *end || errno || !isfinite(value) || value < least || value > 3600)
		argp_error(state, "%s %s: choose a number of seconds from %g to 3600", option, text,
			   least);
	return (uint64_t)(value * 1e9);
}

static unsigned number(struct argp_state *state, const char *option, const char *text,
		       unsigned long least, unsigned long most)
{
	char *end;
	unsigned long value = (errno = 0, strtoul(text, &end, 10));

	if (end == text || *end || errno || *text == '-' || value < least || value > most)
		argp_error(state, "%s %s: choose a whole number from %lu to %lu", option, text,
			   least, most);
	return (unsigned)value;
}

static void set(struct argp_state *state, struct options *o, const char *name, const char *value)
{
	if (o->nr_settings == SETTINGS_MAX)
		argp_error(state, "too many tunables are set: %d are the most", SETTINGS_MAX);
	else
		o->settings[o->nr_settings++] = (struct setting){ name, value };
}

static void set_pair(struct argp_state *state, struct options *o, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		argp_error(state, "--set %s: write TUNABLE=VALUE, such as slice_us=10000", text);
		return;
	}
	*equals = '\0';
	set(state, o, text, equals + 1);
}

/* One more domain, as a mask: "ff_00ff", with or without 0x. */
static void add_mask(struct argp_state *state, struct options *o, const char *mask)
{
	size_t used = o->lists ? strlen(o->lists) : 0;
	char *lists = realloc(o->lists, used + strlen(mask) + 4);

	if (!lists) {
		argp_failure(state, REPORT_FAILED, ENOMEM, "--cpumasks");
		return;
	}
	o->lists = lists;
	lists += used;
	if (used)
		*lists++ = ';';
	if (strncmp(mask, "0x", 2) != 0) {
		*lists++ = '0';
		*lists++ = 'x';
	}
	for (; *mask; mask++)
		if (*mask != '_')
			*lists++ = *mask;
	*lists = '\0';
}

static void set_restart(struct argp_state *state, struct options *o, const char *when)
{
	static const char *const words[] = {
		[SCX_RESTART_ASKED] = "asked",
		[SCX_RESTART_NEVER] = "never",
		[SCX_RESTART_ERRORS] = "errors",
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(when, words[i])) {
			o->restart = i;
			return;
		}
	argp_error(state, "--restart %s: choose asked, never or errors", when);
}

static int parse_domains(struct argp_state *state, struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_LEVEL:
		if (scx_level_parse(arg, &o->level) < 0)
			argp_error(state,
				   "--level %s: choose core, l2, l3, die, package, node or machine",
				   arg);
		return 0;
	case 'c':
		o->level = number(state, "--cache-level", arg, 2, 3) == 2 ? SCX_LEVEL_L2
									  : SCX_LEVEL_L3;
		return 0;
	case KEY_DOMAINS:
		free(o->lists);
		o->lists = strdup(arg);
		if (!o->lists)
			argp_failure(state, REPORT_FAILED, ENOMEM, "--domains");
		return 0;
	case 'C':
		add_mask(state, o, arg);
		return 0;
	case KEY_CPUS_MAX:
		o->cpus_max = number(state, "--max-cpus", arg, 1, 8192);
		return 0;
	case KEY_TOPOLOGY:
		o->topology_xml = arg;
		return 0;
	case KEY_SYNTHETIC:
		o->synthetic = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int parse_scheduling(struct argp_state *state, struct options *o, int key, char *arg)
{
	switch (key) {
	case 'u':
		set(state, o, "slice_us", arg);
		return 0;
	case 'o':
		set(state, o, "slice_busy_us", arg);
		return 0;
	case 'g':
		set(state, o, "greedy", arg);
		return 0;
	case 'k':
		set(state, o, "kthreads_local", "1");
		return 0;
	case KEY_ORDER:
		set(state, o, "order", arg);
		return 0;
	case 'p':
		o->partial = true;
		return 0;
	case KEY_SET:
		set_pair(state, o, arg);
		return 0;
	case KEY_RESTART:
		set_restart(state, o, arg);
		return 0;
	case KEY_TIMEOUT:
		o->timeout_ms = number(state, "--timeout", arg, 1, 30000);
		return 0;
	default:
		return parse_domains(state, o, key, arg);
	}
}

static void check_together(struct argp_state *state, const struct options *o)
{
	if (o->lists && (o->level || o->cpus_max))
		argp_error(
			state,
			"domains by hand (--domains, --cpumasks) go without --level, --cache-level and --max-cpus");
	if ((o->topology_xml || o->synthetic) && o->action != ACTION_LIST_DOMAINS)
		argp_error(state, "--topology and --synthetic go with --list-domains only");
	if (o->json && o->action != ACTION_LIST_DOMAINS && o->action != ACTION_CHECK)
		argp_error(state, "--json goes with --check and --list-domains only");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case KEY_LIST_DOMAINS:
		o->action = ACTION_LIST_DOMAINS;
		return 0;
	case KEY_CHECK:
		o->action = ACTION_CHECK;
		return 0;
	case KEY_DRY_RUN:
		o->action = ACTION_DRY_RUN;
		return 0;
	case KEY_JSON:
		o->json = true;
		return 0;
	case 'i':
		o->interval_ns = seconds(state, "--interval", arg, 0.001);
		return 0;
	case 'l':
		o->half_life_ns = seconds(state, "--load-half-life", arg, 0);
		if (!o->half_life_ns)
			o->half_life_ns = UINT64_MAX;
		return 0;
	case KEY_EXPLAIN:
		o->explain = true;
		return 0;
	case KEY_NO_MOVES:
		o->still = true;
		return 0;
	case KEY_RECORD:
		o->record = arg;
		return 0;
	case KEY_STATS:
		o->stats_ns = seconds(state, "--stats", arg, 0.1);
		return 0;
	case 'v':
		o->verbose++;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is not an option: scx-atropos takes options only", arg);
		return EINVAL;
	case ARGP_KEY_END:
		check_together(state, o);
		return 0;
	default:
		return parse_scheduling(state, o, key, arg);
	}
}

static void print_version(FILE *out, struct argp_state *state)
{
	(void)state;
	(void)fprintf(out, "scx-atropos %s\n", scx_version());
}

void options_parse(struct options *o, int argc, char **argv)
{
	static const struct argp argp = { table, parse, NULL, doc, NULL, NULL, NULL };

	argp_err_exit_status = REPORT_USAGE;
	argp_program_version_hook = print_version;
	*o = (struct options){ .action = ACTION_RUN };
	if (argp_parse(&argp, argc, argv, 0, NULL, o))
		exit(REPORT_USAGE);
}

void options_end(struct options *o)
{
	free(o->lists);
}
